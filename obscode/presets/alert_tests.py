"""Unit tests of alerts of presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obscode.model.alert import AlertTest

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
