"""PromQL as an argument of an SLI: emitted as written, in parentheses, with the matchers of the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import dedent

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.sli.base import SLI
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher

SLI_PROMQL = Code(
    "sli-promql",
    "The PromQL of an SLI parses.",
    why="Prometheus refuses a rule file with an expression that does not parse.",
    bad='sli.TimeSlice("avg(load", below=1)',
    good='sli.TimeSlice("avg(load)", below=1)',
)


def parenthesised(expr: str) -> str:
    """`(expr)`; on separate lines if it has several lines or a comment."""
    text = dedent(expr).strip()
    return f"(\n{text}\n)" if "\n" in text or "#" in text else f"({text})"


def scoped(expr: str, where: Sequence[Matcher]) -> str:
    """`(expr)` with the matchers of the service in its selectors."""
    return parenthesised(with_matchers(expr, where))


def reads(*exprs: str) -> list[str]:
    """The names of the series that expressions read, without duplicates."""
    return list(dict.fromkeys(s.metric for expr in exprs for s in parse(expr).selectors if s.metric))


def problems(sli: SLI, at: str) -> Iterator[Finding]:
    """Findings if an argument is not PromQL that reads series and yields a vector."""
    text = getattr(sli, at)
    if not text.strip():
        yield sli.finding(SLI_PROMQL, f"{text!r} is not PromQL", "write an expression", at=at)
        return
    try:
        selectors = parse(text).selectors
    except PromQLError as error:
        yield sli.finding(SLI_PROMQL, f"{at}: {error}", "write valid PromQL", at=at)
        return
    if not selectors:
        yield sli.finding(codes.SLI_EXPRESSION, f"{at} reads no series", "write an expression with a metric", at=at)
    elif _is_scalar(text):
        hint = "leave out scalar(), or write vector(...) around it"
        yield sli.finding(codes.SLI_EXPRESSION, f"{at} yields a number, not a vector", hint, at=at)


def _is_scalar(expr: str) -> bool:
    try:
        parse(f"abs({parenthesised(expr)})")
    except PromQLError:
        return True
    return False


def labels(sli: SLI, at: str) -> frozenset[str] | None:
    """The labels of an argument's result; None if they depend on the series."""
    return parse(getattr(sli, at)).labels


def listed(names: Sequence[str] | frozenset[str]) -> str:
    """`labels job, model`, or `no labels`."""
    return f"label{'s' * (len(names) > 1)} {', '.join(sorted(names))}" if names else "no labels"
