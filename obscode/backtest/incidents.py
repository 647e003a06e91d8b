"""Incidents of the past, from a YAML or a CSV file, and how well the firings of alerts match them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from obscode.backtest.report import AlertReport, Detection, Firing, Score, Version
from obscode.backtest.schedule import Instant
from obscode.findings.errors import INVALID_ARGUMENT, LoadError
from obscode.findings.finding import Finding
from obscode.reader.yaml_parser import parse_yaml

_COLUMNS = ("id", "start", "end")


@dataclass(frozen=True)
class Incident:
    """An incident; ``labels`` are those of the alerts that may detect it, none for any alert.

    ``end`` is None for an incident that lasts.
    """

    id: str
    start: Instant
    end: Instant | None
    labels: Mapping[str, str] = field(default_factory=dict)

    def matches(self, alert: str, firing: Firing) -> bool:
        """Whether a firing is in the time of the incident and has its labels."""
        labels = {**dict(firing.labels), "alertname": alert}
        return (
            (self.end is None or firing.start < self.end)
            and (firing.end is None or firing.end > self.start)
            and all(labels.get(name, "") == value for name, value in self.labels.items())
        )


def read_incidents(path: Path) -> Sequence[Incident]:
    """The incidents of a file: a list of `id`, `start`, `end`, `labels`; in CSV, further columns are labels.

    Times are in ISO 8601, UTC without a zone. Raises LoadError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _error(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    rows = _csv_rows(text) if path.suffix == ".csv" else _yaml_rows(text, path)
    return [_incident(row, f"{path}, incident {number}") for number, row in enumerate(rows, 1)]


def _csv_rows(text: str) -> Sequence[Mapping[str, object]]:
    rows = []
    for row in csv.DictReader(text.splitlines()):
        labels = {name: value for name, value in row.items() if name not in _COLUMNS and name and value}
        if packed := labels.pop("labels", ""):  # service=checkout;severity=page
            labels |= dict(pair.split("=", 1) for pair in packed.split(";") if "=" in pair)
        rows.append({**{name: row.get(name) or "" for name in _COLUMNS}, "labels": labels})
    return rows


def _yaml_rows(text: str, path: Path) -> Sequence[Mapping[str, object]]:
    stream = parse_yaml(text, str(path))
    if stream.findings:
        raise LoadError(stream.findings)
    content = stream.documents[0].plain() if stream.documents else []
    rows = content.get("incidents") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _error(f"{path} has no list of incidents")
    return rows


def _incident(row: Mapping[str, object], place: str) -> Incident:
    start = instant_of(row.get("start"))
    end = instant_of(row.get("end")) if row.get("end") else None
    if start is None or (row.get("end") and end is None):
        name, value = ("start", row.get("start")) if start is None else ("end", row.get("end"))
        raise _error(f"{place}: {name} {value!r} is not a time", "write 2026-11-01T09:30:00Z")
    if end is not None and end <= start:
        raise _error(f"{place}: it ends before it starts", "exchange start and end")
    labels = row.get("labels") or {}
    if not isinstance(labels, dict):
        raise _error(f"{place}: labels is not a mapping", "write labels: {service: checkout}")
    return Incident(str(row.get("id") or start), start, end, {str(name): str(value) for name, value in labels.items()})


def instant_of(value: object) -> Instant | None:
    """A time in ISO 8601, or seconds since 1970, in milliseconds; None for another value."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value * 1000)
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)
        else:
            text = str(value).strip()
            if text.replace(".", "", 1).isdecimal():
                return round(float(text) * 1000)
            moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _error(message: str, hint: str = "") -> LoadError:
    hint = hint or "write a list of incidents, each with id, start, end and labels"
    return LoadError([Finding(INVALID_ARGUMENT, message, hint)])


def score(incidents: Sequence[Incident], versions: Sequence[tuple[AlertReport, Version | None]]) -> Score:
    """How the firings of one version of all alerts match the incidents."""
    fired = [(report.name, firing) for report, version in versions for firing in (version.firings if version else ())]
    unmatched = [(name, firing) for name, firing in fired if not any(each.matches(name, firing) for each in incidents)]
    return Score([_detection(each, fired) for each in incidents], len(fired), unmatched)


def _detection(incident: Incident, fired: Sequence[tuple[str, Firing]]) -> Detection:
    """The first firing in an incident; one that started earlier detects it at once."""
    matches = [(firing.start, name) for name, firing in fired if incident.matches(name, firing)]
    if not matches:
        return Detection(incident.id, incident.start, None)
    start, name = min(matches)
    return Detection(incident.id, incident.start, max(0, start - incident.start), name)
