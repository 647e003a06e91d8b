"""Several processes that answer for one target, each with its own counters: a rule that sees it.

Without the multiprocess mode of `prometheus_client`, each worker of gunicorn or uvicorn counts what it serves, and a
scrape reads the worker that accepts its connection. Counters then go back and forth: Prometheus takes each step back
for a restart, and adds the whole value to the rate. Replicas behind a balancer that is one target have the same fault.

The start of the process tells this from restarts: it only grows if one process restarts again and again, and it stays
or goes back if several processes answer in turn.

No rule sees it if Prometheus keeps its connection, as with intervals below the keep-alive of the server: all scrapes
then read the same worker. `obscode doctor --target` opens a new connection for each scrape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.model.alert import Alert, AlertTest
from obscode.model.metrics import Gauge
from obscode.presets.fault_alerts import MINUTES, constant, growing
from obscode.presets.selection import with_labels
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher

#: The start of the process; the Prometheus client libraries expose it, but not for several workers.
PROCESS_START = Gauge("process_start_time_seconds", help="When the process started, in seconds since 1970.")

_WINDOW = "30m"
# Steps back. In a deployment, the old and the new process can answer in turn for some scrapes. Of two workers that are
# scraped each minute, whichever answers, 97 of 100 windows have more.
_LIMIT = 4


def goes_back(window: str = _WINDOW) -> str:
    """PromQL that has samples if the start of the process went back: another process answered. It has no matchers."""
    return f"resets({PROCESS_START.name}[{window}]) > 0"


def several_workers(counters: Sequence[str]) -> str:
    """PromQL that has samples while several processes answer for one target: how often something went back.

    It has no matchers. Counters are needed for workers that start within the same hundredth of a second, the resolution
    of the start; `process_cpu_seconds_total` is one that most processes have.
    """
    start = PROCESS_START.name
    backward = " or ".join(f"resets({series}[{_WINDOW}])" for series in (*counters, start))
    return (
        f"max by (job, instance) ({backward}) > {_LIMIT}\n"
        f"and on (job, instance)\n({goes_back()} or changes({start}[{_WINDOW}]) == 0)"
    )


def several_workers_alert(name: str, counters: Sequence[str], matchers: Sequence[Matcher], **arguments: Any) -> Alert:
    """An alert while several processes answer for one target, with its unit tests.

    Args:
        name: the name of the alert.
        counters: counters of each process, such as that of its requests; none if it has none.
        matchers: those of the series.
        arguments: other arguments of the alert, instead of the default ones.
    """
    defaults = {
        "severity": "ticket",
        "summary": "Several workers answer for {{ $labels.instance }}, each with its own counters",
        "description": "Each scrape reads one of them, so rates, alerts and SLOs are wrong. Merge the counters with"
        " PROMETHEUS_MULTIPROC_DIR, or make each process a target of its own.",
    }
    tests = with_labels(_tests(counters), matchers)
    return Alert(name, with_matchers(several_workers(counters), matchers), tests=tests, **{**defaults, **arguments})


# The worker that each scrape reads.
_TURNS = (0, 2, 2, 2, 0, 2, 0, 2, 0, 1, 1, 0)


def _in_turn(*values: int) -> str:
    """The values of three workers, of which each scrape reads one."""
    return " ".join([str(values[worker]) for worker in _TURNS] * (MINUTES // len(_TURNS)))


_TOGETHER = "workers that started at the same time"
# The start of the process, and a counter, as a scrape each minute reads them.
_FIRES: Mapping[str, tuple[str, str]] = {
    "workers that started one after the other": (_in_turn(30, 10, 20), _in_turn(156, 37, 107)),
    _TOGETHER: (_in_turn(10, 10, 10), _in_turn(156, 37, 107)),
}
_QUIET: Mapping[str, tuple[str, str]] = {
    "one worker": (constant(10), growing(100)),
    "a worker that restarts again and again": (
        " ".join(f"{number * 300}x4" for number in range(MINUTES // 5)),
        " ".join(["0+100x4"] * (MINUTES // 5)),
    ),
    "a deployment with two processes for three minutes": (
        f"10x14 900 10 900 10 {constant(900)}",
        f"0+100x14 0 1500 100 1600 200+100x{MINUTES}",
    ),
}


def _tests(counters: Sequence[str]) -> Sequence[AlertTest]:
    def series(starts: str, values: str) -> Mapping[str, str]:
        return {
            f'{PROCESS_START.name}{{instance="a"}}': starts,
            **{f'{each}{{instance="a"}}': values for each in counters},
        }

    fires = dict(_FIRES)
    if not counters:
        del fires[_TOGETHER]
    return [
        *(AlertTest(name, series(*values), fires=["30m"]) for name, values in fires.items()),
        *(AlertTest(f"not with {name}", series(*values), quiet=["30m"]) for name, values in _QUIET.items()),
    ]
