// What heatmap, state timeline and status history share: a time axis, lanes, and boxes drawn on a canvas.

// `lanes` are labels from the bottom to the top; `paint(u, box)` draws with box(lane, from, to) in pixels of the canvas.
function cellPlot(chart, { from, to, ticks, laneCount, paint, tooltip: describe, axisLabel, axisSide = 3, showAxis = true }) {
  const xs = [from, to];
  const format = new Map(ticks.map(({ at, text }) => [at, text]));
  return drawnPlot(chart, {
    width: Math.floor(chart.clientWidth),
    height: Math.floor(chart.clientHeight),
    scales: { x: { time: true, range: () => [from, to] }, y: { range: () => [0, laneCount], auto: false } },
    axes: [timeAxis(), {
      ...baseAxis({ scale: "y", side: axisSide, show: showAxis, label: axisLabel || undefined, size: (u, values) => axisSize(u, values, axisSide) }),
      splits: () => ticks.map(({ at }) => at),
      values: (u, splits) => splits.map((at) => format.get(at) ?? ""),
      grid: { show: false },
      ticks: { show: false, size: 4 },
    }],
    series: [{ scale: "y", paths: () => null, points: { show: false } }],
    cursor: { points: { show: false }, y: false },
    hooks: {
      drawClear: [(u) => clippedPaint(u, paint)],
      init: [(u) => {
        u.over.addEventListener("mousemove", (event) => {
          const found = describe?.(u.posToVal(u.cursor.left, "x"), u.posToVal(u.cursor.top, "y"));
          if (found) showTooltip(event, found.title, found.lines);
          else hideTooltip();
        });
        u.over.addEventListener("mouseleave", hideTooltip);
      }],
    },
  }, [xs, [0, laneCount]]);
}

function clippedPaint(u, paint) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(u, {
    x: (ms) => u.valToPos(ms, "x", true),
    y: (lane) => u.valToPos(lane, "y", true),
    fill: (left, top, width, height, color) => {
      ctx.fillStyle = color;
      ctx.fillRect(left, top, width, height);
    },
  });
  ctx.restore();
}

// The values of all fields at the same times.
function laneFields(frames, interval) {
  return timeSeriesLike(frames).map(({ field, time, frame }) => {
    const step = time.config?.interval ?? field.config.interval ?? (frame.meta?.type === "table" ? null : interval);
    return { field, ...gappedValues(time.values, field.values, interval && step) };
  });
}

function timeSeriesLike(frames) {
  return frames.flatMap((frame) => {
    const time = timeField(frame);
    if (!time) return [];
    return frame.fields.filter((field) => field.type !== "time" && !hidden(field, "viz")).map((field) => ({ field, time, frame }));
  });
}

function gappedValues(times, values, interval) {
  const result = { times: [], values: [] };
  times.forEach((ms, index) => {
    const before = result.times[result.times.length - 1];
    if (interval && before !== undefined && ms - before > interval * 1.001) {
      result.times.push(before + interval);
      result.values.push(null);
    }
    result.times.push(ms);
    result.values.push(values[index] ?? null);
  });
  return result;
}
