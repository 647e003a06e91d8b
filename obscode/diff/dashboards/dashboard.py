"""The edits of a dashboard as a whole: title, time range, refresh, tags, links, annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.diff.change import Edit
from obscode.diff.dashboards.defaults import DASHBOARD, IGNORED, TIME
from obscode.diff.dashboards.fields import link_edits
from obscode.diff.dashboards.queries import datasource_name, meaning_of
from obscode.diff.dashboards.setting_text import edits_of
from obscode.diff.dashboards.view import View
from obscode.diff.json_differences import differences
from obscode.diff.pairs import pairs
from obscode.diff.sentences import edit, quoted, quoted_pair
from obscode.reader.dashboards.model import Target

Json = Mapping[str, Any]

_ANNOTATION = {"type": "dashboard", "showIn": 0, "step": "60s"}
# What every dashboard has, whether it is written or not.
_BUILT_IN = {"name": "Annotations & Alerts", "iconColor": "rgba(0, 211, 255, 1)", "hide": True, "enable": True}
_NOT_COMPARED = frozenset(
    {
        "name",
        "datasource",
        "expr",
        "refId",
        "enable",
        "builtIn",
        "type",
        "target",
        "limit",
        "matchAny",
        "showIn",
        "mappings",
    }
    | {"snapshotData", "rawQuery", "useValueForTime", "legacyOptions", "placement"}
)


def dashboard_edits(before: View, after: View) -> Iterator[Edit]:
    """The edits of a dashboard beside its uid, variables, rows and panels."""
    titles = [each.artifact.title for each in (before, after)]
    if titles[0] != titles[1]:
        yield Edit("title", *quoted_pair(*titles))
    folders = [each.artifact.folder for each in (before, after)]
    if folders[0] != folders[1] and all(folders):
        yield edit("folder", (quoted(folder) for folder in folders))
    old, new = (_settings(each.body) for each in (before, after))
    yield from _time_range(before.body, after.body)
    yield from edits_of(differences(old, new, DASHBOARD))
    yield from _tags(before.body, after.body)
    yield from link_edits(before.body.get("links"), after.body.get("links"), "link", ("icon",))
    yield from _annotations(before, after)
    yield from _inputs(before.model.inputs, after.model.inputs)


def _settings(body: Json) -> dict[str, Any]:
    settings = {key: value for key, value in body.items() if key not in IGNORED}
    picker = settings.get("timepicker")
    if isinstance(picker, Mapping):  # until Grafana 11, `time_options` was written and not read
        settings["timepicker"] = {key: value for key, value in picker.items() if key != "time_options"}
    settings["timezone"] = settings.get("timezone") or "browser"
    if body.get("sharedCrosshair") and not settings.get("graphTooltip"):
        settings["graphTooltip"] = 1
    return settings


def _time_range(before: Json, after: Json) -> Iterator[Edit]:
    old, new = (_range(body.get("time")) for body in (before, after))
    if old != new:
        yield Edit("time range", quoted(" to ".join(old)), quoted(" to ".join(new)))


def _range(time: Any) -> list[str]:
    time = time if isinstance(time, Mapping) else {}
    return [str(time.get(end) or default) for end, default in TIME.items()]


def _tags(before: Json, after: Json) -> Iterator[Edit]:
    old, new = (_texts(body.get("tags")) for body in (before, after))
    yield from (Edit("tag", quoted(tag), None) for tag in old if tag not in new)
    yield from (Edit("tag", None, quoted(tag)) for tag in new if tag not in old)


def _texts(value: Any) -> list[str]:
    return list(dict.fromkeys(str(item) for item in value)) if isinstance(value, list) else []


def _inputs(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Edit]:
    """The inputs of an export, for which an import asks."""
    yield from (Edit("input", quoted(name), None) for name in before if name not in after)
    yield from (Edit("input", None, quoted(name)) for name in after if name not in before)


# --- annotations -------------------------------------------------------------------------------------------------


def _annotations(before: View, after: View) -> Iterator[Edit]:
    same = pairs(
        [each for each in before.model.annotations if not _is_built_in(each)],
        [each for each in after.model.annotations if not _is_built_in(each)],
        [_name, lambda each: (each.expr, datasource_name(each)) if each.expr else None],
    )
    for a, b in same.both:
        yield from _annotation_edits(a, b)
    yield from (Edit("annotation", quoted(_name(each)), None) for each in same.removed)
    yield from (Edit("annotation", None, quoted(_name(each))) for each in same.added)
    visible = [_shows_own(each) for each in (before, after)]
    if visible[0] != visible[1]:
        yield edit("annotations of the dashboard", ("shown" if each else "hidden" for each in visible))


def _name(annotation: Target) -> str:
    return annotation.node.loose("name")


def _is_built_in(annotation: Target) -> bool:
    return annotation.node.flag("builtIn") or annotation.node.plain("name") == _BUILT_IN["name"]


def _shows_own(view: View) -> bool:
    return all(each.node.plain("enable") is not False for each in view.model.annotations if _is_built_in(each))


def _annotation_edits(before: Target, after: Target) -> Iterator[Edit]:
    names = _name(before), _name(after)
    of = f" of annotation {quoted(names[1])}"
    if names[0] != names[1]:
        yield Edit("name of the annotation", *quoted_pair(*names))
    if meaning_of(before.expr, "promql") != meaning_of(after.expr, "promql"):
        yield Edit(f"query{of}", *quoted_pair(before.expr, after.expr))
    sources = datasource_name(before), datasource_name(after)
    if sources[0] != sources[1]:
        yield edit(f"data source{of}", (quoted(name) if name else "the default one" for name in sources))
    visible = [each.node.plain("enable") is not False for each in (before, after)]
    if visible[0] != visible[1]:
        yield edit(of.removeprefix(" of "), ("on" if each else "off" for each in visible))
    plain = [_plain(each.node.value) for each in (before, after)]
    for each in edits_of(differences(plain[0], plain[1], _ANNOTATION)):
        yield Edit(f"{each.what}{of}", each.before, each.after)


def _plain(body: Json) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in _NOT_COMPARED}
