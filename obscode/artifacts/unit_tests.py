"""Unit tests of rules, as `promtool test rules` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obscode.artifacts.rules import RuleGroup
from obscode.findings.source import Source


@dataclass(frozen=True)
class ExpectedSamples:
    """The expected result of a query: series with their values at an instant, such as `5m`."""

    expr: str
    at: str
    samples: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class UnitTest:
    """Input series with their values in promtool's notation, one per ``interval``, and the expected results."""

    name: str
    interval: str
    series: Sequence[tuple[str, str]]
    expectations: Sequence[ExpectedSamples]


@dataclass(frozen=True)
class UnitTestSuite:
    """The unit tests of some rule groups, all at one evaluation interval.

    Attributes:
        name: the name in reports, such as `service/slo`.
        rule_file: the name of the rule file with the groups.
        evaluation_interval: how often promtool evaluates the groups.
        slow: tests of long windows, which have a separate file.
    """

    name: str
    rule_file: str
    evaluation_interval: str
    groups: Sequence[RuleGroup]
    tests: Sequence[UnitTest]
    source: Source
    slow: bool = False
