"""The source of a dashboard in JSON: it locates values in the file, also in JSON inside YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from obscode.artifacts.dashboards import DashboardSource
from obscode.findings.finding import SourceSpan
from obscode.reader.dashboards.json_cursor import Path
from obscode.reader.dashboards.json_positions import JsonText, Span


@dataclass(frozen=True, eq=False)
class JsonSource(DashboardSource):
    """A value in a JSON text; its parts are its keys, and items are indexes below them.

    Attributes:
        json: the text, with the positions that it has in the file.
        path: of the value in the text.
        characters: the first and the last character of a string that are meant; None for the whole value.
    """

    json: JsonText
    path: Path = ()
    characters: Span | None = None
    # JSON has no comments: files `.lint`, and comments in the YAML around it, ignore findings by place.
    ignore: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return self.json.file

    def span(self, part: str = "", item: int | None = None) -> SourceSpan:
        below = (*((part,) if part else ()), *(() if item is None else (item,)))
        return self.json.place((*self.path, *below), None if below else self.characters)

    def characters_span(self, part: str, start: int, end: int) -> SourceSpan:
        return self.json.place((*self.path, *((part,) if part else ())), (start, end))

    def locate(self, path: Path, characters: Span | None = None) -> tuple[JsonSource, str]:
        return JsonSource(self.json, (*self.path, *path), characters), ""
