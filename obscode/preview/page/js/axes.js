// Axes of charts that are drawn as SVG: ticks at round numbers, labels, grid lines.

// About `count` ticks at multiples of 1, 2, 2.5 or 5 (powers of 2 for binary units).
function niceTicks(low, high, count, { unit, integers } = {}) {
  if (!(high > low)) return [low];
  const target = (high - low) / Math.max(count, 1);
  let step;
  if (BINARY_UNITS.has(unit) && target >= 1) step = 2 ** Math.ceil(Math.log2(target));
  else {
    const power = 10 ** Math.floor(Math.log10(target));
    step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= target * (1 - 1e-9));
    if (integers) step = Math.max(1, Math.round(step));
  }
  const ticks = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1) ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}

// Limits of a value axis: hard and soft ones of the settings, zero where bars start, and a tenth of room.
function valueLimits({ min, max }, config, { fromZero = false } = {}) {
  const custom = config.custom ?? {};
  let low = Math.min(min ?? 0, custom.axisSoftMin ?? Infinity, fromZero ? 0 : Infinity);
  let high = Math.max(max ?? 0, custom.axisSoftMax ?? -Infinity, fromZero ? 0 : -Infinity);
  const room = (high - low || Math.abs(high) || 1) * 0.05;
  if (high > 0 || !fromZero) high += room;
  if (low < 0 || !fromZero) low -= room;
  if (!fromZero && low < 0 && (min ?? 0) >= 0) low = 0;
  low = numberOr(config.min, low);
  high = numberOr(config.max, high);
  return high > low ? [low, high] : [low, low + 1];
}

function svgText(text, x, y, anchor = "middle", attributes = {}) {
  return svgElement("text", { x, y, "text-anchor": anchor, "font-size": AXIS_FONT_SIZE, fill: theme.text, ...attributes }, text);
}

function svgLine(x1, y1, x2, y2, attributes = {}) {
  return svgElement("line", { x1, y1, x2, y2, stroke: theme.grid, ...attributes });
}

// A text cut to a width, with an ellipsis.
function cutText(text, width, size = AXIS_FONT_SIZE) {
  if (textWidth(text, size) <= width) return text;
  let length = text.length;
  while (length > 1 && textWidth(`${text.slice(0, length)}…`, size) > width) length -= 1;
  return `${text.slice(0, length)}…`;
}

// The frame of a chart with two numeric axes. Returns the SVG, the plot's box and functions from values to pixels.
function numericChart(box, { x, y }) {
  const [width, height] = [box.clientWidth, box.clientHeight];
  const yTicks = niceTicks(y.low, y.high, Math.max(2, Math.floor(height / 40)), y);
  const yPlaces = guessedPlaces(yTicks.length > 1 ? yTicks[1] - yTicks[0] : 1);
  const yTexts = yTicks.map((tick) => y.format(tick, yPlaces || undefined));
  const left = Math.min(Math.max(...yTexts.map((text) => textWidth(text, AXIS_FONT_SIZE)), 10) + 9, width * 0.4) + (y.label ? 18 : 0);
  const [top, bottom, right] = [8, 22 + (x.label ? 18 : 0), 12];
  const plot = { left, top, width: Math.max(width - left - right, 10), height: Math.max(height - top - bottom, 10) };
  const toX = (value) => plot.left + ((value - x.low) / (x.high - x.low)) * plot.width;
  const toY = (value) => plot.top + plot.height - ((value - y.low) / (y.high - y.low)) * plot.height;
  const widest = textWidth(x.format(x.high), AXIS_FONT_SIZE) + 18;
  const xTicks = niceTicks(x.low, x.high, Math.max(2, Math.floor(plot.width / Math.max(widest, 40))), x);
  const xPlaces = guessedPlaces(xTicks.length > 1 ? xTicks[1] - xTicks[0] : 1);
  const graph = svgElement("svg", { width, height },
    yTicks.map((tick, index) => [svgLine(plot.left, toY(tick), plot.left + plot.width, toY(tick)), svgText(yTexts[index], plot.left - 5, toY(tick) + 4, "end")]),
    xTicks.map((tick) => [svgLine(toX(tick), plot.top, toX(tick), plot.top + plot.height), svgText(x.format(tick, xPlaces || undefined), toX(tick), plot.top + plot.height + 16)]),
    x.label ? svgText(x.label, plot.left + plot.width / 2, height - 4) : null,
    y.label ? svgText(y.label, 12, plot.top + plot.height / 2, "middle", { transform: `rotate(-90 12 ${plot.top + plot.height / 2})` }) : null);
  box.append(graph);
  return { graph, plot, toX, toY };
}

// A tooltip for a shape of an SVG.
function hoverable(node, title, lines) {
  node.addEventListener("mousemove", (event) => showTooltip(event, title, lines));
  node.addEventListener("mouseleave", hideTooltip);
  return node;
}
