// The document of the page: views, panels, and the data that panels share.

const doc = { data: null, view: 0, showsBefore: false, plots: [], collapsed: new Map() };

// The frames of a panel; a reference names the panel that has the same data: "<view index>/<panel key>".
function framesOf(entry) {
  const seen = new Set();
  let frames = entry.frames;
  let owner = entry;
  while (frames && !Array.isArray(frames) && frames.ref && !seen.has(frames.ref)) {
    seen.add(frames.ref);
    const slash = frames.ref.indexOf("/");
    const views = owner.isBefore || entry.isBefore ? doc.data.before : doc.data.views;
    owner = views[Number(frames.ref.slice(0, slash))]?.panels.find((panel) => panel.key === frames.ref.slice(slash + 1)) ?? {};
    frames = owner.frames;
  }
  return (Array.isArray(frames) ? frames : []).map((frame) => decodedFrame(expandedTimes(frame)));
}

// Times may be {from, step, count} for evenly spaced instants.
function expandedTimes(frame) {
  const expand = (values) => (values && !Array.isArray(values) ? Array.from({ length: values.count }, (_, index) => values.from + index * values.step) : values);
  return { ...frame, fields: (frame.fields ?? []).map((field) => ({ ...field, values: expand(field.values) })) };
}

// The panel of the base revision that belongs to a panel: by id, then by title and type.
function counterpart(entry, before) {
  const panels = before?.panels ?? [];
  return panels.find((other) => other.key === entry.key && other.panel.type === entry.panel.type)
    ?? panels.find((other) => other.key === entry.key)
    ?? panels.find((other) => other.panel.title && other.panel.title === entry.panel.title);
}

// The view with these values of the variables, nearest to the current one.
function viewWith(name, value) {
  const current = doc.data.views[doc.view];
  const wanted = { ...current.selects, [name]: value };
  const score = (view) => (String(view.selects?.[name]) === String(value) ? 1000 : 0) + (view.scenario === current.scenario ? 100 : 0)
    + Object.keys(wanted).filter((key) => String(view.selects?.[key]) === String(wanted[key])).length;
  const scores = doc.data.views.map(score);
  const best = scores.indexOf(Math.max(...scores));
  return scores[best] >= 1000 ? best : null;
}
