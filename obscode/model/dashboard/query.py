"""One query of a panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from obscode.model import constraints, naming
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values

# Datasources of Grafana itself have a fixed uid; `__expr__` calculates with the results of other queries.
_BUILT_IN = {"__expr__": "__expr__", "grafana": "-- Grafana --", "datasource": "-- Dashboard --"}


@dataclass(frozen=True)
class Query(ConstrainedDefinition):
    """One query of a panel.

    Attributes:
        expr: PromQL; it may use variables.
        legend: the template of the series' names, such as `{{status}}`.
        ref: the name that overrides and transformations use; by default A, B, C in order.
        exemplars: show the traces of a histogram's samples.
        hidden: query without showing the result, for transformations.
        instant: query the current value instead of the time range, or "both"; the default depends on the panel.
        interval: the least step, such as `1m`, or a variable; by default the interval of the panel.
        format: the form of the result: "time_series", "table" or "heatmap"; the default depends on the panel.
        datasource: the uid of another Prometheus, or a variable such as `${eu}`; by default that of the dashboard.
        extra: other settings of the query's JSON, merged into it: `{"interval": "1m"}`. None removes a setting.
    """

    expr: str
    _: KW_ONLY
    legend: str = ""
    ref: str = ""
    exemplars: bool = False
    hidden: bool = False
    instant: Literal["both"] | bool | None = None
    interval: str = ""
    format: Literal["", "time_series", "table", "heatmap"] = ""
    datasource: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    code_prefix = "query"
    arguments = constraints.constraints(
        expr=constraints.non_empty, interval=grafana_values.interval, extra=constraints.json_serialisable
    )


@dataclass(frozen=True)
class DataQuery(ConstrainedDefinition):
    """One query of a panel for another datasource than Prometheus: `panels.DataQuery("loki", {"expr": "..."})`.

    A panel can have queries for several datasources. `panels.DataQuery("__expr__", {"type": "math", "expression":
    "$A / $B"})` calculates with the results of the others.

    Attributes:
        type: the plugin of the datasource, such as "loki", "tempo" or "grafana-clickhouse-datasource".
        query: the settings of the query as in its JSON, without `refId`, `datasource` and `hide`.
        datasource: the uid of the datasource, or a variable such as `${logs}`; by default the dashboard gets a variable
            for datasources of this plugin.
        ref: the name that overrides and transformations use; by default A, B, C in order.
        hidden: query without showing the result, for transformations.
    """

    type: str
    query: Mapping[str, Any]
    _: KW_ONLY
    datasource: str = ""
    ref: str = ""
    hidden: bool = False

    code_prefix = "data-query"
    arguments = constraints.constraints(type=constraints.non_empty, query=constraints.json_serialisable)

    @property
    def variable(self) -> str:
        """The variable of the dashboard that selects its datasource; empty if it has a uid of its own."""
        return "" if self.datasource or self.type in _BUILT_IN else naming.datasource_variable(self.type)

    @property
    def source(self) -> dict[str, str]:
        """The reference to the datasource, as in JSON."""
        return {"type": self.type, "uid": self.datasource or _BUILT_IN.get(self.type) or f"${{{self.variable}}}"}
