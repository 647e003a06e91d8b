"""Annotations: events on the graphs of a dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.promql.tokens import label_text


@dataclass(frozen=True)
class Annotation(ConstrainedDefinition):
    """Events on the graphs of a dashboard, where an expression returns series: a deployment, a firing alert.

    Attributes:
        name: the name of the switch at the top of the dashboard.
        expr: PromQL; it may use variables.
        title: a template such as `{{version}}`.
        text: a template such as `{{instance}}`.
        tags: labels whose values are shown with the title.
        color: a color of Grafana's, or `#rrggbb`.
        step: the resolution of the query, such as `1m`.
        enabled: whether it is on when the dashboard is opened.
        extra: other settings of the annotation's JSON, merged into it. None removes a setting.
    """

    name: str
    expr: str
    _: KW_ONLY
    title: str = ""
    text: str = ""
    tags: Sequence[str] = ()
    color: str = "blue"
    step: str = ""
    enabled: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    code_prefix = "annotation"
    arguments = constraints.constraints(
        name=constraints.non_empty,
        expr=constraints.non_empty,
        color=grafana_values.color,
        step=constraints.optional_duration,
        extra=constraints.json_serialisable,
    )
    items = constraints.constraints(tags=constraints.non_empty)

    @classmethod
    def deployments(cls, info: str, version: str = "version", *, color: str = "blue") -> Annotation:
        """The start of a new version; ``info`` selects a series with the version as a label, such as `app_build_info`.

        A restart of the same version is no deployment, unless it was absent for 15 minutes.
        """
        by = f"group by ({label_text(version)})"
        expr = f"{by} ({info})\nunless\n{by} (last_over_time({info}[15m] offset 5m))"
        return cls("Deployments", expr, title=f"{{{{{version}}}}}", step="1m", color=color)

    @classmethod
    def firing_alerts(cls, labels: Mapping[str, str] | None = None, *, color: str = "red") -> Annotation:
        """Firing alerts with some labels; the values are regular expressions and may contain variables."""
        from json import dumps  # its escapes are PromQL's

        more = (f"{label_text(label)}=~{dumps(value, ensure_ascii=False)}" for label, value in (labels or {}).items())
        matchers = ['alertstate="firing"', *more]
        expr = f"ALERTS{{{','.join(matchers)}}}"
        return cls("Firing alerts", expr, title="{{alertname}}", tags=["severity"], color=color)
