// Gauge: an arc from the minimum to the maximum, with thresholds around it.

const GAUGE_ANGLES = [-120, 120]; // degrees from the top

PANELS.gauge = (box, panel, { frames }) => {
  const values = withGaugeRange(displayValues(frames, panel)).map((value) => (value.max > value.min ? value : { ...value, min: Math.min(0, value.min), max: Math.max(100, value.max) }));
  if (!values.length) return showNoData(box, panel, true);
  const orientation = panel.options.orientation ?? "auto";
  const boxes = repeatedBoxes(box, values.length, orientation, orientation === "horizontal");
  const common = longestTexts(values);
  values.forEach((value, index) => boxes[index].append(gaugeGraph(boxes[index], value, panel.options, values.length, common)));
  return null;
};

function gaugeGraph({ clientWidth: width, clientHeight: height }, value, options, count, common) {
  const { showThresholdMarkers = true, showThresholdLabels = false, text } = options;
  const title = count > 1 || value.field.config.displayName ? value.title : "";
  const titleSize = title ? text?.titleSize ?? Math.min(Math.max(height * 0.12, 12), 24) : 0;
  const room = height - titleSize * 1.4;
  const radius = Math.max(Math.min(width / 2, room / 1.55) - (showThresholdLabels ? 18 : 4), 10);
  const [x, y] = [width / 2, Math.min(room / 2 + radius * 0.28, room - radius * 0.52)];
  const thickness = radius * 0.22;
  const markers = showThresholdMarkers ? Math.max(radius * 0.05, 2) : 0;
  const outer = radius - (markers ? markers + 2 : 0);
  const share = value.max > value.min ? clamp((value.numeric - value.min) / (value.max - value.min), 0, 1) || 0 : 0;
  const angle = (part) => GAUGE_ANGLES[0] + (GAUGE_ANGLES[1] - GAUGE_ANGLES[0]) * part;
  const size = text?.valueSize ?? fittingFontSize(valueText(common), (outer - thickness) * 1.5, (outer - thickness) * 0.75, 1.1, 100, VALUE_WEIGHT);
  const graph = svgElement("svg", { width, height, role: "img", "aria-label": `${value.title}: ${valueText(value)}` },
    svgElement("path", { d: arcPath(x, y, outer, outer - thickness, angle(0), angle(1)), class: "gauge-track" }),
    svgElement("path", { d: arcPath(x, y, outer, outer - thickness, angle(0), angle(Math.max(share, 0.002))), fill: value.color }));
  if (markers) for (const band of thresholdBands(value)) graph.append(svgElement("path", { d: arcPath(x, y, radius, radius - markers, angle(band.from), angle(band.to)), fill: band.color }));
  if (showThresholdLabels) graph.append(...gaugeLabels(value, x, y, radius, angle));
  graph.append(svgElement("text", { x, y: y + size * 0.3, "text-anchor": "middle", "font-size": size, "font-weight": VALUE_WEIGHT, fill: value.color }, valueText(value)));
  if (title) graph.append(svgElement("text", { x, y: height - titleSize * 0.4, "text-anchor": "middle", "font-size": titleSize, class: "gauge-title" }, title));
  return graph;
}

function arcPath(x, y, outer, inner, from, to) {
  const point = (radius, degrees) => {
    const radians = ((degrees - 90) * Math.PI) / 180;
    return `${(x + radius * Math.cos(radians)).toFixed(2)} ${(y + radius * Math.sin(radians)).toFixed(2)}`;
  };
  const large = to - from > 180 ? 1 : 0;
  return `M${point(outer, from)}A${outer} ${outer} 0 ${large} 1 ${point(outer, to)}L${point(inner, to)}A${inner} ${inner} 0 ${large} 0 ${point(inner, from)}Z`;
}

// The bands of thresholds, as shares of the range.
function thresholdBands({ field, min, max }) {
  const colors = continuousColors(colorMode(field.config));
  if (colors) return Array.from({ length: 24 }, (_, index) => ({ from: index / 24, to: (index + 1) / 24, color: splineColor(colors, (index + 0.5) / 24) }));
  const steps = thresholdSteps(field.config).map(({ value, color }) => ({
    at: value === -Infinity ? 0 : clamp(isPercentThresholds(field.config) ? value / 100 : (value - min) / (max - min), 0, 1), color: colorByName(color),
  }));
  return steps.map(({ at, color }, index) => ({ from: at, to: steps[index + 1]?.at ?? 1, color })).filter(({ from, to }) => to > from);
}

function gaugeLabels({ field, min, max }, x, y, radius, angle) {
  const limits = thresholdSteps(field.config).slice(1).map(({ value }) => (isPercentThresholds(field.config) ? min + ((max - min) * value) / 100 : value));
  return [min, ...limits.filter((limit) => limit > min && limit < max), max].map((limit) => {
    const radians = ((angle((limit - min) / (max - min)) - 90) * Math.PI) / 180;
    const [left, top] = [x + (radius + 10) * Math.cos(radians), y + (radius + 10) * Math.sin(radians)];
    return svgElement("text", { x: left, y: top, "text-anchor": left < x - 2 ? "end" : left > x + 2 ? "start" : "middle", "font-size": 10, class: "gauge-title" }, valueText(field.display(limit)));
  });
}
