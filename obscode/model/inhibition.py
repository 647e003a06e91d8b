"""Inhibition: alerts that mute others while they fire.

https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

from obscode.findings.finding import Finding, SourceSpan
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.model.matched_labels import label_match_problems, matcher_problems


@dataclass(frozen=True)
class Inhibit(Definition):
    """Alerts that mute others: while one fires that matches the source, those that match the target are not sent.

    `Inhibit({"alertname": "ClusterDown"}, {"severity": "ticket"}, equal=["cluster"])`

    Attributes:
        source: the labels of alerts that mute others, with their values; a severity is one of the project.
        target: the labels of alerts that are muted, with their values.
        equal: the labels whose values are equal in both; an alert without a label has the empty value.
        source_matchers: further matchers of the source as Alertmanager writes them, such as `severity=~"page|ticket"`.
        target_matchers: further matchers of the target.
        name: the name in Alertmanager's metrics and logs; needs Alertmanager 0.30.
    """

    routed_labels: ClassVar[Sequence[str]] = ("source", "target", "equal")

    source: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    equal: Sequence[str] = ()
    source_matchers: Sequence[str] = ()
    target_matchers: Sequence[str] = ()
    name: str = ""

    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        for side in ("source", "target"):
            if part == f"{side}_matchers" and not getattr(self, part):
                part = side
        return super().span(part, item)

    def problems(self) -> Iterator[Finding]:
        for side in ("source", "target"):
            yield from label_match_problems(self, side)
            yield from matcher_problems(self, f"{side}_matchers")
            if not getattr(self, side) and not getattr(self, f"{side}_matchers"):
                message = f"the inhibition has no matchers of the {side}"
                yield self.finding(codes.INHIBITION, message, f'write {side}={{"severity": "page"}}, for example')
        for i, label in enumerate(self.equal):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="equal", item=i)
