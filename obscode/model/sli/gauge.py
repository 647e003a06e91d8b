"""The base of the SLIs that read one gauge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.model.metrics import Gauge, Metric
from obscode.model.sli.base import SLI
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector

#: The resolution of the subqueries: obscode's default scrape interval. A subquery can drop single samples such as
#: NaN; sum_over_time() of a range cannot.
RESOLUTION = "15s"


@dataclass(frozen=True)
class GaugeSLI(SLI):
    """Base of SLIs over the values of a gauge.

    Attributes:
        gauge: the gauge, a selector.
    """

    gauge: str

    counts_traffic: ClassVar[bool] = False

    def _narrowed(self, where: Sequence[Matcher]) -> str:
        return str(parse_selector(self.gauge).with_matchers(*where))

    def reads(self) -> Sequence[str]:
        return [parse_selector(self.gauge).metric]

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        return {"gauge": [parse_selector(self.gauge)]}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from self._selector_problems("gauge")

    def catalog_findings(self, catalog: Sequence[Metric]) -> Iterator[Finding]:
        name = parse_selector(self.gauge).metric
        for metric in catalog:
            if name in (metric.name, *metric.series()) and metric.has_other_type(Gauge):
                yield self._type_mismatch(metric, "name a gauge", at="gauge")
