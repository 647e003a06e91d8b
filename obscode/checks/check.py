"""A check: a code, the type of artifacts that it checks, and the function that yields its findings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import KW_ONLY, dataclass, field
from inspect import cleandoc
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, overload

from obscode.artifacts.project import Artifacts
from obscode.checks.prometheus_server import KnownServer
from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding
from obscode.promql.types import SeriesTypes, untyped
from obscode.routing.alerts import KnownAlerts

if TYPE_CHECKING:
    from obscode.checks.known_series import KnownSeries

Scope = Literal["compiled", "file", "both"]
Profile = Literal["default", "mixin"]
PROFILES: tuple[Profile, ...] = ("default", "mixin")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Context:
    """The context of a check, besides its subject.

    Attributes:
        profile: `mixin` enforces every rule of grafana/dashboard-linter; `default` reports its style rules as warnings
            or not at all.
        known_series: the series that exist; None if they are unknown.
        is_partial: definitions with errors are left out.
        absent_series: the series that these expose or record; None where they are unknown because a file cannot be
            read.
        other_series: the series that services expose or record which are compiled, but are not checked.
        beside: what is checked in the same run: the rules of files beside definitions, definitions beside files.
        counters: the series that a catalog declares as counters.
        catalog: for files, the series of a complete catalog; None without one.
        series: the types of the series that expressions select.
        server: what is known of the Prometheus server.
        alerts: the alerts of all artifacts.
        secrets: the values of environment variables with names of secrets that definitions read, by name.
        oldest_prometheus: the oldest Prometheus that loads the output; empty if it is unknown.
        oldest_alertmanager: the oldest Alertmanager that loads the output; empty if it is unknown.
    """

    profile: Profile = "default"
    known_series: Set[str] | None = None
    is_partial: bool = False
    absent_series: Set[str] | None = frozenset()
    other_series: Set[str] = frozenset()
    beside: Artifacts = field(default_factory=Artifacts)
    counters: Set[str] = frozenset()
    catalog: KnownSeries | None = None
    series: SeriesTypes = untyped
    server: KnownServer = field(default_factory=KnownServer)
    alerts: KnownAlerts = field(default_factory=lambda: KnownAlerts(Artifacts()))
    secrets: Mapping[str, str] = field(default_factory=dict)
    oldest_prometheus: str = ""
    oldest_alertmanager: str = ""

    @property
    def mixin(self) -> bool:
        """True if every rule of dashboard-linter is enforced."""
        return self.profile == "mixin"

    @property
    def style_severity(self) -> Severity:
        """Severity of dashboard-linter's style rules: error under `mixin`, else warning."""
        return "error" if self.mixin else "warning"


Run = Callable[[_T, Context], Iterable[Finding]]


@dataclass(frozen=True)
class Check(Code):
    """A code with the function that reports it.

    Attributes:
        subject: the type of artifact or definition (or several) that ``run`` is called with, such as AlertingRule,
            RuleFile, Dashboard, SLO, or Artifacts for the whole project.
        run: called with each subject and the context; yields findings.
        scope: `compiled` for artifacts of definitions, `file` for files that were read, or both.
        style: a style check: its findings are notes, and off, for files that obscode did not write.
        whole: compares a subject with all others, so it does not run where some have errors.
        last: runs after the other checks of its subject, because it uses their results.
        by_tool: a tool finds it, so that it is reported where tools run, and ``run`` yields nothing.
    """

    _: KW_ONLY
    subject: type | tuple[type, ...]
    run: Run[Any]
    scope: Scope = "both"
    style: bool = False
    whole: bool = False
    last: bool = False
    by_tool: bool = False

    def applies_to(self, scope: Literal["compiled", "file"]) -> bool:
        """True if the check runs on compiled artifacts, or on files that were read."""
        return self.scope in (scope, "both")


class Documentation(NamedTuple):
    """The parts of a check's docstring."""

    summary: str
    why: str
    bad: str
    good: str

    @classmethod
    def parse(cls, docstring: str) -> Documentation:
        """Split a docstring into its summary and its sections; missing sections are empty."""
        rest, good = _section(cleandoc(docstring), "Good:\n")
        rest, bad = _section(rest, "Bad:\n")
        summary, why = _section(rest, "Why: ")
        return cls(summary.strip(), why.strip(), dedent(bad).strip("\n"), dedent(good).strip("\n"))


def _section(text: str, heading: str) -> tuple[str, str]:
    """The text before a heading, and the section below it."""
    before, result, section = text.partition(f"\n\n{heading}")
    return (before, section) if result else (text, "")


@overload
def check(
    subject: type[_T],
    *,
    severity: Severity = "error",
    scope: Scope = "both",
    style: bool = False,
    whole: bool = False,
    last: bool = False,
    by_tool: bool = False,
    docstring: str = "",
) -> Callable[[Run[_T]], Check]: ...


@overload
def check(
    subject: tuple[type, ...],
    *,
    severity: Severity = "error",
    scope: Scope = "both",
    style: bool = False,
    whole: bool = False,
    last: bool = False,
    by_tool: bool = False,
    docstring: str = "",
) -> Callable[[Run[Any]], Check]: ...


def check(subject: Any, *, docstring: str = "", **settings: Any) -> Callable[[Run[Any]], Check]:
    """Make a check of a function, whose name is the code.

    The module's docstring documents the check: a summary, then the sections `Why:`, `Bad:` and `Good:`. A module with
    several checks gives a ``docstring`` for each; the function's own is used if the module's has no such sections.
    """

    def decorate(run: Run[Any]) -> Check:
        documentation = Documentation.parse(docstring or sys.modules[run.__module__].__doc__ or "")
        if not documentation.good:
            documentation = Documentation.parse(run.__doc__ or "")
        name = run.__name__.replace("_", "-")
        return Check(name, **documentation._asdict(), subject=subject, run=run, **settings)

    return decorate
