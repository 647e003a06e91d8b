// The alerts of the scenario as bars over time: pending, firing, and who was notified.

function drawTimeline(container, view) {
  const alerts = view.alerts ?? [];
  container.replaceChildren();
  if (!alerts.length) return;
  const { from, to } = view.time;
  const percent = (ms) => (clamp((ms - from) / (to - from), 0, 1) * 100).toFixed(3);
  const lanes = new Map();
  for (const alert of alerts) {
    const key = `${alert.name}${labelsText(alert.labels)}`;
    (lanes.get(key) ?? lanes.set(key, []).get(key)).push(alert);
  }
  const ordered = [...lanes.values()].sort((a, b) => laneRank(a, view) - laneRank(b, view));
  const rows = ordered.map((lane) => element("div.lane", {},
    element("div.lane-name", { title: `${lane[0].name} ${labelsText(lane[0].labels)}` }, lane[0].name, element("span.labels", {}, laneLabels(lane[0]))),
    element("div.lane-bars", {}, lane.map((alert) => alertBar(alert, percent, to))),
    element("div.lane-receivers", { title: receiverText(lane) }, receiverText(lane))));
  rows.slice(FIRST_LANES).forEach((row) => (row.hidden = true));
  container.append(element("h2", {}, `Alerts of this scenario (${lanes.size})`, rows.length > FIRST_LANES ? moreLanes(rows) : null),
    element("div.lanes", {}, rows), timelineTicks(from, to, percent));
}

const FIRST_LANES = 8; // so that the panels are on the first screen

// First the alerts that notify about this scenario, last those that fire from its begin to its end.
function laneRank(lane, { time }) {
  const firing = lane.filter(({ state }) => state === "firing");
  const always = firing.some((alert) => alert.from <= time.from && (alert.to === null || alert.to === undefined || alert.to >= time.to));
  return (always ? 4 : 0) + (firing.length ? 0 : 2) + (isSevere(lane[0]) ? 0 : 1);
}

function isSevere({ severity }) {
  return /page|critical|high|emergency|error/i.test(severity ?? "");
}

function moreLanes(rows) {
  const button = element("button.more-lanes", { type: "button", "aria-expanded": "false", click: () => {
    const opens = button.getAttribute("aria-expanded") === "false";
    rows.slice(FIRST_LANES).forEach((row) => (row.hidden = !opens));
    button.setAttribute("aria-expanded", String(opens));
    button.textContent = opens ? "show fewer" : `show ${rows.length - FIRST_LANES} more`;
  } }, `show ${rows.length - FIRST_LANES} more`);
  return button;
}

function laneLabels({ labels = {}, severity }) {
  const rest = Object.entries(labels).filter(([name]) => name !== "alertname" && name !== "severity").map(([, value]) => value);
  return ` ${[severity, ...rest].filter(Boolean).join(" · ")}`;
}

function receiverText(lane) {
  const receivers = [...new Set(lane.filter(({ state }) => state === "firing").flatMap(({ receiver }) => [receiver ?? []].flat()))];
  return receivers.length ? `→ ${receivers.join(", ")}` : "nobody notified";
}

function alertBar(alert, percent, end) {
  const last = alert.to ?? end;
  const kind = alert.state === "pending" ? "pending" : isSevere(alert) ? "firing severe" : "firing";
  const text = `${alert.name} ${alert.state} from ${formatDate(alert.from)} to ${alert.to === null || alert.to === undefined ? "the end" : formatDate(alert.to)}`;
  const width = Math.max(percent(last) - percent(alert.from), 0.3);
  return element("span", { class: `bar ${kind}`, title: text, role: "img", "aria-label": text, style: { left: `${Math.min(percent(alert.from), 99.7)}%`, width: `${width}%` } });
}

function timelineTicks(from, to, percent) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200].map((minutes) => minutes * 60000);
  const step = steps.find((candidate) => (to - from) / candidate <= 8) ?? steps[steps.length - 1];
  const ticks = [];
  for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) ticks.push(ms);
  return element("div.lane.ticks", {}, element("div.lane-name"), element("div.lane-bars", {},
    ticks.map((ms) => element("span.tick", { style: { left: `${percent(ms)}%` } }, timeTick(ms, to - from, step)))), element("div.lane-receivers"));
}
