// Reads cases.json from its input and prints what Grafana makes of them: transformations, reductions, displays.
globalThis.navigator = { languages: ["en-US"] }; // what a browser has
const data = require("@grafana/data");
const { firstValueFrom } = require("rxjs");
const fs = require("fs");

globalThis.window = globalThis; // what transformations look at; before, a package would look for a document
const transformers = [...new Map(Object.values(data.standardTransformers).map((one) => [one.id, one])).values()];
data.standardTransformersRegistry.setInit(() => transformers.map((one) => (
  { id: one.id, aliasIds: one.aliasIds, name: one.name, transformation: () => Promise.resolve(one) })));
const theme = data.createTheme({ colors: { mode: "dark" } });
const plain = (value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value ?? null);

async function transformed(frames, transformations) {
  const inputs = frames.map((frame) => data.toDataFrame({ ...frame, fields: frame.fields.map((field) => (
    { ...field, config: { ...field.config }, values: [...field.values] })) }));
  const results = await firstValueFrom(data.transformDataFrame(transformations, inputs, { interpolate: (text) => text }));
  return results.map((frame) => frame.fields.map((field) => (
    { name: data.getFieldDisplayName(field, frame, results), type: field.type, values: Array.from(field.values, plain) })));
}

function reductions(values) {
  const type = values.some((value) => typeof value === "string") ? "string" : "number";
  const ids = data.fieldReducers.list().map((reducer) => reducer.id);
  return Object.fromEntries(ids.map((id) => [id, plain(data.reduceField({ field: { name: "x", type, config: {}, values }, reducers: [id] })[id])]));
}

function displays({ config, type, values }) {
  const steps = config.thresholds?.steps.map((step) => ({ ...step, value: step.value ?? -Infinity }));
  const field = { name: "x", type, config: { ...config, ...(steps && { thresholds: { ...config.thresholds, steps } }) }, values };
  const process = data.getDisplayProcessor({ field, theme, timeZone: "utc" });
  return values.map((value) => {
    const display = process(value);
    return [data.formattedValueToString(display), display.color];
  });
}

(async () => {
  const cases = JSON.parse(fs.readFileSync(0, "utf8"));
  const results = [];
  for (const one of cases.transformations) results.push(await transformed(cases.frames[one.frames], one.transformations));
  console.log(JSON.stringify({ transformations: results, reductions: cases.reductions.map(reductions), displays: cases.displays.map(displays) }));
})();
