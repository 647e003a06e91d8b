"""Rule files for Thanos Ruler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Literal

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.identifiers import validate_plain_label_name
from obscode.model.targets.base import Target
from obscode.promql import duration
from obscode.promql.duration import Duration


@dataclass(frozen=True)
class Thanos(Target):
    """Rule files for Thanos Ruler, which evaluates rules over the series of all servers.

    `thanos rule --rule-file='build/thanos/rules/*.yml' --query=QUERIER`

    Attributes:
        partial_response_strategy: what the ruler does while a store does not answer: `abort` fails the evaluation,
            `warn` uses the series that it has.
        labels: labels that each rule adds, such as `{"ruler": "global"}`; the rules' own labels win.
        query_offset: how far the evaluation is shifted into the past, a duration; by default the ruler's own.
        only_global: whether only the groups with `RuleGroup(is_global=True)` are written; by default all rules are.
        folder: the folder of the rule files below the output folder.
    """

    group_keys = ("partial_response_strategy",)

    label_names: ClassVar[tuple[str, ...]] = ("labels",)

    _: KW_ONLY
    partial_response_strategy: Literal["abort", "warn"] = "abort"
    labels: Mapping[str, str] = field(default_factory=dict)
    query_offset: Duration = ""
    only_global: bool = False
    folder: str = "thanos"

    def problems(self) -> Iterator[Finding]:
        for i, label in enumerate(self.labels):
            if wrong := validate_plain_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
        if self.query_offset and (wrong := duration.validate_duration(self.query_offset)):
            yield self.finding(codes.DURATION, *wrong, at="query_offset")
        yield from self.folder_problems(self.folder)
