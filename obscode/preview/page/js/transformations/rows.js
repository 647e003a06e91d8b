// Transformations of rows: filter, sort, limit, group, reduce, transpose.

TRANSFORMATIONS.limit = (frames, { limitField = 10 }) => {
  const limit = Number(limitField);
  return mappedFields(frames, (field) => ({ ...field, values: limit < 0 ? field.values.slice(limit) : field.values.slice(0, limit) }));
};

TRANSFORMATIONS.sortBy = (frames, { sort = [] }) => {
  const [order] = sort;
  if (!order) return frames;
  return frames.map((frame) => {
    const field = order.index != null ? frame.fields[order.index] : frame.fields.find((other) => fieldName(other, frame) === order.field || other.name === order.field);
    return field ? sortedFrame(frame, field, order.desc) : frame;
  });
};

function sortedFrame(frame, field, descending) {
  const compare = valueComparer(field);
  const rows = field.values.map((_, index) => index).sort((a, b) => compare(field.values[a], field.values[b]) * (descending ? -1 : 1));
  return pickedRows(frame, rows);
}

// Missing values are the smallest, texts compare as a person sorts them.
function valueComparer(field) {
  const collator = new Intl.Collator("en-US", { numeric: true, sensitivity: "base" });
  const missing = (value) => (isMissing(value) ? 1 : 0);
  if (field.type === "number" || field.type === "time") return (a, b) => missing(b) - missing(a) || (isMissing(a) ? 0 : a - b);
  if (field.type === "boolean") return (a, b) => Number(a) - Number(b);
  return (a, b) => missing(b) - missing(a) || (isMissing(a) ? 0 : collator.compare(String(a), String(b)));
}

TRANSFORMATIONS.filterByValue = (frames, { filters = [], type = "include", match = "all" }) => {
  if (!filters.length) return frames;
  return frames.map((frame) => {
    const conditions = filters
      .map(({ fieldName: name, config }) => ({ field: frame.fields.find((field) => fieldName(field, frame, frames) === name || field.name === name), config }))
      .filter(({ field }) => field);
    if (!conditions.length) return frame;
    const holds = ({ field, config }, row) => valueMatches(config, field.values[row], field);
    const rows = Array.from({ length: frameLength(frame) }, (_, row) => row).filter((row) => {
      const matches = match === "any" ? conditions.some((condition) => holds(condition, row)) : conditions.every((condition) => holds(condition, row));
      return matches === (type === "include");
    });
    return pickedRows(frame, rows);
  });
};

function valueMatches({ id, options = {} } = {}, value, field) {
  const { from, to } = options;
  const expected = options.value;
  const text = () => String(value ?? "").toLowerCase();
  switch (id) {
    case "isNull": return value == null;
    case "isNotNull": return value != null;
    case "greater": return value > Number(expected);
    case "greaterOrEqual": return value >= Number(expected);
    case "lower": return value < Number(expected);
    case "lowerOrEqual": return value <= Number(expected);
    case "between": return value > Number(from) && value < Number(to);
    case "range": return value >= Number(from) && value <= Number(to);
    case "equal": return field.type === "number" ? value === Number(expected) : String(value) === String(expected);
    case "notEqual": return field.type === "number" ? value !== Number(expected) : String(value) !== String(expected);
    case "regex": return regexOf(expected, false)?.test(String(value ?? "")) ?? false;
    case "substring": return text().includes(String(expected ?? "").toLowerCase());
    case "notSubstring": return !text().includes(String(expected ?? "").toLowerCase());
    default: return true;
  }
}

TRANSFORMATIONS.groupBy = (frames, { fields: settings = {} }) => {
  const keys = Object.keys(settings).filter((name) => settings[name]?.operation === "groupby");
  if (!keys.length) return frames;
  const isKey = FIELD_MATCHERS.byNames({ names: keys });
  return frames.flatMap((frame) => {
    const keyFields = frame.fields.filter((field) => isKey(field, frame, frames));
    return keyFields.length ? [groupedFrame(frame, keyFields, settings)] : [];
  });
};

// Row numbers by the values of some fields, in the order in which they occur.
function rowGroups(frame, keyFields) {
  const groups = new Map();
  for (let row = 0; row < frameLength(frame); row += 1) {
    const key = String(keyFields.map((field) => field.values[row]));
    (groups.get(key) ?? groups.set(key, []).get(key)).push(row);
  }
  return [...groups.values()];
}

function groupedFrame(frame, keyFields, settings) {
  const groups = rowGroups(frame, keyFields);
  const fields = keyFields.map((field) => ({
    name: field.name, type: field.type, config: { ...field.config }, values: groups.map((rows) => field.values[rows[0]]),
  }));
  for (const field of frame.fields) {
    const name = fieldName(field, frame);
    const setting = settings[name] ?? settings[field.name];
    const counts = setting?.operation === "groupby" && setting.aggregations?.length === 1 && setting.aggregations[0] === "count";
    if (setting?.operation !== "aggregate" && !counts) continue;
    for (const calculation of setting.aggregations ?? []) {
      const values = groups.map((rows) => reduceField({ ...field, values: rows.map((row) => field.values[row]) }, calculation));
      const type = COUNTING_REDUCERS.has(calculation) ? "number" : /^all(Is|Values)|unique/.test(calculation) ? fieldTypeOf(values) : field.type;
      fields.push({ name: `${name} (${calculation})`, type, config: {}, values });
    }
  }
  return { refId: frame.refId, fields };
}

TRANSFORMATIONS.groupToNestedTable = (frames, options) => TRANSFORMATIONS.groupBy(frames, options);

TRANSFORMATIONS.reduce = (frames, { reducers, fields: chosen, mode, includeTimeField, labelsToFields }) => {
  const calculations = (reducers ?? ["max"]).map(reducerId);
  if (!calculations.length) return frames;
  const matches = chosen ? fieldMatcher(chosen) : (field) => field.type !== "time" || (includeTimeField && mode === "reduceFields");
  if (mode === "reduceFields") return reducedFields(frames, matches, calculations);
  const series = frames.flatMap((frame) => frame.fields.filter((field) => matches(field, frame, frames)).map((field) => ({ field, frame })));
  const labels = labelsToFields ? [...new Set(frames.flatMap((frame) => frame.fields.flatMap((field) => Object.keys(field.labels ?? {}))))] : [];
  const results = calculations.map((calculation) => series.map(({ field }) => reduceField(field, calculation) ?? NaN));
  const named = (field, frame) => (labelsToFields ? field.name : fieldName(field, frame, frames));
  if (!frames.length) return [];
  return [{
    ...refIdsOf(frames),
    fields: [
      { name: "Field", type: "string", config: {}, values: series.map(({ field, frame }) => named(field, frame)) },
      ...labels.map((label) => ({ name: label, type: "string", config: {}, values: series.map(({ field }) => field.labels?.[label]) })),
      ...calculations.map((calculation, index) => ({ name: reducerName(calculation), type: fieldTypeOf(results[index]), config: {}, values: results[index] })),
    ],
  }];
};

function reducedFields(frames, matches, calculations) {
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => matches(field, frame, frames)).flatMap((field) =>
        calculations.map((calculation) => ({
          ...field,
          type: /^(first|last)/.test(calculation) ? field.type : /Values$/.test(calculation) ? "other" : "number",
          labels: calculations.length > 1 ? { ...field.labels, reducer: reducerName(calculation) } : { ...field.labels },
          values: [reduceField(field, calculation)],
        }))),
    }))
    .filter((frame) => frame.fields.length);
}

TRANSFORMATIONS.transpose = (frames, { firstFieldName, restFieldsName }) =>
  frames.map((frame) => {
    const [head, ...rest] = frame.fields;
    if (!head) return frame;
    const names = head.values.map(String);
    const isMixed = new Set(rest.map((field) => field.type)).size > 1;
    const values = names.map((_, row) => rest.map((field) => (isMixed ? String(field.values[row] ?? "") : field.values[row])));
    return {
      ...frame,
      fields: [
        { name: firstFieldName || "Field", type: "string", config: {}, values: rest.map((field) => fieldName(field, frame, frames)) },
        ...names.map((name, index) => ({ name: restFieldsName ? `${restFieldsName} ${name}` : name, type: fieldTypeOf(values[index]), config: {}, values: values[index] })),
      ],
    };
  });

// A matrix of one field's values over the distinct values of two others.
TRANSFORMATIONS.groupingToMatrix = (frames, options) => {
  if (frames.length !== 1) return frames;
  const [frame] = frames;
  const name = { columnField: "Time", rowField: "Time", valueField: "Value", ...definedOptions(options) };
  const find = (wanted) => frame.fields.find((field) => FIELD_MATCHERS.byName(wanted)(field, frame, frames));
  const [column, row, value] = [find(name.columnField), find(name.rowField), find(name.valueField)];
  if (!column || !row || !value) return frames;
  const cells = new Map(value.values.map((cell, index) => [`${column.values[index]}\u0000${row.values[index]}`, cell]));
  const empty = { null: null, true: true, false: false, zero: 0 }[options.emptyValue] ?? (options.emptyValue === "null" ? null : "");
  const rows = [...new Set(row.values)];
  const columns = [...new Set(column.values)];
  return [{
    refId: frame.refId,
    fields: [
      { name: `${name.rowField}\\${name.columnField}`, type: row.type, config: { ...row.config }, values: rows },
      ...columns.map((key) => ({
        name: key == null ? "" : String(key), type: value.type, config: withoutNames(value.config),
        values: rows.map((at) => cells.get(`${key}\u0000${at}`) ?? empty),
      })),
    ],
  }];
};

function definedOptions(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null && value !== ""));
}

TRANSFORMATIONS.partitionByValues = (frames, { fields: names = [], keepFields = false, naming = {} }) => {
  if (frames.length !== 1 || !names.length) return frames;
  const [frame] = frames;
  const keyFields = names.map((name) => frame.fields.find((field) => fieldName(field, frame) === name)).filter(Boolean);
  if (!keyFields.length) return frames;
  return rowGroups(frame, keyFields).map((rows) => {
    const labels = Object.fromEntries(keyFields.map((field) => [field.name, String(field.values[rows[0]])]));
    const part = pickedRows({ ...frame, fields: keepFields ? frame.fields : frame.fields.filter((field) => !keyFields.includes(field)) }, rows);
    const text = Object.entries(labels).map(([key, value]) => (naming.withNames ? `${key} ${value}` : value)).join(naming.separator1 ?? " ");
    if (naming.asLabels !== false) return { ...part, fields: part.fields.map((field) => (field.type === "time" ? field : { ...field, labels: { ...field.labels, ...labels } })) };
    return { ...part, name: naming.append && frame.name ? `${frame.name} ${text}` : text };
  });
};
