"""The generated test series of alerts and SLOs, on the dashboards that their alerts link to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.artifacts.unit_tests import UnitTest, UnitTestSuite
from obscode.model import naming
from obscode.preview.generated_series import APART, END
from obscode.preview.simulated_data import GeneratedRange, Matching
from obscode.preview.time_ranges import TimeRange
from obscode.project.pipeline import matching_suites
from obscode.simulation import Samples, test_samples, test_timeline

_MOST = 8  # views of one page


def tested_suites(artifacts: Artifacts, name: str) -> list[UnitTestSuite]:
    """The suites whose names begin with `service/alert` or `service/slo`; raises ObscodeError if there is none."""
    return matching_suites(artifacts.test_suites, [name])


def test_ranges(suites: Sequence[UnitTestSuite]) -> list[GeneratedRange]:
    """A range for each test, at most eight."""
    tests = [test for suite in suites for test in suite.tests][:_MOST]
    return [_range(test, END - place * APART) for place, test in enumerate(tests)]


test_ranges.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it where it is imported


def _range(test: UnitTest, end: int) -> GeneratedRange:
    timeline = test_timeline(test, end)

    def series(matching: Matching) -> Iterator[Samples]:
        return (samples for samples in test_samples(test, end) if matching(samples.labels) and samples.times)

    visible = TimeRange(timeline.start * 1000, timeline.end * 1000)
    return GeneratedRange(test.name, "", visible, visible.start, timeline.step * 1000, series)


def linked_dashboards(artifacts: Artifacts, suites: Sequence[UnitTestSuite]) -> list[Dashboard]:
    """The dashboards that the alerts under test link to; without a link, those of their service."""
    subjects = {suite.subject for suite in suites}
    names = {name for suite in suites for name in suite.under_test}
    services = {subject.partition("/")[0] for subject in subjects}
    alerts = [rule for rule in artifacts.rules() if isinstance(rule, AlertingRule)]
    alerts = [rule for rule in alerts if rule.name in names or _subject(rule) in subjects]
    links = " ".join(rule.annotations.get(naming.DASHBOARD_URL, "") + "/" for rule in alerts)
    linked = [each for each in artifacts.dashboards if f"/d/{each.uid}?" in links or f"/d/{each.uid}/" in links]
    return linked or [each for each in artifacts.dashboards if each.service in services]


def _subject(rule: AlertingRule) -> str:
    return f"{rule.labels.get(naming.SERVICE, '')}/{rule.labels.get(naming.SLO, '')}"
