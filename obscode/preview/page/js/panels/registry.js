// The registry of panel types, their defaults, and the frame around each: title, errors, notes, "No data".

// PANELS[type](box, panel, {frames, from, to, interval}) draws into a box. It returns a plot of uPlot to resize, or null.
const PANELS = {};

const DEFAULT_THRESHOLDS = { mode: "absolute", steps: [{ color: "green", value: null }, { color: "red", value: 80 }] };
const DEFAULT_COLOR_MODES = {
  timeseries: "palette-classic", barchart: "palette-classic", histogram: "palette-classic", piechart: "palette-classic", xychart: "palette-classic",
  trend: "palette-classic", candlestick: "palette-classic", "state-timeline": "continuous-GrYlRd", "status-history": "thresholds",
};

// Types that look like another one as far as the page draws them.
const SUCCESSORS = { trend: "timeseries", candlestick: "timeseries", newgauge: "gauge", "table-old": "table", graph: "timeseries", singlestat: "stat",
  "grafana-piechart-panel": "piechart", "grafana-singlestat-panel": "stat", radialbar: "gauge" };

const NOT_DRAWABLE = {
  geomap: "it needs the tiles of a map server", nodeGraph: "its data are no metrics", traces: "its data are no metrics", flamegraph: "its data are no metrics",
  canvas: "its elements are not supported", datagrid: "its data are entered in Grafana",
};

// A panel with the settings that Grafana's panel plugins have by default.
function completePanel(panel) {
  const defaults = panel.fieldConfig?.defaults ?? {};
  return {
    ...panel,
    type: SUCCESSORS[panel.type] ?? panel.type,
    options: panel.options ?? {},
    fieldConfig: {
      overrides: panel.fieldConfig?.overrides ?? [],
      defaults: { ...defaults, thresholds: defaults.thresholds?.steps?.length ? defaults.thresholds : DEFAULT_THRESHOLDS, color: defaultColor(panel.type, defaults.color) },
    },
  };
}

function defaultColor(type, color) {
  return color?.mode ? color : { ...color, mode: DEFAULT_COLOR_MODES[SUCCESSORS[type] ?? type] ?? "thresholds" };
}

function showMessage(box, text, kind = "message") {
  box.replaceChildren(element(`div.${kind}`, {}, text));
  box.closest(".panel")?.setAttribute("data-state", kind);
  return null;
}

function showNoData(box, panel, big = false) {
  const noValue = panel.fieldConfig?.defaults?.noValue;
  const text = noValue || "No data";
  box.closest(".panel")?.setAttribute("data-state", "no-data");
  if (!big) return showMessageKeepingState(box, text);
  const size = fittingFontSize(text, box.clientWidth - 16, box.clientHeight - 16, LINE_HEIGHT, Infinity, VALUE_WEIGHT);
  const color = valueColorOfNothing(panel);
  const filled = /background/.test(panel.options.colorMode ?? "");
  box.classList.add("stat", "centered");
  Object.assign(box.style, { background: filled ? color : "", color: filled ? textColorOn(color) : color });
  box.append(element("div.stat-value", { style: { fontSize: px(size) } }, text));
  return null;
}

function showMessageKeepingState(box, text) {
  box.replaceChildren(element("div.message", {}, text));
  return null;
}

function valueColorOfNothing(panel) {
  const field = { type: "number", values: [], config: panel.fieldConfig.defaults, range: { min: 0, max: 100 } };
  return displayProcessor(field)(null).color;
}

// Draws one panel of the document into its place. Sizes are known: the place is in the page.
function drawPanel(place, entry) {
  const panel = completePanel(entry.panel);
  const { frames: transformed, unknown } = entry.undrawable ? { frames: [], unknown: [] } : transformedFrames(framesOf(entry), panel.transformations);
  const notes = panelNotes(entry, unknown);
  place.replaceChildren();
  place.classList.toggle("transparent", Boolean(panel.transparent));
  place.dataset.type = entry.panel.type ?? "";
  place.dataset.state = "drawn";
  if (panel.title || notes.length) place.append(panelHeader(panel, entry, notes));
  const box = element("div.panel-content", { class: `panel-content type-${panel.type}` });
  place.append(box);
  if (!panel.title && !notes.length) box.classList.add("headerless");
  try {
    return drawContent(box, panel, entry, transformed);
  } catch (error) {
    console.error(`panel ${entry.key}: ${error.stack}`);
    return showMessage(box, `The preview cannot draw this panel: ${error.message}`, "failure");
  }
}

function drawContent(box, panel, entry, transformed) {
  if (entry.undrawable) return showUndrawable(box, panel, entry.undrawable);
  const draw = PANELS[panel.type];
  if (!draw) return showUndrawable(box, panel, NOT_DRAWABLE[panel.type] ?? "the preview does not know this type of panel");
  const frames = configuredFrames(transformed, panel.fieldConfig);
  if (NUMBERS_ONLY.has(panel.type)) recountColors(frames);
  const context = { frames, from: entry.from, to: entry.to, interval: entry.interval };
  const errors = realErrors(entry);
  if (errors.length && !frames.length) return showMessage(box, errors.map((error) => error.message).join("\n"), "failure");
  const hasData = frames.some((frame) => frame.fields.some((field) => field.values.length));
  if (!hasData && !draw.needsNoData) return showNoData(box, panel, panel.type === "stat");
  const plot = draw(box, panel, context);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", panelSummary(panel, frames));
  return plot;
}

// In charts only numbers take a colour of the palette.
const NUMBERS_ONLY = new Set(["timeseries", "barchart", "xychart", "histogram"]);

function recountColors(frames) {
  let index = 0;
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type !== "number" && field.type !== "boolean") continue;
      field.colorIndex = index;
      index += 1;
    }
  }
}

// What a screen reader says of a chart.
function panelSummary(panel, frames) {
  const names = frames.flatMap((frame) => frame.fields.filter((field) => field.type !== "time").map((field) => field.displayName));
  const list = names.slice(0, 5).join(", ") + (names.length > 5 ? " and more" : "");
  return `${panel.type} panel${panel.title ? ` ${panel.title}` : ""}${names.length ? `: ${names.length} fields, ${list}` : ""}`;
}

function showUndrawable(box, panel, reason) {
  box.closest(".panel").dataset.state = "undrawable";
  box.append(element("div.undrawable", {}, element("strong", {}, `${panel.type || "panel"}: not drawable in the preview`), element("span", {}, reason)));
  return null;
}

const NOT_DRAWABLE_QUERY = "not drawable: ";

function realErrors(entry) {
  return (entry.errors ?? []).filter((error) => !error.message?.startsWith(NOT_DRAWABLE_QUERY));
}

function panelNotes(entry, unknown) {
  const queryNotes = (entry.errors ?? []).filter((error) => error.message?.startsWith(NOT_DRAWABLE_QUERY));
  return [
    ...realErrors(entry).map((error) => ({ kind: "error", text: `${error.refId ? `${error.refId}: ` : ""}${error.message}` })),
    ...queryNotes.map((error) => ({ kind: "note", text: `query ${error.refId ?? ""} is ${error.message}` })),
    ...unknown.map((id) => ({ kind: "note", text: `transformation ${id} is not applied` })),
  ];
}

function panelHeader(panel, entry, notes) {
  const links = (panel.links ?? []).map((link) => link.title).filter(Boolean);
  const time = [panel.timeFrom && !panel.hideTimeOverride ? `Last ${panel.timeFrom}` : "", panel.timeShift && !panel.hideTimeOverride ? `timeshift -${panel.timeShift}` : ""].filter(Boolean).join(", ");
  return element("div.panel-header", {},
    element("h2.panel-title", { title: panel.title || null }, panel.title ?? ""),
    panel.description ? element("span.info", { title: panel.description, role: "img", "aria-label": `Description: ${panel.description}` }, "i") : null,
    time ? element("span.time-info", {}, time) : null,
    links.length ? element("span.info", { title: links.join("\n"), role: "img", "aria-label": `Links: ${links.join(", ")}` }, "↗") : null,
    notes.length ? element(`span.badge.${notes.some(({ kind }) => kind === "error") ? "error" : "note"}`, { title: notes.map(({ text }) => text).join("\n"), role: "img", "aria-label": notes.map(({ text }) => text).join("; ") },
      notes.length === 1 ? shortened(notes[0].text, 40) : `${notes.length} notes`) : null,
    entry.change && entry.change !== "same" ? element(`span.change.${entry.change}`, {}, entry.change) : null);
}

function shortened(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
