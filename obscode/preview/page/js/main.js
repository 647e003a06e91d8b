// The start of the page: reads the document, draws a view, reacts to switches, to the size and to the theme.

async function start() {
  doc.data = await readDocument();
  const settings = new URLSearchParams(location.hash.slice(1));
  clock.timeZone = doc.data.dashboard.timezone || "browser";
  theme = THEMES[settings.get("theme")] ?? preferredTheme();
  doc.view = clamp(Number(settings.get("view")) || 0, 0, doc.data.views.length - 1);
  doc.showsBefore = Boolean(doc.data.before) && settings.get("show") !== "all";
  doc.opensRows = settings.get("rows") === "open";
  redraw();
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) {
      width = innerWidth;
      redraw();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme = preferredTheme();
    redraw();
  });
  document.documentElement.dataset.ready = "true";
}

// The document is JSON, or gzip in base64.
async function readDocument() {
  const node = document.getElementById("document");
  if (node.type === "application/json") return JSON.parse(node.textContent);
  const bytes = Uint8Array.from(atob(node.textContent.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function preferredTheme() {
  return matchMedia("(prefers-color-scheme: light)").matches ? THEMES.light : THEMES.dark;
}

function switchTheme() {
  theme = theme.isDark ? THEMES.light : THEMES.dark;
  redraw();
}

function showView(index) {
  if (index === null || Number.isNaN(index)) return;
  doc.view = index;
  redraw();
}

function trackPlot(plot) {
  if (plot) doc.plots.push(plot);
}

function redraw() {
  const view = doc.data.views[doc.view];
  hideTooltip();
  for (const plot of doc.plots) plot.destroy();
  doc.plots = [];
  clock.now = view.time.to;
  document.documentElement.dataset.theme = theme.name;
  drawHeader(document.querySelector("#header"), view);
  drawTimeline(document.querySelector("#timeline"), view);
  const container = document.querySelector("#panels");
  container.replaceChildren();
  if (doc.opensRows) for (const entry of view.panels) if (isRow(entry) && !doc.collapsed.has(entry.key)) doc.collapsed.set(entry.key, false);
  if (doc.showsBefore) drawComparison(container, view);
  else drawSections(container, view, (place, entry) => trackPlot(drawPanel(place, entry)));
}

if (typeof document !== "undefined") start();
