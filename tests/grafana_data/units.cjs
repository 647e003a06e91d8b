// Prints, for every unit id of Grafana, the text of each value with each number of decimals.
globalThis.navigator = { languages: ["en-US"] }; // what a browser has
const data = require("@grafana/data");

const values = [0, 1, -1, 0.5, 1 / 3, -2.345, 12.5, 59, 60, 99.95, 365, 999.999, 1000, 1023, 1536, 3599, 3661, 86400,
  90061, 604800, 1234567, 31536000, 123456789, 1.5e9, 1700000000000, 1099511627776, 6.02e23, 0.00125, 1.5e-6, 4.2e-9,
  1e-15, 0.1 + 0.2, -1536, -3661];
const decimals = [null, 0, 1, 3];
const families = ["", "none", "prefix:£", "suffix:items", "time:YYYY-MM-DD [at] h:mm a", "time:ddd D MMM YY HH:mm:ss.SSS",
  "si:mF", "si:F", "si:B/s", "count:visits", "currency:€", "currency:financial:£", "currency:financial:kr:suffix",
  "bool:up/down", "bool:up", "requests", "rows/s", "°", "unknown:unit"];
const ids = [...new Set([...families, ...data.getValueFormats().flatMap((group) => group.submenu.map((unit) => unit.value)), "farenheit"])];
const byClock = /IfToday|FromNow/; // these depend on the day on which they run
const cases = {};
for (const id of ids) {
  if (byClock.test(id)) continue;
  const format = data.getValueFormat(id);
  cases[id] = decimals.map((places) =>
    values.map((value) => data.formattedValueToString(format(value, places, null, "Europe/Berlin"))));
}
const special = {};
for (const id of ids) {
  if (byClock.test(id)) continue;
  const format = data.getValueFormat(id);
  special[id] = [Infinity, -Infinity, NaN].map((value) => {
    try {
      return data.formattedValueToString(format(value, null, null, "Europe/Berlin"));
    } catch {
      return null;
    }
  });
}
console.log(JSON.stringify({ values, decimals, cases, special }));
