"""One query of a panel."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition


@dataclass(frozen=True)
class Query(ConstrainedDefinition):
    """One query of a panel; ``legend`` is a template such as `{{status}}`.

    ``ref`` is the name by which overrides and transformations find it, A, B, C where none is given.
    ``exemplars`` shows the traces behind a histogram's samples. ``instant`` asks for now alone, which is
    what stats, gauges and tables do unless told otherwise.
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
