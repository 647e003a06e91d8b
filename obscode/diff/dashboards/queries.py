"""The queries of a panel: paired by what they ask, whatever their order and names, and compared by meaning."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from obscode.diff.change import Edit
from obscode.diff.dashboards.defaults import QUERY, QUERY_IGNORED
from obscode.diff.dashboards.setting_text import edits_of
from obscode.diff.expressions import query_edits as expression_edits
from obscode.diff.expressions.normal_form import normal_form
from obscode.diff.expressions.token_form import token_form
from obscode.diff.json_differences import differences, essence, frozen
from obscode.diff.pairs import pairs
from obscode.diff.sentences import edit, quoted, quoted_pair
from obscode.promql.errors import PromQLError
from obscode.promql.grafana_variables import with_distinct_values
from obscode.promql.tokens import code_tokens
from obscode.reader.dashboards.model import Language, Target

_PARTS = 4  # edits of an expression that replace its text
_TEXTS = ("rawSql", "query", "expression", "queryText", "rawQuery", "target")
_OTHER_IGNORED = frozenset({"refId", "datasource", "key", "editorMode", "requestId", "utcOffsetSec", "hide"})
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The same data source, whose name depends on the version of Grafana.
_SAME = {"grafana": "-- Grafana --", "datasource": "-- Grafana --"}


@dataclass(frozen=True)
class Query:
    """A query of a panel: its text, and what it asks as a key."""

    ref: str
    text: str
    meaning: Hashable
    datasource: str
    runs: str
    body: Mapping[str, Any]
    language: Language

    @property
    def is_hidden(self) -> bool:
        """Whether the panel does not show its result."""
        return bool(self.body.get("hide"))

    @property
    def name(self) -> str:
        """The name in sentences."""
        return f"query {self.ref}" if self.ref else "query"


def queries(targets: Sequence[Target]) -> list[Query]:
    """The queries of a panel; those without a text, such as of a new panel, are left out."""
    results = (_query(target) for target in targets)
    return [_named(each, index) for index, each in enumerate(results) if each.text or essence(each.body)]


def _named(query: Query, index: int) -> Query:
    """The query with the name that Grafana gives to one without: A, B, ..."""
    return query if query.ref or index >= len(_LETTERS) else replace(query, ref=_LETTERS[index])


def _query(target: Target) -> Query:
    body = target.query.value if isinstance(target.query.value, Mapping) else {}
    text = target.expr or next((body[key] for key in _TEXTS if isinstance(body.get(key), str)), "")
    ignored = QUERY_IGNORED if target.expr else _OTHER_IGNORED.union(_TEXTS)
    rest = {key: value for key, value in body.items() if key not in ignored}
    if target.hidden:
        rest["hide"] = True
    runs = _runs(body) if target.expr else ""
    language: Language = "promql" if target.expr and not target.language else target.language
    meaning = meaning_of(text, language) if text else frozen(essence(rest))
    return Query(target.ref, text.strip(), meaning, datasource_name(target), runs, rest, language)


def datasource_name(target: Target) -> str:
    """The data source as its JSON names it; empty for the default one. `$ds`, `${ds}` and `[[ds]]` are the same."""
    source = target.datasource
    if source.variable:
        return f"${{{source.variable}}}"
    return _SAME.get(source.name, "" if source.name == "default" else source.name)


def _runs(body: Mapping[str, Any]) -> str:
    """How Prometheus evaluates the query: over the time range, at its end, or both."""
    if body.get("instant"):
        return "range and instant" if body.get("range") else "instant"
    return "range"


def meaning_of(expr: str, language: Language) -> Hashable:
    """A key that is equal for expressions that mean the same."""
    if language == "promql":
        return _promql(expr)
    if language == "logql":
        return tuple(token.text for token in code_tokens(expr))
    return " ".join(expr.split())


@lru_cache(maxsize=2**14)
def _promql(expr: str) -> Hashable:
    plain = with_distinct_values(expr)
    try:
        return normal_form(plain)
    except PromQLError:
        return token_form(plain)


# --- edits -------------------------------------------------------------------------------------------------------


def query_edits(before: Sequence[Query], after: Sequence[Query]) -> Iterator[Edit]:
    """The edits of the queries of a panel."""
    same = pairs(
        before,
        after,
        [
            lambda query: (query.ref, query.meaning, query.body.get("legendFormat")),
            lambda query: (query.meaning, query.body.get("legendFormat")),
            lambda query: query.meaning,
            lambda query: query.ref or None,
        ],
    )
    old, new = list(same.removed), list(same.added)
    both = [*same.both]
    if len(old) == len(new) == 1:  # of unknown names, as in another panel
        both.append((old.pop(), new.pop()))
    several = len(before) > 1 or len(after) > 1
    for a, b in both:
        yield from _edits(a, b, b.name if several else "query")
    for query in old:
        yield Edit(query.name if several else "query", _text(query), None)
    for query in new:
        yield Edit(query.name if several else "query", None, _text(query))


def _text(query: Query) -> str:
    return quoted(query.text) if query.text else "without a text"


def _edits(before: Query, after: Query, name: str) -> Iterator[Edit]:
    if before.text and after.text and before.meaning != after.meaning:
        yield from _text_edits(before, after, name)
    of = "" if name == "query" else f" of {name}"
    if before.runs != after.runs:
        yield Edit(f"evaluation{of}", before.runs or None, after.runs or None)
    hidden = [each.is_hidden for each in (before, after)]
    if hidden[0] != hidden[1]:
        yield edit(name, ("hidden" if each else "visible" for each in hidden))
    ignored = {"hide", "legendFormat"}
    old, new = ({k: v for k, v in each.body.items() if k not in ignored} for each in (before, after))
    yield from _legend_edits(before, after, of)
    for each in edits_of(differences(old, new, QUERY)):
        yield replace(each, what=f"{each.what}{of}")


def _text_edits(before: Query, after: Query, name: str) -> Iterator[Edit]:
    """The parts of PromQL that differ; both texts where they differ much, or in another language."""
    parts = expression_edits(before.text, after.text) if before.language == after.language == "promql" else []
    if not 0 < len(parts) <= _PARTS or any(each.what == "expression" for each in parts):
        yield Edit(name, *quoted_pair(before.text, after.text))
        return
    for each in parts:
        what = "comparison" if each.what == "threshold" else each.what  # a panel has thresholds of its own
        yield replace(each, what=what if name == "query" else f"{what} of {name}", risk="changed")


def _legend_edits(before: Query, after: Query, of: str) -> Iterator[Edit]:
    old, new = (_legend(each.body.get("legendFormat")) for each in (before, after))
    if old == new:
        return
    texts = quoted_pair(old, new) if old and new else (quoted(old) if old else None, quoted(new) if new else None)
    yield edit(f"legend{of}", texts, "text")


def _legend(value: Any) -> str:
    return value if isinstance(value, str) else ""
