// What all charts of uPlot share: axes as Grafana draws them, scales, the time axis, the cursor's tooltip.

const AXIS_FONT_SIZE = 12;
const BINARY_UNITS = new Set([...Object.keys(UNIT_TABLE.binary)]);
const BINARY_INCREMENTS = Array.from({ length: 60 }, (_, exponent) => 2 ** exponent);
const HOUR = 3600000;
const DAY = 24 * HOUR;

function drawnPlot(box, options, data) {
  const padding = (u, side, sides) => (sides[side] || !(side % 2 ? sides[0] || sides[2] : sides[1] || sides[3]) ? 0 : 8);
  const plot = new uPlot({
    ms: 1,
    tzDate: (ms) => (zoneName(clock.timeZone) ? uPlot.tzDate(new Date(ms), zoneName(clock.timeZone)) : new Date(ms)),
    legend: { show: false },
    padding: [padding, padding, padding, padding],
    focus: { alpha: 1 },
    ...options,
    cursor: { drag: { x: false, y: false, setScale: false }, points: { size: 8 }, ...options.cursor },
    series: [{}, ...options.series],
  }, data, box);
  return plot;
}

function baseAxis(settings) {
  const line = 1 / devicePixelRatio;
  return {
    stroke: theme.text,
    font: `${AXIS_FONT_SIZE}px ${FONT}`,
    gap: 5,
    labelGap: 8,
    labelFont: `${AXIS_FONT_SIZE}px ${FONT}`,
    labelSize: AXIS_FONT_SIZE + 8,
    grid: { show: true, stroke: theme.grid, width: line },
    ticks: { show: true, stroke: theme.grid, width: line, size: 4 },
    ...settings,
  };
}

function timeAxis() {
  return baseAxis({
    scale: "x",
    space: (u, index, min, max, width) => textWidth(timeTick(max, max - min, (max - min) / (width / 40)), AXIS_FONT_SIZE) + 18,
    values: (u, splits, index, space, increment) => {
      const range = u.scales.x.max - u.scales.x.min;
      const texts = splits.map((ms) => (ms === null ? "" : timeTick(ms, range, increment)));
      // A label that would be cut off at the right edge is left out.
      const room = (ms) => ((u.scales.x.max - ms) / range) * (u.width - 60) + 8;
      return texts.map((text, at) => (text && textWidth(text, AXIS_FONT_SIZE) / 2 > room(splits[at]) ? "" : text));
    },
    size: 4 + 5 + AXIS_FONT_SIZE,
  });
}

// The label of a tick: as exact as the increment, with the day where the range is longer than one.
function timeTick(ms, range, increment) {
  const year = 365 * DAY;
  let format = DATE_FORMATS.year;
  if (increment < 1000) format = DATE_FORMATS.millisecond;
  else if (increment <= 60000) format = DATE_FORMATS.second;
  else if (range <= DAY) format = DATE_FORMATS.minute;
  else if (increment <= DAY) format = DATE_FORMATS.hour;
  else if (range < year) format = DATE_FORMATS.day;
  else if (Math.round(increment / DAY) * DAY !== year && increment <= year) format = DATE_FORMATS.month;
  return formatDate(ms, format);
}

// An axis of values; `side` is 3 (left) or 1 (right), or 2 (bottom) for charts that lie.
function valueAxis({ scale, side, format, label, grid = true, color, size, unit, decimals, isLog, border, splits }) {
  return baseAxis({
    scale,
    side,
    label: label || undefined,
    stroke: color ?? theme.text,
    space: (u, index, min, max, length) => (side === 2 || side === 0
      ? textWidth(format(Math.max(Math.abs(min), Math.abs(max))), AXIS_FONT_SIZE) + 18
      : length <= 150 ? 15 : 30),
    size: size > 0 ? size : (u, values) => axisSize(u, values, side),
    grid: { show: grid, stroke: theme.grid, width: 1 / devicePixelRatio },
    border: border ? { show: true, stroke: color ?? theme.text, width: 1 / devicePixelRatio } : undefined,
    ticks: { show: Boolean(border), stroke: color ?? theme.text, width: 1 / devicePixelRatio, size: 4 },
    incrs: BINARY_UNITS.has(unit) ? BINARY_INCREMENTS : undefined,
    filter: decimals === 0 && !isLog ? (u, found) => found.map((value) => (Number.isInteger(value) ? value : null)) : undefined,
    splits,
    values: (u, found, index, space, increment) => {
      const places = guessedPlaces(increment);
      return found.map((value) => (value === null ? null : format(value, places > 0 ? places : undefined)));
    },
  });
}

function guessedPlaces(increment) {
  const rounded = Number.isInteger(increment) ? increment : Math.round(increment * 1e6 * (1 + Number.EPSILON)) / 1e6;
  return (String(rounded).split(".")[1] ?? "").length;
}

function axisSize(u, values, side) {
  if (side === 2 || side === 0) return 4 + 5 + AXIS_FONT_SIZE;
  if (!values?.length) return 4;
  const widest = values.reduce((width, value) => Math.max(width, textWidth(value ?? "", AXIS_FONT_SIZE)), 0);
  return Math.ceil(4 + 5 + Math.min(u.width * 0.4, widest));
}

// The scale of an axis from the settings of its fields (Grafana's rules for hard and soft limits).
function valueScale({ min, max, softMin, softMax, distribution, decimals, centered, isPercent, padding = 0.1 }) {
  const isLog = distribution?.type === "log";
  const base = distribution?.log === 2 ? 2 : 10;
  if (isPercent) {
    if (min == null && softMin == null) softMin = 0;
    if (max == null && softMax == null) softMax = 1;
  }
  if (isLog) [min, max, softMin, softMax] = [min, max, softMin, softMax].map((limit, index) => logLimit(limit, base, index % 2 === 1));
  const limits = {
    min: { pad: padding, hard: min ?? -Infinity, soft: softMin ?? 0, mode: softMin == null ? 3 : 1 },
    max: { pad: padding, hard: max ?? Infinity, soft: softMax ?? 0, mode: softMax == null ? 3 : 1 },
  };
  const fixedMin = softMin == null && min != null;
  const fixedMax = softMax == null && max != null;
  return {
    distr: isLog ? 3 : distribution?.type === "symlog" ? 4 : 1,
    log: base,
    asinh: distribution?.type === "symlog" ? (distribution.linearThreshold ?? 1) : undefined,
    auto: !(fixedMin && fixedMax),
    range: (u, low, high) => scaleRange({ low, high, limits, min, max, fixedMin, fixedMax, isLog, base, decimals, centered, isSymlog: distribution?.type === "symlog" }),
  };
}

function logLimit(limit, base, up) {
  if (limit == null || limit <= 0) return null;
  const exponent = Math.log(limit) / Math.log(base);
  return base ** (up ? Math.ceil(exponent) : Math.floor(exponent));
}

function scaleRange(settings) {
  let { low, high } = settings;
  const { limits, min, max, fixedMin, fixedMax, isLog, isSymlog, base, decimals, centered } = settings;
  if (!(fixedMin && fixedMax) && low == null && high == null) return [low, high];
  if (centered) [low, high] = centeredRange(low, high);
  let range;
  if (isLog) range = uPlot.rangeLog(min ?? low, max ?? high, base, true);
  else if (isSymlog) range = uPlot.rangeAsinh(low, high, base, true);
  else range = uPlot.rangeNum(fixedMin ? min : low, fixedMax ? max : high, limits);
  if (decimals === 0 && !isLog) range = [Math.floor(range[0]), Math.ceil(range[1])];
  if (!isLog && fixedMin) range[0] = min;
  if (!isLog && fixedMax) range[1] = max;
  if (range[0] === range[1] && range[0] !== 0 && !isLog) range = range[0] < 0 ? [range[0] * 2, 0] : [0, range[1] * 2];
  if (range[0] >= range[1]) range = [isLog ? 1 : 0, 100];
  return range;
}

function centeredRange(low, high) {
  const size = Math.max(Math.abs(low), Math.abs(high)) || 80;
  return [-size, size];
}

// A gradient across the plot along a scale: stops are [value, colour]; stepped where `discrete`.
function scaleGradient(u, scaleKey, stops, discrete) {
  const scale = u.scales[scaleKey];
  const position = (value) => u.valToPos(value === -Infinity ? scale.min : clamp(value, scale.min, scale.max), scaleKey, true);
  const [bottom, top] = [position(scale.min), position(scale.max)];
  if (!(bottom > top)) return stops[stops.length - 1][1];
  const gradient = u.ctx.createLinearGradient(0, bottom, 0, top);
  let before = stops[0][1];
  for (const [value, color] of stops) {
    const share = clamp((bottom - position(value)) / (bottom - top), 0, 1);
    if (discrete) gradient.addColorStop(share, before);
    gradient.addColorStop(share, color);
    before = color;
  }
  return gradient;
}

function drawThresholds(u, scaleKey, config, mode, dataRange) {
  if (!mode || mode === "off" || mode === "series") return;
  const scale = u.scales[scaleKey];
  if (scale?.min == null) return;
  const range = (dataRange.max ?? scale.max) - (dataRange.min ?? scale.min);
  const steps = thresholdSteps(config).map((step) => ({
    color: colorByName(step.color),
    value: isPercentThresholds(config) && step.value !== -Infinity ? (dataRange.min ?? scale.min) + (range * step.value) / 100 : step.value,
  }));
  if (!steps.length) return;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  u.ctx.clip();
  if (/area/.test(mode)) drawThresholdAreas(u, scaleKey, steps);
  if (/line|dashed/.test(mode)) drawThresholdLines(u, scaleKey, steps, /dashed/.test(mode));
  u.ctx.restore();
}

function drawThresholdAreas(u, scaleKey, steps) {
  u.ctx.fillStyle = scaleGradient(u, scaleKey, steps.map(({ value, color }) => [value, translucent(color, 0.15)]), true);
  u.ctx.fillRect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
}

function translucent(color, opacity) {
  return rgba(color)[3] === 1 ? withOpacity(color, opacity) : color;
}

function drawThresholdLines(u, scaleKey, steps, dashed) {
  const transparent = steps.findIndex(({ color }) => rgba(color)[3] === 0);
  u.ctx.lineWidth = 2;
  u.ctx.setLineDash(dashed ? [10, 10] : []);
  steps.slice(1).forEach(({ value, color }, index) => {
    const y = Math.round(u.valToPos(value, scaleKey, true));
    u.ctx.strokeStyle = translucent(transparent > index ? steps[index].color : color, 0.7);
    u.ctx.beginPath();
    u.ctx.moveTo(u.bbox.left, y);
    u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
    u.ctx.stroke();
  });
}
