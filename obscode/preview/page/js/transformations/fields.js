// Transformations of which fields there are, their names, order and types.

TRANSFORMATIONS.organize = (frames, options) => {
  const { excludeByName = {}, includeByName = {}, indexByName = {}, renameByName = {}, orderByMode, orderBy } = options;
  const included = Object.keys(includeByName).filter((name) => includeByName[name]);
  return frames.map((frame) => {
    const name = (field) => fieldName(field, frame, frames);
    let fields = frame.fields.filter((field) => !excludeByName[name(field)] && !excludeByName[fieldName(field, frame)]);
    if (included.length) fields = fields.filter((field) => included.includes(name(field)));
    const place = (field) => (Number.isInteger(indexByName[name(field)]) ? indexByName[name(field)] : Number.MAX_SAFE_INTEGER);
    const ordered = orderByMode === "auto" ? automaticOrder(fields, orderBy ?? [], name) : [...fields].sort((a, b) => place(a) - place(b));
    return { ...frame, fields: ordered.map((field) => renamedField(field, renameByName[name(field)])) };
  });
};

TRANSFORMATIONS.order = (frames, options) => TRANSFORMATIONS.organize(frames, options);
TRANSFORMATIONS.rename = (frames, options) => TRANSFORMATIONS.organize(frames, options);

function automaticOrder(fields, orderBy, name) {
  const compare = new Intl.Collator("en-US", { sensitivity: "base", numeric: true }).compare;
  const value = (field, { type, name: label }) => (type === "name" ? name(field) : (field.labels?.[label] ?? ""));
  const firstTime = fields.find((field) => field.type === "time");
  return [...fields].sort((a, b) => {
    if (a === firstTime || b === firstTime) return a === firstTime ? -1 : 1;
    for (const order of orderBy) {
      const result = compare(value(a, order), value(b, order)) * (order.desc ? -1 : 1);
      if (result) return result;
    }
    return 0;
  });
}

function renamedField(field, name) {
  return typeof name === "string" && name ? { ...field, config: { ...field.config, displayName: name } } : field;
}

TRANSFORMATIONS.renameByRegex = (frames, { regex = "", renamePattern = "" }) => {
  const pattern = regexOf(regex, false);
  if (!pattern || !regex) return frames;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = fieldName(field, frame, frames);
      if (field.type === "time" && frames.length > 1) return field;
      return pattern.test(name) ? renamedField(field, name.replace(pattern, renamePattern)) : field;
    }),
  }));
};

TRANSFORMATIONS.filterFieldsByName = (frames, { include, exclude }) => {
  const wanted = nameChoice(include);
  const unwanted = nameChoice(exclude);
  if (!wanted && !unwanted) return frames;
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => (!wanted || wanted(field, frame, frames)) && !(unwanted && unwanted(field, frame, frames))),
    }))
    .filter((frame) => frame.fields.length);
};
TRANSFORMATIONS.filterFields = (frames, { include, exclude }) => {
  const matches = include ? fieldMatcher(include) : () => true;
  const drops = exclude ? fieldMatcher(exclude) : () => false;
  return frames
    .map((frame) => ({ ...frame, fields: frame.fields.filter((field) => matches(field, frame, frames) && !drops(field, frame, frames)) }))
    .filter((frame) => frame.fields.length);
};

// {names, pattern} of the editor, or a matcher of older dashboards.
function nameChoice(choice) {
  if (!choice) return null;
  if (choice.id) return fieldMatcher(choice);
  if (!choice.pattern && !choice.names?.length) return null;
  return FIELD_MATCHERS.byRegexpOrNames(choice);
}

TRANSFORMATIONS.filterByRefId = (frames, { include, exclude }) => {
  const matches = (pattern) => {
    const regex = regexOf(pattern);
    return (frame) => (frame.refIds ?? [frame.refId]).some((id) => id === pattern || Boolean(regex?.test(id ?? "")));
  };
  return frames.filter((frame) => (include == null || matches(include)(frame)) && (exclude == null || !matches(exclude)(frame)));
};

TRANSFORMATIONS.convertFieldType = (frames, { conversions = [] }) =>
  mappedFields(frames, (field, frame) =>
    conversions.reduce((converted, conversion) => {
      const matches = conversion.targetField && FIELD_MATCHERS.byName(conversion.targetField)(converted, frame, frames);
      return matches ? convertedField(converted, conversion) : converted;
    }, field));

function convertedField(field, { destinationType, dateFormat, joinWith }) {
  const convert = {
    number: (value) => (value == null || value === "" || Number.isNaN(toNumber(cleanNumber(value))) ? null : toNumber(cleanNumber(value))),
    string: (value) => (value != null && field.type === "time" ? formatDate(value, dateFormat ?? DATE_FORMATS.full) : convertedText(value, joinWith)),
    boolean: (value) => Boolean(value),
    time: (value) => (value == null ? null : typeof value === "number" ? value : Date.parse(value) || null),
    other: (value) => parsedJson(value),
    enum: (value) => value,
  }[destinationType];
  if (!convert) return field;
  return { ...field, type: destinationType === "enum" ? "string" : destinationType, values: field.values.map(convert) };
}

function cleanNumber(value) {
  return typeof value === "string" ? value.replace(/,/g, "") : value;
}

function convertedText(value, joinWith) {
  if (Array.isArray(value) && joinWith) return value.join(joinWith);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function parsedJson(value) {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return null;
  }
}

TRANSFORMATIONS.formatTime = (frames, { timeField: target, outputFormat, timezone }) =>
  mappedFields(frames, (field, frame) => {
    if (!FIELD_MATCHERS.byName(target)(field, frame, frames)) return field;
    const values = field.values.map((value) => (value == null ? value : formatDate(value, outputFormat || DATE_FORMATS.full, timezone || clock.timeZone)));
    return { ...field, type: "string", values };
  });

TRANSFORMATIONS.formatString = (frames, { stringField, outputFormat, substringStart = 0, substringEnd = Infinity }) => {
  const words = (text) => text.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])/).filter(Boolean);
  const upper = (word) => word[0].toUpperCase() + word.slice(1).toLowerCase();
  const formats = {
    "Upper Case": (text) => text.toUpperCase(),
    "Lower Case": (text) => text.toLowerCase(),
    "Sentence Case": (text) => text.charAt(0).toUpperCase() + text.slice(1),
    "Title Case": (text) => text.split(" ").map((word) => (word ? upper(word) : word)).join(" "),
    "Pascal Case": (text) => words(text).map(upper).join(""),
    "Camel Case": (text) => words(text).map((word, index) => (index ? upper(word) : word.toLowerCase())).join(""),
    "Snake Case": (text) => words(text).map((word) => word.toLowerCase()).join("_"),
    "Kebab Case": (text) => words(text).map((word) => word.toLowerCase()).join("-"),
    Trim: (text) => text.trim(),
    Substring: (text) => text.slice(substringStart, substringEnd),
  };
  const format = formats[outputFormat] ?? ((text) => text);
  return mappedFields(frames, (field, frame) =>
    FIELD_MATCHERS.byName(stringField)(field, frame, frames) ? { ...field, values: field.values.map((value) => (value == null ? value : format(String(value)))) } : field);
};

TRANSFORMATIONS.extractFields = (frames, { source, format = "auto", replace, keepTime, delimiter = ",", jsonPaths = [], regExp }) =>
  frames.map((frame) => {
    const origin = frame.fields.find((field) => fieldName(field, frame, frames) === source || field.name === source);
    if (!origin) return frame;
    const rows = origin.values.map((value) => extractedValues(value, { format, delimiter, jsonPaths, regExp }));
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const fields = names.map((name) => {
      const values = rows.map((row) => row[name] ?? null);
      return { name, type: fieldTypeOf(values), config: {}, values };
    });
    const kept = replace ? frame.fields.filter((field) => keepTime && field.type === "time") : frame.fields;
    return { ...frame, fields: [...kept, ...fields] };
  });

function extractedValues(value, { format, delimiter, jsonPaths, regExp }) {
  if (value == null) return {};
  if (format === "regexp") return { ...String(value).match(regexOf(regExp, false))?.groups };
  if (format === "delimiter") return Object.fromEntries(String(value).split(delimiter).map((part) => [part.trim(), part.trim()]));
  const parsed = format === "kvp" ? null : parsedJson(value);
  if (parsed && typeof parsed === "object") {
    if (!jsonPaths.some(({ path }) => path)) return parsed;
    const at = (path) => path.split(/[.[\]"']+/).filter(Boolean).reduce((object, key) => object?.[key], parsed);
    return Object.fromEntries(jsonPaths.filter(({ path }) => path).map(({ path, alias }) => [alias || path, at(path)]));
  }
  return Object.fromEntries([...String(value).matchAll(/([\w.-]+)\s*[=:]\s*("[^"]*"|[^\s,;}]+)/g)].map(([, key, text]) => [key, text.replace(/^"|"$/g, "")]));
}
