// Stat: one big number for each series, with its name, a sparkline and the colour of its value.

const LINE_HEIGHT = 1.2;
const VALUE_WEIGHT = 500;
const MAX_TITLE_SIZE = 30;
const MAX_VALUES = 25; // Grafana's limit if a panel sets none

PANELS.stat = (box, panel, { frames }) => {
  const values = displayValues(frames, panel);
  if (!values.length) return showNoData(box, panel, true);
  const horizontal = gridOrientation(panel.options.orientation, box) === "horizontal";
  const boxes = repeatedBoxes(box, values.length, panel.options.orientation, horizontal);
  const common = longestTexts(values);
  values.forEach((value, index) => drawStat(boxes[index], value, panel.options, values.length, common));
  return null;
};

// What stat, gauge, bar gauge and pie chart show: values reduced of fields, or all rows of them.
function displayValues(frames, panel, fallback = ["lastNotNull"]) {
  const { calcs, values: all, fields: pattern, limit } = panel.options.reduceOptions ?? {};
  const calculations = (calcs?.length ? calcs : fallback).map(reducerId);
  const matches = pattern ? FIELD_MATCHERS.byRegexp(pattern) : (field) => field.type === "number";
  const results = [];
  for (const frame of frames) {
    const time = timeField(frame);
    for (const field of frame.fields) {
      if (!matches(field, frame, frames) || hidden(field, "viz")) continue;
      if (all) results.push(...rowValues(frame, field, frames));
      else for (const calculation of calculations) results.push(reducedValue(field, frame, frames, calculation, calculations.length, time));
    }
  }
  return results.slice(0, limit || (all ? MAX_VALUES : undefined));
}

function reducedValue(field, frame, frames, calculation, count, time) {
  const value = reduceField(field, calculation);
  const display = countingDisplay(field, calculation);
  const sparkline = time && frameLength(frame) > 1 && field.type === "number" ? { times: time.values, values: field.values } : null;
  const title = count > 1 ? `${field.displayName} (${calculation})` : field.displayName;
  return { ...display(value), title: expandedCalc(field, title, calculation), value, field, sparkline, first: sparkline && reduceField(field, "firstNotNull") };
}

function expandedCalc(field, title, calculation) {
  return title.replace(/\$\{?__calc\}?/g, reducerName(calculation));
}

function countingDisplay(field, calculation) {
  if (calculation === "diffperc") return displayProcessor({ ...field, config: { ...field.config, unit: "percent" } });
  if (COUNTING_REDUCERS.has(calculation)) return displayProcessor({ ...field, config: { ...field.config, unit: field.config.unit === "short" ? "short" : undefined } });
  return field.display;
}

// Each row is a value; its name is that of the first text of the row.
function rowValues(frame, field, frames) {
  const names = frame.fields.filter((other) => other.type === "string" && other !== field);
  return field.values.map((value, row) => {
    const name = names.length ? names.map((other) => valueText(other.display(other.values[row]))).join(" ") : "";
    const number = numberFields(frame).length > 1 ? field.displayName : "";
    const title = field.config.displayName ? field.displayName : [name, number].filter(Boolean).join(" ") || field.displayName;
    const colored = { ...field, colorIndex: row };
    return { ...displayProcessor(colored)(value), title, value, field: colored, sparkline: null };
  });
}

function longestTexts(values) {
  const longest = (key) => values.map((value) => value[key] ?? "").reduce((best, text) => (text.length > best.length ? text : best), "");
  return { title: longest("title"), text: longest("text"), prefix: longest("prefix"), suffix: longest("suffix") };
}

// --- a grid of equal boxes ---

function gridOrientation(orientation, box) {
  if (orientation === "horizontal" || orientation === "vertical") return orientation;
  return box.clientWidth > box.clientHeight ? "vertical" : "horizontal";
}

// "auto" fills the panel with a grid; otherwise all are in a column or a row.
function repeatedBoxes(box, count, orientation = "auto", horizontal = true, { spacing = 8, minSize = 0 } = {}) {
  const { columns, rows } = orientation === "auto" || !orientation ? gridShape(box, count) : horizontal ? { columns: 1, rows: count } : { columns: count, rows: 1 };
  const width = (box.clientWidth - spacing * (columns - 1)) / columns;
  const height = Math.max((box.clientHeight - spacing * (rows - 1)) / rows, minSize);
  box.classList.add("repeat");
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    // The last row of a grid is as wide as the others together.
    const inRow = row === Math.floor((count - 1) / columns) ? count - row * columns : columns;
    const share = inRow < columns ? (box.clientWidth - spacing * (inRow - 1)) / inRow : width;
    const child = element("div.repeat-item", { style: {
      left: px((index % columns) * (share + spacing)), top: px(row * (height + spacing)), width: px(share), height: px(height),
    } });
    box.append(child);
    return child;
  });
}

// The grid whose boxes are the largest squares.
function gridShape(box, count) {
  const [width, height] = [Math.max(box.clientWidth, 1), Math.max(box.clientHeight, 1)];
  const square = Math.max(squareSize(width, height, count), squareSize(height, width, count));
  const rows = Math.ceil(count / Math.max(Math.floor(width / square), 1));
  return { columns: Math.ceil(count / rows), rows };
}

function squareSize(width, height, count) {
  const parts = Math.ceil(Math.sqrt((count * width) / height));
  return Math.floor((parts * height) / width) * parts < count ? height / Math.ceil((parts * height) / width) : width / parts;
}

// --- one value ---

function drawStat(box, value, options, count, common) {
  const { clientWidth: width, clientHeight: height } = box;
  const texts = statTexts(value, options, count, common);
  const sparkline = options.graphMode !== "none" && value.sparkline?.values.length > 1 ? value.sparkline : null;
  const wide = width / height > 2.5 && options.wideLayout !== false;
  const withChart = sparkline && (wide ? height > 50 : height > 100);
  const layout = statLayout({ width, height, wide, withChart, texts, options, percent: options.showPercentChange });
  const colors = statColors(value.color, options.colorMode ?? "value");
  box.classList.add("stat", wide ? "wide" : "stacked");
  if (!texts.title || options.justifyMode === "center") box.classList.add("centered");
  if (withChart) box.classList.add("with-chart");
  box.style.background = colors.background;
  box.style.padding = px(height > 100 ? 12 : 8);
  box.append(element("div.stat-text", {},
    texts.title ? element("div.stat-title", { style: { fontSize: px(layout.title), color: colors.title } }, texts.title) : null,
    texts.value === "" ? null : element("div.stat-value", { style: { fontSize: px(layout.value), color: colors.value } }, statNumber(texts, layout.value)),
    options.showPercentChange && !options.reduceOptions?.values ? percentChange(value, layout.value, options.percentChangeColorMode) : null));
  if (withChart) box.append(sparklineGraph(sparkline, width, layout.chart, colors, value.field));
}

// The unit is smaller than the number, as Grafana draws it.
function statNumber({ prefix, text, suffix }, size) {
  const unit = suffix && suffix.trim().length > 0 ? element("span", { style: { fontSize: px(size * (size > 14 ? 0.75 : 1)) } }, suffix) : (suffix ?? "");
  return [prefix ? `${prefix}` : "", text, unit];
}

function statTexts(value, { textMode = "auto" }, count, common) {
  const mode = textMode === "auto" && count === 1 ? "value" : textMode;
  const whole = { value: valueText(value), text: value.text, prefix: value.prefix, suffix: value.suffix };
  if (mode === "name") return { title: "", value: value.title, text: value.title, align: common.title };
  if (mode === "value") return { title: "", ...whole, align: valueText(common) };
  if (mode === "none") return { title: "", value: "", text: "", align: "" };
  return { title: value.title, alignTitle: common.title, ...whole, align: valueText(common) };
}

function statLayout({ width, height, wide, withChart, texts, options, percent }) {
  const padding = height > 100 ? 12 : 8;
  const [maxWidth, maxHeight] = [width - padding * 2, height - padding * 2];
  const share = (percent ? 0.75 : 1);
  const fit = (text, w, h, max) => fittingFontSize(text, w, h, LINE_HEIGHT, max, VALUE_WEIGHT);
  const layout = { title: 0, value: 0, chart: 0 };
  if (wide) {
    const valueWidth = withChart ? 0.4 : texts.title ? 0.3 : 1;
    layout.value = fit(texts.align || " ", maxWidth * (withChart && !texts.title ? 1 : valueWidth), (withChart ? maxHeight * 0.5 : maxHeight) * share);
    if (texts.title) layout.title = Math.min(layout.value * 0.7, fit(texts.alignTitle, maxWidth * 0.6, withChart ? maxHeight * 0.4 : maxHeight, MAX_TITLE_SIZE));
    layout.chart = height * 0.5;
  } else {
    if (texts.title) layout.title = fit(texts.alignTitle, maxWidth, height * 0.15, MAX_TITLE_SIZE);
    const titleHeight = layout.title * LINE_HEIGHT;
    const room = maxHeight - titleHeight - (withChart ? height * 0.25 : 0);
    layout.value = fit(texts.align || " ", maxWidth, room * share);
    if (texts.title) layout.title = Math.min(layout.value * 0.7, layout.title);
    layout.chart = height - layout.title * LINE_HEIGHT - layout.value * LINE_HEIGHT;
  }
  if (options.text?.titleSize) layout.title = options.text.titleSize;
  if (options.text?.valueSize) layout.value = options.text.valueSize;
  return layout;
}

function statColors(color, mode) {
  const sign = theme.isDark ? 1 : -0.7;
  if (mode === "background") {
    const gradient = `linear-gradient(120deg, ${darkerColor(color, 15 * sign, 8)}, ${darkerColor(color, 5 * sign, -8)})`;
    return { background: gradient, value: textColorOn(color), title: textColorOn(color), line: brighterColor(color, 40), fill: "rgba(255,255,255,0.4)" };
  }
  if (mode === "background_solid") {
    return { background: color, value: textColorOn(color), title: textColorOn(color), line: brighterColor(color, 40), fill: "rgba(255,255,255,0.4)" };
  }
  return { background: "transparent", value: mode === "none" ? theme.text : color, title: "", line: color, fill: withOpacity(color, 0.2) };
}

function percentChange({ value, first }, size, mode) {
  if (typeof value !== "number" || !first) return null;
  const change = (value - first) / Math.abs(first);
  const color = mode === "same_as_value" ? "inherit" : colorByName((change < 0) === (mode === "inverted") ? "green" : change === 0 ? "text" : "red");
  return element("div.stat-change", { style: { fontSize: px(Math.max(size / 2.5, 12)), color } },
    `${change > 0 ? "↗" : change < 0 ? "↘" : "→"} ${fixedText(change * 100, 1)}%`);
}

// A line with an area below it, without axes.
function sparklineGraph({ times, values }, width, height, colors, field, label = "Trend") {
  const points = times.map((ms, index) => [ms, values[index]]).filter(([ms, value]) => ms !== null && Number.isFinite(value));
  const graph = svgElement("svg", { class: "sparkline", width, height: Math.max(height, 1), role: "img", "aria-label": label });
  if (points.length < 2) return graph;
  const { min: ownMin, max: ownMax } = numberRange([{ type: "number", values: points.map(([, value]) => value) }]);
  const low = field?.config?.min ?? ownMin;
  const high = field?.config?.max ?? ownMax;
  const [first, last] = [points[0][0], points[points.length - 1][0]];
  const x = (ms) => ((ms - first) / (last - first || 1)) * width;
  const y = (value) => (high === low ? height / 2 : height - 1 - (clamp((value - low) / (high - low), 0, 1)) * (height - 2));
  const line = points.map(([ms, value], index) => `${index ? "L" : "M"}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  graph.append(svgElement("path", { d: `${line}L${width} ${height}L0 ${height}Z`, fill: colors.fill, stroke: "none" }),
    svgElement("path", { d: line, fill: "none", stroke: colors.line, "stroke-width": 1 }));
  return graph;
}
