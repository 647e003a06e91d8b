"""Check the arguments of definitions against their type annotations, then the definitions themselves.

Python does not check annotations; without this, `slos=SLO(...)` or `labels=None` would end in a traceback, or worse,
in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, replace
from decimal import Decimal
from functools import cache
from math import isclose, isfinite
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition
from obscode.model.http import BasicAuth, Bearer, OAuth2
from obscode.model.numbers import Size
from obscode.model.type_descriptions import (
    PLAIN,
    describe_type,
    example,
    is_dict,
    is_huge,
    is_list,
    members,
    short_repr,
)
from obscode.promql.duration import Duration, format_duration

ARGUMENT_TYPE = Code(
    "argument-type",
    "An argument has the type that the definition's annotation names, and is one of its choices.",
    why="Python does not check annotations. A value of another type would fail later, or change the output silently.",
    bad='Service("shop", owner=7)',
    good='Service("shop", owner="team-shop")',
)
_D = TypeVar("_D", bound=Definition)
_MANY_SECONDS = 1e9
_SHORTEST_SECRET = 4
# No value: an argument that has a wrong type, or holds a definition with one, and has no default.
_NONE = object()


def problems(definition: Definition) -> Iterator[Finding]:
    """Findings for a definition and those below it: arguments of a wrong type, then what each reports itself."""
    return iter(examine(definition)[0])


def examine(definition: _D) -> tuple[Sequence[Finding], _D | None]:
    """The findings for a definition and those below it, and the definition with only values of the right types.

    The second is None if a required argument has a wrong type.

    `Definition.problems()` sees values of the right types only: it runs on a copy without the arguments and items of
    a wrong type. A definition whose required argument has a wrong type does not run it.
    """
    tree = list(definition.walk())
    if all(map(_is_well_typed, tree)):  # as nearly always
        return [finding for each in tree for finding in each.problems()], definition
    mismatches: dict[int, Sequence[Finding]] = {}
    checked: dict[int, Definition | None] = {}
    for each in reversed(tree):  # children before those that hold them
        mismatches[id(each)] = list(type_mismatches(each))
        sound = not mismatches[id(each)] and all(checked[id(child)] is child for child in each.children())
        checked[id(each)] = each if sound else _well_typed(each, checked)
    findings: list[Finding] = []
    for each in tree:
        findings += mismatches[id(each)]
        if well_typed := checked[id(each)]:
            findings += well_typed.problems()
    return findings, checked[id(definition)]  # type: ignore[return-value]  # a copy has the same class


def _well_typed(definition: Definition, checked: Mapping[int, Definition | None]) -> Definition | None:
    """The definition with only values of the right types; None if one is missing that has no default.

    An argument that gets its default is one of which no item is left.
    """
    copied = definition.with_origin(definition.origin)
    kept_items: dict[str, Sequence[int]] = {}
    for spec, hint in _hints(type(definition)):
        value, retained = _well_typed_value(getattr(definition, spec.name), hint, checked)
        if value is _NONE:
            value, retained = _default(spec), ()
        if value is _NONE:
            return None
        vars(copied)[spec.name] = value
        if retained is not None:
            kept_items[spec.name] = retained
    vars(copied)["kept_items"] = kept_items
    return copied


def _well_typed_value(
    value: Any, hint: Any, checked: Mapping[int, Definition | None]
) -> tuple[Any, Sequence[int] | None]:
    """A value without what has a wrong type, and the indexes of the items that are left of a list or dict."""
    if isinstance(value, Definition):
        copied = checked.get(id(value)) if matches_type(value, hint) else None
        return (_NONE if copied is None else copied), None
    wrong = {item for item, _, _ in _mismatches(value, hint)}
    if None in wrong or not isinstance(value, tuple | dict):
        return (_NONE if wrong else value), None
    items = list(value.values() if isinstance(value, dict) else value)
    copies = [checked.get(id(item)) if isinstance(item, Definition) else item for item in items]
    retained = [
        i
        for i, (item, copied) in enumerate(zip(items, copies, strict=True))
        if i not in wrong and not (isinstance(item, Definition) and copied is None)
    ]
    if items and not retained:
        return _NONE, None
    if isinstance(value, dict):
        keys = list(value)
        return {keys[i]: copies[i] for i in retained}, retained
    return tuple(copies[i] for i in retained), retained


def _default(spec: Field[Any]) -> Any:
    if spec.default_factory is not MISSING:
        return spec.default_factory()
    return _NONE if spec.default is MISSING else spec.default


def type_mismatches(definition: Definition) -> Iterator[Finding]:
    """Findings for the arguments, and the items of arguments, that have a wrong type."""
    if _is_well_typed(definition):
        return
    for spec, hint in _hints(type(definition)):
        for item, value, expected in _mismatches(getattr(definition, spec.name), hint):
            hidden = [*_secrets(value)] if _takes_secret(definition, spec.name) else []
            concealed = _without(value, hidden)
            message, advice = _message(concealed, expected), _hint(spec, concealed, expected, is_item=item is not None)
            finding = definition.finding(ARGUMENT_TYPE, message, advice, at=spec.name, item=item)
            yield replace(finding, hidden=hidden) if hidden else finding


def mismatch_texts(name: str, value: Any, expected: Any, *, has_default: bool) -> Iterator[tuple[int | None, str, str]]:
    """The items of an argument of a function, or the argument, that have a wrong type: index, message and hint."""
    for item, wrong, kind in _mismatches(value, expected):
        is_item = item is not None
        advice = _advice(name, wrong, kind, is_item=is_item, can_be_left_out=has_default and not is_item)
        yield item, _message(wrong, kind), advice


def _takes_secret(definition: Definition, argument: str) -> bool:
    """Whether a value of a wrong type may hold a secret: of authentication, or in place of a file."""
    return (
        argument == "auth"
        or argument.endswith(("_file", "headers"))
        or isinstance(definition, BasicAuth | Bearer | OAuth2)
    )


def _secrets(value: Any) -> Iterator[str]:
    """The texts of a value that are no paths."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        if len(value) >= _SHORTEST_SECRET and not value.startswith(("/", ".", "~")):
            yield value
    elif isinstance(value, Mapping):
        yield from (text for item in value.values() for text in _secrets(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in _secrets(item))


def _without(value: Any, hidden: Sequence[str]) -> Any:
    """A value as a message shows it: a long one is cut, so its secrets are replaced before."""
    if not hidden:
        return value
    if isinstance(value, bytes):
        return _without(value.decode(errors="replace"), hidden).encode()
    if isinstance(value, str):
        return "*" * len(value) if value in hidden else value
    if isinstance(value, Mapping):
        return {key: _without(item, hidden) for key, item in value.items()}
    return type(value)(_without(item, hidden) for item in value) if type(value) in (list, tuple) else value


def _is_well_typed(definition: Definition) -> bool:
    values = vars(definition)
    for name, default, matches in _matchers(type(definition)):
        value = values[name] if name in values else getattr(definition, name)
        if value is not default and not matches(value):
            return False
    return True


@cache
def _hints(kind: type[Definition]) -> tuple[tuple[Field[Any], Any], ...]:
    try:
        hints = get_type_hints(kind, include_extras=True)
    except NameError:  # a subclass of the user's, with a name that only a type checker sees
        return ()
    return tuple((spec, hints[spec.name]) for spec in fields(kind) if spec.name != "origin")


@cache
def _matchers(kind: type[Definition]) -> Sequence[tuple[str, Any, Callable[[Any], bool]]]:
    """The arguments of a class, each with its default if that has its type, and what says whether a value has it."""
    matchers = [(spec, _matcher(hint)) for spec, hint in _hints(kind)]
    return [(spec.name, spec.default if matches(spec.default) else _NONE, matches) for spec, matches in matchers]


def matches_type(value: Any, hint: Any) -> bool:
    """True if a value has the type of an annotation; a string is not a list, and True is not a number."""
    return _matcher(hint)(value)


@cache
def _matcher(hint: Any) -> Callable[[Any], bool]:
    """Whether a value has the type of an annotation, which is read once."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        members = [_matcher(member) for member in inner]
        return lambda value: any(matches(value) for matches in members)
    if origin is Annotated:
        return _matcher(inner[0])
    if origin is Literal:
        return lambda value: any(value == choice and matches_type(value, type(choice)) for choice in inner)
    if is_list(hint):
        matches_item = _matcher(inner[0])
        return lambda value: _is_list_value(value) and all(map(matches_item, value))
    if is_dict(hint):
        matches_key, matches_value = map(_matcher, inner)
        return lambda value: (
            (type(value) is dict or isinstance(value, Mapping))
            and all(map(matches_key, value))
            and all(map(matches_value, value.values()))
        )
    return _instance_matcher(origin or hint)


def _instance_matcher(kind: Any) -> Callable[[Any], bool]:
    if kind in (int, float):
        numbers = int if kind is int else (int, float)
        return lambda value: isinstance(value, numbers) and not isinstance(value, bool) and not is_huge(value)
    if kind is Decimal:
        return lambda value: isinstance(value, Decimal) and not value.is_snan()  # which raises when it is compared
    if kind is str:
        return lambda value: isinstance(value, str) and _is_unicode(value)
    return lambda value: kind is Any or not isinstance(kind, type) or isinstance(value, kind)


def _is_list_value(value: object) -> bool:
    return isinstance(value, tuple) or (isinstance(value, Sequence) and not isinstance(value, str | bytes))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _mismatches(value: Any, hint: Any) -> Iterator[tuple[int | None, Any, Any]]:
    """The items of a value, or the value, that have a wrong type, each with its index and the expected type."""
    if matches_type(value, hint):
        return
    for member in members(hint):
        if is_list(member) and _is_list_value(value):
            inner = get_args(member)[0]
            yield from ((i, item, inner) for i, item in enumerate(value) if not matches_type(item, inner))
            return
        if is_dict(member) and isinstance(value, Mapping):
            key, content = get_args(member)
            yield from ((i, item, key) for i, item in enumerate(value) if not matches_type(item, key))
            items = enumerate(value.values())
            yield from ((i, item, content) for i, item in items if not matches_type(item, content))
            return
    yield None, value, hint


# --- messages ----------------------------------------------------------------------------------------------------


def _message(value: Any, expected: Any) -> str:
    if isinstance(value, str) and not _is_unicode(value):
        return f"{value!r} has half of a surrogate pair, which is not a character"
    if is_huge(value) and any(member in (int, float, Decimal) for member in members(expected)):
        return f"{short_repr(value)} is larger than Prometheus can count"
    return f"{short_repr(value)} is not {describe_type(expected)}"


def _hint(spec: Field[Any], value: Any, expected: Any, *, is_item: bool) -> str:
    can_be_left_out = value is None and not is_item and _default(spec) is not _NONE
    return _advice(spec.name, value, expected, is_item=is_item, can_be_left_out=can_be_left_out)


def _advice(name: str, value: Any, expected: Any, *, is_item: bool, can_be_left_out: bool) -> str:
    if value is None and can_be_left_out:
        return f"leave {name}= out"
    if isinstance(value, str) and not _is_unicode(value):
        return "write the character itself; \\ud800 to \\udfff are none"
    if is_huge(value):
        return "write a smaller number"
    if text := _conversion(name, value, members(expected)):
        return text
    examples = [text for member in members(expected) if (text := example(member))]
    if examples:
        return f"write {' or '.join(examples)}"
    return f"write {describe_type(expected)}" if is_item else f"{name} takes {describe_type(expected)}"


def _conversion(name: str, value: Any, expected: Sequence[Any]) -> str:
    """How to write the value that was probably intended; empty if that is unclear."""
    choices = [choice for member in expected if get_origin(member) is Literal for choice in get_args(member)]
    if choices:
        near = did_you_mean(value, map(str, choices)) if isinstance(value, str) else ""
        return near or "write one of them"
    if isinstance(value, str) and any(is_dict(member) and _is_of_texts(member) for member in expected):
        return f"write {_as_mapping(value)}"
    lists = [member for member in expected if is_list(member)]
    if any(matches_type(value, get_args(member)[0]) for member in lists):
        return f"put it in a list: {name}=[...]"
    if lists and not isinstance(value, (*PLAIN, Mapping)) and hasattr(value, "__iter__"):
        return f"make it a list: {name}=list(...)"
    if isinstance(value, int | float) and Duration in expected:
        return _with_unit(value)
    if Size in expected and matches_type(value, int) and value >= 0:
        return f'write "{value}B" or "{value}MB"' if value else 'write "0"'
    if isinstance(value, int | float | Decimal) and str in expected:
        return f'write "{value}"'
    if isinstance(value, str) and any(member in (int, float, Decimal) for member in expected) and _is_number(value):
        return f"write {value.strip(' %')} without quotes"
    return ""


def _is_of_texts(mapping: Any) -> bool:
    """Whether the values of a dict may be texts but not everything, unlike those of JSON."""
    return matches_type({"": ""}, mapping) and get_args(mapping)[1] is not Any


def _as_mapping(text: str) -> str:
    """The dict for labels that are written as in PromQL: `job="shop"` is `{"job": "shop"}`."""
    from json import dumps

    from obscode.promql.errors import PromQLError
    from obscode.promql.parser import parse_selector

    try:
        matchers = parse_selector(f"metric{{{text.strip().strip('{}')}}}").matchers
    except PromQLError:
        matchers = ()
    labels = {matcher.label: matcher.value for matcher in matchers if matcher.op == "="}
    is_exact = labels and len(labels) == len(matchers)
    return dumps(labels, ensure_ascii=False) if is_exact else 'a dictionary such as {"job": "shop"}'


def _with_unit(number: float) -> str:
    if matches_type(number, int) and number > 0:
        return f'write "{number}s" or "{number}m"'
    length = round(number * 1000) if 0 < number < _MANY_SECONDS else 0
    if length and isclose(length, number * 1000):
        return f'write "{format_duration(length)}", if it is in seconds'
    return 'write it with its unit, such as "30s" or "5m"'


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text.strip(" %")))
    except ValueError:
        return False
