// Field configuration: defaults and overrides become the settings of each field, and its display processor.

// Frames with configured fields: each has config, index (of its colour), range and displayName.
function configuredFrames(frames, fieldConfig = {}) {
  const defaults = fieldConfig.defaults ?? {};
  const overrides = (fieldConfig.overrides ?? []).map((override) => ({
    matches: fieldMatcher(override.matcher), properties: override.properties ?? [],
  }));
  let index = 0;
  const results = frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => ({ ...field })) }));
  for (const frame of results) {
    for (const field of frame.fields) {
      field.config = mergedConfig(defaults, field.config);
      for (const { matches, properties } of overrides) {
        if (matches(field, frame, results)) for (const property of properties) setProperty(field.config, property);
      }
      field.colorIndex = index;
      if (field.type !== "time") index += 1;
    }
  }
  finishFields(results);
  return results;
}

function finishFields(frames) {
  const shared = numberRange(frames.flatMap((frame) => frame.fields));
  for (const frame of frames) {
    for (const field of frame.fields) {
      field.displayName = fieldName(field, frame, frames);
      const own = field.config.fieldMinMax ? numberRange([field]) : shared;
      field.range = field.type === "number" ? { min: numberOr(field.config.min, own.min), max: numberOr(field.config.max, own.max) } : null;
      field.display = displayProcessor(field);
    }
  }
}

function numberOr(value, fallback) {
  return typeof value === "number" && !Number.isNaN(value) ? value : fallback;
}

// The smallest and the largest number of fields; null without any.
function numberRange(fields) {
  let min = null;
  let max = null;
  for (const field of fields) {
    if (field.type !== "number") continue;
    for (const value of field.values) {
      if (isMissing(value)) continue;
      if (min === null || value < min) min = value;
      if (max === null || value > max) max = value;
    }
  }
  return { min, max };
}

// What the data source sets wins over the panel's defaults.
function mergedConfig(defaults, config = {}) {
  const merged = structuredCloned(defaults);
  for (const [key, value] of Object.entries(config)) if (value !== undefined && value !== null) merged[key] = value;
  merged.custom = { ...merged.custom, ...config.custom };
  return merged;
}

function structuredCloned(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

// {id: "custom.hideFrom", value} sets a path. Without a value the setting is removed.
function setProperty(config, { id, value }) {
  if (typeof id !== "string" || /__proto__|constructor|prototype/.test(id)) return;
  const path = id.split(".");
  const last = path.pop();
  let target = config;
  for (const key of path) target = target[key] = { ...target[key] };
  if (value === null || value === undefined) delete target[last];
  else target[last] = last === "decimals" || last === "min" || last === "max" ? numberOr(Number(value), undefined) : value;
}

// --- thresholds and colours ---

function thresholdSteps(config) {
  const steps = config?.thresholds?.steps;
  const list = Array.isArray(steps) ? steps : [];
  return list.map((step, index) => ({ color: step.color, value: index === 0 ? -Infinity : Number(step.value ?? -Infinity) }));
}

function isPercentThresholds(config) {
  return config?.thresholds?.mode === "percentage";
}

function activeThreshold(config, value, share) {
  const compared = isPercentThresholds(config) ? share * 100 : value;
  const steps = thresholdSteps(config);
  let active = steps[0] ?? { value: 0, color: FALLBACK_COLOR };
  for (const step of steps) {
    if (compared >= step.value) active = step;
    else break;
  }
  return active;
}

function colorMode(config) {
  return config?.color?.mode ?? "thresholds";
}

function isColoredByValue(config) {
  const mode = colorMode(config);
  return !/^(fixed|shades|gradient|palette-)/.test(mode);
}

// The share of a value between the minimum and the maximum of its field.
function shareOfRange(field, value) {
  const min = field.range?.min ?? 0;
  const max = field.range?.max ?? 100;
  const share = (value - min) / (max - min);
  return value === -Infinity || Number.isNaN(share) ? 0 : share;
}

function valueColor(field, value) {
  const mode = colorMode(field.config);
  const share = shareOfRange(field, value);
  if (field.type === "boolean") return colorByName(value ? "green" : "red");
  const colors = continuousColors(mode);
  if (colors) return splineColor(colors, share);
  if (isColoredByValue(field.config)) return colorByName(activeThreshold(field.config, value, share).color);
  return seriesPaletteColor(mode, field.config.color?.fixedColor, field.colorIndex ?? 0, field.displayName ?? field.name);
}

// The one colour of a series: fixed, from the palette, or that of its last (min, max) value.
function seriesColor(field) {
  if (!isColoredByValue(field.config)) return valueColor(field, 0);
  return valueColor(field, reduceField(field, field.config.color?.seriesBy ?? "last") ?? 0);
}

// --- display ---

// A function from a value to {text, prefix, suffix, numeric, color}.
function displayProcessor(field) {
  const config = field.config;
  const unit = displayUnit(field);
  const format = unitFormat(unit ?? "none");
  return (value, decimals) => {
    const number = unit === "string" ? NaN : toNumber(DATE_UNITS.has(unit) && typeof value === "string" ? Date.parse(value) : value);
    const mapped = config.mappings?.length ? mappedValue(config.mappings, value) : null;
    const result = { numeric: number, text: mapped?.text ?? null };
    if (mapped?.color != null) result.color = colorByName(mapped.color);
    if (!Number.isNaN(number)) {
      if (result.text === null && typeof value !== "boolean") Object.assign(result, formatted(field, format, unit, number, decimals));
      result.color ??= valueColor(field, number);
    }
    result.text ??= otherText(value) || config.noValue || "";
    result.color ??= valueColor(field, -Infinity);
    return result;
  };
}

function displayUnit(field) {
  const unit = field.config.unit;
  const isDate = unit && (DATE_UNITS.has(unit) || unit.startsWith("time:"));
  if (field.type === "time" && !isDate) return isShortRange(field.values) ? `time:${DATE_FORMATS.fullWithMs}` : "dateTimeAsSystem";
  if (field.type === "boolean") return unit?.startsWith("bool") ? unit : "bool";
  if (!unit && field.type === "string") return "string";
  return unit;
}

function isShortRange(values) {
  return values.length > 1 && Math.abs(values[values.length - 1] - values[0]) < 60000;
}

function formatted(field, format, unit, number, adjacentDecimals) {
  const configured = field.config.decimals;
  const trims = field.type === "number" && configured == null && adjacentDecimals != null &&
    !/^(currency|bool|dateTime|time:)|^locale$/.test(unit ?? "");
  const result = format(number, trims ? adjacentDecimals : (configured ?? null));
  if (trims && result.text !== "" && !Number.isNaN(Number(result.text))) result.text = String(Number(result.text));
  return { ...result };
}

function otherText(value) {
  if (Array.isArray(value)) return value.join(", ");
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function toNumber(value) {
  if (typeof value === "number") return value;
  if (value === "" || value === null || value === undefined || Array.isArray(value) || typeof value === "object") return NaN;
  return Number(value);
}
