"""One query of a panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.identifiers import Invalid


@constraints.constraint("empty, a duration such as `30s`, or a variable")
def _interval(value: object) -> Invalid:
    return None if str(value).startswith("$") else constraints.optional_duration(value)


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
        interval: the least step, such as `1m`, or a variable; by default the interval of the panel.
        extra: other settings of the query's JSON, merged into it: `{"interval": "1m"}`. None removes a setting.
    """

    expr: str
    _: KW_ONLY
    legend: str = ""
    ref: str = ""
    exemplars: bool = False
    hidden: bool = False
    instant: bool | None = None
    interval: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    code_prefix = "query"
    arguments = constraints.constraints(
        expr=constraints.non_empty, interval=_interval, extra=constraints.json_serialisable
    )
