// State timeline: the states of each series as boxes over time; status history: one box for each time.

PANELS["state-timeline"] = (box, panel, context) => drawLanes(box, panel, context, {
  rowHeight: 0.9, mergeValues: true, ...panel.options, boxes: stateBoxes,
});
PANELS["status-history"] = (box, panel, context) => drawLanes(box, panel, context, {
  rowHeight: 0.9, colWidth: 0.9, ...panel.options, boxes: historyBoxes, hasGaps: false,
});

function drawLanes(box, panel, { frames, from, to, interval }, options) {
  const lanes = laneFields(frames, options.hasGaps === false ? null : interval);
  if (!lanes.length) return showNoData(box, panel);
  const legend = stateLegend(lanes.map(({ field }) => field));
  const { chart } = chartWithLegend(box, legend, { ...options.legend, displayMode: "list" });
  const perPage = chart.clientHeight < 12 * lanes.length ? Math.max(1, Math.floor(chart.clientHeight / 12)) : lanes.length;
  const shown = lanes.slice(0, perPage);
  const boxes = shown.map((lane) => options.boxes(lane, { from, to, interval, options }));
  const plot = cellPlot(chart, {
    from, to,
    laneCount: shown.length,
    ticks: shown.map(({ field }, index) => ({ at: shown.length - index - 0.5, text: cutText(field.displayName, chart.clientWidth * 0.4) })),
    paint: (u, draw) => shown.forEach((lane, index) => paintLane(u, draw, lane, boxes[index], shown.length - index - 1, options)),
    tooltip: (ms, y) => {
      const index = shown.length - 1 - Math.floor(y);
      const state = boxes[index]?.find((one) => ms >= one.from && ms < one.to);
      return state && { title: formatDate(state.start ?? state.from), lines: [{ color: state.color, name: shown[index].field.displayName, value: state.text }, { name: "Duration", value: durationText(state.to - state.from) }] };
    },
  });
  if (shown.length < lanes.length) box.append(element("div.note.more", {}, `${lanes.length - shown.length} more series`));
  return plot;
}

function durationText(ms) {
  return valueText(longDuration("millisecond", 1e-3)(ms, 1));
}

// Boxes of a lane: {from, to, text, color}. Equal neighbours are one if the panel merges them.
function stateBoxes({ field, times, values }, { to, options }) {
  const boxes = [];
  times.forEach((ms, index) => {
    const last = boxes[boxes.length - 1];
    if (last && last.to === null) {
      const same = options.mergeValues !== false && stateKey(field, values[index]) === last.key;
      if (same) return;
      last.to = ms;
    }
    if (values[index] === null || values[index] === undefined) return;
    boxes.push({ from: ms, to: null, key: stateKey(field, values[index]), ...stateLook(field, values[index]) });
  });
  return boxes.map((one) => ({ ...one, to: one.to ?? to }));
}

function stateKey(field, value) {
  if (value === null || value === undefined) return null;
  const continuous = continuousColors(colorMode(field.config));
  if (field.type === "number" && !continuous && colorMode(field.config) === "thresholds" && !field.config.mappings?.length) return `${activeThreshold(field.config, value, shareOfRange(field, value)).value}`;
  return String(value);
}

function stateLook(field, value) {
  const display = field.display(value);
  return { text: valueText(display), color: field.type === "string" && !field.config.mappings?.length ? stateTextColor(field, value) : display.color };
}

// Texts without a mapping have a colour by their text, as the palette has them.
function stateTextColor(field, value) {
  return continuousColors(colorMode(field.config)) || !isColoredByValue(field.config) ? seriesPaletteColor("palette-classic-by-name", "", 0, String(value)) : valueColor(field, -Infinity);
}

function historyBoxes({ field, times, values }, { interval, options }) {
  const steps = times.slice(1).map((ms, index) => ms - times[index]).filter((step) => step > 0);
  const step = steps.length ? Math.min(...steps) : interval;
  const width = step * (options.colWidth ?? 0.9);
  return times.map((ms, index) => ({ start: ms, from: ms - width / 2, to: ms + width / 2, value: values[index] }))
    .filter(({ value }) => value !== null && value !== undefined).map((one) => ({ ...one, ...stateLook(field, one.value) }));
}

function paintLane(u, draw, { field }, boxes, lane, options) {
  const custom = { fillOpacity: 70, lineWidth: 0, ...field.config.custom };
  const margin = (1 - clamp(options.rowHeight ?? 0.9, 0.1, 1)) / 2;
  const [top, bottom] = [draw.y(lane + 1 - margin), draw.y(lane + margin)];
  const ratio = devicePixelRatio;
  for (const box of boxes) {
    const left = Math.max(draw.x(box.from), u.bbox.left);
    const right = Math.min(draw.x(box.to), u.bbox.left + u.bbox.width);
    if (right <= left) continue;
    const width = Math.max(right - left, 1);
    draw.fill(left, top, width, bottom - top, translucent(box.color, custom.fillOpacity / 100));
    if (custom.lineWidth) {
      u.ctx.strokeStyle = box.color;
      u.ctx.lineWidth = custom.lineWidth * ratio;
      u.ctx.strokeRect(left, top, width, bottom - top);
    }
    paintStateText(u, box, { left, width, middle: (top + bottom) / 2, height: bottom - top }, options);
  }
}

function paintStateText(u, { text, color }, { left, width, middle, height }, { showValue = "auto", alignValue = "left" }) {
  const ratio = devicePixelRatio;
  const fits = textWidth(text, AXIS_FONT_SIZE) * ratio < width - 8 * ratio && height > 10 * ratio;
  if (showValue === "never" || !text || (!fits && showValue !== "always")) return;
  u.ctx.font = `${AXIS_FONT_SIZE * ratio}px ${FONT}`;
  u.ctx.fillStyle = luminance(mixedColor(theme.background, color, 0.7)) > 0.3 ? "#16181b" : "#ffffff";
  u.ctx.textBaseline = "middle";
  u.ctx.textAlign = alignValue === "center" ? "center" : alignValue === "right" ? "right" : "left";
  const x = { center: left + width / 2, right: left + width - 4 * ratio }[alignValue] ?? left + 4 * ratio;
  u.ctx.fillText(text, x, middle);
}

// The legend of states: value mappings, thresholds, or the distinct texts.
function stateLegend(fields) {
  const items = new Map();
  for (const field of fields) {
    for (const item of mappingItems(field.config.mappings)) items.set(item.label, item);
    if (!field.config.mappings?.length && field.type === "string") for (const value of new Set(field.values)) if (value !== null) items.set(String(value), { label: String(value), color: stateLook(field, value).color });
  }
  const [first] = fields;
  if (!items.size && colorMode(first.config) === "thresholds" && first.type === "number") return thresholdItems(first);
  return [...items.values()].slice(0, 50).map((item) => ({ ...item, texts: [] }));
}

function mappingItems(mappings = []) {
  return mappings.flatMap(({ type, options = {} }) => {
    const results = type === "value" ? Object.entries(options).map(([value, result]) => ({ ...result, text: result.text || value })) : [options.result ?? {}];
    return results.filter(({ text }) => text).map(({ text, color }) => ({ label: text, color: colorByName(color) }));
  });
}

function thresholdItems(field) {
  const steps = thresholdSteps(field.config);
  const text = (value) => valueText(isPercentThresholds(field.config) ? unitFormat("percent")(value, null) : field.display(value));
  return steps.map((step, index) => ({
    label: index === 0 ? (steps.length > 1 ? `< ${text(steps[1].value)}` : "all") : `${text(step.value)}+`, color: colorByName(step.color), texts: [],
  }));
}
