"""Annotations of alerts as a reader sees them without an alert: names in the place of values."""

from __future__ import annotations

import re

_ELSE = re.compile(r"\{\{-?\s*else\b.*?\{\{-?\s*end\s*-?\}\}", re.DOTALL)
_ACTION = re.compile(r"\{\{(?P<code>.*?)\}\}", re.DOTALL)
_LABEL = re.compile(r"(?:\$labels|\.Labels)\.(\w+)")
_VALUE = re.compile(r"\$value|\.Value")
_CONTROL = re.compile(r"-?\s*(with|if|range|end|else|define|template|/\*|\$\w+\s*:?=)")


def without_templates(text: str) -> str:
    """The text with `<instance>` for `{{ $labels.instance }}` and `<value>` for `{{ $value }}`.

    Of a condition, the first case stays; the result of a query is `<...>`.
    """
    return _ACTION.sub(_name, _ELSE.sub("", text))


def _name(action: re.Match[str]) -> str:
    code = action["code"]
    if _CONTROL.match(code):
        return ""
    if label := _LABEL.search(code):
        return f"<{label[1]}>"
    return "<value>" if _VALUE.search(code) else "<...>"
