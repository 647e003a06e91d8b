// The tooltip that follows the cursor: a title, and lines with a colour, a name and a value.

const tooltip = { node: null };

function showTooltip(event, title, lines) {
  tooltip.node ??= document.body.appendChild(element("div.tooltip", { role: "status" }));
  tooltip.node.replaceChildren(
    element("div.tooltip-title", {}, title),
    ...lines.map(({ color, name, value, strong }) => element("div.tooltip-line", { class: strong ? "tooltip-line strong" : "tooltip-line" },
      color ? element("span.swatch", { style: { background: color } }) : null, element("span.name", {}, name), element("span.value", {}, value))),
  );
  tooltip.node.hidden = false;
  const { width, height } = tooltip.node.getBoundingClientRect();
  const left = event.clientX + 16 + width > innerWidth ? event.clientX - width - 16 : event.clientX + 16;
  const top = Math.max(4, Math.min(event.clientY + 12, innerHeight - height - 4));
  Object.assign(tooltip.node.style, { left: px(Math.max(4, left)), top: px(top) });
}

function hideTooltip() {
  if (tooltip.node) tooltip.node.hidden = true;
}

// The tooltip of a plot: `lines(index, nearest)` are its lines at an index of the data.
function plotTooltip(title, lines) {
  return {
    hooks: {
      init: [(u) => {
        u.over.addEventListener("mousemove", (event) => {
          const index = u.cursor.idx;
          const found = index == null ? [] : lines(u, index);
          if (found.length) showTooltip(event, title(u, index), found);
          else hideTooltip();
        });
        u.over.addEventListener("mouseleave", hideTooltip);
      }],
    },
  };
}

function sortedLines(lines, sort) {
  const number = (line) => (Number.isNaN(line.numeric) || line.numeric == null ? -Infinity : line.numeric);
  if (sort === "asc") return [...lines].sort((a, b) => number(a) - number(b));
  if (sort === "desc") return [...lines].sort((a, b) => number(b) - number(a));
  return lines;
}
