"""The panel type `alertlist`: alerts and their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from obscode.findings.finding import Finding
from obscode.model import codes, constraints
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.identifiers import validate_label_name

AlertState = Literal["firing", "pending", "recovering", "noData", "normal", "error"]


@dataclass(frozen=True)
class AlertList(Panel):
    """The alerts with some labels, and their states.

    Attributes:
        labels: the labels that an alert must have; all alerts by default.
        states: any of "firing", "pending", "recovering", "noData", "normal", "error".
        alert: a part of the alert's name.
        limit: the greatest number of alerts, 1 to 1000.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    states: Sequence[AlertState] = ("firing", "pending")
    alert: str = ""
    limit: int = 20

    arguments = constraints.constraints(Panel.arguments, limit=constraints.int_between(1, 1000))

    kind = PanelKind("alertlist", "Alert list", "content", has_fields=False)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for i, label in enumerate(self.labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
