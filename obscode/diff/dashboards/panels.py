"""The edits of a panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from obscode.diff.change import Edit, Risk
from obscode.diff.dashboards.defaults import PANEL_IGNORED, Y_AXIS, panel_defaults
from obscode.diff.dashboards.fields import link_edits, mapping_edits, override_edits, threshold_edits
from obscode.diff.dashboards.queries import Query, query_edits
from obscode.diff.dashboards.setting_text import edits_of
from obscode.diff.dashboards.view import PanelView
from obscode.diff.json_differences import differences, frozen
from obscode.diff.pairs import pairs
from obscode.diff.sentences import edit, listed, quoted, quoted_pair
from obscode.model.panels.kinds import KINDS

Json = Mapping[str, Any]

_OWN_FIELDS = ("thresholds", "mappings", "links")
# Settings of fields that all types of panels have; the others differ where the type does.
_COMMON_FIELDS = ("unit", "decimals", "min", "max", "noValue", "displayName")
_COMMON = ("description", "transparent", "repeat", "repeatDirection", "maxPerRow", "interval", "timeFrom", "timeShift")
#: The other edits of a panel after which it shows other data, and not the same in another way.
_DATA = (
    *("transformation", "calculation", "interval", "time ", "order", "maximum of data", "repetition", "format"),
    *("hidden", "library", "reduce", "all values", "calculate"),
)


def panel_edits(before: PanelView, after: PanelView) -> Iterator[Edit]:
    """The edits of a panel, without its place; those of its look have the risk `text`."""
    if before.title != after.title:
        yield replace(_pair("title", before.title, after.title), risk="text")
    if before.type != after.type:
        yield Edit("type", type_name(before.type), type_name(after.type))
    yield from _datasource_edits(before.queries, after.queries)
    yield from query_edits(before.queries, after.queries)
    for each in _other_edits(before, after):
        yield each if each.what.startswith(_DATA) else replace(each, risk="text")


def _other_edits(before: PanelView, after: PanelView) -> Iterator[Edit]:
    same_type = before.type == after.type
    old, new = (before.body, after.body) if same_type else (before.current, after.current)
    yield from _description(old, new)
    yield from _settings(old, new, after.type, same_type)
    yield from _fields(old, new, after.type, same_type)
    yield from _transformations(old, new)
    yield from link_edits(old.get("links"), new.get("links"))
    yield from _library(old, new)


def type_name(panel_type: str) -> str:
    """`time series` of `timeseries`; the type itself of a plugin."""
    kind = KINDS.get(panel_type)
    return kind.name.lower() if kind else quoted(panel_type)


def risk_of(edits: Sequence[Edit]) -> Risk:
    """Whether a panel shows other data, or the same in another way."""
    return "changed" if any(edit.risk == "changed" for edit in edits) else "text"


def _pair(what: str, before: str, after: str) -> Edit:
    if before and after:
        return Edit(what, *quoted_pair(before, after))
    return Edit(what, quoted(before) if before else None, quoted(after) if after else None)


def _description(old: Json, new: Json) -> Iterator[Edit]:
    before, after = (str(body.get("description") or "").strip() for body in (old, new))
    if before != after:
        yield _pair("description", before, after)


def _datasource_edits(before: Sequence[Query], after: Sequence[Query]) -> Iterator[Edit]:
    """The data source, where all queries have the same; of each query otherwise."""
    old, new = ({query.datasource for query in each} for each in (before, after))
    if len(old) == len(new) == 1:
        (a,), (b,) = old, new
        if a != b:
            yield _named("data source", a, b)
        return
    by_ref = {query.ref: query for query in after}
    for query in before:
        other = by_ref.get(query.ref)
        if other and other.datasource != query.datasource:
            yield _named(f"data source of {query.name}", query.datasource, other.datasource)


def _named(what: str, before: str, after: str) -> Edit:
    return edit(what, (quoted(name) if name else "the default one" for name in (before, after)))


# --- settings ----------------------------------------------------------------------------------------------------


def _settings(old: Json, new: Json, panel_type: str, same_type: bool) -> Iterator[Edit]:
    """Settings of the panel and its options; of panels of two types, those that both have."""
    defaults = panel_defaults(panel_type)
    before, after = (_plain(body, same_type) for body in (old, new))
    top = {key: value for key, value in defaults.items() if key not in ("options", "fieldConfig")}
    if "left axis" in before or "left axis" in after:
        top |= {"left axis": Y_AXIS, "right axis": Y_AXIS}
    yield from edits_of(differences(before, after, top))
    if same_type:
        yield from edits_of(differences(old.get("options"), new.get("options"), defaults["options"]))


def _plain(body: Json, same_type: bool) -> dict[str, Any]:
    """The settings beside queries, fields and options; lists whose items have names are objects."""
    if not same_type:
        return {key: body[key] for key in _COMMON if key in body and key != "description"}
    plain = {key: value for key, value in body.items() if key not in PANEL_IGNORED and key != "description"}
    axes = plain.pop("yaxes", None)
    plain |= dict(zip(("left axis", "right axis"), axes if isinstance(axes, list) else (), strict=False))
    for key, name in (("seriesOverrides", "alias"), ("styles", "pattern")):
        items = plain.get(key)
        if isinstance(items, list) and all(isinstance(item, Mapping) for item in items):
            plain[key] = {str(item.get(name) or ""): {k: v for k, v in item.items() if k != name} for item in items}
    return plain


def _fields(old: Json, new: Json, panel_type: str, same_type: bool) -> Iterator[Edit]:
    before, after = ((body.get("fieldConfig") or {}) for body in (old, new))
    a, b = ((config.get("defaults") or {}) for config in (before, after))
    plain = [_plain_fields(fields, same_type) for fields in (a, b)]
    defaults = panel_defaults(panel_type)["fieldConfig"]["defaults"]
    yield from edits_of(differences(plain[0], plain[1], defaults))
    if same_type or ("thresholds" in a and "thresholds" in b):
        yield from threshold_edits(a.get("thresholds"), b.get("thresholds"))
    yield from mapping_edits(a.get("mappings"), b.get("mappings"))
    yield from link_edits(a.get("links"), b.get("links"), "data link")
    if same_type:
        yield from override_edits(before.get("overrides"), after.get("overrides"))


def _plain_fields(fields: Json, same_type: bool) -> dict[str, Any]:
    return {
        key: value
        for key, value in fields.items()
        if (key not in _OWN_FIELDS if same_type else key in _COMMON_FIELDS) and value is not None
    }


# --- transformations ---------------------------------------------------------------------------------------------


def _transformations(old: Json, new: Json) -> Iterator[Edit]:
    before, after = (_steps(body.get("transformations")) for body in (old, new))
    same = pairs(before, after, [frozen, lambda step: step.get("id")])
    for a, b in same.both:
        for each in edits_of(differences(a, b)):
            yield replace(each, what=f"transformation {a.get('id')}: {each.what}")
    for step in same.removed:
        yield Edit("transformation", str(step.get("id")), None)
    for step in same.added:
        yield Edit("transformation", None, str(step.get("id")))
    if not same.removed and not same.added and [a for a, _ in same.both] == before:
        order = [step.get("id") for step in before], [step.get("id") for step in after]
        if order[0] != order[1]:
            yield edit("order of the transformations", (listed(map(str, ids)) for ids in order))


def _steps(value: Any) -> list[dict[str, Any]]:
    return [dict(step) for step in value if isinstance(step, Mapping)] if isinstance(value, list) else []


def _library(old: Json, new: Json) -> Iterator[Edit]:
    before, after = ((body.get("libraryPanel") or {}) for body in (old, new))
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.get("uid") != after.get("uid"):
        names = [str(link.get("name") or link.get("uid") or "") for link in (before, after)]
        yield _pair("library panel", names[0], names[1])
