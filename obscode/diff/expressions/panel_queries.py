"""Queries of panels: Grafana variables are parts of an expression like others, and keep their names in sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from obscode.diff.change import Edit
from obscode.diff.expressions.node_text import duration_text, number_text
from obscode.promql.tokens import LITERAL, VARIABLE

_LITERAL_OR_VARIABLE = re.compile(rf"{LITERAL}|{VARIABLE}", re.DOTALL)
_BEFORE_NUMBER = re.compile(
    r"\b(?:topk|bottomk|quantile|histogram_quantile|quantile_over_time|limitk)"
    r"(?:\s*(?:by|without)\s*\([^()]*\))?\s*\(\s*$",
    re.IGNORECASE,
)
_BEFORE_DURATION = re.compile(r"(?:\[[^\]]*|\boffset\s+-?\s*)$", re.IGNORECASE)
# Values that no query contains; each variable has its own.
_NAME, _SECONDS, _NUMBER = "obscode_variable_{}_", 10_000_019, 98_765_400_001


@dataclass
class _Variables:
    """Stands for the variables of two expressions, and knows how to name them again."""

    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def filled(self, expr: str) -> str:
        """The expression with a value of its own for each variable outside of strings."""
        parts: list[str] = []
        end = 0
        for match in _LITERAL_OR_VARIABLE.finditer(expr):
            parts.append(expr[end : match.start()])
            end = match.end()
            is_text = match[0][0] in "\"'`#"
            parts.append(match[0] if is_text else self._value(match[0], "".join(parts)))
        return "".join([*parts, expr[end:]])

    def _value(self, variable: str, before: str) -> str:
        number = self.numbers.setdefault(variable, len(self.numbers))
        if _BEFORE_DURATION.search(before):
            self.names[duration_text(_SECONDS + number)] = variable
            return f"{_SECONDS + number}s"
        if _BEFORE_NUMBER.search(before):
            self.names[number_text(_NUMBER + number)] = variable
            return str(_NUMBER + number)
        self.names[_NAME.format(number)] = variable
        return _NAME.format(number)


def with_variables(before: str, after: str, edits: Callable[[str, str], list[Edit]]) -> list[Edit]:
    """The edits of two queries in which variables may stand anywhere."""
    variables = _Variables()
    changed = edits(variables.filled(before), variables.filled(after))
    return [_named(edit, variables.names) for edit in changed]


def _named(edit: Edit, names: Mapping[str, str]) -> Edit:
    def named(text: str) -> str:
        for value, variable in names.items():
            text = text.replace(value, variable)
        return text

    before, after = (None if text is None else named(text) for text in (edit.before, edit.after))
    return replace(edit, before=before, after=after, of=named(edit.of))
