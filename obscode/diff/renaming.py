"""Another name of a service or an SLO in everything that is generated from it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from obscode.findings.source import Source
from obscode.model import naming

T = TypeVar("T")

# Fields of artifacts that no output is written from.
_SKIPPED = frozenset(("definition", "definitions", "existing", "source"))


class Renaming:
    """Replaces a name as a word, and in names of alerts: `shop-slo-latency`, `ShopLatencyBurnPage`.

    Args:
        before: the name before.
        after: the name after.
        others: names that may contain it, and stay: `shop-web` contains `shop`.
        service: for an SLO, its service, whose name is before it in names of alerts.
    """

    def __init__(self, before: str, after: str, others: Iterable[str] = (), service: str = "") -> None:
        self.before, self.after = before, after
        others = [each for each in others if each not in (before, after)]
        follows = "".join(f"(?!{re.escape(each[len(before) :])})" for each in others if each.startswith(f"{before}-"))
        precedes = "".join(f"(?<!{re.escape(each[: -len(before)])})" for each in others if each.endswith(f"-{before}"))
        self._word = re.compile(rf"(?<![A-Za-z0-9_]){precedes}{re.escape(before)}{follows}(?![A-Za-z0-9_])")
        self._prefix = naming.camel(service)
        camel = naming.camel(before)
        longer = [naming.camel(each) for each in others]
        stay = "".join(
            f"(?!{re.escape(each[len(camel) :])})" for each in longer if each.startswith(camel) and each != camel
        )
        self._camel = re.compile(rf"\b{self._prefix}{camel}{stay}(?=[A-Z])") if camel else None

    def text(self, text: str) -> str:
        """A text with the new name."""
        if self.before in text:
            text = self._word.sub(lambda _: self.after, text)
        return self._camel.sub(lambda _: self._prefix + naming.camel(self.after), text) if self._camel else text

    def value(self, value: T) -> T:
        """Texts, plain data and artifacts with the new name; the value itself if it does not contain the old one."""
        return self._value(value)  # type: ignore[no-any-return]

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Source) or value is None:
            return value
        if isinstance(value, Mapping):
            pairs = {self._value(key): self._value(each) for key, each in value.items()}
            return pairs if pairs != value else value
        if isinstance(value, list | tuple):
            items = [self._value(each) for each in value]
            return type(value)(items) if any(new is not old for new, old in zip(items, value, strict=True)) else value
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._artifact(value)
        return value

    def _artifact(self, value: Any) -> Any:
        fields = [field.name for field in dataclasses.fields(value) if field.init and field.name not in _SKIPPED]
        new = {name: self._value(getattr(value, name)) for name in fields}
        changed = {name: each for name, each in new.items() if each is not getattr(value, name)}
        return dataclasses.replace(value, **changed) if changed else value
