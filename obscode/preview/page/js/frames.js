// Data frames as the document has them: values decoded, shared data resolved, and the names that fields display.

const NUMBER_WORDS = { NaN: NaN, "+Inf": Infinity, "-Inf": -Infinity };

// A frame with its numbers as numbers. Transformations return new frames and never change one.
function decodedFrame(frame) {
  const fields = (frame.fields ?? []).map((field) => {
    const values = field.values ?? [];
    const numeric = field.type === "number" || field.type === "time";
    return {
      ...field,
      config: { ...field.config },
      values: numeric ? values.map((value) => (typeof value === "string" ? (NUMBER_WORDS[value] ?? Number(value)) : value)) : values,
    };
  });
  return { ...frame, fields };
}

function frameLength(frame) {
  return frame.fields.reduce((length, field) => Math.max(length, field.values.length), 0);
}

function timeField(frame) {
  return frame.fields.find((field) => field.type === "time");
}

function numberFields(frame) {
  return frame.fields.filter((field) => field.type === "number");
}

function isTimeSeries(frame) {
  return Boolean(timeField(frame)) && numberFields(frame).length > 0;
}

function labelsText(labels) {
  const pairs = Object.keys(labels ?? {}).sort().map((name) => `${name}="${labels[name]}"`);
  return pairs.length ? `{${pairs.join(", ")}}` : "";
}

// The one label name that all fields have, if there is only one.
function onlyLabelName(frames) {
  const names = new Set(frames.flatMap((frame) => frame.fields.flatMap((field) => Object.keys(field.labels ?? {}))));
  return names.size === 1 ? [...names][0] : null;
}

// The name of a field by Grafana's rules: configured, from the data source, or of frame, field and labels.
function fieldName(field, frame, frames = [frame]) {
  if (field.config?.displayName) return expandedFieldName(field.config.displayName, field, frame, frames);
  if (field.config?.displayNameFromDS) return field.config.displayNameFromDS;
  if (field.type === "time" && !field.labels) return field.name ?? "Time";
  const parts = [];
  const framesDiffer = frames.some((other) => (other.name ?? "") !== (frames[0].name ?? ""));
  if (framesDiffer && frame.name) parts.push(frame.name);
  const nameOnly = parts.length;
  if (field.name && field.name !== "Value") parts.push(field.name);
  let labelled = false;
  if (field.labels) {
    const single = onlyLabelName(frames);
    const text = single ? field.labels[single] : labelsText(field.labels);
    if (text) {
      parts.push(text);
      labelled = true;
    }
  }
  if (!nameOnly && !labelled && field.name === "Value" && frame.name) parts.push(frame.name);
  const name = parts.length ? parts.join(" ") : field.name || "Value";
  return name === field.name ? uniqueName(field, frame) : name;
}

function uniqueName(field, frame) {
  const same = frame.fields.filter((other) => other === field || other.name === field.name);
  return same.length > 1 ? `${field.name} ${same.indexOf(field) + 1}` : field.name;
}

// ${__field.labels.job} and the like in a configured name.
function expandedFieldName(template, field, frame, frames) {
  return String(template).replace(/\$\{(__[\w.]+)(?:\["?([^"\]]+)"?\])?\}|\$(__\w+(?:\.\w+)*)/g, (text, braced, key, bare) => {
    const name = braced ?? bare;
    const labels = field.labels ?? {};
    if (name === "__field.labels" && !key) return labelsText(labels).slice(1, -1);
    if (name === "__field.labels" || name.startsWith("__field.labels.")) return labels[key ?? name.slice(15)] ?? "";
    if (name === "__field.name" || name === "__field.displayName") {
      return fieldName({ ...field, config: { ...field.config, displayName: undefined } }, frame, frames);
    }
    if (name === "__series.name" || name === "__series_name" || name === "__series") {
      return frame.name || fieldName({ ...field, config: { ...field.config, displayName: undefined } }, frame, frames);
    }
    return text;
  });
}

function frameName(frame, index) {
  if (frame.name) return frame.name;
  const values = frame.fields.filter((field) => field.type !== "time");
  if (values.length === 1) return fieldName(values[0], frame);
  return frame.refId ? `Series (${frame.refId})` : `Series (${index})`;
}

// A field with other values; `pick` are the indices of rows.
function pickedRows(frame, rows) {
  return { ...frame, fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row]) })) };
}

function fieldTypeOf(values) {
  const sample = values.find((value) => value !== null && value !== undefined);
  if (typeof sample === "number") return "number";
  if (typeof sample === "boolean") return "boolean";
  if (typeof sample === "object" && sample !== null) return "other";
  return "string";
}
