// The grid of Grafana: 24 columns, rows of 30 px, gaps of 8 px; panels move up, and never overlap.

const GRID = { columns: 24, row: 30, gap: 8 };

// Places for panels: those with the same place move down, gaps above are closed (react-grid-layout's compaction).
function compactGrid(positions) {
  const order = positions.map((position, index) => ({ ...boundPosition(position), index })).sort((a, b) => a.y - b.y || a.x - b.x || a.index - b.index);
  const placed = [];
  for (const item of order) {
    item.y = Math.min(item.y, placed.reduce((bottom, other) => Math.max(bottom, other.y + other.h), 0));
    while (item.y > 0 && !placed.some((other) => overlaps(other, { ...item, y: item.y - 1 }))) item.y -= 1;
    let blocker;
    while ((blocker = placed.find((other) => overlaps(other, item)))) item.y = blocker.y + blocker.h;
    placed.push(item);
  }
  return placed.sort((a, b) => a.index - b.index);
}

// Places of panels; the copies of a repeated panel move as one block, as in Grafana, so that others do not slip between.
function panelPlaces(panels) {
  const blocks = repeatBlocks(panels);
  const moved = compactGrid(blocks.map(({ box }) => box));
  const places = new Map();
  blocks.forEach(({ members, box }, index) => {
    for (const { entry, position } of members) {
      places.set(entry, { ...position, x: position.x - box.x + moved[index].x, y: position.y - box.y + moved[index].y });
    }
  });
  return panels.map((entry) => places.get(entry));
}

function repeatBlocks(panels) {
  const items = panels.map((entry) => ({ entry, position: boundPosition(entry.panel.gridPos), source: String(entry.key).split("-clone-")[0] }));
  const bySource = new Map();
  for (const item of items) (bySource.get(item.source) ?? bySource.set(item.source, []).get(item.source)).push(item);
  return [...bySource.values()].flatMap((members) => {
    const box = surroundingBox(members.map(({ position }) => position));
    const isFree = members.length > 1 && items.every((item) => members.includes(item) || !overlaps(item.position, box));
    return isFree ? [{ members, box }] : members.map((item) => ({ members: [item], box: item.position }));
  });
}

function surroundingBox(positions) {
  const [x, y] = [Math.min(...positions.map((one) => one.x)), Math.min(...positions.map((one) => one.y))];
  return { x, y, w: Math.max(...positions.map((one) => one.x + one.w)) - x, h: Math.max(...positions.map((one) => one.y + one.h)) - y };
}

function boundPosition({ x = 0, y = 0, w = 12, h = 8 } = {}) {
  const width = clamp(Math.round(w) || 1, 1, GRID.columns);
  return { x: clamp(Math.round(x) || 0, 0, GRID.columns - width), y: Math.max(0, Math.round(y) || 0), w: width, h: Math.max(1, Math.round(h) || 1) };
}

function overlaps(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function gridPixels({ x, y, w, h }, total) {
  const column = (total - GRID.gap * (GRID.columns - 1)) / GRID.columns;
  return {
    left: Math.round((column + GRID.gap) * x),
    top: (GRID.row + GRID.gap) * y,
    width: Math.round(column * w + GRID.gap * (w - 1)),
    height: GRID.row * h + GRID.gap * (h - 1),
  };
}

// The panels by row: [{row: entry or null, panels}]. A row owns what follows it.
function rowSections(panels) {
  const sorted = panels.map((entry, index) => ({ entry, index, y: entry.panel.gridPos?.y ?? 0 }))
    .sort((a, b) => a.y - b.y || isRow(b.entry) - isRow(a.entry) || a.index - b.index).map(({ entry }) => entry);
  const sections = [{ row: null, panels: [] }];
  for (const entry of sorted) {
    if (isRow(entry)) sections.push({ row: entry, panels: [...(entry.panels ?? [])] });
    else sections[sections.length - 1].panels.push(entry);
  }
  return sections.filter(({ row, panels: members }) => row || members.length);
}

function isRow(entry) {
  return entry.panel.type === "row";
}

// Puts panels into a grid and draws them. `draw(place, entry)` draws one.
function drawGrid(container, panels, draw) {
  const places = panelPlaces(panels);
  const width = container.clientWidth;
  const nodes = panels.map((entry, index) => {
    const pixels = gridPixels(places[index], width);
    const place = element("section.panel", { id: `panel-${entry.key}`, "aria-label": entry.panel.title || entry.panel.type, style: {
      left: px(pixels.left), top: px(pixels.top), width: px(pixels.width), height: px(pixels.height),
    } });
    container.append(place);
    return place;
  });
  const rows = places.reduce((bottom, place) => Math.max(bottom, place.y + place.h), 0);
  container.style.height = px(rows ? rows * (GRID.row + GRID.gap) - GRID.gap : 0);
  panels.forEach((entry, index) => draw(nodes[index], entry));
}

// All sections of a view, with rows that open and close.
function drawSections(container, view, draw) {
  for (const { row, panels } of rowSections(view.panels)) {
    const grid = element("div.grid");
    if (row) container.append(rowHeader(row, panels, grid, draw));
    container.append(grid);
    if (!row || !isCollapsed(row)) drawGrid(grid, panels, draw);
    else grid.hidden = true;
  }
}

function isCollapsed(row) {
  return doc.collapsed.get(row.key) ?? Boolean(row.panel.collapsed);
}

function rowHeader(row, panels, grid, draw) {
  const toggle = () => {
    doc.collapsed.set(row.key, !isCollapsed(row));
    grid.hidden = isCollapsed(row);
    button.setAttribute("aria-expanded", String(!isCollapsed(row)));
    if (!grid.hidden && !grid.childElementCount) drawGrid(grid, panels, draw);
  };
  const button = element("button.row-title", { type: "button", "aria-expanded": String(!isCollapsed(row)), click: toggle }, element("h2", {}, row.panel.title || "Row"),
    element("span.row-count", {}, ` (${panels.length} ${panels.length === 1 ? "panel" : "panels"})`));
  return element("div.row", { id: `panel-${row.key}`, "data-type": "row", "data-state": "drawn" }, button,
    row.change && row.change !== "same" ? element(`span.change.${row.change}`, {}, row.change) : null);
}
