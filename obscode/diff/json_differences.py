"""The values in which two JSON values differ, where what is absent has a default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class Difference(NamedTuple):
    """A value before and after; None where it is absent and has no default.

    ``is_default_before`` is true for a default that is not written, likewise ``is_default_after``.
    """

    path: Path
    before: Any
    after: Any
    is_default_before: bool = False
    is_default_after: bool = False


def differences(before: Any, after: Any, default: Any = None, path: Path = ()) -> Iterator[Difference]:
    """The differences of two values, the innermost ones: `legend.placement`, and not `legend`.

    null, false, an empty text and an empty collection are the same as nothing, unless nothing has a default.
    """
    if before == after and type(before) is type(after):
        return
    if _is_object(before, after, default):
        yield from _of_objects(before or {}, after or {}, default if isinstance(default, Mapping) else {}, path)
    elif _are_lists_of_objects(before, after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, None, (*path, index))
    else:
        if default is not None:
            before, after = (None if value in ("", []) else value for value in (before, after))
        old, new = (default if value is None else value for value in (before, after))
        if not same(old, new):
            yield Difference(
                path, old, new, before is None and not _is_empty(old), after is None and not _is_empty(new)
            )


def _is_object(before: Any, after: Any, default: Any) -> bool:
    """Whether both are objects, where nothing is an empty object."""
    values = [value for value in (before, after) if value is not None and value != []]
    if not values:
        return False
    if not all(isinstance(value, Mapping) for value in values):
        return False
    return len(values) == 2 or bool(default) or len(values[0]) > 0


def _of_objects(before: Any, after: Any, default: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        yield from differences(before.get(key), after.get(key), default.get(key), (*path, key))


def _are_lists_of_objects(before: Any, after: Any) -> bool:
    if not (isinstance(before, list) and isinstance(after, list) and len(before) == len(after)):
        return False
    return all(isinstance(item, Mapping) for item in (*before, *after))


def same(before: Any, after: Any) -> bool:
    """Whether two values are the same to Grafana."""
    if _is_empty(before) and _is_empty(after):
        return True
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(same(before.get(key), after.get(key)) for key in {*before, *after})
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(same(old, new) for old, new in zip(before, after, strict=True))
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    return bool(before == after)


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == "" or value == [] or value == {}


def essence(value: Any) -> Any:
    """The value without what is the same as nothing."""
    if isinstance(value, Mapping):
        return {key: inner for key, item in value.items() if not _is_empty(inner := essence(item))}
    if isinstance(value, list):
        return [essence(item) for item in value]
    return value


def frozen(value: Any) -> str:
    """A key for a JSON value: equal for values that differ in the order of keys only."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
