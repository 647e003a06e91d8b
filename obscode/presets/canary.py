"""A candidate beside the stable version of a service: whether it is worse in an SLO, by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from obscode.findings.suggestions import did_you_mean
from obscode.model.alert import Alert, AlertTest, RecordingRule
from obscode.model.dashboard import Dashboard, Row
from obscode.model.dashboard.display import Threshold
from obscode.model.naming import SERVICE, camel
from obscode.model.panels import TimeSeries
from obscode.model.service import Service
from obscode.model.sli.sample_series import labels_for
from obscode.model.slo import SLO
from obscode.presets.canary_events import counted_metric, side_events
from obscode.presets.preset import ArgumentError, preset
from obscode.presets.selection import further_matchers, job_matcher, with_target_labels
from obscode.presets.wilson import wilson_lower, wilson_upper
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher, Selector

# The operations in the names of recorded series; the window is appended.
_BAD, _TOTAL, _EXCESS = "bad_increase", "increase", "excess_ratio"
_MINUTE = 60_000


@preset
def canary(
    service: Service,
    *,
    name: str = "",
    candidate: str = 'track="canary"',
    stable: str = 'track="stable"',
    slos: Sequence[str] = (),
    window: Duration = "30m",
    min_events: int = 100,
    min_bad: int = 5,
    tolerance: float = 1,
    confidence: float = 0.999,
    severity: str = "ticket",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """A candidate of a service, compared with the stable version in each SLO that counts events.

    The alert of an SLO fires if the lower bound of the candidate's share of bad events is above the upper bound of the
    stable version's by more than the tolerance, each in Wilson's score interval. A side with too few events is not
    compared.

    Args:
        service: the service with the SLOs; its scrape jobs have the series of both versions.
        name: the name of the comparison, by default that of the service with `-canary`.
        candidate: the matchers of the candidate's series, such as `version="1.8.0"`.
        stable: the matchers of the stable version's series, such as `version!="1.8.0"`.
        slos: the names of the SLOs to compare; by default all that count events.
        window: the time in which events are counted, a duration.
        min_events: the number of events that each side has at least.
        min_bad: the number of bad events that the candidate has at least before it can be worse.
        tolerance: how much worse the candidate may be, in error budgets: 1 of an SLO of 99.9 % is 0.1 % of the events.
        confidence: the probability with which each share is on its side of the bound, 0.5 to 1.
        severity: the severity of the alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    name = name or f"{service.name}-canary"
    sides = {"candidate": further_matchers(candidate), "stable": further_matchers(stable)}
    _check_sides(sides)
    settings = _Settings(name, window, min_events, min_bad, tolerance, confidence, severity)
    compared = [
        _Comparison(settings, slo, _service_matchers(service), sides)
        for slo in service.slos
        if (not slos or slo.name in slos) and side_events(slo.sli, window, ()) is not None
    ]
    if missing := [each for each in slos if each not in [one.slo.name for one in compared]]:
        message = f"{service.name} has no SLO {missing[0]!r} that counts events"
        raise ArgumentError("slos", message, did_you_mean(missing[0], [each.slo.name for each in compared]))
    if not compared:
        raise ArgumentError(
            "service", f"no SLO of {service.name} counts events", "write SLOs of counters or histograms"
        )
    return Service(
        name,
        owner=service.owner,
        description=f"Compares a candidate of {service.name} with the stable version.",
        runbook=service.runbook,
        severity=severity,
        selector={matcher.label: matcher.value for matcher in _service_matchers(service) if matcher.op == "="},
        where=service.where,
        metrics=with_target_labels(service.metrics, [matcher for side in sides.values() for matcher in side]),
        recording_rules=[
            *(rule for each in compared for side in sides for rule in each.events(side)),
            *(each.excess() for each in compared),
        ],
        alerts=[*(each.alert() for each in compared), *alerts],
        dashboard=Dashboard(name, [*(each.row() for each in compared), *dashboard], generated="none"),
    )


def _check_sides(sides: Mapping[str, Sequence[Matcher]]) -> None:
    """Raises ArgumentError if one version's series are also the other's."""
    for side, other in (("candidate", "stable"), ("stable", "candidate")):
        labels = labels_for(sides[side])
        if labels is not None and all(matcher.matches(labels.get(matcher.label, "")) for matcher in sides[other]):
            text = ",".join(f"{label}={value!r}" for label, value in labels.items())
            message = f"a series of the {side} version with {text} matches {other}=, too"
            raise ArgumentError(side, message, "write matchers that no series has both of")


def _service_matchers(service: Service) -> tuple[Matcher, ...]:
    if service.selector or not service.scrape_jobs():
        own = tuple(Matcher(label, "=", value) for label, value in service.selector.items())
    else:
        own = (job_matcher(service.name, service.scrape_jobs()),)
    return (*own, *service.further_matchers())


@dataclass(frozen=True)
class _Settings:
    name: str
    window: str
    min_events: int
    min_bad: int
    tolerance: float
    confidence: float
    severity: str


@dataclass(frozen=True)
class _Comparison:
    """One SLO of both sides."""

    settings: _Settings
    slo: SLO
    where: Sequence[Matcher]
    sides: Mapping[str, Sequence[Matcher]]

    @property
    def margin(self) -> Decimal:
        return self.slo.budget() * Decimal(repr(self.settings.tolerance))

    def _labels(self, **more: str) -> dict[str, str]:
        return {SERVICE: self.settings.name, "comparison": self.slo.name, **more}

    def _name(self, operation: str) -> str:
        """`comparison_side:http_requests:bad_increase30m`."""
        level = "comparison" if operation == _EXCESS else "comparison_side"
        return f"{level}:{counted_metric(self.slo.sli)}:{operation}{self.settings.window}"

    def series(self, operation: str, **more: str) -> str:
        """A recorded series of the comparison."""
        labels = (Matcher(label, "=", value) for label, value in self._labels(**more).items())
        return str(Selector(self._name(operation), tuple(labels)))

    # --- rules ---------------------------------------------------------------------------------------------------

    def events(self, side: str) -> Iterator[RecordingRule]:
        """Bad events and all events of a side."""
        events = side_events(self.slo.sli, self.settings.window, (*self.where, *self.sides[side]))
        assert events is not None  # the preset compares no other SLOs
        labels = self._labels(side=side)
        yield RecordingRule(self._name(_BAD), events.bad, labels=labels)
        yield RecordingRule(self._name(_TOTAL), events.total, labels=labels)

    def excess(self) -> RecordingRule:
        """How much worse the candidate is by the bounds of both shares; not positive with too few bad events."""
        candidate, stable = (self.share(side) for side in self.sides)
        confidence = self.settings.confidence
        return RecordingRule(
            self._name(_EXCESS),
            f"{wilson_lower(*candidate, confidence)}\n"
            f"* ({self.series(_BAD, side='candidate')} >= bool {self.settings.min_bad})\n"
            f"- ignoring (side)\n{wilson_upper(*stable, confidence)}",
            labels=self._labels(),
        )

    def share(self, side: str) -> tuple[str, str]:
        """The share of bad events of a side with enough events, and their number."""
        bad, total = self.series(_BAD, side=side), self.series(_TOTAL, side=side)
        return f"clamp({bad} / ({total} >= {self.settings.min_events}), 0, 1)", total

    # --- alert ---------------------------------------------------------------------------------------------------

    def alert(self) -> Alert:
        name, margin = self.slo.name, f"{self.margin.normalize():f}"
        groups = "".join(f", {label} {{{{ $labels.{label} }}}}" for label in self.slo.sli.by)
        return Alert(
            f"Canary{camel(name)}Worse",
            f"{self.series(_EXCESS)} > {margin}",
            for_="5m",
            severity=self.settings.severity,
            summary=f"The candidate is worse in {name}{groups}, by at least {{{{ $value | humanizePercentage }}}}",
            description=(
                f"It has more bad events than the stable version: not by chance, and more than {margin} of its events."
                " Stop the rollout, or go back."
            ),
            tests=list(self._tests()),
        )

    def _tests(self) -> Iterator[AlertTest]:
        """None if no series of both sides are found that match the SLO's selectors."""
        many = max(10 * self.settings.min_events, 20 * self.settings.min_bad, 1000)
        half, good = (many, many), (2 * many, 0)
        yield from self._test("half of its events are bad", half, good, fires=True)
        yield from self._test("its counters begin with bad events", half, good, fires=True, is_born=True)
        yield from self._test("both versions have as many bad events", half, half)
        yield from self._test("one bad event", (2 * many - 1, 1), good, is_born=True)
        yield from self._test("too few events", (0, self.settings.min_events * 9 // 10), good, is_born=True)
        yield from self._test("no events", (0, 0), (0, 0), is_born=True)

    def _test(
        self,
        name: str,
        candidate: tuple[int, int],
        stable: tuple[int, int],
        *,
        fires: bool = False,
        is_born: bool = False,
    ) -> Iterator[AlertTest]:
        """``candidate`` and ``stable`` are good and bad events of a window.

        If the series are born, they begin with these events after a window, and have no more.
        """
        window = duration.milliseconds(self.settings.window)
        step = max(min(window // 30, 4 * _MINUTE) // 1000 * 1000, 1000)
        steps = window // step + 1
        series: dict[str, str] = {}
        for own, (good, bad) in zip(self.sides.values(), (candidate, stable), strict=True):
            flow = self.slo.sli.flow(good, bad, (*self.where, *own, *self._group()))
            if flow is None:
                return
            for selector, amount in flow:
                grown = f"0+{ceil(amount / steps)}x{3 * steps}"
                series[str(selector)] = f"_x{steps} {amount:g}x{2 * steps}" if is_born else grown
        late = [duration.format_duration(window + max(window // 2, 7 * _MINUTE) // step * step)]
        interval = duration.format_duration(step)
        yield AlertTest(name, series, fires=late if fires else [], quiet=[] if fires else late, interval=interval)

    def _group(self) -> Sequence[Matcher]:
        return [Matcher(label, "=", "a") for label in self.slo.sli.by]

    # --- dashboard -----------------------------------------------------------------------------------------------

    def row(self) -> Row:
        legend = " ".join(["{{side}}", *(f"{{{{{label}}}}}" for label in self.slo.sli.by)])
        bad, total = self.series(_BAD), self.series(_TOTAL)
        return Row(
            f"Candidate and stable: {self.slo.name}",
            TimeSeries(
                f"Bad events: {self.slo.name}",
                f"{bad}\n/\n({total} > 0)",
                legend=legend,
                unit="percentunit",
                minimum=0,
                description=f"The share of bad events within {self.settings.window}.",
            ),
            TimeSeries(
                f"Events: {self.slo.name}",
                total,
                legend=legend,
                unit="short",
                minimum=0,
                thresholds=[Threshold(self.settings.min_events, "red")],
                description="Below the line, a side is not compared.",
            ),
            TimeSeries(
                f"Worse at least by: {self.slo.name}",
                self.series(_EXCESS),
                legend=" ".join(["candidate", *(f"{{{{{label}}}}}" for label in self.slo.sli.by)]),
                unit="percentunit",
                thresholds=[Threshold(self.margin, "red")],
                description="How much worse the candidate is, by the bounds of both shares. Above the line, it alerts.",
            ),
        )
