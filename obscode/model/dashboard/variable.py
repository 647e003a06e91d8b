"""The base of dashboard variables: values that a reader selects, and that queries contain as `$name`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

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
    """

    name: str
    _: KW_ONLY
    label: str = ""
    description: str = ""
    hidden: bool = False

    code_prefix = "variable"
    arguments = constraints.constraints(name=grafana_values.variable)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.name in RESERVED:
            message = f"obscode adds the variable {self.name!r} itself"
            yield self.finding(RESERVED_VARIABLE, message, "remove it, or rename it", at="name")
