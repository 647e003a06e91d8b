// Markdown as HTML (headings, lists, tables, code, quotes, emphasis, links), and HTML reduced to what is harmless.

function escapedHtml(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function markdownHtml(text) {
  return markdownBlocks(String(text).replace(/\r\n?/g, "\n").split("\n")).join("\n");
}

const BLOCKS = [
  { starts: /^\s*(```|~~~)(.*)$/, read: readFence },
  { starts: /^(#{1,6})\s+(.*?)\s*#*\s*$/, read: (lines, at, [, marks, text]) => [`<h${marks.length}>${inlineHtml(text)}</h${marks.length}>`, at + 1] },
  { starts: /^\s*([-*_])(\s*\1){2,}\s*$/, read: (lines, at) => ["<hr>", at + 1] },
  { starts: /^\s*>/, read: readQuote },
  { starts: /^(\s*)([-*+]|\d+[.)])\s+/, read: readList },
  { starts: /^\s*\|?.*\|.*$/, read: readTable },
  { starts: /^\s*<\/?[a-zA-Z!]/, read: readHtml },
];

function markdownBlocks(lines) {
  const result = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    let read = null;
    for (const block of BLOCKS) {
      const match = block.starts.exec(lines[at]);
      read = match && block.read(lines, at, match);
      if (read) break;
    }
    const [html, next] = read ?? readParagraph(lines, at);
    result.push(html);
    at = next;
  }
  return result;
}

function readFence(lines, at, [, fence]) {
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(fence)) end += 1;
  return [`<pre><code>${escapedHtml(lines.slice(at + 1, end).join("\n"))}</code></pre>`, end + 1];
}

function readQuote(lines, at) {
  let end = at;
  while (end < lines.length && /^\s*>/.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(/^\s*> ?/, ""));
  return [`<blockquote>${markdownBlocks(inner).join("\n")}</blockquote>`, end];
}

function readList(lines, at, [, indent, mark]) {
  const ordered = /\d/.test(mark);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/.exec(lines[end]);
    if (item && item[1].length <= indent.length + 1 && /\d/.test(item[2]) === ordered) items.push([item[3]]);
    else if (items.length && lines[end].trim() && /^\s{2,}/.test(lines[end])) items[items.length - 1].push(lines[end].replace(/^\s{2,4}/, ""));
    else if (items.length && !lines[end].trim() && /^\s*([-*+]|\d+[.)])\s|^\s{2,}\S/.test(lines[end + 1] ?? "")) items[items.length - 1].push("");
    else break;
    end += 1;
  }
  const html = items.map((item) => `<li>${listItemHtml(item)}</li>`).join("");
  return [ordered ? `<ol>${html}</ol>` : `<ul>${html}</ul>`, end];
}

function listItemHtml(lines) {
  const rest = lines.slice(1);
  const split = rest.findIndex((line) => !line.trim() || /^\s*([-*+]|\d+[.)])\s/.test(line));
  const own = [lines[0], ...(split < 0 ? rest : rest.slice(0, split))].join("\n");
  return inlineHtml(own) + (split < 0 ? "" : markdownBlocks(rest.slice(split)).join("\n"));
}

function readTable(lines, at) {
  const delimiter = lines[at + 1] ?? "";
  if (!/^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(delimiter) || !delimiter.includes("-")) return null;
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => inlineHtml(cell.trim()));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const row = (line, tag) => `<tr>${cells(line).map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return [`<table><thead>${row(lines[at], "th")}</thead><tbody>${lines.slice(at + 2, end).map((line) => row(line, "td")).join("")}</tbody></table>`, end];
}

function readHtml(lines, at) {
  let end = at;
  while (end < lines.length && lines[end].trim()) end += 1;
  return [lines.slice(at, end).join("\n"), end];
}

function readParagraph(lines, at) {
  let end = at;
  while (end < lines.length && lines[end].trim() && (end === at || !BLOCKS.slice(0, 5).some((block) => block.starts.test(lines[end])))) end += 1;
  const underline = /^(=+|-+)\s*$/.exec(lines[end - 1]);
  if (underline && end - at > 1) return [`<h${underline[1][0] === "=" ? 1 : 2}>${inlineHtml(lines.slice(at, end - 1).join(" "))}</h${underline[1][0] === "=" ? 1 : 2}>`, end];
  return [`<p>${inlineHtml(lines.slice(at, end).join("\n"))}</p>`, end];
}

// Emphasis, code, links and images; HTML tags stay and are sanitized later.
function inlineHtml(text) {
  const codes = [];
  const held = text.replace(/(`+)(.+?)\1/gs, (_, ticks, code) => `\u0001${codes.push(`<code>${escapedHtml(code.trim())}</code>`) - 1}\u0001`);
  return held
    .replace(/\\([\\`*_{}[\]()#+.!|-])/g, (_, character) => `\u0001${codes.push(escapedHtml(character)) - 1}\u0001`)
    .replace(/&(?!#?\w+;)/g, "&amp;")
    .replace(/!\[([^\]]*)\]\(\s*(\S+?)(?:\s+"[^"]*")?\s*\)/g, (_, alt, url) => `<img alt="${escapedHtml(alt)}" src="${escapedHtml(url)}">`)
    .replace(/\[([^\]]+)\]\(\s*(\S+?)(?:\s+"[^"]*")?\s*\)/g, (_, label, url) => `<a href="${escapedHtml(url)}">${label}</a>`)
    .replace(/<(https?:\/\/[^\s>]+)>/g, (_, url) => `<a href="${url}">${url}</a>`)
    .replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/gs, "<strong>$2</strong>")
    .replace(/(?<![\w*])\*(?=\S)(.+?)(?<=\S)\*(?!\w)/gs, "<em>$1</em>")
    .replace(/(?<![\w_])_(?=\S)(.+?)(?<=\S)_(?!\w)/gs, "<em>$1</em>")
    .replace(/~~(.+?)~~/gs, "<del>$1</del>")
    .replace(/ {2,}\n/g, "<br>")
    .replace(/\u0001(\d+)\u0001/g, (_, index) => codes[Number(index)]);
}

// --- sanitizing ---

const ALLOWED_TAGS = new Set(("a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em " +
  "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike strong " +
  "sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr").split(" "));
const DROPPED_TAGS = new Set(["script", "style", "iframe", "object", "embed", "template", "noscript", "link", "meta", "base", "svg", "math", "form", "video", "audio"]);
const ALLOWED_ATTRIBUTES = new Set(["alt", "title", "colspan", "rowspan", "align", "valign", "width", "height", "color", "size", "face", "bgcolor", "border", "cellpadding",
  "cellspacing", "dir", "lang", "open", "start", "href", "src", "style"]);

// The list of attributes drops them; without them the browser has nothing to report about its policy.
const EVENT_HANDLERS = /\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi;

// A fragment with the harmless elements of some HTML. Images that are not inline become their text.
function sanitizedHtml(html) {
  const parsed = document.createElement("template"); // inert: nothing in it runs or loads
  parsed.innerHTML = html.replace(EVENT_HANDLERS, "");
  const fragment = document.createDocumentFragment();
  fragment.append(...[...parsed.content.childNodes].flatMap(sanitizedNode));
  return fragment;
}

function sanitizedNode(node) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE) return [];
  const tag = node.localName;
  if (DROPPED_TAGS.has(tag)) return tag === "iframe" ? [element("span.note", {}, `(embedded page: ${node.getAttribute("src") ?? ""})`)] : [];
  const children = [...node.childNodes].flatMap(sanitizedNode);
  if (!ALLOWED_TAGS.has(tag)) return children;
  if (tag === "img" && !/^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i.test(node.getAttribute("src") ?? "")) return [imageNote(node)];
  const result = document.createElement(tag);
  for (const { name, value } of node.attributes) if (isHarmless(name, value)) setSanitized(result, name, value);
  result.append(...children);
  return [result];
}

function imageNote(node) {
  return element("span.note", { title: node.getAttribute("src") ?? "" }, `(image${node.getAttribute("alt") ? `: ${node.getAttribute("alt")}` : ""})`);
}

function isHarmless(name, value) {
  if (!ALLOWED_ATTRIBUTES.has(name)) return false;
  if (name === "href") return /^(https?:|mailto:|#|\/|\.|d\/|dashboard)/i.test(value.trim());
  if (name === "style") return !/url\s*\(|expression|javascript:|@import|position\s*:\s*(fixed|sticky)/i.test(value);
  return true;
}

function setSanitized(node, name, value) {
  if (name === "style") {
    node.style.cssText = value;
    return;
  }
  node.setAttribute(name, value);
  if (name === "href") node.setAttribute("rel", "noopener noreferrer");
}
