// Which fields an override or a transformation is about.

const FIELD_MATCHERS = {
  byName: (name) => (field, frame, frames) => field.name === name || fieldName(field, frame, frames) === name || fieldName(field, frame) === name,
  byNames: (options) => {
    const names = Array.isArray(options) ? options : (options?.names ?? []);
    const exclude = options?.mode === "exclude";
    const has = anyOf(names.map((name) => FIELD_MATCHERS.byName(name)));
    return (...args) => has(...args) !== exclude && !(exclude && args[0].type === "time");
  },
  byRegexp: (pattern) => {
    const regex = regexOf(pattern);
    return (field, frame, frames) => Boolean(regex && fieldName(field, frame, frames).match(regex));
  },
  byRegexpOrNames: (options) => {
    const matchers = [
      ...(options?.names ?? []).map((name) => FIELD_MATCHERS.byName(name)),
      ...(options?.pattern ? [FIELD_MATCHERS.byRegexp(options.pattern)] : []),
    ];
    return anyOf(matchers);
  },
  byType: (type) => (field) => field.type === type,
  byTypes: (types) => (field) => new Set(Array.isArray(types) ? types : []).has(field.type),
  byFrameRefID: (refId) => (field, frame) => {
    const regex = String(refId).startsWith("/") ? regexOf(refId) : null;
    return (frame.refIds ?? [frame.refId]).concat(field.refId ?? []).some((id) => id === refId || Boolean(regex && id?.match(regex)));
  },
  byValue: ({ reducer, op, value } = {}) => (field) => compareValues(reduceField(field, reducer), op, value),
  numeric: () => (field) => field.type === "number",
  time: () => (field) => field.type === "time",
  first: () => (field, frame, frames) => frames?.[0] === frame && frame.fields[0] === field,
  firstTimeField: () => (field, frame) => timeField(frame) === field,
  anything: () => () => true,
  never: () => () => false,
};

function anyOf(matchers) {
  return (...args) => matchers.some((matches) => matches(...args));
}

function fieldMatcher(matcher) {
  const make = FIELD_MATCHERS[matcher?.id];
  return make ? make(matcher.options) : () => false;
}

function compareValues(left, operator, right) {
  switch (operator) {
    case ">": case "gt": return left > right;
    case ">=": case "gte": return left >= right;
    case "<": case "lt": return left < right;
    case "<=": case "lte": return left <= right;
    case "!=": case "neq": return left != right;
    default: return left == right;
  }
}
