// Bar chart: bars for each row, grouped or stacked, upright or lying.

PANELS.barchart = (box, panel, { frames }) => {
  const frame = frames.find((candidate) => numberFields(candidate).length && frameLength(candidate));
  const category = frame && categoryField(frame, panel.options.xField);
  if (!category) return showNoData(box, panel);
  const fields = frame.fields.filter((field) => field !== category && field.type === "number" && !hidden(field, "viz"));
  const items = fields.filter((field) => !hidden(field, "legend")).map((field) => ({ label: field.displayName, color: seriesColor(field), field }));
  const { chart } = chartWithLegend(box, items, panel.options.legend ?? {});
  chart.append(barChartGraph(chart, category, fields, { barWidth: 0.97, groupWidth: 0.7, stacking: "none", showValue: "auto", orientation: "auto", ...panel.options }, frame));
  return null;
};

// The chosen field, else the first text, else the time.
function categoryField(frame, name) {
  return (name && frame.fields.find((field) => FIELD_MATCHERS.byName(name)(field, frame, [frame]))) ?? frame.fields.find((field) => field.type === "string")
    ?? frame.fields.find((field) => field.type === "time") ?? frame.fields.find((field) => field.type === "boolean");
}

// [{row, field, from, to}]: stacked bars begin where the one below ends.
function barSegments(fields, stacking) {
  const rows = fields[0]?.values.length ?? 0;
  return Array.from({ length: rows }, (_, row) => {
    const numbers = fields.map((field) => (Number.isFinite(field.values[row]) ? field.values[row] : 0));
    const total = numbers.reduce((sum, number) => sum + Math.abs(number), 0) || 1;
    let [positive, negative] = [0, 0];
    return numbers.map((number, index) => {
      const value = stacking === "percent" ? number / total : number;
      if (stacking === "none") return { field: fields[index], row, from: 0, to: value };
      const from = value < 0 ? negative : positive;
      if (value < 0) negative += value;
      else positive += value;
      return { field: fields[index], row, from, to: from + value };
    });
  });
}

function barChartGraph(chart, category, fields, options, frame) {
  const [width, height] = [chart.clientWidth, chart.clientHeight];
  const lying = options.orientation === "horizontal";
  const groups = barSegments(fields, options.stacking);
  const all = groups.flat().flatMap(({ from, to }) => [from, to]);
  const config = fields[0]?.config ?? {};
  const [low, high] = options.stacking === "percent" ? [0, 1] : valueLimits({ min: Math.min(...all, 0), max: Math.max(...all, 0) }, config, { fromZero: true });
  const format = options.stacking === "percent" ? (value) => valueText(unitFormat("percentunit")(value, null)) : (value, places) => valueText(fields[0].display(value, places));
  const texts = category.values.map((value) => valueText(category.display(value)));
  const colorField = options.colorByField && frame.fields.find((field) => field.displayName === options.colorByField);
  const color = ({ field, row }) => (colorField ? colorField.display(colorField.values[row]).color : isColoredByValue(field.config) ? field.display(field.values[row]).color : seriesColor(field));
  const layout = { width, height, low, high, format, texts, groups, color, options, ticks: niceTicks(low, high, Math.max(2, Math.floor((lying ? width / 80 : height / 40))), config) };
  return lying ? lyingBars(layout) : uprightBars(layout);
}

function uprightBars({ width, height, low, high, format, texts, groups, color, options, ticks }) {
  const places = guessedPlaces(ticks.length > 1 ? ticks[1] - ticks[0] : 1) || undefined;
  const left = Math.min(Math.max(...ticks.map((tick) => textWidth(format(tick, places), AXIS_FONT_SIZE)), 10) + 9, width * 0.4);
  const slot = (width - left - 4) / Math.max(groups.length, 1);
  const rotation = options.xTickLabelRotation || 0;
  const limit = options.xTickLabelMaxLength || Infinity;
  const labels = texts.map((text) => (text.length > limit ? `${text.slice(0, limit)}…` : text));
  const bottom = rotation ? Math.min(Math.max(...labels.map((text) => textWidth(text, AXIS_FONT_SIZE)), 10) * Math.abs(Math.sin((rotation * Math.PI) / 180)) + 22, height * 0.5) : 22;
  const plotHeight = Math.max(height - bottom - 14, 10);
  const y = (value) => 14 + plotHeight * (1 - (value - low) / (high - low));
  const graph = svgElement("svg", { width, height }, ticks.map((tick) => [svgLine(left, y(tick), width, y(tick)), svgText(format(tick, places), left - 5, y(tick) + 4, "end")]));
  const every = rotation ? 1 : Math.max(1, Math.ceil((Math.max(...labels.map((text) => textWidth(text, AXIS_FONT_SIZE)), 1) + 8) / slot / 1.6));
  groups.forEach((group, row) => {
    const middle = left + slot * (row + 0.5);
    if (row % every === 0) graph.append(rotation ? svgText(labels[row], middle, height - bottom + 14, rotation < 0 ? "end" : "start", { transform: `rotate(${rotation < 0 ? rotation : rotation} ${middle} ${height - bottom + 14})` })
      : svgText(cutText(labels[row], slot * every - 4), middle, height - 6));
    for (const [segment, start, thickness] of barSlots(group, left + slot * row, slot, options)) {
      graph.append(barShape(segment, { x: start, y: Math.min(y(segment.from), y(segment.to)), width: thickness, height: Math.abs(y(segment.from) - y(segment.to)) }, color(segment), texts[row]));
      const text = barValueText(segment, options, thickness, false);
      if (text) graph.append(svgText(text, start + thickness / 2, y(segment.to) + (segment.to < 0 ? 13 : -4)));
    }
  });
  return graph;
}

function lyingBars({ width, height, low, high, format, texts, groups, color, options, ticks }) {
  const left = Math.min(Math.max(...texts.map((text) => textWidth(text, AXIS_FONT_SIZE)), 10) + 9, width * 0.4);
  const plotWidth = Math.max(width - left - 44, 10);
  const slot = (height - 22) / Math.max(groups.length, 1);
  const x = (value) => left + (plotWidth * (value - low)) / (high - low);
  const places = guessedPlaces(ticks.length > 1 ? ticks[1] - ticks[0] : 1) || undefined;
  const graph = svgElement("svg", { width, height }, ticks.map((tick) => [svgLine(x(tick), 0, x(tick), height - 20), svgText(format(tick, places), x(tick), height - 6)]));
  const every = Math.max(1, Math.ceil(14 / slot));
  groups.forEach((group, row) => {
    if (row % every === 0) graph.append(svgText(cutText(texts[row], left - 8), left - 5, slot * (row + 0.5) + 4, "end"));
    for (const [segment, start, thickness] of barSlots(group, slot * row, slot, options)) {
      graph.append(barShape(segment, { x: Math.min(x(segment.from), x(segment.to)), y: start, width: Math.abs(x(segment.to) - x(segment.from)), height: thickness }, color(segment), texts[row]));
      const text = barValueText(segment, options, thickness, true);
      if (text) graph.append(svgText(text, x(segment.to) + 4, start + thickness / 2 + 4, "start"));
    }
  });
  return graph;
}

// Where the bars of a group lie: [segment, start, thickness].
function barSlots(group, start, slot, { stacking, groupWidth, barWidth }) {
  if (stacking !== "none" || group.length === 1) {
    const thickness = slot * (group.length === 1 ? barWidth * groupWidth + (1 - groupWidth) * 0.5 : barWidth * groupWidth);
    return group.map((segment) => [segment, start + (slot - thickness) / 2, thickness]);
  }
  const each = (slot * groupWidth) / group.length;
  return group.map((segment, index) => [segment, start + (slot * (1 - groupWidth)) / 2 + each * index + (each * (1 - barWidth)) / 2, each * barWidth]);
}

function barShape({ field, row }, { x, y, width, height }, color, title) {
  const custom = { fillOpacity: 80, lineWidth: 1, ...field.config.custom };
  const shape = svgElement("rect", { x, y, width: Math.max(width, 0), height: Math.max(height, 0), fill: withOpacity(color, custom.fillOpacity / 100), stroke: custom.lineWidth ? color : "none", "stroke-width": custom.lineWidth });
  return hoverable(shape, title, [{ color, name: field.displayName, value: valueText(field.display(field.values[row])) }]);
}

function barValueText({ field, row }, { showValue, stacking }, thickness, lying) {
  const value = field.values[row];
  if (showValue === "never" || stacking !== "none" || value === null || value === undefined) return "";
  const text = valueText(field.display(value));
  const fits = lying ? thickness > 12 : textWidth(text, AXIS_FONT_SIZE) < thickness + 6;
  return showValue === "always" || fits ? text : "";
}
