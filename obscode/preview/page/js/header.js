// The head of the page: title, description, switches of views, variables and theme, time range.

function drawHeader(container, view) {
  const { dashboard, index } = doc.data;
  container.replaceChildren(
    element("div.title-line", {},
      index ? element("a.index-link", { href: index }, "Dashboards") : null,
      element("h1", {}, dashboard.title || "Dashboard"),
      (dashboard.tags ?? []).map((tag) => element("span.tag", {}, tag)),
      element("span.spacer"),
      element("span.time-range", { title: `Time zone: ${clock.timeZone}` }, `${formatDate(view.time.from)} to ${formatDate(view.time.to)}`),
      element("button.theme", { type: "button", "aria-label": "Switch between the light and the dark theme", click: switchTheme }, theme.isDark ? "Light" : "Dark")),
    dashboard.description ? element("p.description", {}, dashboard.description) : "",
    element("div.switches", {}, viewSwitch(), (view.variables ?? []).filter(isSwitchShown).map((variable) => variableSwitch(variable, view)), beforeSwitch()),
  );
}

function isSwitchShown(variable) {
  return variable.hide !== 2 && variable.hide !== "hideVariable";
}

function viewSwitch() {
  const { views } = doc.data;
  if (views.length < 2 && !views[0]?.label) return null;
  return element("label.switch", {}, element("span", {}, "Scenario"),
    element("select", { name: "view", change: (event) => showView(Number(event.target.value)) },
      views.map((view, index) => element("option", { value: index, selected: index === doc.view }, view.label || view.scenario || `View ${index + 1}`))));
}

function variableSwitch(variable, view) {
  const label = variable.hide === 1 || variable.hide === "hideLabel" ? null : element("span", {}, variable.label || variable.name);
  const current = variable.current ?? {};
  const text = [current.text ?? current.value ?? ""].flat().join(" + ");
  const chosen = view.selects?.[variable.name];
  const choices = (variable.options ?? []).filter(({ value }) => viewWith(variable.name, value) !== null && value !== chosen);
  if (!choices.length) return element("span.switch", {}, label, element("span.value-box", { title: text }, shortened(text || "none", 60)));
  return element("label.switch", {}, label,
    element("select", { name: `var-${variable.name}`, change: (event) => showView(viewWith(variable.name, event.target.value)) },
      element("option", { value: chosen ?? "", selected: true }, text),
      choices.map(({ text: name, value }) => element("option", { value }, String(name ?? value)))));
}

function beforeSwitch() {
  if (!doc.data.before) return null;
  const set = (shows) => () => ((doc.showsBefore = shows), redraw());
  const choice = (text, shows) => element("button", { type: "button", "aria-pressed": String(doc.showsBefore === shows), click: set(shows) }, text);
  return element("span.switch.choices", {}, choice("Changes", true), choice("Whole dashboard", false));
}
