"""Types and values in messages: `a list of strings`, `Counter('requests_total')`, `metrics.Counter(...)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import obscode
from obscode.model.definition import Definition

#: Values that `repr` writes as a file does.
PLAIN = (str, bytes, int, float, Decimal, NoneType)

_SINGULAR: Mapping[Any, str] = {
    str: "a string",
    bool: "True or False",
    int: "an integer",
    float: "a number",
    Decimal: "a number",
    NoneType: "None",
}
_PLURAL: Mapping[Any, str] = {Any: "values", str: "strings", int: "integers", float: "numbers", Decimal: "numbers"}
_LONGEST = 60
_LARGEST = 2**63


def members(hint: Any) -> tuple[Any, ...]:
    """The members of a union; of another type, the type itself."""
    if get_origin(hint) is Annotated and len(members(get_args(hint)[0])) > 1:
        return members(get_args(hint)[0])
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def is_list(hint: Any) -> bool:
    """True for `Sequence[...]` and its kind."""
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Sequence) and bool(get_args(hint))


def is_dict(hint: Any) -> bool:
    """True for `Mapping[...]` and its kind."""
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping) and bool(get_args(hint))


def is_huge(value: object) -> bool:
    """True for an integer beyond 64 bits: 10**400 is not even a float."""
    return isinstance(value, int) and abs(value) > _LARGEST


def describe_type(hint: Any) -> str:
    """A type for a message: `a list of strings`."""
    if is_list(hint):
        return f"a list of {_plural(get_args(hint)[0])}"
    if is_dict(hint):
        return f"a dict of {_plural(get_args(hint)[0])} to {_plural(get_args(hint)[1])}"
    if get_origin(hint) is Annotated:
        return str(get_args(hint)[1])
    if get_origin(hint) is Literal:
        *others, last = [repr(value) for value in get_args(hint)]
        return f"{', '.join(others)} or {last}" if others else last
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(dict.fromkeys(describe_type(member) for member in get_args(hint)))
    return _SINGULAR.get(hint) or with_article(type_name(hint))


def with_article(name: str) -> str:
    """`an SLO`, `a metric`."""
    return f"{'an' if name.startswith((*'AEIOaeio', 'SL')) else 'a'} {name}"


def _plural(hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_plural(member) for member in get_args(hint))
    if is_list(hint):
        return f"lists of {_plural(get_args(hint)[0])}"
    if get_origin(hint) is Annotated:
        return _plural(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return describe_type(hint)
    name = type_name(hint)
    return _PLURAL.get(hint) or (name if name.endswith("rs") else re.sub(r"y$", "ie", name) + "s")


def type_name(kind: Any) -> str:
    """A definition's name as a file writes it, such as `Alert`; of a base its word, such as `metric`."""
    name = getattr(kind, "__name__", str(kind))
    is_definition = isinstance(kind, type) and issubclass(kind, Definition)
    is_word = _is_base(kind) if kind in public_names() else not is_definition
    return name.lower() if is_word and not name.isupper() else name


def example(hint: Any) -> str:
    """What to write for a definition: `metrics.Counter(...) or metrics.Gauge(...)`; empty for another type."""
    if not isinstance(hint, type) or not issubclass(hint, Definition):
        return ""
    if text := vars(hint).get("example"):
        return str(text)
    kinds = [name for kind, name in public_names().items() if issubclass(kind, hint) and not _is_base(kind)]
    *others, last = [f"{name}(...)" for name in sorted(kinds) or [type_name(hint)]]
    return f"{', '.join(others)} or {last}" if others else last


def _is_base(kind: type) -> bool:
    return any(issubclass(other, kind) and other is not kind for other in public_names())


@cache
def public_names() -> Mapping[type[Definition], str]:
    """The public definitions with their names as a file writes them: `Service`, `metrics.Counter`."""
    names: dict[type[Definition], str] = {}
    for name, module in {**obscode._MODULE_OF, **obscode._NAMESPACES}.items():
        if module.startswith("obscode.model"):
            value = getattr(obscode, name)
            for path, member in _members_of(name, value) if isinstance(value, ModuleType) else [(name, value)]:
                if isinstance(member, type) and issubclass(member, Definition) and member is not Definition:
                    names.setdefault(member, path)
    return names


def _members_of(name: str, namespace: ModuleType) -> Iterator[tuple[str, Any]]:
    return ((f"{name}.{key}", member) for key, member in vars(namespace).items() if not key.startswith("_"))


def short_repr(value: object) -> str:
    """A value for a message, 60 characters at most; never an address in memory."""
    if isinstance(value, Definition):
        name = getattr(value, "name", getattr(value, "title", None))
        return f"{type_name(type(value))}({short_repr(name) if name is not None else '...'})"
    if isinstance(value, list | tuple):
        text = f"[{', '.join('...' if isinstance(item, list | tuple) else short_repr(item) for item in value)}]"
    elif isinstance(value, type):
        text = f"the class {value.__name__}"
    elif callable(value):
        text = f"the function {getattr(value, '__name__', '')}".strip()
    elif is_huge(value):
        text = "an integer beyond 2**63"
    elif isinstance(value, PLAIN):
        text = repr(value)
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{k!r}: ..." for k in value) + "}"
    else:
        text = with_article(type(value).__name__)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
