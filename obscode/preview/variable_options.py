"""The options of a dashboard's variables, without queries: Grafana's lists, regular expressions and order.

https://github.com/grafana/grafana/blob/main/packages/grafana-runtime and scenes (metricNamesToVariableValues).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from obscode.preview import intervals

_JS_GROUP = re.compile(r"\(\?<([A-Za-z_]\w*)>")
_DELIMITED = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)
_CUSTOM = re.compile(r"(?:\\,|[^,])+")
_PAIR = re.compile(r"(.+?)\s:\s(.+)", re.DOTALL)
_NUMBER = re.compile(r".*?(\d+).*", re.DOTALL)
_DIGITS = re.compile(r"(\d+)")


class Option(NamedTuple):
    """An option of a variable."""

    text: str
    value: str


def of_custom(query: str) -> list[Option]:
    r"""The options of `a, b, text : value`; `\,` is a comma in one of them."""
    options = []
    for part in _CUSTOM.findall(query):
        text = part.replace("\\,", ",").strip()
        pair = _PAIR.fullmatch(text)
        options.append(Option(pair[1].strip(), pair[2].strip()) if pair else Option(text, text))
    return [option for option in options if option.value]


def of_interval(query: str) -> list[Option]:
    """The options of `1m,10m,"30m"`."""
    return [Option(text, text) for text in (part.strip(" \"'") for part in query.split(",")) if text]


def automatic_interval(variable: Mapping[str, Any], length: int) -> str:
    """The value of the option `auto` of an interval variable, for a range in ms."""
    count = variable.get("auto_count") or 30
    least = intervals.milliseconds(str(variable.get("auto_min") or "10s")) or 10_000
    return intervals.formatted(intervals.calculated(length, int(count), least))


def of_values(results: Iterable[Option], regex: str, sort: int) -> list[Option]:
    """The options of what a query returns: filtered by the regular expression, each once, in order."""
    return sorted_options(list(dict.fromkeys(_matching(list(results), regex))), sort)


def _matching(options: Sequence[Option], regex: str) -> Iterable[Option]:
    pattern = compiled(regex)
    if pattern is None:
        return options
    return [each for option in options for each in _captured(pattern, option)]


def _captured(pattern: re.Pattern[str], option: Option) -> list[Option]:
    """What the groups of a regular expression take of an option; several matches of named groups are joined."""
    matches = list(pattern.finditer(option.value))
    if not matches:
        return []
    names = pattern.groupindex
    if "value" in names or "text" in names:
        values = [match.groupdict().get("value") for match in matches]
        texts = [match.groupdict().get("text") for match in matches]
        first_value = next((value for value in values if value), None)
        first_text = next((text for text in texts if text), None)
        value, text = first_value or first_text, first_text or first_value
        return [Option(text, value)] if text and value else []
    if pattern.groups:
        group = matches[0][1]
        return [Option(group, group)] if group else []
    return [option]


def compiled(regex: str) -> re.Pattern[str] | None:
    """A regular expression of JavaScript, `/.../i` or without delimiters; None for an empty or invalid one."""
    match = _DELIMITED.fullmatch(regex)
    source, flags = (match[1], match[2]) if match else (f"^{regex}$", "")
    if not regex:
        return None
    try:
        return re.compile(_JS_GROUP.sub(r"(?P<\1>", source), re.IGNORECASE if "i" in flags else 0)
    except re.error:
        return None


def sorted_options(options: Sequence[Option], sort: int) -> list[Option]:
    """Options in Grafana's orders: by text (1, 2), by the first number (3, 4), without case (5, 6), natural (7, 8)."""
    if not 1 <= sort <= 8:
        return list(options)
    keys = {0: lambda o: o.text, 1: _by_number, 2: lambda o: o.text.lower(), 3: _natural}
    result = sorted(options, key=keys[(sort - 1) // 2])
    return result[::-1] if sort % 2 == 0 else result


def _by_number(option: Option) -> float:
    match = _NUMBER.fullmatch(option.text)
    return float(match[1]) if match else -1


def _natural(option: Option) -> list[tuple[int, int, str]]:
    parts = _DIGITS.split(option.text.lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]
