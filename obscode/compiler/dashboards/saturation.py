"""How full a service is: the resources that its catalog measures, such as queues, pools, CPU, memory and GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from obscode.compiler.dashboards.request_metrics import RequestMetrics, unit_of
from obscode.compiler.inference.series import humanise_metric_name
from obscode.model.dashboard import Panel, Row, Threshold
from obscode.model.metrics import Counter, Gauge, Metric
from obscode.model.panels import Stat, TimeSeries
from obscode.promql.selector import Matcher
from obscode.promql.tokens import label_text
from obscode.promql.types.quantity import COUNT, PERCENT, RATIO, name_words

INSTANCE = "instance"
_ROW, _MORE_ROW = "Saturation", "More resources"
_PANELS, _HEIGHT = 8, 6  # in the open row

# Words in the names of gauges for work that waits or is in progress, and for a share of a resource.
_WORK = {"queue", "queued", "waiting", "pending", "backlog", "inflight", "flight", "progress", "running", "busy"}
_SHARE = {"saturation", "utilization", "utilisation", "util", "usage"}
_USAGE = {"saturation", "usage"}
# Words that distinguish what is used of a resource from what there is: `connections_in_use` and `connections_max`.
_USED = {
    *("in", "use", "used", "open", "active", "busy", "current", "acquired", "checked", "out"),
    *("usage", "length", "depth", "size", "count"),
}
_LIMIT = {"max", "maximum", "limit", "capacity", "allowed", "total", "config"}
# Runtimes whose gauges with such words are no limits of the service: `nodejs_heap_size_total_bytes` grows.
_RUNTIMES = ("go_memstats_", "go_gc_", "jvm_", "nodejs_", "python_", "dotnet_", "promhttp_", "scrape_", "probe_")
# Gauges whose names are abbreviations.
_TITLES: Mapping[str, str] = {
    "DCGM_FI_DEV_GPU_UTIL": "GPU utilization",
    "nv_gpu_utilization": "GPU utilization",
    "process_cpu_usage": "CPU",
    "process_open_fds": "Open files",
    "process_files_open_files": "Open files",
    "system_cpu_usage": "CPU of the host",
    "vllm:cpu_cache_usage_perc": "CPU cache usage",
    "vllm:gpu_cache_usage_perc": "GPU cache usage",
    "vllm:kv_cache_usage_perc": "KV cache usage",
}
# Gauges whose names do not tell their units.
_UNITS: Mapping[str, str] = {
    "DCGM_FI_DEV_GPU_UTIL": PERCENT,
    "nv_gpu_utilization": RATIO,
    "process_cpu_usage": RATIO,
    "system_cpu_usage": RATIO,
    "vllm:cpu_cache_usage_perc": RATIO,
    "vllm:gpu_cache_usage_perc": RATIO,
    "vllm:kv_cache_usage_perc": RATIO,
}
_HEAPS = (
    ("jvm_memory_used_bytes", "jvm_memory_max_bytes"),
    ("jvm_memory_bytes_used", "jvm_memory_bytes_max"),
)
_LAGS = ("nodejs_eventloop_lag_p99_seconds", "nodejs_eventloop_lag_seconds")
# Labels for parts of an instance, and what they are.
_LABELS = {"gpu": "GPU"}
# Resources of every process, which say less than those that the service declares, and their order.
_OF_PROCESS = ("process_cpu", "process_cpu_usage", "process_memory", "process_heap", "process_lag")
_FULL = [Threshold(0.8, "orange"), Threshold(0.95, "red")]


@dataclass(frozen=True)
class Resource:
    """What is used of a resource.

    Attributes:
        key: its name in the key of a panel.
        title: the title of a panel.
        value: PromQL, a value for each instance or part of one.
        how: how values are aggregated: the sum of work, the maximum of shares.
        labels: the parts of an instance, such as its GPUs.
        unit: one of Grafana's.
        description: what the value is.
        has_limit: the value is the share of a limit, at which the service stops to work.
        is_usage: the value is a used share, of which the stat has the same colors: of a cache, not of a processor.
    """

    key: str
    title: str
    value: str
    how: Literal["sum", "max"]
    unit: str
    description: str
    labels: tuple[str, ...] = ()
    has_limit: bool = False
    is_usage: bool = False

    def graph(self) -> TimeSeries:
        """The course for each instance."""
        by = (INSTANCE, *self.labels)
        return TimeSeries(
            self.title,
            f"{self.how} by ({', '.join(map(label_text, by))}) ({self.value})",
            description=self.description,
            key=f"saturation/{self.key}",
            legend=" ".join([f"{{{{{INSTANCE}}}}}", *(f"{_LABELS[label]} {{{{{label}}}}}" for label in self.labels)]),
            unit=self.unit,
            decimals=0 if self.unit in (RATIO, PERCENT) else None,
            height=_HEIGHT,
            minimum=0,
            maximum={RATIO: 1, PERCENT: 100}.get(self.unit),
            thresholds=_FULL if self.has_limit else [],
            no_value="No data",
        )

    def stat(self) -> Stat:
        """The current value of all instances."""
        which = "of all instances" if self.how == "sum" else "of the fullest instance"
        return Stat(
            f"Saturation: {self.title}",
            f"{self.how}({self.value})",
            description=f"{self.description} The value is that {which}.",
            key="golden-signals/saturation",
            legend=self.title,
            unit=self.unit,
            decimals=0 if self.unit in (RATIO, PERCENT) else None,
            thresholds=_FULL if self.has_limit or (self.is_usage and self.unit == RATIO) else [],
            no_value="No data",
        )


@dataclass(frozen=True)
class Resources:
    """The resources in the catalog of a service."""

    requests: RequestMetrics

    def rows(self) -> Iterator[Row]:
        """A row with the first resources, and a folded row with the others."""
        panels: list[Panel] = [resource.graph() for resource in self.all]
        yield Row(_ROW, *panels[:_PANELS], key="saturation")
        yield Row(_MORE_ROW, *panels[_PANELS:], collapsed=True, key="saturation-more")

    def stats(self) -> Iterator[Stat]:
        """The most telling resource: what is limited, then shares, then work."""
        own = [resource for resource in self.all if not _is_of_process(resource)]
        for resource in sorted(own or self.all, key=lambda each: (not each.has_limit, each.how != "max"))[:1]:
            yield resource.stat()

    @cached_property
    def all(self) -> Sequence[Resource]:
        """Those of the service itself, then those of its hardware, runtime and process."""
        gauges = [metric for metric in self.requests.service.metrics if isinstance(metric, Gauge)]
        own = [gauge for gauge in gauges if not gauge.name.startswith(_RUNTIMES)]
        limits = {name: limit for name, limit in self._limits(own).items() if limit.name != name}
        used = set(limits) | {limit.name for limit in limits.values()}
        resources = [self._limited(gauge, limits[gauge.name]) for gauge in own if gauge.name in limits]
        resources += [each for gauge in own if gauge.name not in used for each in self._gauge(gauge)]
        resources += [*self._gpu_memory(), *self._heap(), *self._lag(), *self._cpu(), *self._memory()]
        return sorted(resources, key=_order)

    # --- gauges of the service ---------------------------------------------------------------------------------------

    def _limits(self, gauges: Sequence[Gauge]) -> dict[str, Gauge]:
        """The limit of each gauge that has one, by the words that both names share."""
        by_name: dict[tuple[str, ...], Gauge] = {}
        for gauge in gauges:
            parts = _name_parts(gauge)
            if _LIMIT & set(parts):
                by_name.setdefault(tuple(word for word in parts if word not in _USED | _LIMIT), gauge)
        limits: dict[str, Gauge] = {}
        for gauge in gauges:
            parts = _name_parts(gauge)
            limit = by_name.get(tuple(word for word in parts if word not in _USED))
            is_used = limit and _USED & set(parts) and unit_of(gauge) == unit_of(limit)
            if limit and is_used and set(limit.labels) <= set(gauge.labels):
                limits[gauge.name] = limit
        return limits

    def _limited(self, gauge: Gauge, limit: Gauge) -> Resource:
        used, most = (str(self.requests.selector(metric.name)) for metric in (gauge, limit))
        if set(gauge.labels) != set(limit.labels):
            by = ", ".join(map(label_text, (INSTANCE, *limit.labels)))
            used, most = (f"sum by ({by}) ({each})" for each in (used, most))
        return Resource(
            gauge.name,
            _title(gauge),
            f"{used}\n/\n({most} > 0)",
            "max",
            RATIO,
            _description(gauge, f"`{gauge.name}` as a ratio of `{limit.name}`."),
            has_limit=True,
        )

    def _gauge(self, gauge: Gauge) -> Iterator[Resource]:
        parts, unit = set(_name_parts(gauge)), _unit(gauge)
        is_share = unit in (RATIO, PERCENT) or bool(parts & _SHARE and unit == COUNT)
        if parts & (_WORK | _SHARE):
            yield Resource(
                gauge.name,
                _title(gauge),
                str(self.requests.selector(gauge.name)),
                "max" if is_share else "sum",
                "short" if unit in (COUNT, "") else unit,
                _description(gauge, f"`{gauge.name}`."),
                labels=tuple(label for label in _LABELS if label in gauge.labels),
                is_usage=bool(parts & _USAGE),
            )

    # --- hardware, runtimes and processes ----------------------------------------------------------------------------

    @cached_property
    def _catalog(self) -> Mapping[str, Metric]:
        return {metric.name: metric for metric in self.requests.service.metrics}

    def _has(self, *names: str) -> bool:
        return all(name in self._catalog for name in names)

    def _gpu_memory(self) -> Iterator[Resource]:
        used, free = "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_FREE"
        if self._has(used, free):
            yield Resource(
                "gpu-memory",
                "GPU memory",
                f"{self.requests.selector(used)}\n/\n({self.requests.selector(used)} + {self.requests.selector(free)})",
                "max",
                RATIO,
                "The used memory of each GPU.",
                labels=tuple(label for label in _LABELS if label in self._catalog[used].labels),
            )

    def _heap(self) -> Iterator[Resource]:
        for used, most in _HEAPS:
            if self._has(used, most):
                heap = Matcher("area", "=", "heap")
                first, second = (f"sum by (instance) ({self.requests.selector(name, heap)})" for name in (used, most))
                yield Resource(
                    "process_heap",
                    "JVM heap",
                    f"{first}\n/\n({second} > 0)",
                    "max",
                    RATIO,
                    "The used heap as a ratio of its maximum.",
                    has_limit=True,
                )
                return

    def _lag(self) -> Iterator[Resource]:
        for name in _LAGS:
            if self._has(name):
                value = str(self.requests.selector(name))
                yield Resource("process_lag", "Event loop lag", value, "max", "s", f"`{name}`.")
                return

    def _cpu(self) -> Iterator[Resource]:
        used, cores = "process_cpu_seconds_total", "go_sched_gomaxprocs_threads"
        if isinstance(self._catalog.get(used), Counter):
            rate = self.requests.rates(used)
            if self._has(cores):
                value = f"{rate}\n/\n{self.requests.selector(cores)}"
                yield Resource("process_cpu", "CPU", value, "max", RATIO, f"CPU time as a ratio of `{cores}`.")
            else:
                yield Resource("process_cpu", "CPU", rate, "max", "suffix:cores", "CPU time per second.")

    def _memory(self) -> Iterator[Resource]:
        name = "process_resident_memory_bytes"
        if self._has(name):
            value = str(self.requests.selector(name))
            yield Resource("process_memory", "Memory", value, "max", "bytes", "Resident memory of the process.")


def _is_of_process(resource: Resource) -> bool:
    return resource.key.startswith("process_")


def _order(resource: Resource) -> int:
    if not _is_of_process(resource):
        return -1
    return _OF_PROCESS.index(resource.key) if resource.key in _OF_PROCESS else len(_OF_PROCESS)


def _title(gauge: Gauge) -> str:
    return _TITLES.get(gauge.name) or humanise_metric_name(gauge.name)


def _unit(gauge: Gauge) -> str:
    return _UNITS.get(gauge.name) or unit_of(gauge)


def _name_parts(gauge: Gauge) -> list[str]:
    return [*dict.fromkeys(name_words(gauge.name))]


def _description(gauge: Gauge, text: str) -> str:
    return " ".join([text, gauge.help.strip()]).strip()
