"""Arguments of the wrong kind: what a definition's annotations say is held against what was given.

Python does not look at annotations; without this, `slos=SLO(...)` or `labels=None` would end in a traceback
of ours, or worse, in a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import MISSING, fields
from decimal import Decimal
from functools import cache
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import obscode
from obscode.findings.finding import Finding
from obscode.model.definition import Definition

_WORDS: Mapping[Any, str] = {
    str: "a string",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    Decimal: "a number",
    NoneType: "None",
}
_PLURALS: Mapping[Any, str] = {str: "strings", int: "whole numbers", float: "numbers", Decimal: "numbers"}
_PLAIN = (str, bytes, int, float, Decimal, NoneType)
_LONGEST = 60
_LARGEST = 2**63


def problems(definition: Definition) -> Iterator[Finding]:
    """Everything wrong with a definition and those below it: arguments of a wrong kind, then what it says itself."""
    tree = list(definition.walk())
    misfits = {id(each): list(_misfits(each)) for each in tree}
    unsound: set[int] = set()
    for each in reversed(tree):  # children before those that hold them
        if misfits[id(each)] or any(id(child) in unsound for child in each.children()):
            unsound.add(id(each))
    for each in tree:
        yield from _problems(each, misfits[id(each)], sound=id(each) not in unsound)


def _problems(definition: Definition, misfits: Sequence[Finding], *, sound: bool) -> Iterator[Finding]:
    told = []
    # Arguments of the wrong kind, its own or those of what it holds, may make a definition stumble over its values.
    with nullcontext() if sound else suppress(Exception):
        for finding in definition.problems():
            told.append(finding)  # noqa: PERF402  what was told before it stumbled counts
    # What a definition says of an argument itself is the better text.
    places = {finding.span for finding in told} - {definition.span()}
    yield from told
    yield from (finding for finding in misfits if finding.span not in places)


def _misfits(definition: Definition) -> Iterator[Finding]:
    kind: Any = type(definition)
    for name, hint in _hints(kind).items():
        for item, value, wanted in _unfit(getattr(definition, name), hint):
            message, advice = _told(definition, name, value, wanted, item is not None)
            yield definition.finding("kind", message, advice, at=name, item=item)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    try:
        hints = get_type_hints(kind)
    except NameError:  # a subclass of the user's, with a name that only a type checker sees
        return {}
    return {spec.name: hints[spec.name] for spec in fields(kind) if spec.name != "origin"}


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of the kind that an annotation names; a string is no list, True is no number."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(fits(value, member) for member in inner)
    if origin is Literal:
        return value in inner
    if _is_list(hint):
        return _is_list_value(value) and all(fits(item, inner[0]) for item in value)
    if _is_dict(hint):
        return isinstance(value, Mapping) and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    return _is_a(value, origin or hint)


def _is_a(value: object, kind: Any) -> bool:
    if kind in (int, float):
        number = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
        return number and not _is_huge(value)
    if kind is Decimal:
        return isinstance(value, Decimal) and not value.is_snan()  # which raises when it is compared
    if kind is str:
        return isinstance(value, str) and _is_unicode(value)
    return isinstance(value, kind) if isinstance(kind, type) else True


def _is_list(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Sequence) and bool(get_args(hint))


def _is_dict(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping) and bool(get_args(hint))


def _is_list_value(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_huge(value: object) -> bool:
    """Whether a whole number is beyond what Prometheus counts exactly by far: 10**400 is no float at all."""
    return isinstance(value, int) and abs(value) > _LARGEST


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _unfit(value: Any, hint: Any) -> Iterator[tuple[int | None, Any, Any]]:
    """The items of a value, or the value, that do not fit, each with its index and what would."""
    if fits(value, hint):
        return
    for member in _members(hint):
        if _is_list(member) and _is_list_value(value):
            inner = get_args(member)[0]
            yield from ((i, item, inner) for i, item in enumerate(value) if not fits(item, inner))
            return
        if _is_dict(member) and isinstance(value, Mapping):
            key, content = get_args(member)
            yield from ((i, item, key) for i, item in enumerate(value) if not fits(item, key))
            yield from ((i, item, content) for i, item in enumerate(value.values()) if not fits(item, content))
            return
    yield None, value, hint


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


# --- in words ----------------------------------------------------------------------------------------------------


def _told(definition: Definition, name: str, value: Any, wanted: Any, is_item: bool) -> tuple[str, str]:
    if isinstance(value, str) and not _is_unicode(value):
        return f"{value!r} holds half a character", "write the character itself; \\ud800 to \\udfff are none"
    if _is_huge(value) and any(member in (int, float, Decimal) for member in _members(wanted)):
        return f"{shown(value)} is larger than Prometheus can count", "write a smaller number"
    return f"{shown(value)} is not {words(wanted)}", _hint(definition, name, value, wanted, is_item)


def _hint(definition: Definition, name: str, value: Any, wanted: Any, is_item: bool) -> str:
    members = _members(wanted)
    lists = [member for member in members if _is_list(member)]
    if value is None and not is_item and _has_default(definition, name):
        return f"leave {name}= out"
    if any(fits(value, get_args(member)[0]) for member in lists):
        return f"put it in a list: {name}=[...]"
    if lists and not isinstance(value, (*_PLAIN, Mapping)) and hasattr(value, "__iter__"):
        return f"make it a list: {name}=list(...)"
    if isinstance(value, int | float | Decimal) and str in members:
        return f'write "{value}"'
    if isinstance(value, str) and any(member in (int, float, Decimal) for member in members) and _is_number(value):
        return f"write {value.strip()} without quotes"
    examples = [example for member in members if (example := _example(member))]
    return f"write {' or '.join(examples)} here" if examples else f"{name} takes {words(wanted)}"


def _has_default(definition: Definition, name: str) -> bool:
    spec = next(spec for spec in fields(definition) if spec.name == name)
    return spec.default is not MISSING or spec.default_factory is not MISSING


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _example(hint: Any) -> str:
    """The public definitions that an annotation admits: Counter, Gauge, Histogram or Summary for a metric."""
    if not isinstance(hint, type) or not issubclass(hint, Definition):
        return ""
    if example := vars(hint).get("example"):
        return str(example)
    below = [name for kind, name in public_names().items() if issubclass(kind, hint) and not _is_base(kind)]
    *others, last = [f"{name}(...)" for name in sorted(below) or [_name(hint)]]
    return f"{', '.join(others)} or {last}" if others else last


def words(hint: Any) -> str:
    """What an annotation asks for, in the user's words: `a list of strings`."""
    if _is_list(hint):
        return f"a list of {_plural(get_args(hint)[0])}"
    if _is_dict(hint):
        return f"a dict of {_plural(get_args(hint)[0])} to {_plural(get_args(hint)[1])}"
    if get_origin(hint) is Literal:
        return " or ".join(repr(value) for value in get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(dict.fromkeys(words(member) for member in get_args(hint)))
    if hint in _WORDS:
        return _WORDS[hint]
    return _one(_name(hint))


def _one(name: str) -> str:
    return f"{'an' if name.startswith((*'AEIOaeio', 'SL')) else 'a'} {name}"


def _plural(hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_plural(member) for member in get_args(hint))
    if _is_list(hint):
        return f"lists of {_plural(get_args(hint)[0])}"
    return _PLURALS.get(hint) or re.sub(r"y$", "ie", _name(hint)) + "s"


def _name(kind: Any) -> str:
    """The name as a file writes it, and a base by its word: an Alert, a metric."""
    name = getattr(kind, "__name__", str(kind))
    if kind not in public_names() or _is_base(kind):
        return name if name.isupper() else name.lower()
    return public_names()[kind].rpartition(".")[2]


def _is_base(kind: type) -> bool:
    return any(issubclass(other, kind) and other is not kind for other in public_names())


@cache
def public_names() -> Mapping[type[Definition], str]:
    """The public definitions with their names as a file writes them: `Service`, `metrics.Counter`."""
    names: dict[type[Definition], str] = {}
    for name in (name for name, home in obscode._MODULE_OF.items() if home.startswith("obscode.model")):
        value = getattr(obscode, name)
        for path, member in _members_of(name, value) if isinstance(value, ModuleType) else [(name, value)]:
            if isinstance(member, type) and issubclass(member, Definition) and member is not Definition:
                names.setdefault(member, path)
    return names


def _members_of(name: str, namespace: ModuleType) -> Iterator[tuple[str, Any]]:
    return ((f"{name}.{key}", member) for key, member in vars(namespace).items() if not key.startswith("_"))


def shown(value: object) -> str:
    """A value as it fits into a sentence; never an address in memory."""
    if isinstance(value, Definition):
        name = getattr(value, "name", getattr(value, "title", None))
        return f"{_name(type(value))}({shown(name) if name is not None else '...'})"
    if isinstance(value, list | tuple):
        text = f"[{', '.join('...' if isinstance(item, list | tuple) else shown(item) for item in value)}]"
    elif isinstance(value, type):
        text = f"the class {value.__name__}"
    elif callable(value):
        text = f"the function {getattr(value, '__name__', '')}".strip()
    elif _is_huge(value):
        text = "a whole number beyond 2**63"
    elif isinstance(value, _PLAIN):
        text = repr(value)
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{k!r}: ..." for k in value) + "}"
    else:
        text = _one(type(value).__name__)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
