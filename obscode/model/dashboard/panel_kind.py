"""Grafana's panel types, as far as the compiler, the reader and the checks need to know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What a panel type shows. "numbers": values with a unit. "states": values as words over time. "records": results of
#: queries that are no numbers, such as log lines and traces. "content": nothing that is queried.
Shows = Literal["numbers", "states", "records", "content"]


@dataclass(frozen=True)
class PanelKind:
    """A panel type of Grafana.

    Attributes:
        type: the value of `type` in a panel's JSON.
        name: the name in Grafana's editor.
        shows: what the panel shows; see `Shows`.
        has_fields: whether the panel has a `fieldConfig`.
        thresholds: "color" if values take their color from thresholds by default, "optional" if thresholds have an
            effect, "none" if Grafana ignores them.
    """

    type: str
    name: str
    shows: Shows
    has_fields: bool = True
    thresholds: Literal["color", "optional", "none"] = "none"

    @property
    def is_queried(self) -> bool:
        """True if the panel shows the results of queries."""
        return self.shows != "content"
