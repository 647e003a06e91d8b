"""The base of dashboard variables: values that a reader selects, and that queries contain as `$name`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values

RESERVED_VARIABLE = Code(
    "reserved-variable",
    "A variable has another name than the datasource variables `datasource` and `loki_datasource`.",
    why="obscode adds these to every dashboard that needs them.",
    bad='variables.Text("datasource")',
    good='variables.Text("search")',
)
#: Variables that obscode adds for the datasources of Prometheus and Loki.
RESERVED = ("datasource", "loki_datasource")


@dataclass(frozen=True)
class Variable(ConstrainedDefinition):
    """Base of all variables.

    Attributes:
        name: letters, digits and `_`; queries contain it as `$name`.
        label: shown before the values; by default it follows from the name.
        description: shown as a tooltip.
        hidden: not shown at the top.
        extra: other settings of the variable's JSON, merged into it: `{"skipUrlSync": True}`. None removes a setting.
    """

    name: str
    _: KW_ONLY
    label: str = ""
    description: str = ""
    hidden: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    code_prefix = "variable"
    arguments = constraints.constraints(name=grafana_values.variable, extra=constraints.json_serialisable)
    #: Whether it may have the name of a datasource variable of obscode, which it replaces.
    is_datasource: ClassVar[bool] = False

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.name in RESERVED and not self.is_datasource:
            message = f"obscode adds the variable {self.name!r} itself"
            yield self.finding(RESERVED_VARIABLE, message, "remove it, or rename it", at="name")
