"""Unit tests of rules, as `promtool test rules` runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from obscode.artifacts.rules import RuleGroup
from obscode.findings.source import Source


@dataclass(frozen=True)
class ExpectedSamples:
    """The expected result of a query: series with their values at an instant, such as `5m`.

    ``meaning`` says what the query asserts, for messages; empty if the query says it.
    """

    expr: str
    at: str
    samples: Sequence[tuple[str, float]]
    meaning: str = ""


@dataclass(frozen=True)
class ExpectedAnnotations:
    """An alert with these labels and annotations, among others, is firing at an instant."""

    alert: str
    at: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True)
class UnitTest:
    """Input series with their values in promtool's notation, one per ``interval``, and the expected results.

    Attributes:
        alerts: expected annotations; only `obscode test` checks them, since promtool compares all or none.
        essential: whether the test is written to the output folder; `obscode test` runs all.
        evaluation_interval: how often promtool evaluates the rules, unless the suite says it; by default ``interval``.
    """

    name: str
    interval: str
    series: Sequence[tuple[str, str]]
    expectations: Sequence[ExpectedSamples]
    alerts: Sequence[ExpectedAnnotations] = ()
    essential: bool = False
    evaluation_interval: str = ""


class LazyTests(Sequence[UnitTest]):
    """Tests that are made when they are needed: of SLOs with equal rules, those of one are."""

    def __init__(self, make: Callable[[], Sequence[UnitTest]]) -> None:
        self._make = make

    @cached_property
    def _tests(self) -> Sequence[UnitTest]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> UnitTest: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[UnitTest]: ...
    def __getitem__(self, index: int | slice) -> UnitTest | Sequence[UnitTest]:
        return self._tests[index]

    def __len__(self) -> int:
        return len(self._tests)

    def __iter__(self) -> Iterator[UnitTest]:
        return iter(self._tests)


@dataclass(frozen=True)
class UnitTestSuite:
    """The unit tests of some rule groups.

    Attributes:
        name: the name in reports, such as `service/slo`.
        rule_file: the name of the rule file with the groups.
        evaluation_interval: how often promtool evaluates the groups; empty for that of each test.
        slow: tests of hours and days, which only `obscode test` runs: they are not written to the output folder.
        subject: what is tested: `service/slo` or `service/Alert`.
        shape: SLOs of equal shape have the same rules except for names, so one of them is tested; empty for suites that
            test what is the SLO's or the alert's own.
        under_test: the names of the rules that the tests are for; empty for all.
        own_labels: the labels that obscode adds to all rules, with their values; no mutant changes them.
    """

    name: str
    rule_file: str
    evaluation_interval: str
    groups: Sequence[RuleGroup]
    tests: Sequence[UnitTest]
    source: Source
    slow: bool = False
    subject: str = ""
    shape: str = ""
    under_test: Sequence[str] = field(default=())
    own_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TestedAlert:
    """An alert whose state a unit test in a file asserts; ``fires`` if it expects an alert."""

    __test__ = False  # no test of pytest

    name: str
    fires: bool
    source: Source


@dataclass(frozen=True)
class UnitTestFile:
    """A file with unit tests for promtool: the rule files that they load, and the alerts that they test."""

    name: str
    rule_files: Sequence[str]
    alerts: Sequence[TestedAlert]
    source: Source


def one_per_shape(suites: Iterable[UnitTestSuite]) -> list[UnitTestSuite]:
    """The suites of the first subject of each shape, and those without a shape."""
    first: dict[str, str] = {}
    return [s for s in suites if not s.shape or first.setdefault(s.shape, s.subject) == s.subject]
