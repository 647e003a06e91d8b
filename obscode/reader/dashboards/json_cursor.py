"""Access JSON by path: each value has its path, and a value of the wrong type is collected as a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]

#: A step of a path: into JSON in a string, as in a ConfigMap.
WITHIN = "\ue000"

_LARGEST = 1.7e308  # a number for JavaScript that Python can print

_KINDS = {bool: "true or false", dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}


@dataclass(frozen=True)
class WrongType:
    """A value of another type than Grafana writes."""

    path: Path
    message: str


@dataclass(frozen=True, init=False)
class Node:
    """A JSON value, its path in the file, and the list of its type errors; null counts as missing."""

    value: Any
    path: Path
    wrong: list[WrongType] = field(compare=False, repr=False)

    def __init__(self, value: Any, path: Path = (), wrong: list[WrongType] | None = None) -> None:
        # There are a thousand for each dashboard; the __init__ of a frozen dataclass takes three times as long.
        own = self.__dict__
        own["value"] = value
        own["path"] = path
        own["wrong"] = [] if wrong is None else wrong

    def get(self, key: str) -> Node:
        """The value of a key; a missing value if there is none."""
        return Node(self.plain(key), (*self.path, key), self.wrong)

    def plain(self, key: str) -> Any:
        """The value of a key as plain JSON; None if there is none."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def has(self, key: str) -> bool:
        """True if a key has a value other than null."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, *keys: str) -> Path:
        """The path of the first of the keys that exists; of the object if none exists."""
        for key in keys:
            if self.has(key):
                return (*self.path, key)
        return self.path

    def object(self, key: str) -> Node:
        """An object; empty if it is missing."""
        child = self.get(key)
        return child if isinstance(child.value, dict) else Node({}, child.noted(dict), self.wrong)

    def objects(self, key: str) -> list[Node]:
        """The items of a list that are objects."""
        return list(self.get(key).items())

    def items(self) -> Iterator[Node]:
        """The objects of this list."""
        if not isinstance(self.value, list):
            self.noted(list)
            return
        for index, item in enumerate(self.value):
            child = Node(item, (*self.path, index), self.wrong)
            if isinstance(item, dict):
                yield child
            else:
                child.noted(dict)

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The members of this object that are objects."""
        if isinstance(self.value, dict):
            for key in self.value:
                child = self.get(key)
                child.noted(dict)
                if isinstance(child.value, dict):
                    yield key, child

    def text(self, key: str) -> str:
        """A string; empty if it is missing or false."""
        value = self.plain(key)
        if isinstance(value, str):
            return value
        if value is not False:
            self.get(key).noted(str)
        return ""

    def loose(self, key: str) -> str:
        """A string; empty for other types, which are valid for some plugins."""
        value = self.plain(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> float | None:
        """A number, or None."""
        value: float | None = self.plain(key)
        if is_number(value):
            return value
        self.get(key).noted(float)
        return None

    def whole(self, key: str) -> int | None:
        """An integer, or None."""
        number = self.number(key)
        return int(number) if number is not None and number == number and abs(number) < 2**63 else None

    def flag(self, key: str) -> bool:
        """True or false; Grafana accepts any value."""
        return bool(self.plain(key))

    def noted(self, kind: type) -> Path:
        """Add a type error for a value that exists; for JavaScript, false, 0 and "" count as missing."""
        if (self.value or isinstance(self.value, dict | list)) and not _is(self.value, kind):
            what = "too large" if _is_huge(self.value) else _KINDS.get(type(self.value), "something else")
            self.wrong.append(WrongType(self.path, f"{dotted(self.path)} is {what}, not {_KINDS[kind]}"))
        return self.path


def _is(value: object, kind: type) -> bool:
    return is_number(value) if kind is float else isinstance(value, kind)


def is_number(value: object) -> bool:
    """True if a JSON value is a number that can be displayed; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not _is_huge(value)


def _is_huge(value: object) -> bool:
    return isinstance(value, int | float) and not abs(value) <= _LARGEST


def word_set(text: str) -> frozenset[str]:
    """The words of a string."""
    return frozenset(text.split())


def dotted(path: Path) -> str:
    """`panels[3].targets[0].expr`."""
    inner = path[len(path) - path[::-1].index(WITHIN) :] if WITHIN in path else path
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in inner)
    return text.lstrip(".") or "the file"


def texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All strings within a JSON value, in order."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    while waiting:
        here, item = waiting.pop()
        if isinstance(item, str):
            yield here, item
        elif isinstance(item, Mapping):
            waiting += reversed([((*here, key), child) for key, child in item.items()])
        elif isinstance(item, list):
            waiting += reversed([((*here, index), child) for index, child in enumerate(item)])
