// Logs: lines with their time, level and labels.

const LOG_LEVELS = [["critical", /\b(emerg|fatal|alert|crit|critical|panic)\b/i, "purple"], ["error", /\b(err|eror|error)\b/i, "red"], ["warning", /\b(warn|warning)\b/i, "yellow"],
  ["info", /\b(info|information|informational|notice)\b/i, "green"], ["debug", /\b(dbug|debug)\b/i, "blue"], ["trace", /\b(trace)\b/i, "light-blue"]];
const MAX_LOG_LINES = 500;

PANELS.logs = (box, panel, { frames }) => {
  const lines = frames.flatMap(logLines);
  if (!lines.length) return showNoData(box, panel);
  const { showTime, showLabels, wrapLogMessage, sortOrder = "Descending", prettifyLogMessage } = panel.options;
  lines.sort((a, b) => (a.ms - b.ms) * (sortOrder === "Ascending" ? 1 : -1));
  box.append(element("div.logs", { class: wrapLogMessage ? "logs wrap" : "logs", tabindex: 0 }, lines.slice(0, MAX_LOG_LINES).map(({ ms, text, labels }) => {
    const level = logLevel(text, labels);
    return element("div.log-line", { style: { borderLeftColor: level ? colorByName(level[2]) : theme.weakText }, title: level?.[0] ?? "unknown level" },
      showTime && ms !== undefined ? element("span.log-time", {}, formatDate(ms, DATE_FORMATS.fullWithMs)) : null,
      showLabels ? element("span.log-labels", {}, labelsText(labels)) : null,
      element("span.log-text", {}, prettifyLogMessage ? prettyLog(text) : text));
  })));
  return null;
};

function logLines(frame) {
  const time = timeField(frame);
  const body = frame.fields.find((field) => /^(body|line|message)$/i.test(field.name) && field.type === "string") ?? frame.fields.find((field) => field.type === "string");
  const labels = frame.fields.find((field) => field.name === "labels");
  return body ? body.values.map((text, index) => ({ ms: time?.values[index], text: String(text ?? ""), labels: labels?.values[index] ?? body.labels ?? {} })) : [];
}

function logLevel(text, labels = {}) {
  const named = labels.level ?? labels.detected_level ?? labels.severity ?? "";
  return LOG_LEVELS.find(([, pattern]) => pattern.test(named)) ?? LOG_LEVELS.find(([, pattern]) => pattern.test(text.slice(0, 200)));
}

function prettyLog(text) {
  const value = /^\s*[{[]/.test(text) ? parsedJson(text) : null;
  return value ? JSON.stringify(value, null, 2) : text;
}
