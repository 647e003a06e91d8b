// Lists: alerts of the scenario; what only a Grafana server knows is named.

PANELS.alertlist = (box, panel) => {
  const view = doc.data.views[doc.view];
  const open = (view.alerts ?? []).filter((alert) => alert.to === null || alert.to === undefined || alert.to >= view.time.to);
  const states = panel.options.stateFilter ?? {};
  const shown = open.filter(({ state }) => states[state] !== false).sort((a, b) => b.from - a.from).slice(0, panel.options.maxItems || 20);
  if (!shown.length) return showMessage(box, "No alerts matching filters at the end of this scenario");
  box.append(element("ul.alert-list", {}, shown.map(({ name, labels, state, from }) => element("li", {},
    element("span", { class: `alert-state ${state}` }, state), element("strong", {}, name), element("span.labels", {}, labelsText(labels)),
    element("span.labels", {}, `for ${durationText(view.time.to - from)}`)))));
  return null;
};
PANELS.alertlist.needsNoData = true;

Object.assign(NOT_DRAWABLE, {
  dashlist: "it lists the dashboards of a Grafana server",
  news: "it shows a feed from the network",
  annolist: "it lists the annotations of a Grafana server",
  welcome: "it is part of Grafana's home page",
  gettingstarted: "it is part of Grafana's home page",
  pluginlist: "it lists the plugins of a Grafana server",
  "ae3e-plotly-panel": "it is a plugin that runs its own scripts",
  "marcusolsson-dynamictext-panel": "it is a plugin that renders templates",
});
