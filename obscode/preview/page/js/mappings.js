// Value mappings: the text and the colour that stand for a value, a range, a pattern or a special value.

function mappedValue(mappings, value) {
  for (const mapping of Array.isArray(mappings) ? mappings : []) {
    const result = MAPPINGS[mapping.type]?.(mapping.options ?? {}, value);
    if (result) return result;
  }
  return null;
}

const MAPPINGS = {
  value: (options, value) => (value === null || value === undefined ? null : Object.hasOwn(options, value) ? options[value] : null),
  range: ({ from, to, result }, value) => {
    const number = value === null || value === undefined ? NaN : parseFloat(value);
    if (Number.isNaN(number)) return null;
    return number >= (from ?? -Infinity) && number <= (to ?? Infinity) ? result : null;
  },
  regex: ({ pattern, result }, value) => {
    const regex = regexOf(pattern);
    if (typeof value !== "string" || !regex || !value.match(regex)) return null;
    return result?.text == null ? { ...result } : { ...result, text: value.replace(regex, result.text) };
  },
  special: ({ match, result }, value) => (SPECIAL_VALUES[match]?.(value) ? result : null),
};

const SPECIAL_VALUES = {
  null: (value) => value == null,
  nan: (value) => typeof value === "number" && Number.isNaN(value),
  "null+nan": (value) => value == null || (typeof value === "number" && Number.isNaN(value)),
  true: (value) => value === true || value === "true",
  false: (value) => value === false || value === "false",
  empty: (value) => value === "",
};

// "/pattern/flags" or a bare pattern; null if it is no valid expression.
function regexOf(pattern, anchored = true) {
  const text = String(pattern ?? "");
  const parts = /^\/(.*)\/([gimsuy]*)$/s.exec(text);
  try {
    if (parts) return new RegExp(parts[1], parts[2]);
    return new RegExp(anchored ? `^${text}$` : text);
  } catch {
    return null;
  }
}
