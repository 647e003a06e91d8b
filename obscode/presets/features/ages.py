"""How old the features of a view are, compared with the time that each view may be old."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model.alert import Alert, AlertTest
from obscode.presets.scope import Scope
from obscode.presets.selection import any_of
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher

_MINUTE = 60_000


@dataclass(frozen=True)
class Ages:
    """Views with the longest time that their features may be old.

    Attributes:
        scope: the series of the service.
        views: the longest age of each view, a duration.
        label: the label with the name of the view.
        gauge: the gauge that the ages come from; an alert fires if it does not exist for a view.
        age: PromQL of the ages by view, in seconds, for matchers of views.
    """

    scope: Scope
    views: Mapping[str, Duration]
    label: str
    gauge: str
    age: Callable[[Sequence[Matcher]], str]

    def groups(self) -> Iterator[tuple[int, Matcher]]:
        """The ages in seconds, each with the matcher of its views."""
        by_age: dict[int, list[str]] = {}
        for view, age in self.views.items():
            by_age.setdefault(duration.milliseconds(age) // 1000, []).append(view)
        for seconds, views in sorted(by_age.items()):
            yield seconds, any_of(self.label, views)

    def compared(self, operator: str) -> str:
        """The ages of all views, each with its longest one on the other side of an operator such as `>`."""
        return "\nor\n".join(f"{self.age([views])} {operator} {seconds}" for seconds, views in self.groups())

    def missing(self) -> str:
        """A sample for each view without a gauge."""
        selectors = (self.scope.select(self.gauge, Matcher(self.label, "=", view)) for view in self.views)
        return "\nor\n".join(f"absent({each})" for each in selectors)

    def stale_alert(self, values: Callable[[int], str], *, name: str = "FeaturesStale", description: str) -> Alert:
        """An alert for views that are too old; ``values`` are those of the gauge for an age in minutes at the end."""
        view, age = next(iter(self.views.items()))
        limit = duration.milliseconds(age) // _MINUTE
        series = self.scope.series(self.gauge, {self.label: view, "instance": "a"})
        return Alert(
            name,
            self.compared(">"),
            for_="5m",
            summary=f"The features of {{{{ $labels.{self.label} }}}} are {{{{ $value | humanizeDuration }}}} old",
            description=description,
            tests=[
                AlertTest("older than allowed", {series: values(limit + 10)}, fires=["30m"]),
                AlertTest("as old as allowed", {series: values(limit - 1)}, quiet=["30m"]),
            ],
        )

    def missing_alert(self, *, name: str = "FeaturesMissing", description: str) -> Alert:
        """An alert for views without a gauge."""
        series = {view: self.scope.series(self.gauge, {self.label: view, "instance": "a"}) for view in self.views}
        others = dict.fromkeys(series.values(), "5x60")
        first = next(iter(series.values()))
        return Alert(
            name,
            self.missing(),
            for_="15m",
            summary=f"The age of the features of {{{{ $labels.{self.label} }}}} is not known",
            description=description,
            tests=[
                AlertTest("one is missing", {**others, first: "_x60"}, fires=["30m"]),
                AlertTest("none is missing", others, quiet=["30m"]),
            ],
        )
