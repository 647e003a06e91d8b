// Text: Markdown (a subset), HTML (sanitized) or code.

PANELS.text = (box, panel) => {
  const { mode = "markdown", content = "" } = panel.options;
  const text = panel.content ?? content;
  box.classList.add("text-panel");
  if ((panel.mode ?? mode) === "code") box.append(element("pre", {}, element("code", {}, text)));
  else box.append(sanitizedHtml((panel.mode ?? mode) === "html" ? text : markdownHtml(text)));
  return null;
};
PANELS.text.needsNoData = true;
