"""One query of a panel."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition


@dataclass(frozen=True)
class Query(ConstrainedDefinition):
    """One query of a panel.

    Attributes:
        expr: PromQL; it may use variables.
        legend: the template of the series' names, such as `{{status}}`.
        ref: the name that overrides and transformations use; by default A, B, C in order.
        exemplars: show the traces of a histogram's samples.
        hidden: query without showing the result, for transformations.
        instant: query the current value instead of the time range; the default depends on the panel.
    """

    expr: str
    _: KW_ONLY
    legend: str = ""
    ref: str = ""
    exemplars: bool = False
    hidden: bool = False
    instant: bool | None = None

    code_prefix = "query"
    arguments = constraints.constraints(expr=constraints.non_empty)
