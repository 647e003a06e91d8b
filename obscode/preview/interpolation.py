"""Values of variables in queries, titles and links, in Grafana's formats: `$x`, `[[x:csv]]`, `${x:regex}`, `${x.text}`.

https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

#: The value of the option All.
ALL = "$__all"
_REFERENCE = re.compile(
    r"\$(?P<plain>\w+)|\[\[(?P<old>\w+?)(?::(?P<old_format>\w+))?\]\]"
    r"|\$\{(?P<name>\w+)(?:\.(?P<path>[^:^}]+))?(?::(?P<format>[^}]+))?\}"
)

#: What a value becomes where the text names no format.
Default = Callable[["Value"], str]


@dataclass(frozen=True)
class Value:
    """What a variable is set to.

    Attributes:
        values: the selected values; the text of others where `All` is selected.
        texts: their texts, as many.
        is_list: whether several values may be selected.
        all_value: the text that stands for all values as it is written; empty for the list of them.
        is_all: whether `All` is selected.
        is_time: whether it is the start or the end of the range, in ms.
    """

    values: Sequence[str]
    texts: Sequence[str] = ()
    name: str = ""
    is_list: bool = False
    is_multi_or_all: bool = False
    all_value: str = ""
    is_all: bool = False
    is_time: bool = False
    is_skipped_in_url: bool = field(default=False)

    @property
    def text(self) -> str:
        """The text of the selection, as a title has it."""
        if self.is_all:
            return "All"
        return " + ".join(self.texts or self.values)


def single(value: str, name: str = "", *, is_time: bool = False) -> Value:
    """A variable with one value."""
    return Value((value,), (value,), name, is_time=is_time)


def interpolate(text: str, values: Mapping[str, Value], default: Default) -> str:
    """The text with the values of the variables that exist; other references stay."""
    if "$" not in text and "[[" not in text:
        return text

    def replaced(match: re.Match[str]) -> str:
        name = match["plain"] or match["old"] or match["name"]
        value = values.get(name)
        if value is None:
            return match[0]
        if match["path"]:
            return value.text if match["path"] == "text" else _raw(value)
        form = match["old_format"] or match["format"] or ""
        return formatted(value, form) if form else default(value)

    return _REFERENCE.sub(replaced, text)


def names(text: str) -> set[str]:
    """The names that a text refers to."""
    if "$" not in text and "[[" not in text:
        return set()
    return {match["plain"] or match["old"] or match["name"] for match in _REFERENCE.finditer(text)}


def in_query(value: Value) -> str:
    """The value in PromQL, as Grafana's Prometheus data source writes it."""
    if value.is_all and value.all_value:
        return value.all_value
    if not value.is_multi_or_all:
        return _raw(value).replace("\\", "\\\\").replace("'", "\\\\'") if not value.is_time else _raw(value)
    escaped = [_query_regex(each) for each in value.values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def in_text(value: Value) -> str:
    """The value in a title."""
    return value.text


def in_markdown(value: Value) -> str:
    """The value in a link or another text: several values as `{a,b}`."""
    return formatted(value, "glob")


def formatted(value: Value, form: str) -> str:
    """The value in a format; an unknown one is the same as `glob`."""
    kind, _, argument = form.partition(":")
    if value.is_time:
        return _date(value, argument if kind == "date" else "") if kind == "date" else _raw(value)
    if kind == "queryparam":
        return _query_parameters(value)
    if kind == "text":
        return value.text
    if value.is_all and value.all_value:
        return quote(value.all_value, safe="") if kind == "percentencode" else value.all_value
    write = _FORMATS.get(kind, _glob)
    return write(list(value.values), value.name)


def _raw(value: Value) -> str:
    if value.is_all and value.all_value:
        return value.all_value
    return ",".join(value.values)


def _query_regex(text: str) -> str:
    """Text in a regular expression in a string of PromQL: both have backslashes."""
    return re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", text.replace("\\", "\\\\\\\\"))


def _regex(values: list[str], name: str) -> str:
    escaped = [re.sub(r"[\\^$*+?.()|[\]{}/]", r"\\\g<0>", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _glob(values: list[str], name: str) -> str:
    return values[0] if len(values) == 1 else f"{{{','.join(values)}}}"


def _lucene(values: list[str], name: str) -> str:
    def word(text: str) -> str:
        return re.sub(r'([!*+\-=<>\s&|()\[\]{}^~?:\\/"])', r"\\\1", text)

    if len(values) == 1:
        return word(values[0]) or "__empty__"
    return f"({' OR '.join(json.dumps(word(value), ensure_ascii=False) for value in values)})"


def _distributed(values: list[str], name: str) -> str:
    return ",".join(value if place == 0 else f"{name}={value}" for place, value in enumerate(values))


def _percent(text: str) -> str:
    """As Grafana's encodeURIComponentStrict."""
    return quote(text, safe="-_.~")


def _uri(text: str) -> str:
    return quote(text, safe="!#$&'()*+,/:;=?@-_.~")


def _quoted(mark: str, double: bool) -> Callable[[list[str], str], str]:
    def write(values: list[str], name: str) -> str:
        escape_mark = mark * 2 if double else "\\" + mark
        return ",".join(f"{mark}{value.replace(mark, escape_mark)}{mark}" for value in values)

    return write


def _query_parameters(value: Value) -> str:
    values = [ALL] if value.is_all else value.values
    return "&".join(f"var-{_percent(value.name)}={_percent(each)}" for each in values)


_FORMATS: Mapping[str, Callable[[list[str], str], str]] = {
    "glob": _glob,
    "raw": lambda values, name: ",".join(values),
    "regex": _regex,
    "pipe": lambda values, name: "|".join(values),
    "csv": lambda values, name: ",".join(values),
    "join": lambda values, name: ",".join(values),
    "distributed": _distributed,
    "lucene": _lucene,
    "html": lambda values, name: escape(", ".join(values), quote=True),
    "json": lambda values, name: json.dumps(
        values[0] if len(values) == 1 else values, ensure_ascii=False, separators=(",", ":")
    ),
    "percentencode": lambda values, name: _percent(_glob(values, name)),
    "uriencode": lambda values, name: _uri(_glob(values, name)),
    "singlequote": _quoted("'", double=False),
    "doublequote": _quoted('"', double=False),
    "sqlstring": _quoted("'", double=True),
}

# Tokens of moment.js, longest first.
_TOKENS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "DD": "%d",
    "dddd": "%A",
    "ddd": "%a",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "A": "%p",
    "ZZ": "+0000",
    "Z": "+00:00",
}
_TOKEN = re.compile(r"\[([^\]]*)\]|" + "|".join(sorted(_TOKENS, key=len, reverse=True)) + "|SSS|M|D|H|h|m|s|X|x")


def _date(value: Value, form: str) -> str:
    """`${__from:date}` in ISO format, `:date:seconds`, or `:date:YYYY-MM-DD` in the formats of moment.js, in UTC."""
    time = int(value.values[0])
    date = datetime.fromtimestamp(time / 1000, UTC)
    if form in ("", "iso"):
        return date.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03}Z"
    if form == "seconds":
        return str(time // 1000)
    short = {
        "M": date.month,
        "D": date.day,
        "H": date.hour,
        "h": (date.hour + 11) % 12 + 1,
        "m": date.minute,
        "s": date.second,
        "X": time // 1000,
        "x": time,
    }

    def token(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[1]
        if match[0] == "SSS":
            return f"{time % 1000:03}"
        return date.strftime(_TOKENS[match[0]]) if match[0] in _TOKENS else str(short[match[0]])

    return _TOKEN.sub(token, form)
