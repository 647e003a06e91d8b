// Transformations between labels, fields and series.

TRANSFORMATIONS.labelsToFields = (frames, { mode, keepLabels, valueLabel }) => {
  const keep = keepLabels?.length ? new Set(keepLabels) : null;
  if (mode === "rows") return labelRows(frames, keep ? keepLabels : null);
  return frames.map((frame) => {
    const values = new Map();
    const fields = frame.fields.map((field) => {
      if (!field.labels) return field;
      const result = { ...field, config: withoutNames(field.config), labels: undefined };
      for (const [label, value] of Object.entries(field.labels)) {
        if (keep && !keep.has(label)) continue;
        if (valueLabel === label) result.name = value;
        else (values.get(label) ?? values.set(label, new Set()).get(label)).add(value);
      }
      return result;
    });
    const length = frameLength(frame);
    for (const [name, distinct] of values) {
      for (const value of distinct) fields.push({ name, type: "string", config: {}, values: Array(length).fill(value) });
    }
    return { ...frame, fields };
  });
};

function labelRows(frames, keepLabels) {
  return frames.flatMap((frame) =>
    frame.fields.filter((field) => field.labels && Object.keys(field.labels).length).map((field) => {
      const keys = keepLabels ?? Object.keys(field.labels);
      return {
        ...frame,
        name: fieldName(field, frame, frames),
        fields: [
          { name: "label", type: "string", config: {}, values: keys },
          { name: "value", type: "string", config: {}, values: keys.map((key) => field.labels[key]) },
        ],
      };
    }));
}

TRANSFORMATIONS.joinByLabels = (frames, { value, join }) => {
  if (!value) return frames;
  const joins = join ?? [...new Set(frames.flatMap((frame) => frame.fields.flatMap((field) => Object.keys(field.labels ?? {}))))].filter((label) => label !== value);
  const rows = new Map();
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type === "time" || !field.labels?.[value]) continue;
      const key = joins.map((label) => field.labels[label] ?? "").join("\u0000");
      const row = rows.get(key) ?? rows.set(key, { labels: field.labels, values: new Map() }).get(key);
      row.values.set(field.labels[value], field);
    }
  }
  const list = [...rows.values()];
  const columns = [...new Set(list.flatMap((row) => [...row.values.keys()]))];
  const column = (name) => list.map((row) => (row.values.has(name) ? reduceField(row.values.get(name), "last") : null));
  return [{
    ...refIdsOf(frames),
    fields: [
      ...joins.map((label) => ({ name: label, type: "string", config: {}, values: list.map((row) => row.labels[label] ?? null) })),
      ...columns.map((name) => ({ name, type: "number", config: withoutNames(list.find((row) => row.values.has(name)).values.get(name).config), values: column(name) })),
    ],
  }];
};

// Each row becomes a field: its name from one field, its value from another.
TRANSFORMATIONS.rowsToFields = (frames, { mappings = [] }) =>
  frames.map((frame) => {
    const handler = (key) => mappings.find((mapping) => mapping.handlerKey === key)?.fieldName;
    const by = (name) => frame.fields.find((field) => fieldName(field, frame) === name);
    const names = by(handler("field.name")) ?? frame.fields.find((field) => field.type === "string");
    const values = by(handler("field.value")) ?? frame.fields.find((field) => field.type === "number");
    if (!names || !values) return frame;
    const fields = names.values.map((name, row) => {
      const config = { ...withoutNames(values.config) };
      const labels = {};
      for (const field of frame.fields) {
        if (field === names || field === values) continue;
        const mapping = mappings.find((other) => other.fieldName === fieldName(field, frame));
        if (mapping?.handlerKey === "__ignore") continue;
        if (CONFIG_HANDLERS.has(mapping?.handlerKey ?? field.name)) applyConfigHandler(config, mapping?.handlerKey ?? field.name, field.values[row]);
        else labels[field.name] = field.values[row];
      }
      return { name: String(name), type: values.type, config, labels, values: [values.values[row]] };
    });
    return { ...frame, fields };
  });

const CONFIG_HANDLERS = new Set(["max", "min", "unit", "decimals", "displayName", "color", "threshold1", "noValue"]);

function applyConfigHandler(config, key, value) {
  if (value === null || value === undefined) return;
  if (key === "color") config.color = { mode: "fixed", fixedColor: value };
  else if (key === "threshold1") {
    config.thresholds = { mode: "absolute", steps: [{ value: -Infinity, color: "green" }, { value: Number(value), color: "red" }] };
  } else config[key] = key === "unit" || key === "displayName" || key === "noValue" ? value : Number(value);
}

// Settings of the fields of some queries from the values of another.
TRANSFORMATIONS.configFromData = (frames, { configRefId, mappings = [], applyTo }) => {
  const source = frames.find((frame) => frame.refId === configRefId);
  if (!source) return frames;
  const config = {};
  for (const field of source.fields) {
    const mapping = mappings.find((other) => other.fieldName === fieldName(field, source));
    const key = mapping ? mapping.handlerKey : field.name.toLowerCase();
    if (!mapping && field.type === "time") continue;
    if (CONFIG_HANDLERS.has(key)) applyConfigHandler(config, key, reduceField(field, mapping?.reducerId ?? "lastNotNull"));
  }
  const matches = applyTo ? fieldMatcher(applyTo) : (field) => field.type === "number";
  return frames.filter((frame) => frame !== source).map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (matches(field, frame, frames) ? { ...field, config: { ...field.config, ...config } } : field)),
  }));
};

// Long (time, text, number) and wide frames become one frame for each series, or one table for all.
TRANSFORMATIONS.prepareTimeSeries = (frames, { format = "multi" }) => {
  if (format === "wide") {
    const series = frames.filter(isTimeSeries);
    return series.length > 1 ? [joinedFrame(series, FIELD_MATCHERS.firstTimeField(), "outer")] : series;
  }
  if (format === "long") return TRANSFORMATIONS.merge(TRANSFORMATIONS.labelsToFields(frames, {}), {});
  return frames.filter(isTimeSeries).flatMap((frame) => {
    const time = timeField(frame);
    const texts = frame.fields.filter((field) => field.type === "string");
    if (!texts.length) return numberFields(frame).map((field) => ({ ...frame, fields: [time, field] }));
    return rowGroups(frame, texts).flatMap((rows) => {
      const labels = Object.fromEntries(texts.map((field) => [field.name, field.values[rows[0]]]));
      const pick = (field) => ({ ...field, values: rows.map((row) => field.values[row]) });
      return numberFields(frame).map((field) => ({ ...frame, name: field.name, fields: [pick(time), { ...pick(field), labels: { ...field.labels, ...labels } }] }));
    });
  });
};

// One row for each series, with its trend as a sparkline.
TRANSFORMATIONS.timeSeriesTable = (frames, options) => {
  const series = frames.filter(isTimeSeries);
  if (!series.length) return frames;
  const byRef = new Map();
  for (const frame of series) (byRef.get(frame.refId) ?? byRef.set(frame.refId, []).get(frame.refId)).push(frame);
  return [...byRef].map(([refId, group]) => {
    const values = group.flatMap((frame) => numberFields(frame).map((field) => ({ field, time: timeField(frame) })));
    const labels = [...new Set(values.flatMap(({ field }) => Object.keys(field.labels ?? {})))];
    const stat = options[refId]?.stat ?? "lastNotNull";
    return {
      refId,
      fields: [
        ...labels.map((label) => ({ name: label, type: "string", config: {}, values: values.map(({ field }) => field.labels?.[label] ?? "") })),
        {
          name: byRef.size > 1 ? `Trend #${refId}` : `Trend`, type: "frame", config: withoutNames(values[0]?.field.config),
          values: values.map(({ field, time }) => ({ times: time.values, values: field.values, value: reduceField(field, stat) })),
        },
      ],
    };
  });
};
