// The pipeline of a panel's transformations. A transformation takes frames and options and returns new frames.

const TRANSFORMATIONS = {};
const TRANSFORMATION_ALIASES = { seriesToColumns: "joinByField" };

// Frames after all transformations, and the ids of those that the page does not know.
function transformedFrames(frames, transformations = []) {
  const unknown = [];
  let result = frames;
  for (const { id, options, disabled, filter } of Array.isArray(transformations) ? transformations : []) {
    if (disabled) continue;
    const transform = TRANSFORMATIONS[TRANSFORMATION_ALIASES[id] ?? id];
    if (!transform) unknown.push(id);
    else if (filter?.id) result = transformedSubset(result, transform, options ?? {}, filter);
    else result = transform(result, options ?? {});
  }
  return { frames: result, unknown };
}

// A transformation with a filter concerns the frames that match, and leaves the others where they are.
function transformedSubset(frames, transform, options, filter) {
  const matches = fieldMatcher(filter);
  const chosen = frames.filter((frame) => matches(frame.fields[0] ?? {}, frame, frames));
  return [...transform(chosen, options), ...frames.filter((frame) => !chosen.includes(frame))];
}

function refIdsOf(frames) {
  return { refId: frames.map((frame) => frame.refId).join("-"), refIds: frames.flatMap((frame) => frame.refIds ?? [frame.refId]) };
}

function withoutNames(config) {
  const { displayName, displayNameFromDS, ...rest } = config ?? {};
  return rest;
}

function mappedFields(frames, change) {
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => change(field, frame)) }));
}
