// Numbers as text by Grafana's rules: unit ids, prefixes, decimals. A format returns {text, prefix?, suffix?}.

const SI_PREFIXES = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SI_BASE = SI_PREFIXES.indexOf("");
const BINARY_PREFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

function fixedText(value, decimals) {
  if (value === null || value === undefined) return "";
  if (value === Infinity || value === -Infinity) return value.toLocaleString("en-US");
  const places = decimals ?? guessedDecimals(value);
  if (value === 0) return value.toFixed(places);
  const factor = places ? 10 ** Math.max(0, places) : 1;
  const text = String(Math.round(value * factor) / factor);
  if (text.includes("e")) return text;
  const precision = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  if (!(precision < places)) return text; // NaN has no decimals
  return (precision ? text : `${text}.`) + String(factor).slice(1, places - precision + 1);
}

// Two significant digits, three where the first is small.
function guessedDecimals(value) {
  const size = Math.abs(value);
  let decimals = 1 - Math.floor(Math.log(size) / Math.LN10);
  if (size / 10 ** -decimals > 2.25) decimals += 1;
  return value % 1 === 0 ? 0 : Math.max(0, decimals);
}

function plainUnit(unit) {
  return (value, decimals) =>
    unit ? { text: fixedText(value, decimals), suffix: ` ${unit}` } : { text: fixedText(value, decimals) };
}

function scaledUnit(factor, suffixes, offset = 0) {
  return (value, decimals) => {
    if (value === null || value === undefined) return { text: "" };
    if (!Number.isFinite(value)) return { text: value.toLocaleString("en-US") };
    const step = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor));
    const suffix = suffixes[clamp(offset + step, 0, suffixes.length - 1)];
    const scale = factor ** clamp(step, -offset, suffixes.length - offset - 1);
    return { text: fixedText(value / scale, decimals), suffix };
  };
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function siUnit(unit, offset = 0) {
  return scaledUnit(1000, SI_PREFIXES.map((prefix) => ` ${prefix}${unit}`), SI_BASE + offset);
}

function binaryUnit(unit, offset = 0) {
  return scaledUnit(1024, BINARY_PREFIXES.map((prefix) => ` ${prefix}${unit}`), offset);
}

function countUnit(unit) {
  const scale = scaledUnit(1000, ["", "K", "M", "B", "T"]);
  return (value, decimals) => {
    if (value === null) return { text: "" };
    const result = scale(value, decimals);
    return { ...result, suffix: `${result.suffix} ${unit}` };
  };
}

function currencyUnit(symbol, after = false) {
  const scale = scaledUnit(1000, ["", "K", "M", "B", "T"]);
  return (value, decimals) => {
    if (value === null || value === undefined) return { text: "" };
    const result = scale(Math.abs(value), decimals);
    if (Number.isNaN(value)) result.text = "NaN";
    if (!after) result.prefix = symbol;
    else if (result.suffix !== undefined) result.suffix += symbol;
    if (value < 0) result.prefix = `-${result.prefix ?? ""}`;
    return result;
  };
}

function fullCurrencyUnit(symbol, after) {
  return (value, decimals) => {
    if (value === null) return { text: "" };
    const places = decimals ?? undefined;
    const options = { minimumFractionDigits: places ?? 0, maximumFractionDigits: places ?? 1 };
    const text = new Intl.NumberFormat("en-US", options).format(value);
    return { prefix: after ? "" : symbol, suffix: after ? symbol : "", text };
  };
}

// Each step: up to which value, what it is divided by, the unit; "plural" adds an s above 1.
const DURATIONS = {
  ns: [[1e3, 1, " ns"], [1e6, 1e3, " µs"], [1e9, 1e6, " ms"], [6e10, 1e9, " s"], [36e11, 6e10, " min", "plural"],
    [864e11, 36e11, " hour", "plural"], [Infinity, 864e11, " day", "plural"]],
  µs: [[1e3, 1, " µs"], [1e6, 1e3, " ms"], [Infinity, 1e6, " s"]],
  ms: [[1e3, 1, " ms"], [6e4, 1e3, " s"], [36e5, 6e4, " min", "plural"], [864e5, 36e5, " hour", "plural"],
    [31536e6, 864e5, " day", "plural"], [Infinity, 31536e6, " year", "plural"]],
  s: [[1e-6, 1e-9, " ns"], [1e-3, 1e-6, " µs"], [1, 1e-3, " ms"], [60, 1, " s"], [3600, 60, " min", "plural"],
    [86400, 3600, " hour", "plural"], [604800, 86400, " day", "plural"], [31536e3, 604800, " week", "plural"],
    [Infinity, 31556900, " year", "plural"]],
  m: [[60, 1, " min"], [1440, 60, " hour", "plural"], [10080, 1440, " day", "plural"],
    [604800, 10080, " week", "plural"], [Infinity, 525948, " year", "plural"]],
  h: [[24, 1, " hour"], [168, 24, " day", "plural"], [8760, 168, " week", "plural"], [Infinity, 8760, " year", "plural"]],
  d: [[7, 1, " day", "plural"], [365, 7, " week", "plural"], [Infinity, 365, " year", "plural"]],
};

function durationUnit(unit) {
  const steps = DURATIONS[unit];
  return (value, decimals) => {
    if (value === null) return { text: "" };
    if (unit === "s" && value === 0) return { text: "0", suffix: " s" };
    const [, divisor, suffix, plural] = steps.find(([limit]) => Math.abs(value) < limit) ?? steps[steps.length - 1];
    // Multiplied below one second, as Grafana does: the last digit depends on it.
    const scaled = divisor < 1 ? value * Math.round(1 / divisor) : value / divisor;
    return { text: fixedText(scaled, decimals), suffix: plural && Math.abs(scaled) > 1 ? `${suffix}s` : suffix };
  };
}

const LONG_DURATION_SECONDS = [["year", 31536e3], ["month", 2592e3], ["week", 604800], ["day", 86400], ["hour", 3600],
  ["minute", 60], ["second", 1], ["millisecond", 1e-3]];

// "1 hour, 3 minutes": as many parts as there are decimals, and one more.
function longDuration(unit, secondsPerUnit) {
  const format = (value, decimals) => {
    if (value === null) return { text: "" };
    if (value === 0) return { text: "0", suffix: ` ${unit}s` };
    if (value < 0) {
      const result = format(-value, decimals);
      return { ...result, suffix: `${result.suffix ?? ""} ago` };
    }
    let rest = value * secondsPerUnit * 1000;
    let left = decimals ?? 0;
    const parts = [];
    for (const [name, seconds] of LONG_DURATION_SECONDS) {
      if (left < 0) break;
      const count = rest / (seconds * 1000);
      if (count >= 1 || parts.length) {
        parts.push(`${Math.floor(count)} ${name}${Math.floor(count) !== 1 ? "s" : ""}`);
        rest %= seconds * 1000;
        left -= 1;
      }
    }
    return { text: parts.join(", ") };
  };
  return format;
}

function hoursMinutesSeconds(value) {
  if (value < 0) {
    return { ...hoursMinutesSeconds(-value), suffix: " ago" };
  }
  const fields = [value / 3600, (value % 3600) / 60, (value % 3600) % 60];
  return { text: fields.map((field) => ((field = Math.floor(field)), field > 9 ? `${field}` : `0${field}`)).join(":") };
}

function daysHoursMinutesSeconds(value) {
  if (value < 0) {
    return { ...daysHoursMinutesSeconds(-value), suffix: " ago" };
  }
  const days = Math.floor(value / 86400);
  return { text: (days > 0 ? `${days} d ` : "") + hoursMinutesSeconds(value - days * 86400).text };
}

// "01h:02m:03s:004ms", cut after as many parts as there are decimals.
function clockDuration(ms, decimals) {
  if (ms === null) return { text: "" };
  if (!Number.isFinite(ms) && ms < 1000) return { text: "Invalid date" };
  const text = (format) => formatDate(Math.trunc(ms), format, "utc");
  if (ms < 1000) return { text: text("SSS[ms]") };
  if (ms < 60000) return { text: text(decimals === 0 ? "ss[s]" : "ss[s]:SSS[ms]") };
  const formats = ["mm[m]", "mm[m]:ss[s]"];
  if (ms < 3600000) return { text: text(formats[decimals] ?? "mm[m]:ss[s]:SSS[ms]") };
  const hours = `${Math.floor(ms / 3600000)}h`;
  if (decimals === 0) return { text: hours };
  return { text: `${hours}:${text(formats[decimals - 1] ?? "mm[m]:ss[s]:SSS[ms]")}` };
}

function dateUnit(pattern, todayPattern) {
  return (value, decimals, timeZone) => {
    const format = todayPattern && isToday(value) ? todayPattern : pattern;
    return { text: formatDate(value, format, timeZone) };
  };
}

function localDateUnit(withoutDateToday) {
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const date = { year: "numeric", month: "2-digit", day: "2-digit", ...time };
  return (value, decimals, timeZone = clock.timeZone) => {
    const options = withoutDateToday && isToday(value) ? time : date;
    if (!isInstant(value)) return { text: "Invalid date" };
    return { text: new Intl.DateTimeFormat("en-US", { ...options, timeZone: zoneName(timeZone) }).format(value) };
  };
}

function hexText(value, decimals) {
  return parseFloat(fixedText(value, decimals)).toString(16).toUpperCase();
}

function booleanUnit(yes, no) {
  return (value) => ({ text: value ? yes : no });
}

function nullable(format) {
  return (value, decimals, ...rest) =>
    value === null || value === undefined ? { text: "" } : format(value, decimals, ...rest);
}

const UNITS = new Map();
for (const [id, unit] of Object.entries(UNIT_TABLE.fixed)) UNITS.set(id, plainUnit(unit));
for (const [id, [unit, offset]] of Object.entries(UNIT_TABLE.si)) UNITS.set(id, siUnit(unit, offset));
for (const [id, [unit, offset]] of Object.entries(UNIT_TABLE.binary)) UNITS.set(id, binaryUnit(unit, offset));
for (const [id, unit] of Object.entries(UNIT_TABLE.count)) UNITS.set(id, countUnit(unit));
for (const [id, symbol] of Object.entries(UNIT_TABLE.currency)) UNITS.set(id, currencyUnit(symbol));
for (const [id, symbol] of Object.entries(UNIT_TABLE.currencyAfter)) UNITS.set(id, currencyUnit(symbol, true));
for (const id of Object.keys(DURATIONS)) UNITS.set(id, durationUnit(id));
for (const [id, format] of Object.entries({
  string: (value) => ({ text: `${value}` }),
  short: scaledUnit(1000, ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"]),
  percent: nullable((value, decimals) => ({ text: fixedText(value, decimals), suffix: "%" })),
  percentunit: nullable((value, decimals) => ({ text: fixedText(100 * value, decimals), suffix: "%" })),
  hex: nullable((value, decimals) => ({ text: hexText(value, decimals) })),
  hex0x: nullable((value, decimals) => ({ text: hexText(value, decimals).replace(/^(-?)/, "$10x") })),
  sci: nullable((value, decimals) => ({ text: value.toExponential(decimals ?? undefined) })),
  locale: nullable((value, decimals) => ({
    text: value.toLocaleString("en-US", { maximumFractionDigits: decimals ?? undefined }),
  })),
  pressurepsi: scaledUnit(1000, ["psi", "ksi", "Mpsi"]),
  farenheit: UNITS.get("fahrenheit"),
  dateTimeAsIso: dateUnit("YYYY-MM-DD HH:mm:ss"),
  dateTimeAsIsoNoDateIfToday: dateUnit("YYYY-MM-DD HH:mm:ss", "HH:mm:ss"),
  dateTimeAsUS: dateUnit("MM/DD/YYYY h:mm:ss a"),
  dateTimeAsUSNoDateIfToday: dateUnit("MM/DD/YYYY h:mm:ss a", "h:mm:ss a"),
  dateTimeAsLocal: localDateUnit(false),
  dateTimeAsLocalNoDateIfToday: localDateUnit(true),
  dateTimeAsSystem: dateUnit(DATE_FORMATS.full),
  dateTimeFromNow: (value) => ({ text: timeAgo(value) }),
  dtdurationms: longDuration("millisecond", 1e-3),
  dtdurations: longDuration("second", 1),
  dthms: hoursMinutesSeconds,
  dtdhms: daysHoursMinutesSeconds,
  timeticks: (value, decimals) => UNITS.get("s")(value / 100, decimals),
  clockms: clockDuration,
  clocks: (value, decimals) => clockDuration(value * 1000, decimals),
  bool: booleanUnit("True", "False"),
  bool_yes_no: booleanUnit("Yes", "No"),
  bool_on_off: booleanUnit("On", "Off"),
})) {
  UNITS.set(id, format);
}

const DATE_UNITS = new Set([...UNITS.keys()].filter((id) => id.startsWith("dateTime")));

// Units with a parameter: "prefix:£", "suffix:items", "time:YYYY", "si:mF", "count:visits", "currency:€", "bool:up/down".
const UNIT_FAMILIES = {
  prefix: (rest) => (value, decimals) => ({ text: fixedText(value, decimals), ...(rest && { prefix: rest }) }),
  suffix: plainUnit,
  time: (rest) => dateUnit(rest),
  si: (rest) => {
    const index = SI_PREFIXES.findIndex((prefix) => prefix.normalize("NFKD") === rest.charAt(0).normalize("NFKD"));
    const offset = index < 0 ? 0 : index - SI_BASE;
    return siUnit(offset === 0 ? rest : rest.slice(1), offset);
  },
  count: countUnit,
  currency: (rest) => {
    const [kind, symbol, place] = rest.split(":");
    if (kind !== "financial" || symbol === undefined) return currencyUnit(rest);
    return symbol ? fullCurrencyUnit(symbol, place === "suffix") : plainUnit("");
  },
  bool: (rest) => {
    const [yes, no] = rest.includes("/") ? [rest.slice(0, rest.indexOf("/")), rest.slice(rest.indexOf("/") + 1)] : [rest, "-"];
    return booleanUnit(yes, no);
  },
};

function unitFormat(id) {
  if (!id) return plainUnit("");
  if (!UNITS.has(id)) {
    const colon = id.indexOf(":");
    const family = colon > 0 && Object.hasOwn(UNIT_FAMILIES, id.slice(0, colon)) && UNIT_FAMILIES[id.slice(0, colon)];
    UNITS.set(id, family ? family(id.slice(colon + 1)) : plainUnit(id));
  }
  return UNITS.get(id);
}

function valueText({ prefix, text, suffix }) {
  return `${prefix ?? ""}${text}${suffix ?? ""}`;
}
