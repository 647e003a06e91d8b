"""Metadata of series: type, unit and help, from the catalog or from the name.

A name is used if it follows the naming conventions: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from obscode.model.alert import RecordingRule
from obscode.model.dashboard.units import UNITS
from obscode.model.metrics import Counter, Gauge, Histogram, Metric
from obscode.promql.types.quantity import COUNT, TIMESTAMP, name_words

# Units as the last word of a metric's name, and their ids in Grafana.
_UNITS: Mapping[str, str] = {
    "seconds": "s",
    "milliseconds": "ms",
    "ms": "ms",
    "microseconds": "\u00b5s",
    "us": "\u00b5s",
    "nanoseconds": "ns",
    "ns": "ns",
    "minutes": "m",
    "hours": "h",
    "days": "d",
    "bytes": "bytes",
    "bits": "bits",
    "ratio": "percentunit",
    "percent": "percent",
    "celsius": "celsius",
    "kelvin": "kelvin",
    "volts": "volt",
    "amperes": "amp",
    "watts": "watt",
    "joules": "joule",
    "meters": "lengthm",
    "hertz": "hertz",
}
_TIMESTAMPS = ("_timestamp_seconds", "_start_time_seconds", "_created", "_timestamp")

# Series that Prometheus writes for each target and each alert.
_OF_PROMETHEUS = {
    *("up", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added", "ALERTS"),
}

#: The role of a series in its metric.
Role = Literal["counter", "gauge", "bucket", "sum", "count", "native"]
_PARTS: Mapping[str, Role] = {"_bucket": "bucket", "_sum": "sum", "_count": "count"}


@dataclass(frozen=True)
class Series:
    """A series.

    Attributes:
        role: its role in the metric: bucket, sum, count, ...
        stem: the metric's name.
        unit: the unit of the observed values: one of Grafana's, COUNT, TIMESTAMP, or empty if unknown.
        help: the metric's help text.
    """

    role: Role
    stem: str
    unit: str
    help: str = ""


@dataclass(frozen=True)
class SeriesCatalog:
    """Metrics by series name, and recording-rule expressions by name."""

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, metrics: Iterable[Metric], rules: Iterable[RecordingRule] = ()) -> SeriesCatalog:
        """The catalog of metrics and recording rules; the first of two with the same name."""
        exposed = {series: metric for metric in [*metrics][::-1] for series in metric.series()}
        return cls(exposed, {rule.name: rule.expr for rule in [*rules][::-1]})

    def series(self, name: str) -> Series:
        """Metadata of a series that is not recorded."""
        metric = self.metrics.get(name)
        is_typed = metric is not None and type(metric) is not Metric
        stem, role = (metric.name, _role(metric, name)) if metric and is_typed else _by_name(name)
        unit = _unit(stem, metric.unit if metric else "")
        if not unit and (role in ("counter", "count") or isinstance(metric, Gauge | Counter) or name in _OF_PROMETHEUS):
            unit = COUNT
        return Series(role, stem, unit, metric.help.strip() if metric else "")


def _role(metric: Metric, name: str) -> Role:
    suffix = name.removeprefix(metric.name)
    if suffix in _PARTS:
        return _PARTS[suffix]
    if isinstance(metric, Histogram):
        return "native"
    return "counter" if isinstance(metric, Counter) else "gauge"


def _by_name(name: str) -> tuple[str, Role]:
    for suffix, role in _PARTS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), role
    return name, "counter" if name.endswith("_total") else "gauge"


def _unit(stem: str, declared: str) -> str:
    if declared:
        return _UNITS.get(declared.lower(), declared if declared in UNITS else "")
    if stem.endswith(_TIMESTAMPS):
        return TIMESTAMP
    return _UNITS.get(name_words(stem)[-1], "")


# Words in capitals.
_ACRONYMS = {
    *("http", "https", "grpc", "rpc", "tcp", "udp", "dns", "tls", "ip", "api", "url", "sql", "db", "cpu", "gpu", "gc"),
    *("io", "os", "id", "ui", "ml", "llm", "kv", "s3", "sse"),
}


def humanise_metric_name(stem: str) -> str:
    """A metric's name without its unit, as a title: `HTTP request latency`."""
    phrase = name_words(stem)
    if len(phrase) > 1 and phrase[-1] in _UNITS:
        phrase = phrase[:-1]
    text = " ".join(word.upper() if word in _ACRONYMS else word for word in phrase if word)
    return f"{text[:1].upper()}{text[1:]}"
