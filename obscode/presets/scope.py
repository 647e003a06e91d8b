"""The series of a service that a preset reads: selectors of its jobs, and series of unit tests that they select."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obscode.model.alert import AlertTest
from obscode.model.scrape.base import Job
from obscode.model.sli.sample_series import labels_for
from obscode.presets.selection import further_matchers, job_matcher
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Scope:
    """Matchers of a service's jobs, and those that its user adds.

    Attributes:
        matchers: the matchers.
    """

    matchers: tuple[Matcher, ...]

    @classmethod
    def of(cls, name: str, jobs: Sequence[Job], where: str) -> Scope:
        """The series of the jobs; without any, those of the job with the service's name."""
        return cls((job_matcher(name, jobs), *further_matchers(where)))

    def select(self, metric: str, *more: Matcher) -> str:
        """The selector of a metric."""
        return str(Selector(metric, (*self.matchers, *more)))

    def series(self, metric: str, labels: Mapping[str, str] | None = None) -> str:
        """A series of a metric for a unit test."""
        accepted = {
            label: value
            for label, value in (labels or {}).items()
            if all(matcher.matches(value) for matcher in self.matchers if matcher.label == label)
        }
        own = {**(labels_for(self.matchers) or {}), **accepted}
        return str(Selector(metric, tuple(Matcher(label, "=", value) for label, value in own.items() if value)))

    def tests(
        self,
        name: str,
        *,
        fires: Mapping[str, str],
        quiet: Mapping[str, str],
        at: Duration = "30m",
        interval: Duration = "1m",
    ) -> Sequence[AlertTest]:
        """Two tests of an alert at a time; none if no labels are known that the matchers accept."""
        if labels_for(self.matchers) is None:
            return ()
        return (
            AlertTest(name, fires, fires=[at], interval=interval),
            AlertTest(f"{name}: not without a fault", quiet, quiet=[at], interval=interval),
        )
