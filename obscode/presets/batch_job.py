"""Batch jobs that push what `obscode.batch` pushes: whether they run, how long they take, and whether they fail.

A Pushgateway keeps the last values for ever, as a text file does. So the alerts are about the times at which values
were written, and one of them fires for a job that never pushed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from obscode.findings.suggestions import did_you_mean
from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Row
from obscode.model.dashboard.display import ValueMap
from obscode.model.metrics import Counter, Gauge, Metric
from obscode.model.panels import Stat, TimeSeries
from obscode.model.scrape import Pushgateway
from obscode.model.service import Service
from obscode.presets.batch_results import SIZE, result_alerts, result_rows
from obscode.presets.fault_alerts import constant, fault_tests
from obscode.presets.preset import ArgumentError, preset
from obscode.promql import duration
from obscode.promql.duration import Duration

_CATALOG: tuple[Metric, ...] = (
    Gauge("batch_job_last_start_timestamp_seconds", help="When the last run started.", more_labels=True),
    Gauge("batch_job_last_end_timestamp_seconds", help="When the last run ended.", more_labels=True),
    Gauge("batch_job_last_success_timestamp_seconds", help="When the last run succeeded.", more_labels=True),
    Gauge("batch_job_last_run_failed", help="1 if the last run failed, else 0.", more_labels=True),
    Gauge("batch_job_duration_seconds", help="How long the last run took.", more_labels=True),
    Gauge(SIZE, help="The samples that the results are about.", more_labels=True),
)
_HOUR = 3_600_000  # milliseconds
_MARGIN = 300_000


@preset
def batch_job(
    name: str,
    *,
    every: Duration,
    max_duration: Duration,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    severity: str = "ticket",
    textfile: bool = False,
    results: Sequence[Metric] = (),
    at_least: Mapping[str, float] = MappingProxyType({}),
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """A batch job as a service: alerts with unit tests if it is late, fails or takes too long, and a dashboard.

    The series come from `obscode.batch`, by way of a Pushgateway that `presets.pushgateway` scrapes, or of text files.

    Args:
        name: the name of the job, as `BatchRun` has it.
        every: how often it runs, a duration such as "1d".
        max_duration: the longest time that a run may take, a duration.
        owner: the team that owns the job.
        description: what the job does.
        runbook: the URL of the runbook of its alerts.
        severity: the severity of its alerts.
        textfile: whether the node exporter's textfile collector reads the gauges.
        results: the gauges that runs push, such as `metrics.Gauge("model_accuracy_ratio", labels=["model"])`.
        at_least: the lowest values of results that are shares, by the gauge's name: `{"model_accuracy_ratio": 0.9}`. An
            alert fires if the share is lower, and the sample is evidence for it. The sample's size is the run's, or
            a result of the share's name with `_sample_size` for `_ratio`: recall is about the positives only.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    if unknown := [share for share in at_least if all(metric.name != share for metric in results)]:
        message = f"at_least= has {unknown[0]!r}, which is not in results="
        raise ArgumentError("at_least", message, did_you_mean(unknown[0], [metric.name for metric in results]))
    if added := [metric for metric in results if not isinstance(metric, Gauge)]:
        message = f"{added[0].name} is a {type(added[0]).__name__.lower()}; a batch job pushes gauges"
        raise ArgumentError("results", message, "push the value of the last run: metrics.Gauge(...)")
    job = f'{"batch_job" if textfile else "job"}="{name}"'
    label = "batch_job" if textfile else "job"
    return Service(
        name,
        owner=owner,
        description=description,
        runbook=runbook,
        severity=severity,
        selector={label: name},
        metrics=[*_CATALOG, *results],
        alerts=[
            *_alerts(label, name, duration.milliseconds(every), duration.milliseconds(max_duration)),
            *result_alerts(job, results, at_least),
            *alerts,
        ],
        dashboard=[*result_rows(job, results, at_least), *_rows(job), *dashboard],
    )


@preset
def pushgateway(
    targets: Sequence[str], *, name: str = "pushgateway", path: str = "/metrics", runbook: str = ""
) -> Service:
    """A Pushgateway as a service: a scrape job that keeps the labels of pushed series, and alerts with unit tests.

    Args:
        targets: the addresses of the instances, `host:port`.
        name: the name of the service and of the job.
        path: the path of the metrics; with `--web.route-prefix` it begins with the prefix.
        runbook: the URL of the runbook of its alerts.
    """
    gateway = f'job="{name}"'
    return Service(
        name,
        description="Holds what batch jobs push.",
        runbook=runbook,
        scrape=Pushgateway(targets, path=path),
        metrics=[
            Gauge("push_failure_time_seconds", help="When the last push was rejected.", more_labels=True),
            Gauge("push_time_seconds", help="When the last push was accepted.", more_labels=True),
            Counter("pushgateway_http_requests_total", labels=["code", "handler", "method"]),
        ],
        alerts=[
            Alert(
                "PushgatewayDown",
                f"up{{{gateway}}} == 0",
                for_="15m",
                severity="ticket",
                summary="The Pushgateway {{ $labels.instance }} does not answer",
                description="The results of batch jobs are lost until it runs again.",
                tests=fault_tests(
                    "the gateway is down",
                    fires={f"up{{{gateway}}}": constant(0)},
                    quiet={f"up{{{gateway}}}": constant(1)},
                ),
            ),
            _rejected(gateway),
        ],
        dashboard=[
            Row(
                "Pushes",
                TimeSeries(
                    "Requests",
                    f"sum by (method, code) (rate(pushgateway_http_requests_total{{{gateway}}}[5m]))",
                    legend="{{method}} {{code}}",
                    unit="reqps",
                    description="Requests of jobs and of Prometheus each second, by method and status.",
                ),
            )
        ],
    )


def _rejected(gateway: str) -> Alert:
    """The gateway rejects a push whose metrics contradict those of other jobs, and keeps the values before it."""
    failure, success = (f'push_{what}_seconds{{job="export"}}' for what in ("failure_time", "time"))
    return Alert(
        "PushRejected",
        "push_failure_time_seconds > push_time_seconds",
        severity="ticket",
        summary="The Pushgateway rejects what {{ $labels.job }} pushes",
        description="A metric has another type than in another job, or a timestamp. Its log has the reason.",
        tests=fault_tests(
            "the last push was rejected",
            fires={failure: constant(60), success: constant(30)},
            quiet={failure: constant(30), success: constant(60)},
        ),
    )


def _alerts(label: str, name: str, every: int, longest: int) -> Iterator[Alert]:
    """The alerts; ``every`` and ``longest`` are in milliseconds."""
    job = f'{label}="{name}"'
    yield _stale(job, every + longest + max(_MARGIN, every // 10), min(every, _HOUR), duration.format_duration(every))
    failed = f"batch_job_last_run_failed{{{job}}}"
    yield Alert(
        "BatchJobFailed",
        f"{failed} == 1",
        summary=f"The last run of {name} failed",
        description="Its log has the error. The results are those of the last run that succeeded.",
        tests=fault_tests("the last run failed", fires={failed: constant(1)}, quiet={failed: constant(0)}),
    )
    yield _too_long(job, name, longest // 1000)


def _stale(job: str, limit: int, grace: int, every: str) -> Alert:
    success = f"batch_job_last_success_timestamp_seconds{{{job}}}"
    window, wait = duration.format_duration(limit), duration.format_duration(grace)
    return Alert(
        "BatchJobStale",
        f"time() - last_over_time({success}[{window}]) > {limit // 1000}\nor\nabsent_over_time({success}[{window}])",
        for_=wait,
        summary=f"{{{{ $labels.{job.partition('=')[0]} }}}} has not succeeded within {window}",
        description=f"It runs every {every}. Its results are old, or do not exist.",
        tests=_stale_tests(success, limit, grace),
    )


def _stale_tests(success: str, limit: int, grace: int) -> Sequence[AlertTest]:
    step = limit // 12 // 1000 * 1000
    wait = grace // step + 1
    in_time, late, very_late = (duration.format_duration(steps * step) for steps in (11, 14 + wait, 28 + wait))
    interval = duration.format_duration(step)
    return (
        AlertTest("the job has never run", {success: "_x60"}, fires=[late], interval=interval),
        AlertTest("the last success is old", {success: "0x60"}, quiet=[in_time], fires=[late], interval=interval),
        AlertTest("the values are lost after a success", {success: "0x1"}, fires=[very_late], interval=interval),
    )


def _too_long(job: str, name: str, limit: int) -> Alert:
    start, end = (f"batch_job_last_{what}_timestamp_seconds{{{job}}}" for what in ("start", "end"))
    took = f"batch_job_duration_seconds{{{job}}}"
    text = duration.format_duration(limit * 1000)
    return Alert(
        "BatchJobTooLong",
        f"(time() - {start} > {limit} unless {end} >= {start})\nor\n{took} > {limit}",
        summary=f"{name} takes longer than {text}",
        description="The run hangs, or it has more to do than before.",
        tests=_too_long_tests(start, end, took, limit),
    )


def _too_long_tests(start: str, end: str, took: str, limit: int) -> Sequence[AlertTest]:
    interval = duration.format_duration(max(limit // 10, 1) * 1000)
    late = duration.format_duration((limit + 2 * max(limit // 10, 1)) * 1000)
    running = {start: "1x20"}
    return (
        AlertTest("a run hangs", running, fires=[late], quiet=["0s"], interval=interval),
        AlertTest("a run ended in time", {**running, end: "2x20", took: "1x20"}, quiet=[late], interval=interval),
        AlertTest("a run took too long", {took: f"{limit + 1}x20"}, fires=[late], interval=interval),
    )


def _rows(job: str) -> Iterator[Row]:
    yield Row(
        "Runs",
        Stat(
            "Since the last success",
            f"time() - max(batch_job_last_success_timestamp_seconds{{{job}}})",
            unit="s",
            description="The age of the results.",
        ),
        Stat(
            "Last run",
            f"max(batch_job_last_run_failed{{{job}}})",
            description="Whether the last run failed.",
            mappings=[ValueMap(0, "succeeded", "green"), ValueMap(1, "failed", "red")],
        ),
        Stat(
            "Sample size",
            f"min(batch_job_sample_size{{{job}}})",
            description="The samples that the results are about.",
        ),
        TimeSeries(
            "Duration",
            f"max(batch_job_duration_seconds{{{job}}})",
            legend="duration",
            unit="s",
            description="How long the last run took.",
        ),
    )
