// Bar gauge: a bar for each value; also the gauges in table cells.

PANELS.bargauge = (box, panel, { frames }) => {
  const values = withGaugeRange(displayValues(frames, panel));
  if (!values.length) return showNoData(box, panel, true);
  const { orientation = "auto", displayMode = "gradient", valueMode = "color", namePlacement = "auto", showUnfilled = true, minVizHeight = 16 } = panel.options;
  const wide = gridOrientation(orientation, box) === "vertical" && orientation !== "horizontal";
  const vertical = orientation === "vertical" || (orientation === "auto" && wide);
  box.classList.add("scrolling");
  const boxes = repeatedBoxes(box, values.length, vertical ? "vertical" : "horizontal", !vertical, { spacing: vertical ? 8 : 10, minSize: vertical ? 0 : minVizHeight });
  const common = longestTexts(values);
  values.forEach((value, index) => drawBarGauge(boxes[index], value, { vertical, displayMode, valueMode, namePlacement, showUnfilled, common, text: panel.options.text }));
  return null;
};

// Without limits of its own a gauge goes from the smallest to the largest value of all series.
function withGaugeRange(values) {
  return values.map((value) => {
    const min = numberOr(value.field.config.min, value.field.range?.min ?? 0);
    const max = numberOr(value.field.config.max, value.field.range?.max ?? 100);
    return { ...value, min, max };
  });
}

function drawBarGauge(box, value, options) {
  const { clientWidth: width, clientHeight: height } = box;
  const { vertical, namePlacement, common, text } = options;
  const title = namePlacement === "hidden" ? "" : value.title;
  const above = !vertical && title && ((height > 40 && namePlacement === "auto") || namePlacement === "top");
  box.classList.add("bar-gauge", vertical ? "vertical" : above ? "above" : "left");
  let titleSize = text?.titleSize ?? 14;
  let [barWidth, barHeight] = [width, height];
  if (title && vertical) barHeight -= titleSize * 1.5;
  else if (title && above) {
    titleSize = text?.titleSize ?? Math.max(Math.min(height * 0.45, 50), 17) / 1.5;
    barHeight -= titleSize * 1.5;
  } else if (title) {
    titleSize = text?.titleSize ?? Math.min(Math.max(height * 0.6, 20), 40) / 1.5;
    barWidth -= Math.min(textWidth(common.title, titleSize) + 15, width * 0.4);
  }
  if (title) {
    box.append(element("div.bar-title", { title: value.title, style: { fontSize: px(titleSize), width: vertical || above ? px(width) : px(width - barWidth - 10) } }, value.title));
  }
  box.append(barGaugeBar(value, { ...options, width: barWidth, height: barHeight, fontSize: text?.valueSize }));
}

function barGaugeBar(value, { width, height, displayMode, vertical, valueMode, fontSize, common, showUnfilled = true }) {
  const longest = valueText(common ?? value);
  const size = fontSize ?? clampedFont(longest, vertical ? width : Math.max(width * 0.2, 60), vertical ? Math.min(Math.max(height * 0.1, 20), 50) : height);
  const text = valueMode === "hidden" ? "" : valueText(value);
  const textSpace = text === "" ? 0 : vertical ? size * 1.25 : Math.max(textWidth(longest, size) + 20, Math.min(width * 0.2, 150));
  const length = Math.max((vertical ? height : width) - textSpace, 4);
  const range = value.field.range ?? {};
  const [min, max] = [value.min ?? range.min ?? 0, value.max ?? range.max ?? 100];
  const share = max > min ? clamp((value.numeric - min) / (max - min), 0, 1) || 0 : 0;
  const bar = displayMode === "lcd" ? lcdBar(value, { min, max, length, vertical, share }) : plainBar(value, { min, max, length, share, vertical, displayMode, showUnfilled });
  Object.assign(bar.style, vertical ? { width: px(width), height: px(length) } : { width: px(length), height: px(height) });
  const color = valueMode === "text" ? theme.text : value.color;
  return element("div", { class: vertical ? "bar-and-value vertical" : "bar-and-value" }, bar,
    element("div.bar-value", { style: { fontSize: px(size), color, width: vertical ? px(width) : px(textSpace) } }, text));
}

function clampedFont(text, width, height) {
  return Math.min(fittingFontSize(text, width, height, 1.1, 40), 40);
}

function plainBar(value, { min, max, length, share, vertical, displayMode, showUnfilled }) {
  const bar = element("div.bar-fill", { style: {
    [vertical ? "height" : "width"]: px(Math.max(share * length, 1)),
    background: displayMode === "basic" ? withOpacity(value.color, 0.35) : barGradient(value, { min, max, length, vertical }),
    [vertical ? "borderTop" : "borderRight"]: displayMode === "basic" ? `2px solid ${value.color}` : "none",
  } });
  return element("div", { class: showUnfilled ? "bar-track unfilled" : "bar-track" }, bar);
}

// From the first colour of the thresholds or the scheme to that of the value.
function barGradient({ field, numeric, color }, { min, max, length, vertical }) {
  const direction = vertical ? "0deg" : "90deg";
  const colors = continuousColors(colorMode(field.config));
  if (colors) return `linear-gradient(${direction}, ${colors.map((stop, index) => `${stop} ${((index / (colors.length - 1)) * length).toFixed(0)}px`).join(", ")})`;
  if (colorMode(field.config) !== "thresholds") return `linear-gradient(${direction}, ${withOpacity(color, 0.55)}, ${color})`;
  let last = 0;
  const stops = [];
  for (const step of thresholdSteps(field.config)) {
    const limit = step.value === -Infinity ? min : isPercentThresholds(field.config) ? min + ((max - min) * step.value) / 100 : step.value;
    if (stops.length && numeric < limit) break;
    const at = clamp((limit - min) / (max - min), 0, 1) * length;
    stops.push(stops.length ? `${colorByName(step.color)} ${Math.round(at - (at - last) / 2)}px` : colorByName(step.color));
    if (stops.length > 1) last = at;
  }
  return stops.length > 1 ? `linear-gradient(${direction}, ${stops.join(", ")})` : `linear-gradient(${direction}, ${withOpacity(color, 0.55)}, ${color})`;
}

// Cells that are lit up to the value.
function lcdBar({ field, numeric }, { min, max, length, vertical }) {
  const count = Math.max(Math.floor(length / 14), 1);
  const bar = element("div", { class: vertical ? "lcd vertical" : "lcd" });
  for (let index = 0; index < count; index += 1) {
    const at = min + ((max - min) / count) * index;
    const color = valueColor(field, at);
    const lit = !Number.isNaN(numeric) && at < numeric;
    bar.append(element("span", { style: { background: withOpacity(color, lit ? 0.95 : 0.18) } }));
  }
  return bar;
}
