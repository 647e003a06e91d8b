"""A preset under `obscode fake`: what a row of the tables has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from obscode import Scenario, Service

_CAPTURES = Path(__file__).parent / "captures"


@dataclass(frozen=True)
class Row:
    """A preset under `obscode fake`.

    Attributes:
        service: what the preset returns.
        text: a text of /metrics; empty if another service exposes its series.
        fires: the alerts that fire, by scenario; those of SLOs without the name of the service.
        scenarios: scenarios of alerts that no scenario of the text shows.
        always: alerts that always fire.
        elsewhere: alerts that no scenario can show, with the reason.
        empty: panels with a query without data on a normal load, with the reason.
    """

    service: Service
    text: str
    fires: Mapping[str, Sequence[str]]
    scenarios: Sequence[Scenario] = ()
    always: Sequence[str] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)


def captured(name: str) -> str:
    """A text that a program wrote."""
    return (_CAPTURES / f"{name}.metrics.txt").read_text()
