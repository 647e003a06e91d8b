"""The findings of a build by service: those of a service that did not change stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.json_values import finding_from_json, finding_json
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.slo import SLO


@dataclass(frozen=True)
class OwnedFinding:
    """A warning or a note about a definition.

    Attributes:
        service: the service that holds the definition; empty for none.
        finding: the finding, without its source.
        before: the digest of its file up to the end of its span: while it is the same, the span is, too.
    """

    service: str
    finding: Finding
    before: str

    def as_json(self) -> list[Any]:
        """The finding as values of JSON."""
        return [self.service, finding_json(self.finding), self.before]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> OwnedFinding:
        """The finding of ``as_json``; raises TypeError and similar for other values."""
        service, finding, before = values
        return cls(service, finding_from_json(finding), before)


def owned_findings(findings: Iterable[Finding], definitions: Definitions) -> list[OwnedFinding] | None:
    """The findings with their services; None if there is an error, or a finding of no or several services."""
    services = _services_by_origin(definitions)
    sources = [definitions.project, *(slo for service in definitions.services for slo in service.slos)]
    of_dashboards = {id(source.origin) for source in sources}  # those of all SLOs, which no service holds
    result, texts = [], _Texts()
    for finding in findings:
        source = finding.source
        if finding.severity == "error" or not isinstance(source, Definition) or finding.span is None:
            return None
        is_shared = id(source.origin) in of_dashboards and not isinstance(source, SLO | Project)
        owners = services.get(id(source.origin), {""})
        if len(owners) > 1 or is_shared or ".py:" in f"{finding.message} {finding.hint}":
            return None
        plain = finding_from_json(finding_json(finding))
        result.append(OwnedFinding(next(iter(owners)), plain, texts.before(finding.span)))
    return result


def are_current(findings: Iterable[OwnedFinding]) -> bool:
    """Whether all findings are still at their places."""
    texts = _Texts()
    return all(each.before == texts.before(each.finding.span) for each in findings)


def _services_by_origin(definitions: Definitions) -> Mapping[int, set[str]]:
    """The services by the id of each position below them, which copies with inferred settings share."""
    result: dict[int, set[str]] = {}
    for service in definitions.services:
        for definition in service.walk():
            result.setdefault(id(definition.origin), set()).add(service.name)
    return result


class _Texts:
    """The lines of files, which are read once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[bytes]] = {}

    def before(self, span: SourceSpan | None) -> str:
        """The digest of a file up to the end of a span."""
        if span is None:
            return ""
        if span.file not in self._lines:
            try:
                self._lines[span.file] = Path(span.file).read_bytes().splitlines(keepends=True)
            except OSError:
                self._lines[span.file] = []
        lines = self._lines[span.file][: max(span.line, span.end_line)]
        return hashlib.sha256(b"".join(lines)).hexdigest()
