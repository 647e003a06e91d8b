"""Several workers behind one target, each with its own counters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from obscode.artifacts.project import Artifacts
from obscode.doctor.finding_text import listed, warning
from obscode.doctor.observations import Observations
from obscode.doctor.scrapes import Scrape, Series
from obscode.findings.code import Code
from obscode.findings.finding import Finding

SEPARATE_WORKERS = Code(
    "separate-workers",
    "One process answers for a target, or all of its workers add up their counters.",
    why="Each scrape reads the counters of another worker. Prometheus takes each step back for a restart, so rates are"
    " too high; with a connection that stays open, it reads one worker only.",
    bad="uvicorn shop:app --workers 3",
    good="PROMETHEUS_MULTIPROC_DIR=$(mktemp -d) uvicorn shop:app --workers 3",
)
GAUGE_OF_WORKERS = Code(
    "gauge-of-workers",
    "A gauge of several workers is one series.",
    severity="warning",
    why="The gauge has a series for each worker that ever ran, also for those that ended; their number grows.",
    bad='Gauge("queue_length", "Jobs that wait.")',
    good='Gauge("queue_length", "Jobs that wait.", multiprocess_mode="livesum")',
)

_START = "process_start_time_seconds"
_HINT = (
    "set PROMETHEUS_MULTIPROC_DIR to an empty folder before the workers start, and expose the sums of all workers at"
    " /metrics; or make each worker or replica a target of its own"
)


class _Step(NamedTuple):
    """A series that went back between two scrapes; with a later start, the process restarted."""

    series: Series
    high: float
    low: float
    is_restart: bool


def separate_workers(observations: Observations, artifacts: Artifacts) -> Iterator[Finding]:
    """Targets for which Prometheus has scraped several processes."""
    state = observations.prometheus
    sources = {each.job: each.source for config in artifacts.prometheus_configs for each in config.scrape_configs}
    for (job, instance), times in state.steps_back.items() if state else ():
        message = f"several processes answer in turn for the target {instance} of job {job}: its counters went"
        message += f" back {times:g} times within 30 minutes"
        source = sources.get(job)
        yield source.finding(SEPARATE_WORKERS, message, _HINT) if source else Finding(SEPARATE_WORKERS, message, _HINT)


def worker_faults(url: str, scrapes: Sequence[Scrape], seen: Scrape) -> Iterator[Finding]:
    """Counters of several workers in scrapes that follow each other, and gauges of each worker in what was seen."""
    yield from _separate_workers(url, scrapes)
    yield from _gauges_of_workers(url, seen)


def _separate_workers(url: str, scrapes: Sequence[Scrape]) -> Iterator[Finding]:
    """Without a start, a single step back may be a restart."""
    steps = [step for before, after in pairwise(scrapes) if (step := _step_back(before, after))]
    starts = [start for each in scrapes if (start := _start(each)) is not None]
    if starts == sorted(starts):
        steps = [step for step in steps if not step.is_restart]
    if not steps or (len(steps) == 1 and not starts):
        return
    series, high, low, _ = next((step for step in steps if step.series.name != _START), steps[0])
    times = "once" if len(steps) == 1 else f"{len(steps)} times"
    message = f"{url} exposes the counters of several processes in turn: they went back {times} in {len(scrapes)}"
    message += f" scrapes, such as {series.name} from {high:.12g} to {low:.12g}"
    yield Finding(SEPARATE_WORKERS, message, _HINT)


def _step_back(before: Scrape, after: Scrape) -> _Step | None:
    """The counter that went back most; else the start."""
    old, new = _start(before), _start(after)
    is_restart = old is not None and new is not None and new > old
    later = dict(after.counters())
    back = [(series, value, later[series]) for series, value in before.counters() if later.get(series, value) < value]
    if back:
        return _Step(*max(back, key=_telling), is_restart)
    return _Step(Series(_START, ()), old, new, False) if old is not None and new is not None and new < old else None


def _telling(step: tuple[Series, float, float]) -> tuple[bool, bool, float]:
    """A counter of the service says more than one of Python, or than a bucket."""
    series, high, low = step
    return not series.name.startswith("python_"), not series.name.endswith("_bucket"), high - low


def _start(scrape: Scrape) -> float | None:
    return scrape.samples.get(Series(_START, ()))


def _gauges_of_workers(url: str, seen: Scrape) -> Iterator[Finding]:
    names = [each.name for each in seen.samples if seen.kinds.get(each.name) == "gauge" and "pid" in dict(each.labels)]
    if names:
        message = f"{url} exposes a series for each worker, with the label pid, of {listed(names)}"
        hint = 'write multiprocess_mode="livesum", "livemax" or "livemostrecent" in Gauge(...)'
        yield warning(GAUGE_OF_WORKERS, message, hint)
