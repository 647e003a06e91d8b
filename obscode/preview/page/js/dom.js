// Elements, and the width of text.

const FONT = "Inter, Helvetica, Arial, sans-serif";

// element("div.legend", {title: "x"}, "text", child): attributes that are functions are event listeners.
function element(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  return filledElement(node, attributes, children);
}

function svgElement(tag, attributes = {}, ...children) {
  return filledElement(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filledElement(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const measuring = { context: null, widths: new Map() };

function textWidth(text, size, weight = 400) {
  const key = `${size}/${weight}/${text}`;
  if (!measuring.widths.has(key)) {
    measuring.context ??= document.createElement("canvas").getContext("2d");
    measuring.context.font = `${weight} ${size}px ${FONT}`;
    measuring.widths.set(key, measuring.context.measureText(text).width);
  }
  return measuring.widths.get(key);
}

// The size at which a text fits into a width and a height.
function fittingFontSize(text, width, height, lineHeight, max = Infinity, weight = 400) {
  const byWidth = (width / (textWidth(text, 14, weight) + 2)) * 14;
  return Math.floor(Math.max(1, Math.min(byWidth, height / lineHeight, max)));
}

function px(number) {
  return `${number}px`;
}
