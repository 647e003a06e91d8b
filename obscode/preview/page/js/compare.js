// Before and after: changed panels side by side, added and removed ones by themselves, the others folded.

const CHANGE_ORDER = ["removed", "changed", "added"];

// [{change, before, after}] of two views; the document says what changed, or the JSON does.
function panelChanges(view, before) {
  const used = new Set();
  const pairs = view.panels.map((after) => {
    const other = counterpart(after, before);
    if (other) used.add(other);
    const change = after.change ?? (!other ? "added" : JSON.stringify(other.panel) === JSON.stringify(after.panel) ? "same" : "changed");
    return { change, before: change === "added" ? null : other, after };
  });
  const removed = (before?.panels ?? []).filter((entry) => !used.has(entry)).map((entry) => ({ change: "removed", before: entry, after: null }));
  return [...removed, ...pairs];
}

function drawComparison(container, view) {
  const before = doc.data.before[doc.view] ?? doc.data.before[0];
  const changes = panelChanges(view, before);
  const shown = changes.filter(({ change }) => change !== "same").sort((a, b) => CHANGE_ORDER.indexOf(a.change) - CHANGE_ORDER.indexOf(b.change));
  const same = changes.filter(({ change, after }) => change === "same" && !isRow(after));
  if (!shown.length) container.append(element("p.message", {}, "No panel differs from the base revision."));
  for (const { change, before: old, after } of shown) {
    const title = (after ?? old).panel.title || (after ?? old).panel.type;
    const pair = element("div.pair", { "data-change": change });
    container.append(element("h2.pair-title", {}, title, element(`span.change.${change}`, {}, change)), pair);
    if ((after ?? old).panel.type === "row") continue;
    for (const [entry, label] of [[old, "Before"], [after, "After"]]) pair.append(comparedPanel(entry, label));
  }
  for (const place of container.querySelectorAll(".pair .panel[data-key]")) drawComparedPanel(place, view, before);
  if (same.length) container.append(unchangedPanels(view, same));
}

function comparedPanel(entry, label) {
  if (!entry) return element("div.side", {}, element("h3", {}, label), element("div.absent", {}, label === "Before" ? "not in the base revision" : "removed"));
  const height = gridPixels(boundPosition(entry.panel.gridPos), 1000).height;
  const place = element("section.panel", { "data-key": entry.key, "data-side": label, style: { height: px(Math.max(height, 120)) } });
  return element("div.side", {}, element("h3", {}, label), place);
}

function drawComparedPanel(place, view, before) {
  const source = place.dataset.side === "Before" ? before : view;
  const entry = source.panels.find((panel) => panel.key === place.dataset.key);
  trackPlot(drawPanel(place, { ...entry, isBefore: source === before, change: undefined }));
}

function unchangedPanels(view, same) {
  const grid = element("div.grid", { hidden: true });
  const text = `${same.length} unchanged ${same.length === 1 ? "panel" : "panels"}`;
  const toggle = () => {
    grid.hidden = !grid.hidden;
    button.setAttribute("aria-expanded", String(!grid.hidden));
    if (!grid.childElementCount) drawGrid(grid, same.map(({ after }) => after), (place, entry) => trackPlot(drawPanel(place, entry)));
  };
  const button = element("button.row-title", { type: "button", "aria-expanded": "false", click: toggle }, text);
  return element("div.unchanged", {}, element("div.row", {}, button), grid);
}
