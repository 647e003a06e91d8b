// Calculations that reduce the values of a field to one: the ids of reduceOptions.calcs and of legends.

const REDUCER_NAMES = {
  lastNotNull: "Last *", last: "Last", firstNotNull: "First *", first: "First", min: "Min", max: "Max", mean: "Mean",
  median: "Median", variance: "Variance", stdDev: "StdDev", sum: "Total", count: "Count", countAll: "Count all",
  range: "Range", delta: "Delta", step: "Step", diff: "Difference", logmin: "Min (above zero)", allIsZero: "All Zeros",
  allIsNull: "All Nulls", changeCount: "Change Count", distinctCount: "Distinct Count", diffperc: "Difference percent",
  allValues: "All values", uniqueValues: "All unique values",
};
const REDUCER_ALIASES = { current: "lastNotNull", avg: "mean", total: "sum" };
const COUNTING_REDUCERS = new Set(["count", "countAll", "distinctCount", "changeCount"]);
const EMPTY_RESULTS = { sum: 0, count: 0, countAll: 0, allIsZero: false, allIsNull: true };

function reducerId(id) {
  return REDUCER_ALIASES[id] ?? id;
}

function reducerName(id) {
  const percentile = /^p(\d\d?)$/.exec(id);
  if (percentile) return `${ordinal(Number(percentile[1]))} %`;
  return REDUCER_NAMES[reducerId(id)] ?? id;
}

// The result of one calculation over a field: {type, values}; null where there is none.
function reduceField(field, id) {
  const calculation = reducerId(id);
  if (!field.values.length) return EMPTY_RESULTS[calculation] ?? null;
  const percentile = /^p(\d\d?)$/.exec(calculation);
  if (percentile) return percentileOf(field.values, Number(percentile[1]) / 100);
  if (SPECIAL_REDUCERS[calculation]) return SPECIAL_REDUCERS[calculation](field.values, field);
  return standardReductions(field)[calculation] ?? null;
}

function isMissing(value) {
  return value === null || value === undefined || Number.isNaN(value);
}

const SPECIAL_REDUCERS = {
  last: (values) => values[values.length - 1] ?? null,
  first: (values) => values[0] ?? null,
  lastNotNull: (values) => values.findLast((value) => !isMissing(value)) ?? null,
  firstNotNull: (values) => values.find((value) => !isMissing(value)) ?? null,
  countAll: (values) => values.length,
  allValues: (values) => [...values],
  uniqueValues: (values) => [...new Set(values)],
  changeCount: (values) => {
    const present = values.filter((value) => value !== null);
    return present.filter((value, index) => index > 0 && value !== present[index - 1]).length;
  },
  distinctCount: (values) => new Set(values.filter((value) => value !== null)).size,
  variance: (values, field) => varianceOf(values, field),
  stdDev: (values, field) => Math.sqrt(varianceOf(values, field)),
  median: (values) => {
    const sorted = values.filter((value) => value != null).sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  },
};

function varianceOf(values, field) {
  if (field.type !== "number" && field.type !== "time") return 0;
  let mean = 0;
  let squares = 0;
  let count = 0;
  for (const value of values) {
    if (value == null) continue;
    count += 1;
    const before = mean;
    mean += (value - before) / count;
    squares += (value - before) * (value - mean);
  }
  return count ? squares / count : 0;
}

function percentileOf(values, share) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? null;
}

// The calculations that one pass over the values yields.
function standardReductions(field) {
  const numeric = field.type === "number" || field.type === "time";
  const result = { sum: 0, count: 0, nonNull: 0, allIsNull: true, allIsZero: true, delta: 0, min: null, max: null,
    logmin: Number.MAX_VALUE, mean: null, first: null, last: null, step: null, range: null, diff: null, diffperc: 0 };
  let up = true;
  for (const value of field.values) {
    if (value == null) continue;
    result.count += 1;
    if (Number.isNaN(value)) continue;
    if (numeric) up = addNumber(result, value, up);
    result.first ??= value;
    result.last = value;
    if (value !== 0) result.allIsZero = false;
  }
  if (result.nonNull) result.mean = result.sum / result.nonNull;
  if (result.allIsNull) result.allIsZero = false;
  if (result.max !== null) result.range = result.max - result.min;
  if (typeof result.first === "number" && numeric) {
    result.diff = result.last - result.first;
    result.diffperc = (result.diff / result.first) * 100;
  }
  return result;
}

function addNumber(result, value, wasUp) {
  let up = wasUp;
  result.sum += value;
  result.allIsNull = false;
  result.nonNull += 1;
  if (result.first !== null) {
    const step = value - result.last;
    if (result.step === null || step < result.step) result.step = step;
    // A counter that restarts begins again: what follows the first value after it counts.
    if (step < 0) up = false;
    else {
      if (wasUp) result.delta += step;
      up = true;
    }
  }
  if (result.max === null || value > result.max) result.max = value;
  if (result.min === null || value < result.min) result.min = value;
  if (value > 0 && value < result.logmin) result.logmin = value;
  return up;
}
