"""Thresholds, value mappings, overrides and links: lists of JSON whose items have a meaning of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from obscode.compiler.grafana.upgrade.legacy import current_mapping
from obscode.diff.change import Edit
from obscode.diff.dashboards.defaults import THRESHOLDS
from obscode.diff.dashboards.setting_text import edits_of, number_text, setting_edit, setting_name, value_text
from obscode.diff.json_differences import Difference, differences, essence, frozen, same
from obscode.diff.sentences import edit, listed, quoted, quoted_pair

Json = Mapping[str, Any]


# --- thresholds --------------------------------------------------------------------------------------------------


def threshold_edits(before: Any, after: Any, what: str = "thresholds") -> Iterator[Edit]:
    """The edits of steps: `threshold "red" from 80 to 90`."""
    old, new = _steps(before), _steps(after)
    if old != new:
        yield _moved(old, new, what) or Edit(what, _steps_text(old), _steps_text(new))
    modes = [_mode(value) for value in (before, after)]
    if modes[0] != modes[1]:
        yield edit(f"mode of the {what}", modes)


def _mode(value: Any) -> str:
    return str((value if isinstance(value, Mapping) else {}).get("mode") or "absolute")


def _steps(value: Any) -> list[tuple[Any, str]]:
    """The steps: the first is the base, whatever its value (Grafana's validateFieldConfig)."""
    value = value if isinstance(value, Mapping) else THRESHOLDS
    steps = value.get("steps")
    items = [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []
    levels = [
        (None if index == 0 or not isinstance(at, int | float) else at, str(step.get("color") or ""))
        for index, (step, at) in enumerate((step, step.get("value")) for step in items)
    ]
    return levels[:1] + sorted(levels[1:], key=lambda level: (level[0] is not None, level[0] or 0))


def _moved(old: Sequence[tuple[Any, str]], new: Sequence[tuple[Any, str]], what: str) -> Edit | None:
    """One step with another value or another color."""
    changed = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
    if len(old) != len(new) or len(changed) != 1:
        return None
    (a, color), (b, other) = changed[0]
    if color == other and a is not None and b is not None:
        return Edit(f"{what.removesuffix('s')} {quoted(color)}", number_text(a), number_text(b))
    if a == b:
        place = "the base" if a is None else number_text(a)
        return Edit(f"color of the {what} at {place}", quoted(color), quoted(other))
    return None


def _steps_text(steps: Sequence[tuple[Any, str]]) -> str | None:
    parts = [quoted(color) if at is None else f"{quoted(color)} from {number_text(at)}" for at, color in steps]
    return listed(parts) or None


# --- value mappings ----------------------------------------------------------------------------------------------


def mapping_edits(before: Any, after: Any, what: str = "value mapping") -> Iterator[Edit]:
    """The edits of value mappings: `value mapping of 1 "Up" -> "OK"`."""
    old, new = _mappings(before), _mappings(after)
    for key in [*old, *(key for key in new if key not in old)]:
        a, b = old.get(key), new.get(key)
        if a is None or b is None:
            yield edit(f"{what} of {key}", (None if each is None else _result_text(each) for each in (a, b)))
        elif not same(a, b):
            yield from edits_of(differences(a, b), f"{what} of {key}:")


def _mappings(value: Any) -> dict[str, Json]:
    items: dict[str, Json] = {}
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            results = _results(current_mapping(dict(item)))
            items = {**{key: result for key, result in results if result}, **items}
    return items


def _results(mapping: Json) -> Iterator[tuple[str, Json]]:
    options = mapping.get("options")
    options = options if isinstance(options, Mapping) else {}
    if mapping.get("type") == "value":
        for text, result in options.items():
            yield text or "the empty text", _without_index(result)
        return
    result = _without_index(options.get("result"))
    if mapping.get("type") == "range":
        ends = [options.get(end) for end in ("from", "to")]
        start, stop = ("any value" if end is None else value_text(end) for end in ends)
        yield f"{start} to {stop}", result
    elif mapping.get("type") == "regex":
        yield f"the pattern {quoted(str(options.get('pattern')))}", result
    else:
        yield str(options.get("match") or mapping.get("type") or "a special value"), result


def _without_index(result: Any) -> Json:
    result = result if isinstance(result, Mapping) else {}
    return {key: value for key, value in result.items() if key != "index" and value not in (None, "")}


def _result_text(result: Json) -> str:
    text = quoted(str(result.get("text", "")))
    return f"{text} in {result['color']}" if result.get("color") else text


# --- overrides ---------------------------------------------------------------------------------------------------


def override_edits(before: Any, after: Any) -> Iterator[Edit]:
    """The edits of properties of overrides: `unit of "errors" "s" -> "ms"`."""
    old, new = _overrides(before), _overrides(after)
    for fields in [*old, *(key for key in new if key not in old)]:
        a, b = old.get(fields, {}), new.get(fields, {})
        if not a or not b:
            names = listed(_property_text(key, value) for key, value in (a or b).items())
            text = names or "without properties"
            yield Edit(f"override of {fields}:", text if a else None, text if b else None)
            continue
        for key in [*a, *(key for key in b if key not in a)]:
            yield from _property_edits(key, fields, a.get(key), b.get(key))


def _overrides(value: Any) -> dict[str, dict[str, Any]]:
    """The properties by the fields that they are of; the last one of a name applies."""
    items: dict[str, dict[str, Any]] = {}
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            properties = item.get("properties")
            own = items.setdefault(_fields(essence(item.get("matcher"))), {})
            for each in properties if isinstance(properties, list) else ():
                if isinstance(each, Mapping) and not _is_nothing(each):
                    own[str(each.get("id"))] = each.get("value")
    return {fields: own for fields, own in items.items() if own}


def _is_nothing(each: Json) -> bool:
    return each.get("value") in (None, "", []) or not each.get("id")


def _fields(matcher: Any) -> str:
    matcher = matcher if isinstance(matcher, Mapping) else {}
    kind, options = matcher.get("id"), matcher.get("options")
    if kind == "byName":
        return quoted(str(options))
    if kind == "byRegexp":
        return f"fields like {quoted(str(options))}"
    if kind == "byType":
        return f"{options} fields"
    if kind in ("byFrameRefID", "byQuery"):
        return f"query {options}"
    if kind == "byNames" and isinstance(options, Mapping):
        names = listed(quoted(str(name)) for name in options.get("names") or ())
        return f"all fields except {names}" if options.get("mode") == "exclude" else names
    text = frozen(options) if isinstance(options, Mapping) else value_text(options)
    return f"{setting_name((str(kind),))} {text}".rstrip()


def _property_edits(key: str, fields: str, before: Any, after: Any) -> Iterator[Edit]:
    if key == "thresholds" and before and after:
        yield from threshold_edits(before, after, f"thresholds of {fields}")
    elif key == "mappings" and before and after:
        yield from mapping_edits(before, after, f"value mapping of {fields}, of")
    elif key == "links":
        yield from link_edits(before, after, f"link of {fields},")
    else:
        path = tuple(key.split("."))
        for each in differences(before, after):
            name = setting_name((*path, *each.path))
            yield setting_edit(f"{name} of {fields}", each)


def _property_text(key: str, value: Any) -> str:
    name = setting_name(tuple(key.split(".")))
    return f"{name} {value_text(value)}".rstrip()


# --- links -------------------------------------------------------------------------------------------------------


def link_edits(before: Any, after: Any, noun: str = "link", ignored: Iterable[str] = ()) -> Iterator[Edit]:
    """The edits of links, by their titles."""
    old, new = _by_title(before), _by_title(after)
    gone = [title for title in old if title not in new]
    come = [title for title in new if title not in old]
    for title, other in _renamed(old, new, gone, come):
        yield Edit(f"title of the {noun}", *quoted_pair(title, other))
        gone.remove(title)
        come.remove(other)
    for title in gone:
        yield Edit(noun, _link_text(title, old[title]), None)
    for title in come:
        yield Edit(noun, None, _link_text(title, new[title]))
    for title in old:
        if title in new:
            items = differences(old[title], new[title], _LINK)
            yield from (
                setting_edit(f"{_link_setting(each)} of the {noun} {quoted(title)}", each)
                for each in items
                if str(each.path[0]) not in ignored
            )


_LINK = {"type": "link", "icon": "external link", "dashUri": None}


def _link_setting(each: Difference) -> str:
    return {"url": "URL", "targetBlank": "opening in a new tab"}.get(str(each.path[0]), setting_name(each.path))


def _link_text(title: str, link: Json) -> str:
    url = link.get("url") or link.get("dashboard")
    return f"{quoted(title)} to {quoted(str(url))}" if url else quoted(title)


def _renamed(old: Json, new: Json, gone: Sequence[str], come: Sequence[str]) -> list[tuple[str, str]]:
    targets = {frozen({k: v for k, v in new[title].items() if k != "title"}): title for title in come}
    pairs = ((title, targets.get(frozen({k: v for k, v in old[title].items() if k != "title"}))) for title in gone)
    return list({other: (title, other) for title, other in pairs if other}.values())


def _by_title(value: Any) -> dict[str, Json]:
    items: dict[str, Json] = {}
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            title = str(item.get("title") or item.get("dashboard") or item.get("type") or "link")
            while title in items:
                title += " (again)"
            items[title] = item
    return items
