// Pie chart: shares of a whole, as a pie or a ring.

PANELS.piechart = (box, panel, { frames }) => {
  const values = displayValues(frames, panel).filter(({ numeric }) => Number.isFinite(numeric) && numeric >= 0);
  if (!values.length) return showNoData(box, panel);
  const { sort = "desc", pieType = "pie", displayLabels = [], legend = {} } = panel.options;
  const ordered = sort === "none" ? values : [...values].sort((a, b) => (a.numeric - b.numeric) * (sort === "asc" ? 1 : -1));
  const colored = ordered.map((value) => ({ ...value, color: pieColor(value, values) }));
  const total = colored.reduce((sum, { numeric }) => sum + numeric, 0);
  const percent = ({ numeric, field }) => valueText(unitFormat("percent")(total ? (numeric / total) * 100 : 0, field.config.decimals ?? 0));
  const parts = { value: (value) => valueText(value), percent };
  const items = colored.map((value) => ({
    label: value.title, color: value.color,
    texts: (legend.values ?? []).map((part) => ({ name: part === "percent" ? "Percent" : "Value", text: parts[part](value), numeric: value.numeric })),
  }));
  const { chart } = chartWithLegend(box, items, { placement: "right", ...legend });
  chart.append(pieGraph(chart, colored, total, { pieType, displayLabels, percent }));
  return null;
};

// Each slice has the next colour of the palette, unless a field fixes it.
function pieColor(value, values) {
  const mode = colorMode(value.field.config);
  return mode === "palette-classic" ? seriesPaletteColor(mode, "", values.indexOf(values.find((other) => other === value)), value.title) : value.color;
}

function pieGraph({ clientWidth: width, clientHeight: height }, values, total, { pieType, displayLabels, percent }) {
  const radius = Math.max(Math.min(width, height) / 2 - 6, 4);
  const inner = pieType === "donut" ? radius * 0.75 : 0.01;
  const [x, y] = [width / 2, height / 2];
  const graph = svgElement("svg", { width, height, role: "img", "aria-label": values.map((value) => `${value.title} ${percent(value)}`).join(", ") });
  let angle = 0;
  for (const value of values) {
    const size = total ? (value.numeric / total) * 360 : 0;
    if (size <= 0) continue;
    const path = svgElement("path", { d: arcPath(x, y, radius, inner, angle, angle + Math.min(size, 359.99)), fill: value.color, stroke: theme.background });
    graph.append(hoverable(path, value.title, [{ color: value.color, name: percent(value), value: valueText(value) }]));
    const label = displayLabels.map((part) => ({ name: value.title, value: valueText(value), percent: percent(value) })[part]).filter(Boolean);
    if (label.length && size > 12) graph.append(pieLabel(label, x, y, (radius + (pieType === "donut" ? inner : radius * 0.35)) / 2, angle + size / 2, value.color));
    angle += size;
  }
  return graph;
}

function pieLabel(lines, x, y, distance, angle, color) {
  const radians = ((angle - 90) * Math.PI) / 180;
  const [left, top] = [x + distance * Math.cos(radians), y + distance * Math.sin(radians)];
  return svgElement("text", { x: left, y: top - (lines.length - 1) * 7, "text-anchor": "middle", "font-size": 12, fill: textColorOn(color), "pointer-events": "none" },
    lines.map((line, index) => svgElement("tspan", { x: left, dy: index ? 14 : 4 }, line)));
}
