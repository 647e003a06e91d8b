// Time series: lines, bars, points, stacking, thresholds, several axes, legend.

const TIMESERIES_DEFAULTS = { drawStyle: "line", lineInterpolation: "linear", lineWidth: 1, fillOpacity: 0, gradientMode: "none",
  spanNulls: false, showPoints: "auto", pointSize: 5, barAlignment: 0, barWidthFactor: 0.6, barMaxWidth: 200, axisPlacement: "auto" };

PANELS.timeseries = (box, panel, { frames, from, to, interval }) => {
  const series = timeSeriesOf(frames, interval);
  if (!series.length) return showNoData(box, panel);
  const shown = series.filter(({ field }) => !hidden(field, "legend"));
  const seriesShows = series.map(({ field }) => !hidden(field, "viz"));
  let plot = null;
  const items = shown.map(({ field, custom }) => ({
    label: field.displayName, color: seriesLineColor(field), field, dashed: isDashed(custom), nameCalcs: true,
  }));
  const select = (index, add) => {
    const visible = toggledSeries(shown.map((item) => seriesShows[series.indexOf(item)]), index, add);
    shown.forEach((item, at) => {
      const position = series.indexOf(item);
      seriesShows[position] = visible[at];
      plot.setSeries(position + 1, { show: visible[at] });
    });
  };
  const { chart } = chartWithLegend(box, items, panel.options.legend ?? {}, select);
  plot = drawTimeSeries(chart, panel, series, { from, to, seriesShows });
  return plot;
};

function hidden(field, where) {
  const hideFrom = field.config.custom?.hideFrom;
  return Boolean(hideFrom?.[where] || (where === "legend" && hideFrom?.viz && hideFrom?.legend));
}

function isDashed(custom) {
  return custom.lineStyle?.fill === "dash" || custom.lineStyle?.fill === "dot";
}

// The drawable series of frames: numbers over time, with their settings.
function timeSeriesOf(frames, interval) {
  return frames.flatMap((frame) => {
    const time = timeField(frame);
    if (!time || !time.values.length) return [];
    return frame.fields
      .filter((field) => field.type === "number" || field.type === "boolean")
      .filter((field) => !(hidden(field, "viz") && hidden(field, "legend") && hidden(field, "tooltip")))
      .map((field) => ({
        field, time, frame,
        custom: { ...TIMESERIES_DEFAULTS, ...field.config.custom },
        interval: time.config?.interval ?? field.config.interval ?? (frame.meta?.type === "table" ? null : interval),
      }));
  });
}

function drawTimeSeries(chart, panel, series, { from, to, seriesShows }) {
  const groups = stackingGroups(series);
  const data = stackedData(alignedSeries(series), series, groups);
  const axes = timeSeriesAxes(series, data);
  const plot = drawnPlot(chart, {
    width: Math.floor(chart.clientWidth),
    height: Math.floor(chart.clientHeight),
    scales: { x: { time: true, range: () => [from, to] }, ...Object.fromEntries(axes.map((axis) => [axis.key, axis.scale])) },
    axes: [timeAxis(), ...axes.filter((axis) => axis.visible).map((axis) => axis.settings)],
    series: series.map((item, index) => uplotSeries(item, axisKey(item.field, item.custom), seriesShows[index])),
    bands: [...stackingBands(groups), ...fillBelowBands(series)],
    hooks: { drawClear: [(u) => axes.forEach((axis) => drawAxisThresholds(u, axis))] },
    plugins: [timeSeriesTooltip(panel, series)],
  }, data);
  return plot;
}

function drawAxisThresholds(u, axis) {
  for (const { field, custom } of axis.items) {
    if (custom.thresholdsStyle?.mode && custom.thresholdsStyle.mode !== "off") {
      drawThresholds(u, axis.key, field.config, custom.thresholdsStyle.mode, field.range ?? {});
      return; // one set of thresholds for each axis, as Grafana draws them
    }
  }
}

// --- data ---

// Columns for uPlot: x, then y of each series. null is a gap, undefined a point that another series has.
function alignedSeries(series) {
  const stepped = series.map((item) => withGaps(item));
  const xs = [...new Set(stepped.flatMap(({ times }) => times))].sort((a, b) => a - b);
  const place = new Map(xs.map((ms, index) => [ms, index]));
  return [xs, ...stepped.map(({ times, values }, index) => {
    const column = Array(xs.length).fill(undefined);
    times.forEach((ms, at) => (column[place.get(ms)] = values[at]));
    return spannedGaps(column, xs, series[index].custom.spanNulls);
  })];
}

// A missing step is a gap: after a distance of more than the interval stands a null.
function withGaps({ field, time, interval }) {
  const times = [];
  const values = [];
  time.values.forEach((ms, index) => {
    if (ms === null || ms === undefined) return;
    const before = times[times.length - 1];
    if (interval && before !== undefined && ms - before > interval * 1.001 && ms > before) {
      times.push(before + interval);
      values.push(null);
    }
    const value = field.values[index];
    times.push(ms);
    values.push(typeof value === "boolean" ? Number(value) : Number.isFinite(value) ? value : value === undefined ? undefined : null);
  });
  return { times, values };
}

// With a threshold for connected nulls, shorter gaps are no gaps; with true, none is.
function spannedGaps(column, xs, spanNulls) {
  if (typeof spanNulls !== "number" || spanNulls <= 0) return column;
  let before = null;
  const result = [...column];
  column.forEach((value, index) => {
    if (value == null) return;
    if (before !== null && xs[index] - xs[before] <= spanNulls) {
      for (let at = before + 1; at < index; at += 1) if (result[at] === null) result[at] = undefined;
    }
    before = index;
  });
  return result;
}

// Series that are stacked on each other: same direction, mode, group, axis and style.
function stackingGroups(series) {
  const groups = new Map();
  series.forEach(({ field, custom }, index) => {
    const { mode = "none", group = "A" } = custom.stacking ?? {};
    if (mode === "none" || hidden(field, "viz")) return;
    const negative = isMostlyNegative(field.values);
    const direction = custom.transform === "negative-Y" ? (negative ? 1 : -1) : negative ? -1 : 1;
    const style = custom.drawStyle === "bars" ? custom.barAlignment : custom.drawStyle === "line" ? custom.lineInterpolation : "";
    const key = [direction, mode, group, axisKey(field, custom), custom.drawStyle, style].join("|");
    if (!groups.has(key)) groups.set(key, { direction, mode, members: [] });
    groups.get(key).members.push(index);
  });
  return [...groups.values()];
}

function isMostlyNegative(values) {
  const present = values.filter((value) => typeof value === "number" && !Number.isNaN(value) && value !== 0);
  return present.filter((value) => value < 0).length * 2 > present.length;
}

function stackedData([xs, ...columns], series, groups) {
  const own = columns.map((column, index) => transformedColumn(column, series[index].custom.transform));
  const result = [...own];
  for (const { members, mode, direction } of groups) {
    const totals = Array(xs.length).fill(0);
    const present = xs.map((_, at) => members.some((index) => own[index][at] != null));
    for (const index of members) {
      result[index] = own[index].map((value, at) => {
        if (value != null) return (totals[at] += value);
        return present[at] ? totals[at] : value;
      });
    }
    if (mode === "percent") {
      for (const index of members) {
        result[index] = result[index].map((value, at) => (value == null ? value : totals[at] === 0 ? 0 : (direction * value) / totals[at]));
      }
    }
  }
  return [xs, ...result];
}

function transformedColumn(column, transform) {
  if (transform === "negative-Y") return column.map((value) => (value == null ? value : -value));
  if (transform === "constant") {
    const first = column.find((value) => value != null);
    return column.map(() => first);
  }
  return column;
}

function stackingBands(groups) {
  return groups.flatMap(({ members, direction }) =>
    [...members].reverse().slice(0, -1).map((index, at, reversed) => {
      const below = members[members.length - 2 - at];
      return { series: [index + 1, below + 1], dir: -direction };
    }));
}

function fillBelowBands(series) {
  return series.flatMap(({ field, custom }, index) => {
    if (!custom.fillBelowTo) return [];
    const target = series.findIndex((other) => other.field.displayName === custom.fillBelowTo);
    if (target < 0) return [];
    return [{ series: [index + 1, target + 1], fill: withOpacity(seriesLineColor(field), (custom.fillOpacity || 35) / 100) }];
  });
}

// --- axes ---

// Fields with the same key share an axis.
function axisKey(field, custom) {
  const { min, max, unit, decimals } = field.config;
  const limits = [min, max, custom.axisSoftMin, custom.axisSoftMax].map((limit) => limit ?? "").join(",");
  return ["y", unit ?? "", limits, decimals === 0 ? 0 : "", custom.axisPlacement ?? "auto", custom.axisLabel ?? "", custom.scaleDistribution?.type ?? "linear",
    custom.scaleDistribution?.log ?? "", custom.axisCenteredZero ?? "", custom.stacking?.mode === "percent" ? "percent" : ""].join("/");
}

function timeSeriesAxes(series) {
  const byKey = new Map();
  series.forEach((item) => {
    const key = axisKey(item.field, item.custom);
    if (!byKey.has(key)) byKey.set(key, []);
    byKey.get(key).push(item);
  });
  let hasLeft = false;
  return [...byKey].map(([key, items]) => {
    const { field, custom } = items[0];
    const placement = custom.axisPlacement === "auto" ? (hasLeft ? "right" : "left") : custom.axisPlacement;
    const visible = placement !== "hidden" && items.some((item) => !hidden(item.field, "viz"));
    const grid = visible && !hasLeft ? custom.axisGridShow !== false : custom.axisGridShow === true;
    if (visible && placement === "left") hasLeft = true;
    const isPercent = custom.stacking?.mode === "percent";
    return {
      key, items, visible,
      scale: fieldScale(field, custom, isPercent),
      settings: valueAxis({
        scale: key,
        side: placement === "right" ? 1 : 3,
        format: axisFormat(field, isPercent),
        label: custom.axisLabel,
        grid,
        size: custom.axisWidth,
        unit: field.config.unit,
        decimals: field.config.decimals,
        isLog: custom.scaleDistribution?.type === "log",
        color: custom.axisColorMode === "series" ? seriesLineColor(field) : undefined,
        border: custom.axisBorderShow,
      }),
    };
  });
}

function fieldScale(field, custom, isPercent) {
  return valueScale({
    min: field.config.min, max: field.config.max, softMin: custom.axisSoftMin, softMax: custom.axisSoftMax, distribution: custom.scaleDistribution,
    decimals: field.config.decimals, centered: custom.axisCenteredZero, isPercent,
  });
}

function axisFormat(field, isPercent) {
  if (isPercent) {
    const format = unitFormat("percentunit");
    return (value, decimals) => valueText(format(value, field.config.decimals ?? (decimals === undefined ? null : Math.max(0, decimals - 2))));
  }
  return (value, decimals) => valueText(field.display(value, decimals));
}

// --- how a series looks ---

function seriesLineColor(field) {
  return seriesColor(field);
}

function uplotSeries({ field, custom }, scale, shows) {
  const color = seriesLineColor(field);
  const opacity = custom.fillOpacity / 100;
  const bySteps = custom.gradientMode === "scheme" && isColoredByValue(field.config);
  const isPoints = custom.drawStyle === "points";
  return {
    scale,
    show: shows,
    spanGaps: custom.spanNulls === true || custom.transform === "constant",
    stroke: bySteps ? (u) => schemeGradient(u, scale, field, 1) : color,
    width: isPoints ? 0 : custom.lineWidth,
    dash: isDashed(custom) ? (custom.lineStyle.dash ?? (custom.lineStyle.fill === "dot" ? [0, 10] : [10, 10])) : undefined,
    cap: custom.lineStyle?.fill === "dot" ? "round" : undefined,
    fill: isPoints || (!opacity && custom.gradientMode === "none") || custom.fillBelowTo ? undefined : seriesFill(scale, field, custom, color, opacity),
    paths: seriesPaths(custom),
    points: seriesPoints(custom, color),
  };
}

function seriesFill(scale, field, custom, color, opacity) {
  if (custom.gradientMode === "scheme" && isColoredByValue(field.config)) return (u) => schemeGradient(u, scale, field, opacity);
  if (custom.gradientMode === "opacity") {
    return (u) => verticalGradient(u, withOpacity(color, opacity), withOpacity(color, 0));
  }
  if (custom.gradientMode === "hue") {
    return (u) => verticalGradient(u, withOpacity(darkerColor(color, -6, -15), opacity), withOpacity(darkerColor(color, 6, 15), opacity));
  }
  return opacity ? withOpacity(color, opacity) : undefined;
}

function verticalGradient(u, top, bottom) {
  if (!u.bbox.height) return top;
  const gradient = u.ctx.createLinearGradient(0, u.bbox.top, 0, u.bbox.top + u.bbox.height);
  gradient.addColorStop(0, top);
  gradient.addColorStop(1, bottom);
  return gradient;
}

function schemeGradient(u, scale, field, opacity) {
  if (u.scales[scale].min == null || !u.bbox.height) return withOpacity(seriesColor(field), opacity);
  const min = field.range?.min ?? u.scales[scale].min;
  const max = field.range?.max ?? u.scales[scale].max;
  const colors = continuousColors(colorMode(field.config));
  if (colors) {
    return scaleGradient(u, scale, colors.map((color, index) => [min + ((max - min) * index) / (colors.length - 1), withOpacity(color, opacity)]), false);
  }
  const steps = thresholdSteps(field.config).map((step) => [
    isPercentThresholds(field.config) && step.value !== -Infinity ? min + ((max - min) * step.value) / 100 : step.value,
    rgba(step.color)[3] === 0 ? step.color : withOpacity(step.color, opacity),
  ]);
  return steps.length ? scaleGradient(u, scale, steps, true) : withOpacity(FALLBACK_COLOR, opacity);
}

function seriesPaths(custom) {
  if (custom.drawStyle === "points") return () => null;
  if (custom.drawStyle === "bars") {
    return uPlot.paths.bars({ size: [custom.barWidthFactor, custom.barMaxWidth], align: custom.barAlignment, gap: 0 });
  }
  return {
    smooth: () => uPlot.paths.spline(),
    stepBefore: () => uPlot.paths.stepped({ align: -1 }),
    stepAfter: () => uPlot.paths.stepped({ align: 1 }),
  }[custom.lineInterpolation]?.() ?? uPlot.paths.linear();
}

function seriesPoints(custom, color) {
  const points = { size: custom.pointSize, fill: color, stroke: color, width: 0 };
  if (custom.drawStyle === "points" || custom.showPoints === "always") return { ...points, show: true };
  if (custom.drawStyle === "bars" || custom.showPoints === "never") return { ...points, show: false, filter: () => null };
  return custom.spanNulls === true ? points : { ...points, filter: isolatedPoints };
}

// Values without neighbours, which no line shows; all points if there is room for them.
function isolatedPoints(u, index, show) {
  if (show) return null;
  const values = u.data[index];
  const next = (at, step) => {
    let other = at + step;
    while (values[other] === undefined && other > 0 && other < values.length - 1) other += step;
    return values[other];
  };
  const alone = [];
  values.forEach((value, at) => {
    if (value != null && next(at, -1) == null && next(at, 1) == null) alone.push(at);
  });
  return alone.length ? alone : null;
}

// --- tooltip ---

function timeSeriesTooltip(panel, series) {
  const { mode = "single", sort = "none", hideZeros } = panel.options.tooltip ?? {};
  if (mode === "none") return {};
  const title = (u, index) => formatDate(u.data[0][index], DATE_FORMATS.full);
  return plotTooltip(title, (u, index) => {
    const near = nearestSeries(u, index);
    const lines = series.flatMap(({ field, time }, at) => {
      if (!u.series[at + 1].show || hidden(field, "tooltip")) return [];
      const row = time.values.indexOf(u.data[0][index]);
      const value = row < 0 ? null : field.values[row];
      if (value === null || value === undefined || (hideZeros && value === 0)) return [];
      const text = field.display(value);
      return [{ color: seriesLineColor(field), name: field.displayName, value: valueText(text), numeric: value, strong: mode === "multi" && at === near, at }];
    });
    return mode === "single" ? lines.filter((line) => line.at === near) : sortedLines(lines, sort);
  });
}

// The series whose point at an index is closest to the cursor.
function nearestSeries(u, index) {
  let best = -1;
  let distance = Infinity;
  u.series.forEach((one, at) => {
    if (!at || !one.show || u.data[at][index] == null) return;
    const away = Math.abs(u.valToPos(u.data[at][index], one.scale) - u.cursor.top);
    if (away < distance) [best, distance] = [at - 1, away];
  });
  return best;
}
