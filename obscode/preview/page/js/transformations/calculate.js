// Transformations that compute numbers: calculateField and histogram.

const BINARY_OPERATIONS = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "%": (a, b) => a % b, "**": (a, b) => a ** b,
};
const UNARY_OPERATIONS = {
  abs: Math.abs, exp: Math.exp, ln: Math.log, floor: Math.floor, ceil: Math.ceil, round: Math.round, sqrt: Math.sqrt,
  percent: (value, sum) => value / sum,
};

TRANSFORMATIONS.calculateField = (frames, options) => {
  const mode = options.mode ?? "reduceRow";
  const right = options.binary?.right;
  const fixed = mode === "binary" && !Number.isNaN(Number(typeof right === "object" ? (right?.fixed ?? NaN) : (right ?? NaN)));
  const data = options.timeSeries !== false && !fixed ? singleTimeFrame(frames) : frames;
  if (mode === "binary" && binarySide(options.binary?.left, data).type) return calculatedByType(data, options);
  const make = CALCULATIONS[mode];
  if (!make) return data;
  return data.flatMap((frame) => {
    const values = make(frame, options, data);
    if (!values) return options.replaceFields ? [] : [frame];
    const field = { name: calculatedName(options, mode), type: "number", config: options.alias ? { displayName: options.alias } : {}, values };
    if (mode === "index" && options.index?.asPercentile) field.config.unit = "percentunit";
    const time = timeField(frame);
    const kept = !options.replaceFields ? frame.fields : time && options.timeSeries !== false && mode !== "index" ? [time] : [];
    return [{ ...frame, fields: [...kept, field] }];
  });
};

// Several time series as one frame, since a row then has a value of each.
function singleTimeFrame(frames) {
  const isSeries = frames.length > 1 && frames.every((frame) => timeField(frame));
  return isSeries ? [joinedFrame(frames, FIELD_MATCHERS.firstTimeField(), "outer")] : frames;
}

const CALCULATIONS = {
  reduceRow: (frame, { reduce }, frames) => {
    const matches = reduce?.include?.length ? FIELD_MATCHERS.byNames({ names: reduce.include }) : (field) => field.type === "number";
    const columns = frame.fields.filter((field) => matches(field, frame, frames));
    if (!columns.length) return null;
    return rowNumbers(frame).map((row) => reduceField({ type: "number", values: columns.map((field) => field.values[row]) }, reduce?.reducer ?? "sum"));
  },
  binary: (frame, { binary }, frames) => {
    const left = operandValues(binarySide(binary?.left, frames), frame, frames);
    const right = operandValues(binarySide(binary?.right, frames), frame, frames);
    const operation = BINARY_OPERATIONS[binary?.operator ?? "+"];
    return left && right && operation ? left.map((value, row) => operation(value, right[row])) : null;
  },
  unary: (frame, { unary }, frames) => {
    const field = frame.fields.find((other) => other.type === "number" && fieldName(other, frame, frames) === unary?.fieldName);
    const operation = UNARY_OPERATIONS[unary?.operator ?? "abs"];
    if (!field || !operation) return null;
    const sum = field.values.filter(Number.isFinite).reduce((total, value) => total + value, 0);
    return field.values.map((value) => operation(value, sum));
  },
  index: (frame, { index }) => rowNumbers(frame).map((row) => (index?.asPercentile ? row / frameLength(frame) : row)),
  cumulativeFunctions: (frame, { cumulative }, frames) => {
    const field = chosenNumber(frame, cumulative?.field, frames);
    let total = 0;
    return field?.values.map((value, row) => {
      total += value ?? 0;
      return cumulative?.reducer === "mean" ? total / (row + 1) : total;
    });
  },
  windowFunctions: (frame, options, frames) => {
    const { reducer = "mean", windowAlignment = "trailing", windowSizeMode = "percentage", windowSize = 0.1, field: name } = options.window ?? {};
    const field = chosenNumber(frame, name, frames);
    const size = Math.ceil(windowSize * (windowSizeMode === "percentage" ? frameLength(frame) : 1));
    const [before, after] = windowAlignment === "centered" ? [Math.floor(size / 2), Math.ceil(size / 2) - 1] : [size - 1, 0];
    if (field && reducer === "mean" && !after) return trailingMeans(field.values, size);
    return field?.values.map((_, row) => {
      const values = field.values.slice(Math.max(0, row - before), row + after + 1);
      return reduceField({ type: "number", values }, reducer) ?? 0;
    });
  },
};

// The window moves on with each number; a missing value leaves it where it is, as in Grafana.
function trailingMeans(values, size) {
  let sum = 0;
  let count = 0;
  return values.map((value, row) => {
    if (value != null) {
      sum += value;
      count += 1;
      const left = row > size - 1 ? values[row - size] : null;
      if (left != null) {
        sum -= left;
        count -= 1;
      }
    }
    return count ? sum / count : 0;
  });
}

function rowNumbers(frame) {
  return Array.from({ length: frameLength(frame) }, (_, row) => row);
}

function chosenNumber(frame, name, frames) {
  const matches = name ? FIELD_MATCHERS.byName(name) : (field) => field.type === "number";
  return frame.fields.find((field) => matches(field, frame, frames));
}

// A side of a binary operation: {name} of a field, {number}, or {type} for all fields of a type.
function binarySide(side, frames) {
  if (side?.matcher?.id === "byType") return { type: side.matcher.options };
  const text = sideText(side);
  const isField = frames.some((frame) => frame.fields.some((field) => field.name === text || fieldName(field, frame, frames) === text));
  if (isField && !(typeof side === "object" && side?.fixed !== undefined)) return { name: text };
  return text !== "" && !Number.isNaN(Number(text)) ? { number: Number(text), name: text } : { name: text };
}

// The name of a field or a number: as a text, in older dashboards, or in an object.
function sideText(side) {
  return typeof side === "object" ? String(side?.matcher?.options ?? side?.fixed ?? "") : String(side ?? "");
}

function operandValues(side, frame, frames) {
  if (side.number !== undefined) return Array(frameLength(frame)).fill(side.number);
  const field = frame.fields.find((other) => fieldName(other, frame, frames) === side.name || fieldName(other, frame) === side.name);
  return field ? field.values.map((value) => (typeof value === "boolean" ? Number(value) : value)) : null;
}

function calculatedByType(frames, options) {
  const { type } = binarySide(options.binary.left, frames);
  const right = binarySide(options.binary.right, frames);
  const operation = BINARY_OPERATIONS[options.binary.operator ?? "+"];
  return frames.flatMap((frame) => {
    const values = operandValues(right, frame, frames);
    const time = options.timeSeries !== false ? timeField(frame) : undefined;
    const fields = time ? [time] : [];
    for (const field of frame.fields) {
      if (!options.replaceFields && field !== time) fields.push(field);
      if (field.type !== type || !values || !operation) continue;
      const name = `${field.name} ${options.binary.operator ?? ""} ${right.name}`;
      fields.push({ ...field, name, config: withoutNames(field.config), values: field.values.map((value, row) => operation(value, values[row])) });
    }
    return [{ ...frame, fields }];
  });
}

function calculatedName(options, mode) {
  if (options.alias) return options.alias;
  const call = (name, field) => `${name ?? ""}${field ? `(${field})` : ""}`;
  switch (mode) {
    case "cumulativeFunctions": return `cumulative ${call(options.cumulative?.reducer, options.cumulative?.field)}`;
    case "windowFunctions": return `${options.window?.windowAlignment ?? ""} moving ${call(options.window?.reducer, options.window?.field)}`;
    case "unary": return call(options.unary?.operator, options.unary?.fieldName);
    case "binary": return `${sideText(options.binary?.left)} ${options.binary?.operator ?? "+"} ${sideText(options.binary?.right)}`;
    case "index": return "Row";
    default: return reducerName(options.reduce?.reducer ?? "sum");
  }
}

// --- histogram ---

const HISTOGRAM_STEPS = [1, 2, 2.5, 4, 5];
const HISTOGRAM_BUCKETS = 30;

TRANSFORMATIONS.histogram = (frames, options) => {
  const fields = frames.flatMap(numberFields);
  return fields.length ? [histogramFrame(fields, options)] : [];
};

// Counts of values in buckets of one size: fields xMin, xMax and a count for each field, or for all together.
function histogramFrame(fields, { bucketSize, bucketOffset, bucketCount, combine } = {}) {
  const numbers = fields.map((field) => field.values.filter(Number.isFinite));
  const offset = Number(bucketOffset) || 0;
  const size = Number(bucketSize) > 0 ? Number(bucketSize) : histogramBucketSize(numbers.flat(), bucketCount || HISTOGRAM_BUCKETS);
  const bucket = (value) => Number((Math.floor((value - offset) / size) * size + offset).toFixed(9));
  const counts = numbers.map((values) => {
    const count = new Map();
    for (const value of values) count.set(bucket(value), (count.get(bucket(value)) ?? 0) + 1);
    return count;
  });
  const starts = [...new Set(counts.flatMap((count) => [...count.keys()]))].sort((a, b) => a - b);
  const config = { ...(fields.find((field) => field.config.unit) ?? fields[0]).config, displayName: undefined, displayNameFromDS: undefined };
  const columns = combine
    ? [{ ...fields[0], name: "Count", config: { displayName: "Count", custom: fields[0].config.custom }, labels: undefined, values: starts.map((start) => counts.reduce((sum, count) => sum + (count.get(start) ?? 0), 0)) }]
    : fields.map((field, index) => ({ ...field, config: { ...field.config, unit: field.config.unit === "short" ? "short" : undefined }, values: starts.map((start) => counts[index].get(start) ?? 0) }));
  return {
    meta: { type: "histogram" },
    fields: [
      { name: "xMin", type: "number", config, values: starts },
      { name: "xMax", type: "number", config, values: starts.map((start) => Number((start + size).toFixed(9))) },
      ...columns,
    ],
  };
}

function histogramBucketSize(values, count) {
  const sorted = [...values].sort((a, b) => a - b);
  const range = sorted.length ? sorted[sorted.length - 1] - sorted[0] : 0;
  let smallest = sorted.length === 1 ? 1 : Infinity;
  for (let index = 1; index < sorted.length; index += 1) {
    const step = sorted[index] - sorted[index - 1];
    if (step > 0) smallest = Math.min(smallest, step);
  }
  for (let exponent = -9; exponent < 13; exponent += 1) {
    for (const step of HISTOGRAM_STEPS) {
      const size = Number((step * 10 ** exponent).toPrecision(3));
      const isUsed = step !== 2.5 || exponent !== 0;
      if (isUsed && range / count < size && size >= smallest) return size;
    }
  }
  return 1;
}
