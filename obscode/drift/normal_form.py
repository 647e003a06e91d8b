"""The configuration of a server in the spelling of the one that was built.

A server prints its configuration with all defaults, with `<secret>` in place of secrets, with absolute paths, with
other notations of durations. What only differs so is written as in the built configuration; what remains is drift.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from obscode.promql import duration

SECRET = "<secret>"
#: The password of a URL.
_HIDDEN = ":xxxxx@"
_SIZE = re.compile(r"([0-9.]+[KMGTPE])i?B")
_NAMES = ("job_name", "name", "receiver", "alert", "url")

#: Whether a server fills in a value itself: the keys from the top, and the value.
IsDefault = Callable[[tuple[str, ...], Any], bool]


def aligned(built: Any, running: Any, is_default: IsDefault, path: tuple[str, ...] = ()) -> Any:
    """What runs, in the spelling of what was built."""
    if isinstance(built, Mapping) and isinstance(running, Mapping):
        return _mapping(built, running, is_default, path)
    if isinstance(built, list) and isinstance(running, list):
        return _list(built, running, is_default, path)
    return built if is_same(built, running, path[-1] if path else "") else running


def _mapping(
    built: Mapping[str, Any], running: Mapping[str, Any], is_default: IsDefault, path: tuple[str, ...]
) -> dict[str, Any]:
    result = {}
    for key, value in built.items():
        if key in running:
            result[key] = aligned(value, running[key], is_default, (*path, key))
        elif is_empty(value) or is_default((*path, key), value):
            result[key] = value
    new = {key: value for key, value in running.items() if key not in built}
    return result | _without_defaults(new, is_default, path)


def _without_defaults(values: Mapping[str, Any], is_default: IsDefault, path: tuple[str, ...]) -> dict[str, Any]:
    result = {}
    for key, value in values.items():
        if is_default((*path, key), value):
            continue
        rest = _without_defaults(value, is_default, (*path, key)) if isinstance(value, Mapping) else value
        if not is_empty(rest):
            result[key] = rest
    return result


def is_empty(value: Any) -> bool:
    """Whether a value is the zero of its type, which servers print or leave out."""
    return value in (None, False, 0, "", "0s") or value == [] or value == {}


def _list(built: list[Any], running: list[Any], is_default: IsDefault, path: tuple[str, ...]) -> list[Any]:
    """The items that run, in the order of those that were built, where they are the same."""
    if not all(isinstance(item, Mapping) for item in (*built, *running)):
        return _values(built, running, path[-1] if path else "")
    waiting = list(running)
    places: dict[int, Any] = {}
    for number, item in enumerate(built):
        partner = _partner(item, number, waiting, running)
        if partner is not None:
            waiting.remove(partner)
            places[number] = aligned(item, partner, is_default, path)
    return [*(places[number] for number in sorted(places)), *waiting]


def _values(built: Sequence[Any], running: Sequence[Any], key: str) -> list[Any]:
    waiting = list(running)
    result = []
    for value in built:
        partner = next((other for other in waiting if is_same(value, other, key)), None)
        if partner is not None:
            waiting.remove(partner)
            result.append(value)
    return [*result, *waiting]


def _partner(item: Mapping[str, Any], number: int, waiting: list[Any], running: list[Any]) -> Any:
    for name in _NAMES:
        if name in item:
            same = [other for other in waiting if is_same(item[name], other.get(name), name)]
            if same or name in ("job_name", "name"):
                return same[0] if same else None
    at_place = running[number] if number < len(running) else None
    return next((other for other in waiting if other is at_place), waiting[0] if waiting else None)


def is_same(built: Any, running: Any, key: str) -> bool:
    """Whether a value is another notation of the built one, by the name of its setting."""
    if built == running or running == SECRET:
        return True
    if isinstance(built, int | float) and isinstance(running, int | float):
        return float(built) == float(running)
    if isinstance(running, str) and _HIDDEN in running and isinstance(built, str):
        return _without_password(built) == _without_password(running)
    if isinstance(running, Mapping) and running.get("template") == built:  # the long form of a text, in Jira's receiver
        return True
    one, other = _text(built), _text(running)
    if one == other or one.rstrip("/") == other.rstrip("/") or _is_same_length(one, other):
        return True
    # A server prints paths with the folder of its configuration, as its command line names it.
    return _is_path(key) and not one.startswith("/") and other.endswith("/" + one.removeprefix("./"))


def _text(value: Any) -> str:
    """A value as a text; Prometheus counts 1024 bytes for a KB, and prints KiB."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _SIZE.sub(r"\1B", text) if _SIZE.fullmatch(text) else text


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    return f"{scheme}{separator}{credentials.partition(':')[0]}{at}{host}".rstrip("/")


def _is_same_length(one: str, other: str) -> bool:
    try:
        return duration.milliseconds(one) == duration.milliseconds(other)
    except ValueError:
        return False


def _is_path(key: str) -> bool:
    return key in ("rule_files", "files", "templates", "scrape_config_files") or key.endswith(("_file", "_files"))
