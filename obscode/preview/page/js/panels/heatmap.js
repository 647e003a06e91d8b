// Heatmap: buckets over time, from the data source or computed from series.

const INVERTED_ALWAYS = new Set(["BrBG", "PiYG", "PRGn", "PuOr", "RdBu", "RdGy", "RdYlBu", "RdYlGn", "Spectral", "Rainbow", "Sinebow"]);
const INVERTED_IN_LIGHT = new Set(["Turbo", "Cividis", "Viridis", "Magma", "Inferno", "Plasma", "Warm", "Cool", "Cubehelix", "CubehelixDefault"]);

PANELS.heatmap = (box, panel, { frames, from, to, interval }) => {
  const map = panel.options.calculate ? calculatedHeatmap(frames, panel.options.calculation ?? {}, from, to) : bucketHeatmap(frames, panel.options, interval);
  if (!map || !map.cells.length) return showNoData(box, panel);
  const color = { mode: "scheme", scheme: "Oranges", fill: "dark-orange", scale: "exponential", exponent: 0.5, steps: 64, ...panel.options.color };
  const threshold = panel.options.filterValues?.le ?? 1e-9;
  const visible = map.cells.filter(({ count }) => count !== null && Number.isFinite(count) && count > threshold && count < (panel.options.filterValues?.ge ?? Infinity));
  const range = { min: numberOr(color.min, visible.reduce((low, { count }) => Math.min(low, count), Infinity)), max: numberOr(color.max, visible.reduce((high, { count }) => Math.max(high, count), -Infinity)) };
  const palette = heatmapPalette(color);
  const showLegend = panel.options.legend?.show !== false && visible.length;
  const chart = chartBox(box, box.clientWidth, box.clientHeight - (showLegend ? 34 : 0));
  const plot = drawHeatmap(chart, map, visible, panel.options, (count) => palette[paletteIndex(count, range, palette.length)], { from, to });
  if (showLegend) box.append(heatmapLegend(palette, range, cellFormat(panel)));
  return plot;
};

function paletteIndex(count, { min, max }, steps) {
  return max > min ? clamp(Math.floor((steps * (count - min)) / (max - min)), 0, steps - 1) : 0;
}

// The colours from the lowest to the highest count.
function heatmapPalette({ mode, scheme, fill, scale, exponent, steps, reverse }) {
  const count = clamp(Math.round(steps) || 64, 2, 256);
  if (mode === "opacity") {
    const share = (index) => (scale === "exponential" ? (index / (count - 1)) ** exponent : index / (count - 1));
    return Array.from({ length: count }, (_, index) => mixedColor(theme.background, fill, share(index)));
  }
  const name = scheme === "Cubehelix" ? "CubehelixDefault" : scheme;
  const palette = Array.from({ length: count }, (_, index) => schemeColor(name, index / (count - 1)));
  const inverts = INVERTED_ALWAYS.has(name) || (INVERTED_IN_LIGHT.has(name) ? !theme.isDark : theme.isDark);
  return inverts !== Boolean(reverse) ? palette.reverse() : palette;
}

// --- buckets of the data source ---

// {lanes: [{label, low, high}], cells: [{from, to, lane, count}], step}; one lane for each bucket, from the lowest.
function bucketHeatmap(frames, options, interval) {
  const cells = frames.find((frame) => frame.meta?.type === "heatmap-cells");
  if (cells) return sparseHeatmap(cells);
  const rows = frames.flatMap((frame) => {
    const time = timeField(frame);
    return time ? numberFields(frame).filter((field) => !hidden(field, "viz")).map((field) => ({ field, time, name: bucketName(field, frame) })) : [];
  });
  if (!rows.length) return null;
  const isRows = frames.some((frame) => frame.meta?.type === "heatmap-rows");
  if (!isRows && rows.every(({ name }) => !Number.isNaN(bucketNumber(name)))) rows.sort((a, b) => bucketNumber(a.name) - bucketNumber(b.name));
  const step = heatmapStep(rows[0].time, interval);
  const numeric = rows.every(({ name }) => !Number.isNaN(bucketNumber(name)));
  const layout = options.rowsFrame?.layout && options.rowsFrame.layout !== "auto" ? options.rowsFrame.layout : numeric ? "le" : "unknown";
  return {
    step, layout,
    lanes: rows.map(({ name, field }) => ({ label: name, value: bucketNumber(name), field })),
    cells: rows.flatMap(({ field, time }, lane) => time.values.map((ms, index) => ({ from: ms - step, to: ms, lane, count: field.values[index] }))),
  };
}

// The width of a cell: the smallest distance of samples.
function heatmapStep(time, interval) {
  if (time.config?.interval) return time.config.interval;
  const steps = time.values.slice(1).map((ms, index) => ms - time.values[index]).filter((step) => step > 0);
  return steps.length ? steps.reduce((least, step) => Math.min(least, step)) : (interval ?? 60000);
}

function bucketName(field, frame) {
  if (frame.meta?.type === "heatmap-rows") return field.config.displayName ?? field.config.displayNameFromDS ?? field.name;
  return field.displayName;
}

function bucketNumber(name) {
  return /^\+?inf$/i.test(name) ? Infinity : name === "" ? NaN : Number(name);
}

// Cells of native histograms: each with its own limits.
function sparseHeatmap(frame) {
  const values = (name) => frame.fields.find((field) => field.name === name)?.values ?? [];
  const times = timeField(frame)?.values ?? [];
  const [lows, highs, counts] = [values("yMin"), values("yMax"), values("count")];
  const limits = [...new Set(highs)].sort((a, b) => a - b);
  const distinct = [...new Set(times)].sort((a, b) => a - b);
  const step = distinct[1] - distinct[0] || 60000;
  const field = frame.fields.find((other) => other.name === "yMax");
  return {
    step, layout: "le",
    lanes: limits.map((limit) => ({ label: String(limit), value: limit, field })),
    cells: times.map((ms, index) => ({ from: ms - step, to: ms, lane: limits.indexOf(highs[index]), count: counts[index], low: lows[index] })),
  };
}

// --- buckets computed from series ---

function calculatedHeatmap(frames, { xBuckets = {}, yBuckets = {} }, from, to) {
  const points = frames.flatMap((frame) => {
    const time = timeField(frame);
    return time ? numberFields(frame).flatMap((field) => time.values.map((ms, index) => [ms, field.values[index]])) : [];
  }).filter(([ms, value]) => ms >= from && ms <= to && Number.isFinite(value));
  if (!points.length) return null;
  const isLog = yBuckets.scale?.type === "log";
  const numbers = points.map(([, value]) => value).filter((value) => !isLog || value > 0);
  const sturges = Math.ceil(Math.log2(points.length) + 1);
  const xStep = xBuckets.mode === "count" || !xBuckets.value ? niceTimeStep((to - from) / (Number(xBuckets.value) || sturges)) : durationMs(xBuckets.value);
  const base = Number(yBuckets.scale?.log) || 2;
  const yStep = isLog ? 1 / (Number(yBuckets.value) || 1) : yBucketSize(numbers, yBuckets, sturges);
  const bucket = (value) => (isLog ? Math.floor(Math.log(value) / Math.log(base) / yStep + 1e-9) : Math.floor(value / yStep + 1e-9));
  const { min: first, max: last } = numberRange([{ type: "number", values: numbers.map(bucket) }]);
  const counts = new Map();
  for (const [ms, value] of points) {
    if (isLog && value <= 0) continue;
    const key = `${Math.floor(ms / xStep)}/${bucket(value)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const field = frames.flatMap(numberFields)[0];
  const limit = (index) => (isLog ? base ** (index * yStep) : Number((index * yStep).toPrecision(12)));
  const lanes = Array.from({ length: Math.min(last - first + 1, 500) }, (_, index) => ({ value: limit(first + index + 1), low: limit(first + index), label: String(limit(first + index + 1)), field }));
  const cells = [...counts].map(([key, count]) => {
    const [x, y] = key.split("/").map(Number);
    return { from: x * xStep, to: (x + 1) * xStep, lane: y - first, count };
  });
  return { step: xStep, layout: "calculated", lanes, cells };
}

function yBucketSize(numbers, { mode, value }, count) {
  if (mode !== "count" && Number(value) > 0) return Number(value);
  const { min, max } = numberRange([{ type: "number", values: numbers }]);
  const target = (max - min) / (Number(value) || count) || Math.abs(max) || 1;
  const power = 10 ** Math.floor(Math.log10(target));
  return [1, 2, 2.5, 5, 10].map((factor) => Number((factor * power).toPrecision(3))).find((size) => size >= target * (1 - 1e-9));
}

function niceTimeStep(target) {
  const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200, 86400, 172800, 604800];
  return (steps.find((step) => step * 1000 >= target) ?? 604800) * 1000;
}

// "5m" in ms.
function durationMs(text) {
  const units = { ms: 1, s: 1000, m: 60000, h: HOUR, d: DAY, w: 7 * DAY, M: 30 * DAY, y: 365 * DAY };
  const match = /^(\d+(?:\.\d+)?)\s*(ms|[smhdwMy])?$/.exec(String(text));
  return match ? Number(match[1]) * (units[match[2]] ?? 1000) : 60000;
}

// --- drawing ---

function drawHeatmap(chart, map, visible, options, fill, { from, to }) {
  const axis = options.yAxis ?? {};
  const format = laneFormat(options, map);
  const reversed = Boolean(axis.reverse);
  const lane = (index) => (reversed ? map.lanes.length - 1 - index : index);
  const gap = (options.cellGap ?? 1) * devicePixelRatio;
  return cellPlot(chart, {
    from, to,
    laneCount: map.lanes.length,
    ticks: heatmapTicks(map, format, chart.clientHeight, reversed),
    axisLabel: axis.axisLabel,
    axisSide: axis.axisPlacement === "right" ? 1 : 3,
    showAxis: axis.axisPlacement !== "hidden",
    paint: (u, draw) => {
      for (const cell of visible) {
        const [left, right] = [draw.x(cell.from), draw.x(cell.to)];
        const [bottom, top] = [draw.y(lane(cell.lane)), draw.y(lane(cell.lane) + 1)];
        // Between narrow cells there is no gap: it would be as wide as they are.
        const width = Math.round(right) - Math.round(left);
        const space = right - left < 4 * gap ? 0 : gap;
        draw.fill(Math.round(left), Math.round(top), Math.max(width - space, 1), Math.max(Math.round(bottom) - Math.round(top) - gap, 1), fill(cell.count));
      }
    },
    tooltip: (ms, y) => {
      const index = lane(Math.floor(y));
      const cell = visible.find((candidate) => candidate.lane === index && ms >= candidate.from && ms < candidate.to);
      return cell && { title: formatDate(cell.to), lines: [{ name: laneTitle(map, index, format), value: "" }, { name: "Count", value: valueText(unitFormat(options.cellValues?.unit ?? "short")(cell.count, options.cellValues?.decimals)) }] };
    },
  });
}

function laneFormat(options, map) {
  const unit = options.yAxis?.unit;
  const decimals = options.yAxis?.decimals;
  return ({ value, label, field }) => {
    if (Number.isNaN(value)) return label;
    if (value === Infinity) return "+Inf";
    return unit ? valueText(unitFormat(unit)(value, decimals ?? null)) : map.layout === "calculated" || field?.config.unit ? valueText(field.display(value, decimals)) : valueText(unitFormat("short")(value, decimals ?? null));
  };
}

// Labels stand at the border of buckets with limits (le), and in the middle of others.
function heatmapTicks(map, format, height, reversed) {
  const every = Math.max(1, Math.ceil(map.lanes.length / Math.max(Math.floor(height / 22), 1)));
  const offset = map.layout === "le" || map.layout === "calculated" ? 1 : map.layout === "ge" ? 0 : 0.5;
  return map.lanes.map((lane, index) => ({ at: index + offset, text: format(lane), index })).filter(({ index }) => (map.lanes.length - 1 - index) % every === 0)
    .map(({ at, text }) => ({ at: reversed ? map.lanes.length - at : at, text }));
}

function laneTitle(map, index, format) {
  const below = map.lanes[index - 1];
  return map.layout === "le" && below ? `${format(below)} to ${format(map.lanes[index])}` : format(map.lanes[index]);
}

function cellFormat(panel) {
  const { unit, decimals } = panel.options.cellValues ?? {};
  return (value) => valueText(unitFormat(unit ?? "short")(value, decimals ?? null));
}

function heatmapLegend(palette, { min, max }, format) {
  const gradient = `linear-gradient(90deg, ${palette.filter((_, index) => index % Math.ceil(palette.length / 16) === 0).concat(palette[palette.length - 1]).join(", ")})`;
  return element("div.color-scale", {}, element("div.color-scale-bar", { style: { background: gradient } }),
    element("div.color-scale-labels", {}, element("span", {}, format(min)), element("span", {}, format(max))));
}
