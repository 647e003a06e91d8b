"""Templates that turn the severity label of alerts into another service's own severity or priority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import naming, severities
from obscode.model.definition import Definition

if TYPE_CHECKING:
    from obscode.model.project import Project

RECEIVER_SEVERITY = Code(
    "receiver-severity",
    "A severity or priority of a receiver is one that its service has.",
    why="PagerDuty and Opsgenie reject the notification otherwise, or use another priority.",
    bad='receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty", severity={"page": "urgent"})',
    good='receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty", severity={"page": "critical"})',
)


def severity_template(values: Mapping[str, str], project: Project, other: str) -> str:
    """A template with the value for the severity that all alerts of a notification have; ``other`` for any other."""
    labels = {project.severity_label(name): value for name, value in values.items()}
    branches = [
        f'{{{{ {"else " if i else ""}if eq .CommonLabels.{naming.SEVERITY} "{label}" }}}}{value}'
        for i, (label, value) in enumerate(labels.items())
    ]
    return f"{''.join(branches)}{{{{ else }}}}{other}{{{{ end }}}}" if branches else other


def of_urgency(project: Project, urgent: str, between: str, less: str, least: str) -> Mapping[str, str]:
    """A value for each severity of a project: for pages and what is more urgent, for tickets, and around them."""
    names = list(project.severities)
    page, ticket = (names.index(name) for name in severities.GENERATED)
    return {
        name: urgent if i <= page else between if i < ticket else less if i == ticket else least
        for i, name in enumerate(names)
    }


def severity_problems(definition: Definition, at: str, known: tuple[str, ...]) -> Iterator[Finding]:
    """Findings for values of an argument that the service does not have; templates are not evaluated."""
    value = getattr(definition, at)
    for i, text in enumerate(value.values() if isinstance(value, Mapping) else [value]):
        if text and "{{" not in text and text not in known:
            message, hint = f"{at} {text!r} is unknown", f"write {', '.join(known[:-1])} or {known[-1]}"
            item = i if isinstance(value, Mapping) else None
            yield definition.finding(RECEIVER_SEVERITY, message, hint, at=at, item=item)
