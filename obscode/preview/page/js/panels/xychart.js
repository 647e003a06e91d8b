// XY chart: points of two number fields.

PANELS.xychart = (box, panel, { frames }) => {
  const series = xySeries(frames, panel.options).filter(({ x, y }) => x && y);
  if (!series.length) return showNoData(box, panel);
  const items = series.map((one, index) => ({ label: one.name, color: xyColor(one, index), texts: [] }));
  const { chart } = chartWithLegend(box, items, panel.options.legend ?? {});
  const limits = (axis) => valueLimits(numberRange(series.map((one) => ({ type: "number", values: one[axis].values }))), series[0][axis].config);
  const [[xLow, xHigh], [yLow, yHigh]] = [limits("x"), limits("y")];
  const axisSettings = (field, low, high) => ({ low, high, unit: field.config.unit, format: (value, places) => valueText(field.display(value, places)), label: field.config.custom?.axisLabel || field.displayName });
  const { graph, toX, toY } = numericChart(chart, { x: axisSettings(series[0].x, xLow, xHigh), y: axisSettings(series[0].y, yLow, yHigh) });
  series.forEach((one, index) => drawXySeries(graph, one, xyColor(one, index), toX, toY));
  return null;
};

function xyColor({ y, color }, index) {
  return color ?? (isColoredByValue(y.config) ? seriesColor(y) : colorMode(y.config) === "fixed" ? seriesColor(y) : seriesPaletteColor("palette-classic", "", index, ""));
}

// Series by the panel's matchers (Grafana 11 and later), by field names (before), or all numbers over the first.
function xySeries(frames, options) {
  const manual = (options.mapping === "manual" || options.seriesMapping === "manual") && options.series?.length;
  const sets = manual ? options.series : frames.map((_, index) => ({ frame: { matcher: { options: index } } }));
  return sets.flatMap((set, position) => {
    const index = set.frame?.matcher?.options;
    const chosen = typeof index === "number" ? [frames[index]].filter(Boolean) : frames;
    return chosen.flatMap((frame) => xyOfFrame(frame, frames, set, options, position));
  });
}

function xyOfFrame(frame, frames, set, options, position) {
  const matcher = (value) => (typeof value === "string" ? FIELD_MATCHERS.byName(value) : value?.matcher ? fieldMatcher(value.matcher) : null);
  const find = (value) => (matcher(value) ? frame.fields.find((field) => matcher(value)(field, frame, frames)) : null);
  const numbers = frame.fields.filter((field) => field.type === "number" || (field.type === "time" && numberFields(frame).length < 2));
  const x = find(set.x) ?? find(options.dims?.x) ?? numbers[0];
  const yMatch = matcher(set.y);
  const ys = yMatch ? frame.fields.filter((field) => yMatch(field, frame, frames)) : numbers.filter((field) => field !== x && field.type === "number" && !hidden(field, "viz"));
  const fixed = set.pointColor?.fixed ?? set.color?.fixed;
  return ys.map((y) => ({
    x, y, name: set.name?.fixed ?? (typeof set.name === "string" ? set.name : null) ?? y.displayName, color: fixed ? colorByName(fixed) : undefined,
    show: y.config.custom?.show ?? options.series?.[position]?.show ?? "points", size: set.size?.fixed ?? y.config.custom?.pointSize?.fixed ?? set.pointSize?.fixed ?? 5,
  }));
}

function drawXySeries(graph, { x, y, name, show, size }, color, toX, toY) {
  const points = x.values.map((value, index) => [value, y.values[index]]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  if (show.includes("lines")) {
    graph.append(svgElement("path", { d: points.map(([a, b], index) => `${index ? "L" : "M"}${toX(a).toFixed(1)} ${toY(b).toFixed(1)}`).join(""), fill: "none", stroke: color, "stroke-width": y.config.custom?.lineWidth ?? 1 }));
  }
  if (!show.includes("points")) return;
  for (const [a, b] of points) {
    const dot = svgElement("circle", { cx: toX(a).toFixed(1), cy: toY(b).toFixed(1), r: size / 2, fill: withOpacity(color, 0.5), stroke: color });
    graph.append(hoverable(dot, name, [{ name: x.displayName, value: valueText(x.display(a)) }, { name: y.displayName, value: valueText(y.display(b)) }]));
  }
}
