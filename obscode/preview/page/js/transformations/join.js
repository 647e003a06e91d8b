// Transformations that make one table of several: merge, joinByField, concatenate, seriesToRows.

// Rows with the same values in all shared fields become one.
TRANSFORMATIONS.merge = (frames) => {
  const data = frames.filter((frame) => frame.fields.length);
  if (frames.length <= 1) return frames;
  if (!data.length) return [frames[0]];
  const names = [...new Set(data.flatMap((frame) => frame.fields.map((field) => field.name)))];
  const keys = names.filter((name) => data.every((frame) => frame.fields.some((field) => field.name === name)));
  if (!keys.length) return frames;
  const rows = mergedRows(data, keys);
  const fields = names.map((name) => {
    const { labels, ...field } = data.flatMap((frame) => frame.fields).find((other) => other.name === name);
    const { displayName, ...config } = field.config ?? {};
    return { ...field, config, values: rows.map((row) => row.get(name)) };
  });
  return [{ ...refIdsOf(data), fields }];
};

function mergedRows(data, keys) {
  const rows = [];
  const byKey = new Map();
  for (const frame of data) {
    for (let index = 0; index < frameLength(frame); index += 1) {
      const row = new Map(frame.fields.map((field) => [field.name, field.values[index]]));
      const key = keys.map((name) => row.get(name)).join("");
      const same = byKey.get(key) ?? byKey.set(key, []).get(key);
      const partners = same.filter((other) => areMergeable(other, row));
      for (const partner of partners) for (const [name, value] of row) partner.set(name, value);
      if (!partners.length) {
        same.push(row);
        rows.push(row);
      }
    }
  }
  return rows;
}

function areMergeable(existing, row) {
  for (const [name, value] of row) {
    const before = existing.get(name);
    if (before !== undefined && before !== null && before !== value) return false;
  }
  return true;
}

TRANSFORMATIONS.joinByField = (frames, { byField, mode } = {}) =>
  frames.length > 1 ? [joinedFrame(frames, joinMatcher(frames, byField), mode ?? "outer")] : frames;

function joinMatcher(frames, byField) {
  if (byField) return FIELD_MATCHERS.byName(byField);
  if (timeField(frames[0])) return FIELD_MATCHERS.firstTimeField();
  const shared = frames[0].fields.find((field) => frames.every((frame) => frame.fields.some((other) => other.name === field.name)));
  return shared ? FIELD_MATCHERS.byName(shared.name) : () => false;
}

// One frame with the join field first. Series that have a frame name take it, as in Grafana.
function joinedFrame(frames, matches, mode) {
  const tables = [];
  for (const frame of frames) {
    const key = frame.fields.find((field) => matches(field, frame, frames));
    if (key) tables.push({ key, fields: frame.fields.filter((field) => field !== key).map((field) => joinedField(field, frame)) });
  }
  if (!tables.length) return { ...refIdsOf(frames), fields: [] };
  const dropped = tables.length < frames.length && mode === "inner";
  const rows = dropped ? [] : mode === "outer" ? outerRows(tables) : tabularRows(tables, mode === "outerTabular");
  const keyOf = (row) => row.reduce((value, at, index) => (value ?? (at === undefined ? undefined : tables[index].key.values[at])), undefined);
  const fields = [{ ...tables[0].key, values: rows.map(keyOf) }];
  tables.forEach((table, index) => {
    for (const field of table.fields) {
      fields.push({ ...field, values: rows.map((row) => (row[index] === undefined ? (mode === "outer" ? undefined : null) : field.values[row[index]])) });
    }
  });
  return { ...refIdsOf(frames), fields };
}

function joinedField(field, frame) {
  // Labels, if only empty ones, make Grafana number equal names: "Time 1", "Time 2".
  const named = { ...field, refId: frame.refId, labels: field.labels ?? {} };
  if (!frame.name) return named;
  if (field.name === "Value") return { ...named, name: frame.name };
  return field.labels?.name == null ? { ...named, labels: { ...field.labels, name: frame.name } } : named;
}

// Each row has an index into each table. Outer: one row for each distinct key, sorted.
function outerRows(tables) {
  const rows = new Map();
  tables.forEach((table, index) => {
    table.key.values.forEach((value, at) => {
      const row = rows.get(value) ?? rows.set(value, Array(tables.length).fill(undefined)).get(value);
      row[index] = at;
    });
  });
  const same = tables.every(({ key }) => key.values.length === rows.size && key.values.every((value, at) => value === tables[0].key.values[at]));
  const entries = [...rows.entries()];
  if (!same || tables[0].key.type === "time") entries.sort(([a], [b]) => a - b);
  return entries.map(([, row]) => row);
}

// As a database joins: every pair of rows with the same key.
function tabularRows(tables, outer) {
  let rows = tables[0].key.values.map((value, at) => ({ key: value, row: [at] }));
  for (let index = 1; index < tables.length; index += 1) {
    const places = new Map();
    tables[index].key.values.forEach((value, at) => (places.get(value) ?? places.set(value, []).get(value)).push(at));
    const matched = rows.filter(({ key }) => key != null && places.has(key));
    const joined = matched.flatMap(({ key, row }) => places.get(key).map((at) => ({ key, row: [...row, at] })));
    if (outer) {
      const used = new Set(matched.map(({ key }) => key));
      joined.push(...rows.filter((row) => !matched.includes(row)).map(({ key, row }) => ({ key, row: [...row, undefined] })));
      for (const [key, ats] of places) {
        if (!used.has(key)) joined.push(...ats.map((at) => ({ key, row: [...Array(index).fill(undefined), at] })));
      }
    }
    rows = joined;
  }
  return rows.map(({ row }) => row);
}

TRANSFORMATIONS.concatenate = (frames, { frameNameMode = "field", frameNameLabel = "frame" } = {}) => {
  if (frames.length < 2) return frames;
  const length = Math.max(...frames.map(frameLength));
  const fields = frames.flatMap((frame) =>
    frame.fields.map((field) => ({
      ...field,
      ...concatenatedName(field, frame, frameNameMode, frameNameLabel),
      values: Array.from({ length }, (_, index) => field.values[index]),
    })));
  return [{ ...refIdsOf(frames), fields }];
};

function concatenatedName(field, frame, mode, label) {
  if (!frame.name || mode === "drop") return {};
  if (mode === "label") return { labels: { ...field.labels, [label]: frame.name } };
  return { name: !field.name || field.name === "Value" ? frame.name : `${frame.name} · ${field.name}` };
}

// All series one below the other: Time, Metric, Value, the newest first.
TRANSFORMATIONS.seriesToRows = (frames) => {
  const data = frames.filter((frame) => frameLength(frame) > 0);
  if (!data.length || !data.every(isTimeSeries)) return frames;
  const rows = [];
  for (const frame of data) {
    const time = timeField(frame);
    const value = frame.fields.find((field) => field !== time);
    const name = frameName(frame);
    time.values.forEach((ms, index) => rows.push([ms, name, value.values[index]]));
  }
  rows.sort((a, b) => b[0] - a[0]);
  const value = data[0].fields.find((field) => field.type !== "time");
  return [{
    ...refIdsOf(data),
    fields: [
      { name: "Time", type: "time", config: withoutNames(timeField(data[0]).config), values: rows.map((row) => row[0]) },
      { name: "Metric", type: "string", config: {}, values: rows.map((row) => row[1]) },
      { name: "Value", type: value.type, config: withoutNames(value.config), values: rows.map((row) => row[2]) },
    ],
  }];
};
