"""A process whose client library exposes `process_*`: files, restarts, memory, processor; alone or in other services.

prometheus_client does not expose them in its multiprocess mode, since each of several processes would have its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Threshold
from obscode.model.metrics import Counter, Gauge, Metric
from obscode.model.panels import TimeSeries
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.presets.fault_alerts import constant
from obscode.presets.http.dialect import process_restarts
from obscode.presets.preset import preset
from obscode.presets.scope import Scope
from obscode.promql.scope import with_matchers

_OPEN, _MOST = "process_open_fds", "process_max_fds"
_START, _MEMORY, _TIME = "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total"
_CATALOG: Sequence[Metric] = (
    Gauge(_OPEN, help="Open files and connections."),
    Gauge(_MOST, help="Files and connections that can be open."),
    Gauge(_START, help="When the process started, in seconds since 1970."),
    Gauge(_MEMORY, help="Memory that the process has."),
    Counter(_TIME, help="Time that the process used processors."),
)
# Below it, growth does no harm.
_SMALL = 256 * 2**20


@preset
def process(
    name: str,
    *,
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    memory_limit: int = 0,
    processors: float = 0,
    restarts: bool = True,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    severity: str = "ticket",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """The processes of a job: alerts with unit tests if they run out of something, and a dashboard.

    For a service that exists, `process_alerts` and `process_rows` are its parts. They read what the client libraries of
    Go, Python, Java and Node.js expose on Linux; in multiprocess mode, Python's exposes nothing of it, and
    `ProcessMetricsMissing` fires.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `namespace="shop"`.
        memory_limit: the memory that the process may have, in bytes, such as the limit of its container; 0 for none.
        processors: the number of processors that the process may use, such as the limit of its container, or 1 for a
            Python program with one process; 0 for none.
        restarts: whether restarts again and again are an alert; other presets have one of their own.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        severity: the severity of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    scope = Scope.of(name, jobs, where)
    return Service(
        name,
        owner=owner,
        description=description or "Processes.",
        runbook=runbook,
        severity=severity,
        scrape=scrape,
        where=where,
        metrics=_CATALOG,
        alerts=[*_alerts(scope, memory_limit, processors, severity, restarts=restarts), *alerts],
        dashboard=[Row("Processes", *_panels(scope, memory_limit, processors)), *dashboard],
    )


def process_alerts(
    job: str,
    *,
    where: str = "",
    memory_limit: int = 0,
    processors: float = 0,
    restarts: bool = False,
    severity: str = "ticket",
) -> Sequence[Alert]:
    """The alerts of `process`, for `alerts=` of another preset.

    Args:
        job: the job of the processes.
        where: further matchers of its series, such as `namespace="shop"`.
        memory_limit: the memory that the process may have, in bytes; 0 for none.
        processors: the number of processors that the process may use; 0 for none.
        restarts: whether restarts again and again are an alert; other presets have one of their own.
        severity: the severity of the alerts.
    """
    return [*_alerts(Scope.of(job, (), where), memory_limit, processors, severity, restarts=restarts)]


def process_rows(job: str, *, where: str = "", memory_limit: int = 0, processors: float = 0) -> Sequence[Row]:
    """The row of `process`, for `dashboard=` of another preset.

    Args:
        job: the job of the processes.
        where: further matchers of its series, such as `namespace="shop"`.
        memory_limit: the memory that the process may have, in bytes; 0 for none.
        processors: the number of processors that the process may use; 0 for none.
    """
    return [Row("Processes", *_panels(Scope.of(job, (), where), memory_limit, processors))]


def _alerts(scope: Scope, memory_limit: int, processors: float, severity: str, *, restarts: bool) -> Iterator[Alert]:
    """The alerts set their severity, since they can be part of another service."""
    yield _files(scope, severity)
    if restarts:
        yield _restarting(scope, severity)
    yield _growing_memory(scope, severity)
    if memory_limit:
        yield _limit(scope, severity, memory_limit)
    if processors:
        yield _saturated(scope, severity, processors)
    up, start = scope.series("up", {"instance": "a"}), scope.series(_START, {"instance": "a"})
    yield Alert(
        "ProcessMetricsMissing",
        f"{scope.select('up')} == 1\nunless on (job, instance) {scope.select(_START)}",
        for_="1h",
        severity=severity,
        summary="{{ $labels.instance }} exposes no metrics of its process",
        description="In multiprocess mode, prometheus_client does not, so the other alerts on processes never fire. "
        "Run one process for each target, or leave these alerts out.",
        tests=scope.tests(
            "multiprocess mode",
            fires={up: "1x90"},
            quiet={up: "1x90", start: "0x90"},
            at="1h15m",
        ),
    )


def _files(scope: Scope, severity: str) -> Alert:
    files, most = scope.series(_OPEN), scope.series(_MOST)
    return Alert(
        "ProcessFilesRunOut",
        f"{scope.select(_OPEN)}\n/ {scope.select(_MOST)} > 0.8",
        for_="10m",
        severity=severity,
        summary="{{ $labels.instance }} has {{ $value | humanizePercentage }} of the files open that it can",
        description="Beyond the limit, it accepts no connection. It does not close some, or the limit is too low.",
        tests=scope.tests(
            "81 %",
            fires={files: constant(81), most: constant(100)},
            quiet={files: constant(80), most: constant(100)},
        ),
    )


def _restarting(scope: Scope, severity: str) -> Alert:
    restarts = process_restarts()

    def series(values: dict[str, str]) -> dict[str, str]:
        return {scope.series(name): each for name, each in values.items()}

    return Alert(
        "ProcessRestarting",
        with_matchers(restarts.condition, scope.matchers),
        severity=severity,
        summary="{{ $labels.instance }} restarts again and again",
        description="It crashes, or it is killed: it needs too much memory, or a probe fails. Its log has the reason.",
        tests=scope.tests("restarts", fires=series({**restarts.fires}), quiet=series({**restarts.quiet})),
    )


def _growing_memory(scope: Scope, severity: str) -> Alert:
    """It grew by a quarter from one day to the next, twice, and did not restart. A day and its night are one value."""
    memory = scope.select(_MEMORY)
    today, before, first = (f"min_over_time({memory}[1d]{offset})" for offset in ("", " offset 1d", " offset 2d"))
    series, start = scope.series(_MEMORY), scope.series(_START)
    leak = "+".join(["600000000", "4000000x300"])

    def quiet(name: str, values: str, starts: str = "0x300") -> Sequence[AlertTest]:
        both = {series: values, start: starts}
        return scope.tests(name, fires=both, quiet=both, at="75h", interval="15m")[1:]

    return Alert(
        "ProcessMemoryGrows",
        f"{today} > 1.25 * {before}\nand {before} > 1.25 * {first}\nand {today} > {_SMALL}\n"
        f"and time() - {scope.select(_START)} > 259200",
        severity=severity,
        summary="The memory of {{ $labels.instance }} grows from day to day",
        description="It has {{ $value | humanize1024 }}B at least. It does not free what it needed, and ends if memory "
        "is used up. A cache without a limit does this, too.",
        tests=[
            *scope.tests(
                "a leak",
                fires={series: leak, start: "0x300"},
                quiet={series: "600000000x300", start: "0x300"},
                at="75h",
                interval="15m",
            ),
            *quiet("more memory since yesterday", "600000000x200 900000000x100"),
            *quiet("little memory", "6000000+20000x300"),
            *quiet("a restart", leak, "0x100 90000x200"),
        ],
    )


def _limit(scope: Scope, severity: str, memory_limit: int) -> Alert:
    memory = scope.series(_MEMORY)
    full = memory_limit * 9 // 10
    return Alert(
        "ProcessMemoryFull",
        f"{scope.select(_MEMORY)} > {full}",
        for_="15m",
        severity=severity,
        summary="{{ $labels.instance }} has {{ $value | humanize1024 }}B of memory, 90 % of its limit",
        description="It is killed if it needs more.",
        tests=scope.tests("nearly full", fires={memory: f"{full + 1}x60"}, quiet={memory: f"{full}x60"}),
    )


def _saturated(scope: Scope, severity: str, processors: float) -> Alert:
    used = scope.series(_TIME)
    return Alert(
        "ProcessSaturated",
        f"rate({scope.select(_TIME)}[5m]) > {processors * 0.95:g}",
        for_="15m",
        severity=severity,
        summary=f"{{{{ $labels.instance }}}} uses {{{{ $value | humanize }}}} of {processors:g} processors",
        description="Requests wait for it. Run more of them, or find what became slow.",
        tests=scope.tests(
            "busy",
            fires={used: f"0+{processors * 58:g}x60"},
            quiet={used: f"0+{processors * 56:g}x60"},
        ),
    )


def _panels(scope: Scope, memory_limit: int, processors: float) -> Iterator[TimeSeries]:
    files = f"{scope.select(_OPEN)}\n/ {scope.select(_MOST)}"
    for title, expr, unit, limit, text in (
        ("Used processors", f"rate({scope.select(_TIME)}[$__rate_interval])", "short", processors, "1 is one of them."),
        ("Memory of processes", scope.select(_MEMORY), "bytes", memory_limit, "Memory that each process has."),
        ("Files open", files, "percentunit", 0.8, "Share of the files and connections that can be open."),
        ("Process starts", f"changes({scope.select(_START)}[1h])", "short", 0, "Restarts within an hour."),
    ):
        yield TimeSeries(
            title,
            expr,
            legend="{{instance}}",
            unit=unit,
            minimum=0,
            soft_maximum=limit or None,
            thresholds=[Threshold(limit, "red")] if limit else [],
            no_value="not exposed in multiprocess mode",
            description=f"{text} The line is the limit." if limit else text,
        )
