"""What rules may cost, and what `obscode cost` assumes about metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definition import Definition

COST = Code(
    "cost",
    "Numbers of label values and of targets are at least 1; limits are not negative.",
    why="A label without values has no series, and a negative limit would be exceeded always.",
    bad="Cost(default_values=0)",
    good="Cost(default_values=20)",
)


@dataclass(frozen=True)
class Cost(Definition):
    """Limits for the cost of rules, and what the catalogs do not say about the number of series.

    `obscode cost` prints the cost of rules. A limit that is exceeded is an error; 0 is no limit.

    Attributes:
        label_values: the number of values of labels, by name, where catalogs do not list the values.
        default_values: the number of values of other labels that catalogs do not list.
        targets: the number of targets of a job that discovers them.
        rule_samples: the most samples that one evaluation of a rule may read.
        service_series: the most series that the rules of a service may record.
        service_cpu: the largest share of one processor that the rules of a service may take, such as 0.1.
    """

    _: KW_ONLY
    label_values: Mapping[str, int] = field(default_factory=dict)
    default_values: int = 10
    targets: int = 1
    rule_samples: int = 0
    service_series: int = 0
    service_cpu: float = 0

    @property
    def has_limits(self) -> bool:
        """Whether anything is limited."""
        return bool(self.rule_samples or self.service_series or self.service_cpu)

    def problems(self) -> Iterator[Finding]:
        for at in ("default_values", "targets"):
            if getattr(self, at) < 1:
                yield self.finding(COST, f"{at} is {getattr(self, at)}", "write 1 or more", at=at)
        for i, (label, count) in enumerate(self.label_values.items()):
            if count < 1:
                message = f"label {label} has {count} values"
                yield self.finding(COST, message, "write 1 or more", at="label_values", item=i)
        for at in ("rule_samples", "service_series", "service_cpu"):
            if getattr(self, at) < 0:
                yield self.finding(COST, f"{at} is {getattr(self, at)}", "write 0 for no limit", at=at)
