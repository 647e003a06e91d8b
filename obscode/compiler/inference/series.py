"""What is known of a series: its type, the unit of its values, what it counts.

From the catalog of metrics where the service declares it, else from the name, where that follows Prometheus'
conventions; what neither tells stays unknown. https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from obscode.model.alert import RecordingRule
from obscode.model.dashboard.units import UNITS
from obscode.model.metrics import Counter, Gauge, Histogram, Metric

# The base units of Prometheus and their usual parts, as the last word of a name, and as Grafana calls them.
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
_MOMENTS = ("_timestamp_seconds", "_start_time_seconds", "_created", "_timestamp")

# What Prometheus itself writes beside what it scrapes: one of each a target.
_OF_PROMETHEUS = {
    *("up", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added", "ALERTS"),
}

#: What a series is of its metric.
COUNTER, GAUGE, BUCKET, SUM, COUNT, NATIVE = "counter", "gauge", "bucket", "sum", "count", "native"
_PARTS = {"_bucket": BUCKET, "_sum": SUM, "_count": COUNT}

#: Not a unit of Grafana's: a number of things, and a moment in Unix time.
THINGS, MOMENT = "things", "moment"


@dataclass(frozen=True)
class Series:
    """A series by its name: ``role`` is what it is of its metric, ``unit`` that of the values observed.

    The unit is one of Grafana's, THINGS, MOMENT, or empty where nothing tells it.
    """

    role: str
    stem: str
    unit: str
    help: str = ""


@dataclass(frozen=True)
class SeriesCatalog:
    """What a project says of its series: the catalog, and the expressions of recorded ones."""

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, metrics: Iterable[Metric], rules: Iterable[RecordingRule] = ()) -> SeriesCatalog:
        """What a catalog and recording rules tell; of two with one name, the first."""
        exposed = {series: metric for metric in [*metrics][::-1] for series in metric.series()}
        return cls(exposed, {rule.name: rule.expr for rule in [*rules][::-1]})

    def series(self, name: str) -> Series:
        """What is known of a series that is no recorded one."""
        metric = self.metrics.get(name)
        stem, role = (metric.name, _role(metric, name)) if metric else _by_name(name)
        unit = _unit(stem, metric.unit if metric else "")
        if not unit and (role in (COUNTER, COUNT) or isinstance(metric, Gauge | Counter) or name in _OF_PROMETHEUS):
            unit = THINGS
        return Series(role, stem, unit, metric.help.strip() if metric else "")


def _role(metric: Metric, name: str) -> str:
    suffix = name.removeprefix(metric.name)
    if suffix in _PARTS:
        return _PARTS[suffix]
    if isinstance(metric, Histogram):
        return NATIVE
    return COUNTER if isinstance(metric, Counter) else GAUGE


def _by_name(name: str) -> tuple[str, str]:
    for suffix, role in _PARTS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), role
    return name, COUNTER if name.endswith("_total") else GAUGE


def _unit(stem: str, declared: str) -> str:
    if declared:
        return _UNITS.get(declared.lower(), declared if declared in UNITS else "")
    if stem.endswith(_MOMENTS):
        return MOMENT
    return _UNITS.get(words(stem)[-1], "")


def words(stem: str) -> list[str]:
    """The words of a metric's name, without `total`; there is one at the least."""
    return stem.removesuffix("_total").replace(":", "_").lower().split("_")


# Words that are written in capitals.
_ACRONYMS = {
    *("http", "https", "grpc", "rpc", "tcp", "udp", "dns", "tls", "ip", "api", "url", "sql", "db", "cpu", "gpu", "gc"),
    *("io", "os", "id", "ui", "ml", "llm", "kv", "s3", "sse"),
}


def spoken(stem: str) -> str:
    """What a metric's name says, as a person writes it, without its unit: `HTTP request latency`."""
    said = words(stem)
    if len(said) > 1 and said[-1] in _UNITS:
        said = said[:-1]
    text = " ".join(word.upper() if word in _ACRONYMS else word for word in said if word)
    return f"{text[:1].upper()}{text[1:]}"
