// Histogram: how often values lie in each bucket.

PANELS.histogram = (box, panel, { frames }) => {
  const frame = histogramOf(frames, panel);
  if (!frame) return showNoData(box, panel);
  const [starts, ends, ...counts] = frame.fields;
  const items = counts.filter((field) => !hidden(field, "legend")).map((field) => ({ label: field.displayName, color: seriesColor(field), field }));
  const { chart } = chartWithLegend(box, items, panel.options.legend ?? {});
  const highest = Math.max(...counts.flatMap((field) => field.values), 1);
  const xs = starts.values.concat(ends.values);
  const { graph, toX, toY } = numericChart(chart, {
    x: { low: Math.min(...xs), high: Math.max(...xs), format: (value, places) => valueText(starts.display(value, places)) },
    y: { low: 0, high: highest * 1.05, format: (value, places) => valueText(counts[0].display(value, places)), integers: true, label: counts[0].config.custom?.axisLabel },
  });
  for (const field of counts) {
    const color = seriesColor(field);
    const custom = { fillOpacity: 80, lineWidth: 1, ...field.config.custom };
    field.values.forEach((count, index) => {
      if (!count) return;
      const [left, right] = [toX(starts.values[index]), toX(ends.values[index])];
      const shape = svgElement("rect", { x: left + 0.5, y: toY(count), width: Math.max(right - left - 1, 1), height: toY(0) - toY(count), fill: withOpacity(color, custom.fillOpacity / 100), stroke: custom.lineWidth ? color : "none" });
      const title = `${valueText(starts.display(starts.values[index]))} to ${valueText(ends.display(ends.values[index]))}`;
      graph.append(hoverable(shape, title, [{ color, name: field.displayName, value: valueText(field.display(count)) }]));
    });
  }
  return null;
};

// The panel's own buckets, or those that a transformation or the data source has.
function histogramOf(frames, panel) {
  const ready = frames.find((frame) => frame.meta?.type === "histogram" || frame.fields.some(({ name }) => name === "xMin" || name === "BucketMin"));
  if (ready) {
    const at = (names) => ready.fields.find(({ name }) => names.includes(name));
    const counts = ready.fields.filter((field) => field.type === "number" && !["xMin", "xMax", "BucketMin", "BucketMax"].includes(field.name));
    return at(["xMin", "BucketMin"]) && at(["xMax", "BucketMax"]) && counts.length ? { fields: [at(["xMin", "BucketMin"]), at(["xMax", "BucketMax"]), ...counts] } : null;
  }
  const fields = frames.flatMap(numberFields).filter((field) => !hidden(field, "viz"));
  if (!fields.some((field) => field.values.some(Number.isFinite))) return null;
  const frame = histogramFrame(fields, panel.options);
  for (const field of frame.fields) {
    field.displayName ??= field.config.displayName ?? field.name;
    if (panel.options.combine && field.name === "Count") field.displayName = "Count";
    field.display = displayProcessor(field);
  }
  return frame;
}
