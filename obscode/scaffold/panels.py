"""Rows of panels for the metrics of a catalog that the generated dashboard of its service does not draw."""

from __future__ import annotations

import re
from collections import Counter as Counts
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from obscode.checks.promql_expressions import expressions
from obscode.compiler import compile as compile_definitions
from obscode.compiler.dashboards.request_metrics import unit_of
from obscode.compiler.inference.series import humanise_metric_name
from obscode.importers.existing.python_source import Call, Item
from obscode.model.definitions import Definitions
from obscode.model.metrics import Counter, Histogram, Metric, Summary
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.sli import Uptime
from obscode.model.slo import SLO
from obscode.model.standard_metrics import standard_metrics
from obscode.promql.tokens import label_text, quote
from obscode.promql.types.quantity import COUNT
from obscode.scaffold.name_words import name_words, series
from obscode.scaffold.request_times import seconds_of
from obscode.scaffold.telling import telling

# More is hard to read: the rest of the catalog is what a reader adds panels of.
_MOST_PANELS = 24
_MOST_LINES = 10
_LONGEST = 160
# Gauges that have one value for as long as the process runs.
_CONSTANT = re.compile(r"_(?:info|created|version|revision|limit|max|config\w*)$")
_TIME = re.compile(r"_(?:timestamp|timestamp_seconds|start_time_seconds|last_\w+_seconds|time_unix)$")
# Gauges that are not added up.
_NOT_ADDED = re.compile(
    r"ratio|percent|perc$|usage$|utili[sz]ation|temp|celsius|seconds|_ms$|latency|duration|average|mean"
)
_UNITS = {1.0: "s", 0.001: "ms", 1e-6: "\u00b5s", 1e-9: "ns"}
# Units of counters whose rate has none: milliseconds each second.
_FRACTIONS = frozenset(_UNITS.values()) - {"s"}
_KINDS = frozenset("total count latency duration time second millisecond microsecond nanosecond u m n".split())  # noqa: SIM905
# Units that only a help text names: `Memory in megabytes`, `unit: Percent`.
_HELP = re.compile(r"(?:\bin|\bunit:|\()\s*([a-z\u00b5]+)", re.IGNORECASE)
_HELP_UNITS = {
    "ms": "ms",
    "milliseconds": "ms",
    "microseconds": "\u00b5s",
    "seconds": "s",
    "percent": "percent",
    "bytes": "bytes",
    "kilobytes": "deckbytes",
    "megabytes": "decmbytes",
    "gigabytes": "decgbytes",
    "celsius": "celsius",
    "watts": "watt",
}
_RATE = "$__rate_interval"


def panel_rows(catalog: Sequence[Metric], *, job: str) -> Iterator[Item]:
    """The rows, with at most 24 panels, of the service whose series have a job."""
    own = _not_drawn(catalog)
    events = [metric for metric in reversed(catalog) if isinstance(metric, Counter) and unit_of(metric) == COUNT]
    writer = _Writer(job, {_base(metric.name): metric.name for metric in events})
    drawn = sorted((metric for metric in own if writer.panel(metric)), key=lambda metric: -telling(metric))
    drawn = drawn[:_MOST_PANELS]
    titles = _titles(drawn)
    subjects = _subjects([metric.name for metric in drawn])
    drawn.sort(key=lambda metric: subjects[metric.name][0])
    for (_, title), group in groupby(drawn, key=lambda metric: subjects[metric.name]):
        panels = (writer.panel(metric, titles[metric.name]) for metric in group)
        yield Item(Call("Row", [Item(title), *(Item(panel) for panel in panels)]))


def _not_drawn(catalog: Sequence[Metric]) -> list[Metric]:
    """The metrics, without those of every process and those that the generated dashboard has."""
    own = [metric for metric in catalog if metric.name not in standard_metrics()]
    slos = [SLO("uptime", 99.5, Uptime("up"))]
    service = Service("x", selector={"job": "x"}, metrics=own, slos=slos)
    artifacts = compile_definitions(Definitions(Project("x", oldest_prometheus="3.0"), services=[service]))
    queries = [each for each in expressions(artifacts) if each.panel and not each.owner.startswith("variable ")]
    drawn = {name for each in queries for name in each.metrics()}
    return [metric for metric in own if drawn.isdisjoint(metric.series())]


def _titles(metrics: Sequence[Metric]) -> Mapping[str, str]:
    """A title for each metric; those that share the usual one have their names."""
    titles = {
        metric.name: humanise_metric_name("_".join(name_words(metric.name)).removesuffix("_total")) or metric.name
        for metric in metrics
    }
    counts = Counts(titles.values())
    return {name: title if counts[title] == 1 else name for name, title in titles.items()}


def _subjects(names: Sequence[str]) -> Mapping[str, tuple[int, str]]:
    """The row of each metric: its place and its title, from the word after those that all names begin with."""
    parts = {name: name_words(name) for name in names}
    common = 0
    while len({each[common : common + 1] for each in parts.values()}) == 1 and common < 3:
        common += 1
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(" ".join(parts[name][common : common + 1]), []).append(name)
    titles = [word for word, members in groups.items() if len(members) > 1 and word]
    if len(titles) < 2:
        return dict.fromkeys(names, (0, "Metrics"))
    other = (len(titles), "Other metrics")
    return {
        name: (titles.index(word), humanise_metric_name(word)) if word in titles else other
        for word, members in groups.items()
        for name in members
    }


# --- panels ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Writer:
    """Writes the panels of a service.

    Attributes:
        job: the label `job` of its series.
        counters: the names of counters of events by their words.
    """

    job: str
    counters: Mapping[frozenset[str], str]

    def panel(self, metric: Metric, title: str = "") -> Call | None:
        """A panel of a metric; None for one that says nothing over time."""
        name = metric.name
        if name.endswith("_bucket"):  # cumulative
            return None
        if isinstance(metric, Histogram):
            return self._histogram(metric, title)
        if isinstance(metric, Summary):
            return self._summary(metric, title)
        if mean := self._mean(metric, title):
            return mean
        if isinstance(metric, Counter) or (type(metric) is Metric and name.endswith(("_total", "_count", "_sum"))):
            label = _label(metric)
            unit = "short" if unit_of(metric) in _FRACTIONS else ""
            return _panel_of(metric, title, f"sum{_by(label)}({self._rate(name)})", label, unit=unit)
        return None if _CONSTANT.search(name) else self._gauge(metric, title)

    def _series(self, name: str) -> str:
        return series(name, f"job={quote(self.job)}")

    def _rate(self, name: str) -> str:
        return f"rate({self._series(name)}[{_RATE}])"

    def _mean(self, metric: Metric, title: str) -> Call | None:
        """The mean time of a counter of times, beside one of events: `ts_inference_latency_microseconds`."""
        unit = unit_of(metric)
        base = _base(metric.name)
        events = self.counters.get(base) or self.counters.get(base | {"request"})
        if not isinstance(metric, Counter) or unit not in _UNITS.values() or not events:
            return None
        label = _label(metric)
        times, count = (f"sum{_by(label)}({self._rate(name)})" for name in (metric.name, events))
        return _panel_of(metric, title, f"{times} / {count}", label, unit=unit, text="The mean.")

    def _gauge(self, metric: Metric, title: str) -> Call:
        selected = self._series(metric.name)
        if _TIME.search(metric.name):
            return _panel_of(metric, title, f"time() - max({selected})", unit="s", text="The time since then.")
        unit = _help_unit(metric)
        lines = 1
        for each in metric.labels:
            lines *= len(metric.observed.get(each, range(_MOST_LINES + 1)))
        if lines <= _MOST_LINES:
            legend = " ".join(f"{{{{{each}}}}}" for each in ("instance", *metric.labels))
            return _panel_of(metric, title, selected, legend=legend, unit=unit)
        is_mean = _NOT_ADDED.search(metric.name) or unit in ("percent", "celsius", *_UNITS.values())
        label = _label(metric)
        return _panel_of(metric, title, f"{'max' if is_mean else 'sum'}{_by(label)}({selected})", label, unit=unit)

    def _histogram(self, metric: Histogram, title: str) -> Call:
        name = metric.name
        rates = f"sum({self._rate(name)})" if metric.native else f"sum by (le) ({self._rate(f'{name}_bucket')})"
        queries = [
            Item(Call("panels.Query", [Item(f"histogram_quantile({at:g}, {rates})"), Item(legend, "legend=")]))
            for at, legend in ((0.5, "P50"), (0.99, "P99"))
        ]
        return _panel_call(metric, title, Call("", queries, brackets=("[", "]")), unit=_unit(metric))

    def _summary(self, metric: Summary, title: str) -> Call:
        name = metric.name
        if metric.quantiles:
            query = f"max by (quantile) ({self._series(name)})"
            return _panel_of(metric, title, query, "quantile", unit=_unit(metric))
        mean = f"sum({self._rate(f'{name}_sum')})\n/\nsum({self._rate(f'{name}_count')})"
        return _panel_of(metric, title, mean, unit=_unit(metric), text="The mean.")


def _label(metric: Metric) -> str:
    """A label with few values."""
    return next((label for label in metric.labels if 1 < len(metric.observed.get(label, ())) <= _MOST_LINES), "")


def _by(label: str) -> str:
    return f" by ({label_text(label)}) " if label else ""


def _base(name: str) -> frozenset[str]:
    """The words of a name without those of its kind and unit, in the singular."""
    return frozenset(word.removesuffix("s") for word in name_words(name)) - _KINDS


def _help_unit(metric: Metric) -> str:
    """The unit that the help text names, if the name has none."""
    units = (_HELP_UNITS[word.lower()] for word in _HELP.findall(metric.help) if word.lower() in _HELP_UNITS)
    return next(units, "") if unit_of(metric) in ("", COUNT) else ""


def _unit(metric: Histogram | Summary) -> str:
    """The unit of times, which the expression may not say; empty if it can be inferred from the name."""
    *_, last = name_words(metric.name) or ("",)
    if last in ("seconds", "bytes", "milliseconds", "ratio"):
        return ""
    return _UNITS.get(seconds_of(metric), "short") if isinstance(metric, Histogram) else "short"


def _panel_of(
    metric: Metric, title: str, query: str, label: str = "", *, unit: str = "", text: str = "", legend: str = ""
) -> Call:
    return _panel_call(
        metric, title, query, legend=legend or (f"{{{{{label}}}}}" if label else ""), unit=unit, text=text
    )


def _panel_call(
    metric: Metric, title: str, query: str | Call, *, legend: str = "", unit: str = "", text: str = ""
) -> Call:
    described = _sentence(metric.help) if metric.help else f"The metric {metric.name}."
    unit = unit or ("" if unit_of(metric) else "short")
    named = {"legend": legend, "unit": unit, "description": " ".join(filter(None, [described, text]))}
    arguments = [Item(title), Item(query)]
    return Call("panels.TimeSeries", [*arguments, *(Item(value, f"{key}=") for key, value in named.items() if value)])


def _sentence(text: str) -> str:
    """A help text as a sentence; the first one of a long text."""
    text = " ".join(text.split())
    if len(text) > _LONGEST and ". " in text:
        text = text.partition(". ")[0]
    return text if text.endswith(".") else f"{text}."
