"""Rule files for vmalert of VictoriaMetrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.targets.base import Target
from obscode.promql import duration
from obscode.promql.duration import Duration

VMALERT_TENANT = Code(
    "vmalert-tenant",
    "The tenant of vmalert is `accountID` or `accountID:projectID`.",
    why="vmalert rejects the group otherwise.",
    bad='targets.Vmalert(tenant="shop")',
    good='targets.Vmalert(tenant="42:0")',
)


@dataclass(frozen=True)
class Vmalert(Target):
    """Rule files for vmalert, which evaluates them on VictoriaMetrics: `vmalert -rule=build/vmalert/rules/*.yml`.

    A rule of vmalert does not see the results of the same evaluation: it writes them to VictoriaMetrics, which shows
    them some seconds later. Rules that read each other are in groups of their own, which are evaluated one after the
    other within the interval; alerts are in the last one. The windows of SLOs are summed from fewer of such steps.

    Attributes:
        arithmetic: whose `rate()`, `increase()`, `delta()`, `resets()` and `changes()` the rules use. With
            `prometheus`, templates of MetricsQL compute them as Prometheus does, so that alerts fire at the same
            minutes; with `metricsql` the expressions are written as they are.
        latency: how long scraped samples take until VictoriaMetrics shows them, a duration.
        eval_delay: how far the evaluation of groups that read no other group is shifted into the past, a duration; by
            default vmalert's own, 30s.
        tenant: the tenant, `accountID` or `accountID:projectID`; only the enterprise version of vmalert reads it.
        objects: whether the rules are written as `VMRule` objects for Kubernetes, too.
        namespace: the namespace of the objects.
        labels: the labels of the objects, which the operator's `ruleSelector` requires.
        folder: the folder of the rule files below the output folder.
    """

    group_keys = (
        *("concurrency", "type", "params", "headers", "notifier_headers", "debug"),
        *("eval_offset", "eval_delay", "eval_alignment"),
    )

    label_names: ClassVar[tuple[str, ...]] = ()
    rules_in_order: ClassVar[bool] = False

    _: KW_ONLY
    arithmetic: Literal["prometheus", "metricsql"] = "prometheus"
    latency: Duration = "10s"
    eval_delay: Duration = ""
    tenant: str = ""
    objects: bool = False
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    folder: str = "vmalert"

    def problems(self) -> Iterator[Finding]:
        for at in ("latency", "eval_delay"):
            value = getattr(self, at)
            if (value or at == "latency") and (wrong := duration.validate_duration(value)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if self.tenant and not re.fullmatch(r"\d+(:\d+)?", self.tenant):
            message = f"{self.tenant!r} is not a tenant of VictoriaMetrics"
            yield self.finding(VMALERT_TENANT, message, 'write numbers, such as "42" or "42:0"', at="tenant")
        yield from self.folder_problems(self.folder)
