"""Targets that are listed with labels of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.discovery.base import Discovery
from obscode.model.identifiers import validate_label_name


@dataclass(frozen=True)
class Static(Discovery):
    """Targets that are listed, with labels of their own; several of them make groups with different labels.

    Attributes:
        targets: the addresses, `host:port`.
        labels: labels of these targets.
    """

    sd_configs = "static_configs"

    targets: Sequence[str]
    _: KW_ONLY
    labels: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict, init=False)

    def configuration(self) -> Mapping[str, Any]:
        labels = {"labels": dict(self.labels)} if self.labels else {}
        return {"targets": list(self.targets), **labels}

    def problems(self) -> Iterator[Finding]:
        for i, label in enumerate(self.labels):
            if not label.startswith("__") and (wrong := validate_label_name(label)):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
