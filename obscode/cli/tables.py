"""Tables and prose for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from obscode.artifacts.project import Artifacts
from obscode.findings.finding import relative

if TYPE_CHECKING:
    from obscode.findings.source import Source
    from obscode.toolchain import Name, Tool

Row = Sequence[str]


def contents(artifacts: Artifacts) -> list[Row]:
    """What a project holds: kind, name, detail, and where it was written; a head first."""
    return [("KIND", "NAME", "DETAIL", "WHERE"), *_rows(artifacts)]


def _rows(artifacts: Artifacts) -> Iterator[Row]:
    for service in artifacts.services:
        yield "service", service.name, service.owner, _where(service)
        for job, name in zip(service.scrape_jobs(), service.job_names(), strict=True):
            yield "scrape job", name, ", ".join(job.targets), _where(job)
        for metric in service.metrics:
            labels = ", ".join(metric.labels)
            yield type(metric).__name__.lower(), metric.name, f"{{{labels}}}" if labels else "", _where(metric)
        for slo in service.slos:
            yield "slo", f"{service.name}/{slo.name}", f"{slo.objective} % over {slo.period}", _where(slo)
        for record in service.recording_rules:
            yield "recording rule", record.name, "", _where(record)
        for alert in service.alerts:
            yield "alert", alert.name, f"{alert.severity}, for {alert.for_}", _where(alert)
    for dashboard in artifacts.dashboards:
        yield "dashboard", dashboard.title, _count(dashboard.panels(), "panel"), _where(dashboard.source)


def _count(things: Iterable[object], word: str) -> str:
    number = sum(1 for _ in things)
    return f"{number} {word}{'' if number == 1 else 's'}"


def _where(source: Source) -> str:
    place = source.span()
    return str(place) if place else ""


def tool_rows(at_hand: Mapping[Name, Sequence[Tool]]) -> list[Row]:
    """The tools at hand, every version a line; a head first."""
    rows: list[Row] = [("TOOL", "VERSION", "FROM", "PATH")]
    for name, found in at_hand.items():
        rows += [(name, tool.version, tool.source, relative(str(tool.path))) for tool in found]
        rows += [] if found else [(name, "missing", "", "")]
    return rows


def aligned(rows: Sequence[Row]) -> str:
    """Rows in columns, never cut: the text may be piped on."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
