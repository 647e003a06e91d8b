// Instants as text, in the time zone and with the format tokens (of moment.js) that Grafana uses.

const DATE_FORMATS = {
  full: "YYYY-MM-DD HH:mm:ss",
  fullWithMs: "YYYY-MM-DD HH:mm:ss.SSS",
  millisecond: "HH:mm:ss.SSS",
  second: "HH:mm:ss",
  minute: "HH:mm",
  hour: "MM/DD HH:mm",
  day: "MM/DD",
  month: "YYYY-MM",
  year: "YYYY",
};

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DATE_TOKENS = /\[[^\]]*\]|\\.|YYYY|YY|MMMM|MMM|MM|M|DDDD|DDD|Do|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x|LLLL|LLL|LL|L|LTS|LT/g;
const LOCAL_FORMATS = {
  LT: "h:mm A", LTS: "h:mm:ss A", L: "MM/DD/YYYY", LL: "MMMM D, YYYY", LLL: "MMMM D, YYYY h:mm A",
  LLLL: "dddd, MMMM D, YYYY h:mm A",
};

// The settings of the page: the dashboard's time zone, and the instant that counts as now (the end of the view).
const clock = { timeZone: "utc", now: 0 };

const zoneFormats = new Map();

function zoneFormat(timeZone) {
  if (!zoneFormats.has(timeZone)) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    zoneFormats.set(timeZone, new Intl.DateTimeFormat("en-US", { timeZone: zoneName(timeZone), hourCycle: "h23", ...fields }));
  }
  return zoneFormats.get(timeZone);
}

// The name for Intl; an unknown zone is the browser's, as in Grafana.
function zoneName(timeZone) {
  if (timeZone === "utc" || timeZone === "UTC") return "UTC";
  if (!timeZone || timeZone === "browser") return undefined;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

// Year, month (1 to 12), day, hour, minute, second, ms and the offset in minutes of an instant in a zone.
function dateParts(ms, timeZone = clock.timeZone) {
  const parts = { ms: ((Math.trunc(ms) % 1000) + 1000) % 1000 };
  for (const { type, value } of zoneFormat(timeZone).formatToParts(Math.trunc(ms))) {
    if (type !== "literal") parts[type] = Number(value);
  }
  const wall = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second, parts.ms);
  parts.offset = Math.round((wall - Math.trunc(ms)) / 60000);
  parts.weekday = new Date(wall).getUTCDay();
  return parts;
}

function padded(number, width = 2) {
  return String(number).padStart(width, "0");
}

function formatDate(ms, format = DATE_FORMATS.full, timeZone = clock.timeZone) {
  if (!isInstant(ms)) return "Invalid date";
  const parts = dateParts(ms, timeZone);
  return format.replace(DATE_TOKENS, (token) => dateToken(token, parts, ms));
}

// What JavaScript's dates can hold.
function isInstant(ms) {
  return typeof ms === "number" && Math.abs(ms) <= 8.64e15;
}

function dateToken(token, parts, ms) {
  if (token[0] === "[") return token.slice(1, -1);
  if (token[0] === "\\") return token.slice(1);
  if (LOCAL_FORMATS[token]) return LOCAL_FORMATS[token].replace(DATE_TOKENS, (part) => dateToken(part, parts, ms));
  const hour12 = parts.hour % 12 || 12;
  const sign = parts.offset < 0 ? "-" : "+";
  const zone = (separator) =>
    sign + padded(Math.floor(Math.abs(parts.offset) / 60)) + separator + padded(Math.abs(parts.offset) % 60);
  switch (token) {
    case "YYYY": return padded(parts.year, 4);
    case "YY": return padded(parts.year % 100);
    case "MMMM": return MONTHS[parts.month - 1];
    case "MMM": return MONTHS[parts.month - 1].slice(0, 3);
    case "MM": return padded(parts.month);
    case "M": return String(parts.month);
    case "DDDD": return padded(dayOfYear(parts), 3);
    case "DDD": return String(dayOfYear(parts));
    case "Do": return ordinal(parts.day);
    case "DD": return padded(parts.day);
    case "D": return String(parts.day);
    case "dddd": return WEEKDAYS[parts.weekday];
    case "ddd": return WEEKDAYS[parts.weekday].slice(0, 3);
    case "HH": return padded(parts.hour);
    case "H": return String(parts.hour);
    case "hh": return padded(hour12);
    case "h": return String(hour12);
    case "mm": return padded(parts.minute);
    case "m": return String(parts.minute);
    case "ss": return padded(parts.second);
    case "s": return String(parts.second);
    case "SSS": return padded(parts.ms, 3);
    case "A": return parts.hour < 12 ? "AM" : "PM";
    case "a": return parts.hour < 12 ? "am" : "pm";
    case "Z": return zone(":");
    case "ZZ": return zone("");
    case "X": return String(Math.floor(ms / 1000));
    default: return String(ms); // x
  }
}

function dayOfYear(parts) {
  return Math.round((Date.UTC(parts.year, parts.month - 1, parts.day) - Date.UTC(parts.year, 0, 1)) / 86400000) + 1;
}

function ordinal(number) {
  const last = number % 100;
  const suffix = last > 10 && last < 14 ? "th" : ["th", "st", "nd", "rd"][number % 10] || "th";
  return number + suffix;
}

function isToday(ms) {
  return formatDate(ms, "YYYY-MM-DD") === formatDate(clock.now, "YYYY-MM-DD");
}

// "3 minutes ago", with the thresholds and roundings of moment.js.
function timeAgo(ms, now = clock.now) {
  const seconds = Math.round(Math.abs(ms - now) / 1000);
  const minutes = Math.round(Math.abs(ms - now) / 60000);
  const hours = Math.round(Math.abs(ms - now) / 3600000);
  const days = Math.round(Math.abs(ms - now) / 86400000);
  const months = Math.round(Math.abs(ms - now) / 86400000 / 30.436875);
  const years = Math.round(Math.abs(ms - now) / 86400000 / 365.2425);
  const steps = [
    [seconds <= 44, "a few seconds"],
    [minutes <= 1, "a minute"],
    [minutes < 45, `${minutes} minutes`],
    [hours <= 1, "an hour"],
    [hours < 22, `${hours} hours`],
    [days <= 1, "a day"],
    [days < 26, `${days} days`],
    [months <= 1, "a month"],
    [months < 11, `${months} months`],
    [years <= 1, "a year"],
    [true, `${years} years`],
  ];
  const text = steps.find(([applies]) => applies)[1];
  return ms > now ? `in ${text}` : `${text} ago`;
}

// The instant at which the wall clock of a zone shows these fields (month from 1).
function instantOf(year, month, day, hour, minute, timeZone = clock.timeZone) {
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  const guess = wall - dateParts(wall, timeZone).offset * 60000;
  return wall - dateParts(guess, timeZone).offset * 60000;
}
