// Table: typed columns with cell types, sorting, filters, a footer with calculations.

const ROW_HEIGHTS = { sm: 36, md: 42, lg: 48 };
const MAX_ROWS = 500; // what a page draws of a long table; Grafana scrolls

PANELS.table = (box, panel, { frames }) => {
  const tables = frames.filter((frame) => frame.fields.length);
  if (!tables.length) return showNoData(box, panel);
  const state = { frame: Math.min(panel.options.frameIndex ?? 0, tables.length - 1), sort: initialSort(panel), filters: new Map() };
  const redraw = () => {
    box.replaceChildren();
    const chooser = tables.length > 1 ? frameChooser(tables, state, redraw) : null;
    box.append(tableView(box, tables[state.frame], panel, state, redraw, chooser ? 40 : 0));
    if (chooser) box.append(chooser);
  };
  redraw();
  return null;
};

function initialSort(panel) {
  const [sort] = panel.options.sortBy ?? [];
  return sort ? { name: sort.displayName, descending: Boolean(sort.desc) } : null;
}

function frameChooser(tables, state, redraw) {
  return element("select.frame-chooser", { "aria-label": "Series", change: (event) => ((state.frame = Number(event.target.value)), redraw()) },
    tables.map((frame, index) => element("option", { value: index, selected: index === state.frame }, frameName(frame, index))));
}

function tableColumns(frame) {
  return frame.fields.filter((field) => !field.config.custom?.hidden && !hidden(field, "viz")).map((field) => ({
    field, custom: field.config.custom ?? {}, cell: cellOptions(field.config.custom ?? {}), align: columnAlign(field),
  }));
}

function columnAlign(field) {
  const align = field.config.custom?.align;
  if (align && align !== "auto") return align;
  const type = field.config.custom?.cellOptions?.type ?? field.config.custom?.displayMode;
  return field.type === "number" && type !== "json-view" ? "right" : "left";
}

// Cell options, also those of dashboards from before Grafana 9.4 (displayMode).
function cellOptions(custom) {
  if (custom.cellOptions?.type) return custom.cellOptions;
  const old = {
    "gradient-gauge": { type: "gauge", mode: "gradient" }, "lcd-gauge": { type: "gauge", mode: "lcd" }, basic: { type: "gauge", mode: "basic" },
    "color-background": { type: "color-background", mode: "gradient" }, "color-background-solid": { type: "color-background", mode: "basic" },
  };
  return old[custom.displayMode] ?? { type: custom.displayMode ?? "auto" };
}

function columnWidths(columns, total) {
  const fixed = columns.map(({ custom }) => (custom.width > 0 ? Number(custom.width) : 0));
  const rest = Math.max(total - fixed.reduce((sum, width) => sum + width, 0), 0);
  const flexible = fixed.filter((width) => !width).length;
  return columns.map(({ custom }, index) => fixed[index] || Math.max(Math.floor(rest / flexible), Number(custom.minWidth) || 150, 50));
}

function tableView(box, frame, panel, state, redraw, reserved) {
  const columns = tableColumns(frame);
  const widths = columnWidths(columns, box.clientWidth - 2);
  const rows = sortedRows(filteredRows(frame, columns, state.filters), columns, state.sort);
  const height = ROW_HEIGHTS[panel.options.cellHeight] ?? ROW_HEIGHTS.sm;
  const table = element("table.data-table", { style: { width: px(widths.reduce((sum, width) => sum + width, 0)) } },
    element("colgroup", {}, widths.map((width) => element("col", { style: { width: px(width) } }))),
    panel.options.showHeader === false ? null : tableHeader(columns, state, redraw),
    element("tbody", {}, rows.slice(0, MAX_ROWS).map((row) => tableRow(columns, widths, row, height))),
    tableFooter(columns, rows, panel));
  const view = element("div.table-view", { tabindex: 0, style: { height: px(box.clientHeight - reserved) } }, table);
  if (rows.length > MAX_ROWS) view.append(element("div.note", {}, `${rows.length - MAX_ROWS} more rows`));
  return view;
}

function tableHeader(columns, state, redraw) {
  return element("thead", {}, element("tr", {}, columns.map(({ field, custom, align }) => {
    const sorted = state.sort?.name === field.displayName;
    const arrow = sorted ? (state.sort.descending ? " ↓" : " ↑") : "";
    const sort = () => ((state.sort = nextSort(state.sort, field.displayName)), redraw());
    return element("th", { class: align, title: field.config.description ?? null, "aria-sort": sorted ? (state.sort.descending ? "descending" : "ascending") : null },
      element("button", { type: "button", click: sort }, field.displayName + arrow),
      custom.filterable || field.config.filterable ? columnFilter(field, state, redraw) : null);
  })));
}

// A sign that opens the filter of a column; open as long as it filters.
function columnFilter(field, state, redraw) {
  const input = filterInput(field, state, redraw);
  input.hidden = !state.filters.get(field.displayName);
  const open = () => {
    input.hidden = false;
    input.focus();
  };
  return [element("button.filter-sign", { type: "button", "aria-label": `Filter ${field.displayName}`, click: open }, "▽"), input];
}

function filterInput(field, state, redraw) {
  return element("input.filter", { type: "search", value: state.filters.get(field.displayName) ?? "", placeholder: "Filter", "aria-label": `Filter ${field.displayName}`,
    change: (event) => (state.filters.set(field.displayName, event.target.value), redraw()) });
}

function nextSort(sort, name) {
  if (sort?.name !== name) return { name, descending: false };
  return sort.descending ? null : { name, descending: true };
}

function filteredRows(frame, columns, filters) {
  const rows = Array.from({ length: frameLength(frame) }, (_, row) => row);
  const active = columns.filter(({ field }) => filters.get(field.displayName));
  return rows.filter((row) => active.every(({ field }) =>
    valueText(field.display(field.values[row])).toLowerCase().includes(filters.get(field.displayName).toLowerCase())));
}

function sortedRows(rows, columns, sort) {
  const column = sort && columns.find(({ field }) => field.displayName === sort.name);
  if (!column) return rows;
  const compare = valueComparer(column.field);
  return [...rows].sort((a, b) => compare(column.field.values[a], column.field.values[b]) * (sort.descending ? -1 : 1));
}

function tableRow(columns, widths, row, height) {
  const whole = columns.find(({ cell }) => cell.type === "color-background" && cell.applyToRow);
  const style = { height: px(height) };
  if (whole) Object.assign(style, backgroundStyle(whole.field.display(whole.field.values[row]).color, "basic"));
  return element("tr", { style }, columns.map((column, index) => tableCell(column, row, widths[index], height, Boolean(whole))));
}

function tableCell({ field, custom, cell, align }, row, width, height, rowColored) {
  const value = field.values[row];
  const display = field.display(value);
  const node = element("td", { class: align + (cell.wrapText || custom.wrapText ? " wrap" : "") });
  const draw = CELLS[cell.type] ?? CELLS.auto;
  draw(node, { field, value, display, cell, width: width - 12, height, rowColored });
  const links = (field.config.links ?? []).map((link) => link.title).filter(Boolean);
  if (links.length) {
    node.title = links.join("\n");
    node.classList.add("linked");
  } else if (!node.title) node.title = node.textContent;
  return node;
}

function backgroundStyle(color, mode) {
  const sign = theme.isDark ? 1 : -0.7;
  const background = mode === "gradient" ? `linear-gradient(120deg, ${darkerColor(color, 10 * sign, 5)}, ${color})` : color;
  return rgba(color)[3] === 0 ? {} : { background, color: textColorOn(color) };
}

const CELLS = {
  auto: (node, { display, value }) => node.append(typeof value === "object" && value !== null && !Array.isArray(value) && !value.times ? JSON.stringify(value) : value?.times ? valueText({ text: "" }) : valueText(display)),
  "color-text": (node, { display }) => {
    node.style.color = display.color;
    node.append(valueText(display));
  },
  "color-background": (node, { display, cell, rowColored }) => {
    if (!rowColored) Object.assign(node.style, backgroundStyle(display.color, cell.mode ?? "gradient"));
    node.append(valueText(display));
  },
  gauge: (node, { field, value, display, cell, width, height }) => {
    node.classList.add("gauge-cell");
    if (typeof value !== "number") return node.append(valueText(display));
    node.append(barGaugeBar({ ...display, field, value }, { width, height: height - 12, displayMode: cell.mode ?? "gradient", vertical: false, valueMode: cell.valueDisplayMode ?? "text", fontSize: 14 }));
    return null;
  },
  sparkline: (node, { field, value, width, height, cell }) => {
    const series = value?.times ? value : null;
    if (!series) return node.append("");
    const color = seriesColor({ ...field, type: "number", values: series.values });
    const text = cell.hideValue ? "" : valueText(displayProcessor({ ...field, type: "number", range: numberRange([{ type: "number", values: series.values }]) })(series.value));
    const textSpace = text ? Math.min(textWidth(text, 14) + 12, width / 2) : 0;
    node.classList.add("sparkline-cell");
    node.append(text ? element("span", { style: { width: px(textSpace) } }, text) : "", sparklineGraph(series, Math.max(width - textSpace - 8, 10), height - 12, { line: color, fill: withOpacity(color, 0.17) }, null, text));
    return null;
  },
  "json-view": (node, { value }) => node.append(element("code", {}, typeof value === "string" ? value : (JSON.stringify(value) ?? ""))),
  image: (node, { value, cell, height }) => {
    const url = String(value ?? "");
    if (/^data:image\//.test(url)) node.append(element("img", { src: url, alt: cell.alt ?? "", height: height - 8 }));
    else node.append(element("span.note", { title: url }, url ? `(image: ${cell.alt || url})` : ""));
  },
  "data-links": (node, { field, display }) => {
    const titles = (field.config.links ?? []).map((link) => link.title).filter(Boolean);
    node.append(element("span.link", {}, titles.join(" ") || valueText(display)));
  },
  pill: (node, { field, value, display }) => {
    const values = Array.isArray(value) ? value : String(valueText(display)).split(",").map((part) => part.trim()).filter(Boolean);
    node.append(...values.map((text) => {
      const color = colorMode(field.config) === "thresholds" ? display.color : seriesPaletteColor("palette-classic-by-name", "", 0, String(text));
      return element("span.pill", { style: { background: color, color: textColorOn(color) } }, String(text));
    }));
  },
  markdown: (node, { value }) => node.append(sanitizedHtml(markdownHtml(String(value ?? "")))),
};

function tableFooter(columns, rows, panel) {
  const footer = panel.options.footer;
  const old = footer?.show && (footer.reducer ?? []).length;
  const reducersOf = ({ field, custom }) => {
    if (custom.footer?.reducers?.length) return custom.footer.reducers;
    const chosen = !footer?.fields?.length || footer.fields.includes(field.displayName);
    return old && chosen && field.type === "number" ? footer.reducer : [];
  };
  if (!columns.some((column) => reducersOf(column).length) && !(old && footer.countRows)) return null;
  return element("tfoot", {}, element("tr", {}, columns.map((column, index) => element("td", { class: column.align },
    old && footer.countRows && footer.reducer[0] === "count" ? (index === 0 ? `Count: ${rows.length}` : "") : footerTexts(column, rows, reducersOf(column), old ? footer.reducer[0] : null, index)))));
}

function footerTexts({ field }, rows, reducers, single, index) {
  if (!reducers.length) return single && index === 0 ? `${reducerName(single)}` : "";
  const values = { ...field, values: rows.map((row) => field.values[row]) };
  return reducers.map((calculation) => {
    const text = valueText(countingDisplay(values, reducerId(calculation))(reduceField(values, calculation)));
    return element("div", {}, single && reducers.length === 1 ? text : `${reducerName(calculation)}: ${text}`);
  });
}
