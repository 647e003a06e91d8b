"""SLOs of OpenSLO v1alpha, the version that Sloth reads: each objective has its own ratio of good events.

Sloth fills in `{{.window}}`; a query without range counts events as in v1, where `incremental` is named `counter`.
v1alpha has no alert policies: an SLO has the default alerts.
https://github.com/OpenSLO/OpenSLO/tree/v0.1.0
"""

from __future__ import annotations

from dataclasses import dataclass

from obscode.importers.codes import NO_COUNTERPART, OBJECTIVE
from obscode.importers.document import ImportReport, origin
from obscode.importers.openslo.indicator import counting
from obscode.importers.openslo.objects import Object
from obscode.importers.query import Query, parse_query
from obscode.importers.sli_from_queries import PLACEHOLDER_SLI, ImportedSli, Pair
from obscode.model import burn_rate, severities
from obscode.model.burn_rate import BurnAlert
from obscode.model.numbers import shortest_number
from obscode.model.slo import SLO
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlNode
from obscode.reader.yaml_section import Section

_DAYS = {"Day": 1, "Week": 7}
_UNITS = ("Second", "Day", "Week", "Month", "Quarter", "Year")
_OBJECTIVE = ("displayName", "op", "value", "target", "timeSliceTarget", "ratioMetrics")
_ANY = 99.0  # replaces an invalid objective, so that the rest of the SLO is checked


@dataclass(frozen=True)
class AlphaSlo:
    """An object of kind SLO, which stands for one SLO per objective."""

    document: Object
    default_period: str
    labels: YamlNode
    annotations: YamlNode
    report: ImportReport

    def slos(self) -> list[SLO]:
        """An SLO for each objective, with Sloth's numbers in their names if there are several."""
        spec = self.document.spec
        period = self._period() or self.default_period
        if spec.choice("budgetingMethod", "Occurrences", "Timeslices", required=True) == "Timeslices":
            message = "time slices of openslo/v1alpha have no length"
            hint = "write the SLO as openslo/v1, with timeSliceWindow"
            spec.error_at("budgetingMethod", NO_COUNTERPART, message, hint)
        if "indicator" in spec:
            message = "Occurrences counts events, but a thresholdMetric has no events"
            hint = "write ratioMetrics: for each objective, with the good events and all events"
            spec.error_at("indicator", NO_COUNTERPART, message, hint, whole=True)
        objectives = [
            Section(self.report, item, "the objective", _OBJECTIVE) for item in spec.items("objectives", required=True)
        ]
        alone = len(objectives) == 1
        return [self._slo(each, "" if alone else f"-{index}", period) for index, each in enumerate(objectives)]

    def _slo(self, objective: Section, suffix: str, period: str) -> SLO:
        document, spec = self.document, self.document.spec
        imported = self._sli(objective, period) or PLACEHOLDER_SLI
        guard = None if imported.guarded else 0
        where = origin(self.annotations.place, annotations=self.annotations)
        alert = BurnAlert(annotations=self.annotations.strings()).with_origin(where)
        return SLO(
            document.name + suffix,
            self._percent(objective),
            imported.sli,
            period=period,
            description="\n".join(text for text in (document.summary, objective.text("displayName")) if text),
            alerts=dict.fromkeys(severities.GENERATED, alert) if self.annotations.content else {},
            min_events=guard,
            min_bad=guard,
            labels=self.labels.strings(),
        ).with_origin(
            origin(
                document.place,
                name=document.named,
                objective=objective.value("target"),
                sli=objective.value("ratioMetrics"),
                period=spec.value("timeWindows"),
                labels=self.labels,
            )
        )

    def _percent(self, objective: Section) -> float:
        target = objective.number("target", required=True)
        if target is None:
            return _ANY
        if 0 < target < 1:
            return shortest_number(100 * target)
        hint = f"write target: {target / 100}" if 1 < target < 100 else "write a ratio, such as 0.999"
        objective.error_at("target", OBJECTIVE, f"target {target} is not above 0 and below 1", hint)
        return _ANY

    def _sli(self, objective: Section, period: str) -> ImportedSli | None:
        for key in ("op", "value", "timeSliceTarget"):
            objective.value(key)
        metrics = objective.section(
            "ratioMetrics", "incremental", "good", "total", required="indicator" not in self.document.spec
        )
        if metrics is None:
            return None
        good, total = (self._query(metrics, key) for key in ("good", "total"))
        if good is None or total is None:
            return None
        base = burn_rate.windows(burn_rate.tiers("auto", period))[0]
        return Pair(good, total, good=True).sli(base, self.report, keeps_labels=False)

    def _query(self, metrics: Section, key: str) -> Query | None:
        metric = metrics.section(key, "source", "queryType", "query", "metadata", required=True)
        if metric is None:
            return None
        source = metric.text("source", required=True)
        if source.lower() not in ("", "prometheus", "sloth"):
            metric.error_at("source", NO_COUNTERPART, f"obscode cannot read from {source}", "use a Prometheus")
            return None
        metric.choice("queryType", "promql", required=True)
        if not metric.text("query", required=True):
            return None
        query = parse_query(key, metric.entries["query"].value, self.report)
        return counting(query, metrics, "incremental", self.report) if query else None

    def _period(self) -> str:
        """The period in days; empty if there is none, or if it is reported."""
        spec = self.document.spec
        items = spec.items("timeWindows")
        if len(items) > 1:
            spec.error_at("timeWindows", INVALID_VALUE, "an SLO has one time window", "keep one of them", whole=True)
        for item in items[:1]:
            window = Section(self.report, item, "the time window", ("unit", "count", "isRolling", "calendar"))
            unit, count = window.choice("unit", *_UNITS, required=True), window.number("count", required=True)
            if "calendar" in window:
                message = "obscode has rolling windows, not calendar windows"
                hint = "write isRolling: true, and remove calendar"
                window.error_at("calendar", NO_COUNTERPART, message, hint, whole=True)
            elif unit and unit not in _DAYS:
                window.error_at("unit", NO_COUNTERPART, f"obscode has no period in the unit {unit}", "write unit: Day")
            elif count is not None and not (0 < count <= _MOST_DAYS and count == int(count)):
                message = f"count {count} is not a number of days or weeks"
                window.error_at("count", INVALID_VALUE, message, "write an integer, such as 30")
            elif unit and count is not None:
                return f"{int(count) * _DAYS[unit]}d"
        return ""


_MOST_DAYS = 10_000
