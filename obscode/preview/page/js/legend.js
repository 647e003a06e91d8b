// Legends: a list or a table with calculations, below or beside the chart. A click shows one series alone.

// The calculations of a field as texts, formatted by its unit (counts and percentages by their own).
function calculationTexts(field, calcs) {
  return calcs.map((calc) => {
    const id = reducerId(calc);
    const value = reduceField(field, id);
    const unit = id === "diffperc" ? "percent" : COUNTING_REDUCERS.has(id) ? "none" : null;
    const display = unit ? displayProcessor({ ...field, config: { ...field.config, unit, mappings: [] } }) : field.display;
    return { name: reducerName(calc), text: valueText(display(value)), numeric: toNumber(value) };
  });
}

// Puts a legend into a box and returns what remains for the chart. Items: {label, color, field?, texts?}.
function chartWithLegend(box, items, options = {}, onSelect = () => {}) {
  const { displayMode = "list", placement = "bottom", calcs = [], showLegend = true, width } = options;
  if (!showLegend || displayMode === "hidden" || !items.length) return { chart: chartBox(box, box.clientWidth, box.clientHeight), legend: null };
  const right = placement === "right";
  const lines = items.map((item) => ({ ...item, texts: item.texts ?? (item.field ? calculationTexts(item.field, calcs) : []) }));
  const legend = displayMode === "table" ? legendTable(lines, options, onSelect) : legendList(lines, right, onSelect);
  legend.classList.add("legend", right ? "legend-right" : "legend-bottom");
  box.classList.add("with-legend", right ? "beside" : "below");
  const chart = element("div.chart");
  box.append(chart, legend);
  if (right) legend.style.maxWidth = "60%";
  if (right && width) legend.style.width = px(width);
  if (!right) legend.style.maxHeight = box.clientHeight > 0 ? px(Math.max(22, Math.floor(box.clientHeight * 0.35))) : "35%";
  const size = right
    ? [box.clientWidth - legend.offsetWidth - 8, box.clientHeight]
    : [box.clientWidth, box.clientHeight - legend.offsetHeight - 4];
  chart.style.width = px(Math.max(size[0], 20));
  chart.style.height = px(Math.max(size[1], 20));
  return { chart, legend };
}

function chartBox(box, width, height) {
  const chart = element("div.chart", { style: { width: px(width), height: px(height) } });
  box.append(chart);
  return chart;
}

function legendLabel(item, index, onSelect) {
  return element("button.legend-label", {
    type: "button", title: item.label, "aria-label": `Show only ${item.label}`,
    click: (event) => onSelect(index, event.ctrlKey || event.metaKey || event.shiftKey),
  }, element("span.swatch", { class: `swatch ${item.dashed ? "dashed" : ""}`, style: item.dashed ? { borderColor: item.color } : { background: item.color } }), item.label);
}

function legendList(items, vertical, onSelect) {
  return element("div", { class: vertical ? "legend-list vertical" : "legend-list" }, items.map((item, index) =>
    element("span.legend-item", {}, legendLabel(item, index, onSelect),
      item.texts.map(({ name, text }) => element("span.legend-calc", {}, `${item.texts.length > 1 || item.nameCalcs !== false ? `${name}: ` : ""}${text}`)))));
}

function legendTable(items, { sortBy, sortDesc }, onSelect) {
  const names = items[0].texts.map(({ name }) => name);
  const order = items.map((_, index) => index);
  const column = names.indexOf(sortBy);
  const value = (index) => (Number.isNaN(items[index].texts[column]?.numeric) ? -Infinity : items[index].texts[column].numeric);
  if (sortBy === "Name") order.sort((a, b) => items[a].label.localeCompare(items[b].label, "en-US") * (sortDesc ? -1 : 1));
  else if (column >= 0) order.sort((a, b) => (value(a) - value(b)) * (sortDesc ? -1 : 1));
  return element("div", {}, element("table.legend-table", {},
    element("thead", {}, element("tr", {}, element("th", {}, "Name"), names.map((name) => element("th.number", {}, name)))),
    element("tbody", {}, order.map((index) => element("tr", {}, element("td", {}, legendLabel(items[index], index, onSelect)),
      items[index].texts.map(({ text }) => element("td.number", {}, text)))))));
}

// Which series are visible after a click: one alone, or all again; with a modifier one more or less.
function toggledSeries(visible, index, add) {
  if (add) return visible.map((shows, at) => (at === index ? !shows : shows));
  const alone = visible.every((shows, at) => shows === (at === index));
  return visible.map((_, at) => alone || at === index);
}
