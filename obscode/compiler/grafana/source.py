"""The source of a compiled dashboard: the definition and its argument, by JSON path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from obscode.artifacts.dashboards import DashboardSource, Path
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.source import Source
from obscode.model.dashboard import Panel
from obscode.model.definition import Definition

# The argument that a value comes from, by the last key of its path.
_ARGUMENTS = {"legendFormat": "legend", "expr": "queries", "repeat": "repeat", "title": "title", "unit": "unit"}


@dataclass(frozen=True)
class CompiledDashboardSource(DashboardSource):
    """Locates the parts of a compiled dashboard.

    Attributes:
        definition: the definition of the whole: a Dashboard, or the Service, SLO or Project that it is generated from.
        parts: the definitions of rows, panels, queries, variables and annotations, by the path of their JSON.
    """

    definition: Definition
    parts: Mapping[Path, Definition]
    ignore: Mapping[str, str]

    @property
    def file(self) -> str:
        return self.definition.file

    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        return self.definition.span(part, item)

    def finding(self, *args: Any, **settings: Any) -> Finding:
        return self.definition.finding(*args, **settings)

    def locate(self, path: Path, characters: tuple[int, int] | None = None) -> tuple[Source, str]:
        definition = self._owner(path)
        keys = [step for step in path if isinstance(step, str)]
        argument = "thresholds" if "thresholds" in keys else _ARGUMENTS.get(keys[-1] if keys else "", "")
        if argument == "queries" and not isinstance(definition, Panel):
            argument = "expr"
        return definition, argument

    def _owner(self, path: Path) -> Definition:
        """The definition of the smallest part around a path."""
        lengths = range(len(path), 0, -1)
        return next((self.parts[path[:n]] for n in lengths if path[:n] in self.parts), self.definition)
