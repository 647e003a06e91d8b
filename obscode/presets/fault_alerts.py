"""Alerts that several presets have in the same form, and the unit tests of alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.model.alert import Alert, AlertTest

#: The time between two values of the input series, as minutes.
MINUTES = 60


def fault_tests(name: str, *, fires: Mapping[str, str], quiet: Mapping[str, str]) -> Sequence[AlertTest]:
    """Two tests: after half an hour the alert fires with the series of ``fires``, and not with those of ``quiet``."""
    return (
        AlertTest(name, fires, fires=["30m"]),
        AlertTest(f"{name}: not without a fault", quiet, quiet=["30m"]),
    )


def growing(per_minute: int) -> str:
    """The values of a counter that grows each minute; of one that stays with 0."""
    return f"0+{per_minute}x{MINUTES}"


def constant(value: int) -> str:
    """The values of a gauge that stays the same."""
    return f"{value}x{MINUTES}"


def counter_alert(
    name: str, counter: str, *, job: str, labels: str = "", window: str = "5m", test: str, **arguments: Any
) -> Alert:
    """An alert while a counter of failures grows.

    Args:
        name: the alert's name.
        counter: the counter.
        job: the matcher of its job.
        labels: matchers of the labels that its series in the test have.
        window: the time in which it grows, a duration.
        test: the name of the test.
        arguments: the other arguments of the alert.
    """
    series = f"{counter}{{{','.join(filter(None, [job, labels]))}}}"
    return Alert(
        name,
        f"increase({counter}{{{job}}}[{window}]) > 0",
        tests=fault_tests(test, fires={series: growing(1)}, quiet={series: constant(1)}),
        **arguments,
    )


def reload_alert(name: str, gauge: str, *, job: str, **arguments: Any) -> Alert:
    """An alert while a program runs with an older configuration; ``arguments`` are the other ones of the alert."""
    series = f"{gauge}{{{job}}}"
    return Alert(
        name,
        f"max_over_time({series}[5m]) == 0",
        for_="10m",
        severity="ticket",
        tests=fault_tests("a reload fails", fires={series: constant(0)}, quiet={series: constant(1)}),
        **arguments,
    )
