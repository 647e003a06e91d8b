"""Grafana dashboards as values, compiled or read from a file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from obscode.artifacts.json_text import json_text
from obscode.findings.source import Source
from obscode.model.dashboard import Dashboard as Definition
from obscode.model.dashboard import Panel
from obscode.model.dashboard.existing import ExistingDashboard

#: The format of a body: Grafana's classic JSON, the same in a resource (`v1`), or the spec of a `v2` resource.
Form = Literal["classic", "v1", "v2"]

#: The path of a value in JSON: keys and indexes.
Path = tuple[str | int, ...]


class DashboardSource(Source):
    """The source of a dashboard: it locates the parts of its body."""

    @abstractmethod
    def locate(self, path: Path, characters: tuple[int, int] | None = None) -> tuple[Source, str]:
        """The source of the value at a path of the body, or of some characters of the string there.

        The second value is the part of that source, as ``Source.span`` takes it.
        """


@dataclass(frozen=True)
class Dashboard:
    """A Grafana dashboard.

    Attributes:
        uid: the id in links.
        title: the title, unique in its folder.
        folder: the title of its folder.
        body: the dashboard as plain data, in the JSON of ``form``.
        source: where the dashboard and its parts were written.
        service: the service that it is about; empty for a dashboard of no single service.
        definition: the definition that the body was compiled from, with all rows and inferred settings; None for a
            dashboard that was read from a file.
        form: the format of the body; compiled dashboards are classic.
        existing: the definition that the body was read for, in a project that keeps a dashboard in a file.
        written: the body as it is written, if it differs: with a uid, and with values of inputs.
    """

    uid: str
    title: str
    folder: str
    body: Mapping[str, Any]
    source: DashboardSource
    service: str = ""
    definition: Definition | None = field(default=None, repr=False)
    form: Form = "classic"
    existing: ExistingDashboard | None = field(default=None, repr=False)
    written: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def output(self) -> Mapping[str, Any]:
        """The body as it is written."""
        return self.body if self.written is None else self.written

    def panels(self) -> Iterator[Panel]:
        """The definitions of the panels, from top to bottom; none for a dashboard that was read from a file."""
        for row in self.definition.rows if self.definition else ():
            yield from row.panels

    @cached_property
    def text(self) -> str:
        """The output as a JSON file."""
        return json_text(self.output)
