"""Annotations: events drawn across the graphs of a dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values


@dataclass(frozen=True)
class Annotation(ConstrainedDefinition):
    """A mark wherever the expression yields a series: a deployment, a firing alert.

    ``title`` and ``text`` are templates such as `{{version}}`; the values of the labels ``tags`` are shown with
    them. Readers switch an annotation on and off at the top; ``enabled`` is how it begins.
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

    code_prefix = "annotation"
    arguments = constraints.constraints(
        name=constraints.non_empty,
        expr=constraints.non_empty,
        color=grafana_values.color,
        step=constraints.optional_duration,
    )
    items = constraints.constraints(tags=constraints.non_empty)

    @classmethod
    def deployments(cls, info: str, version: str = "version", *, color: str = "blue") -> Annotation:
        """The first minutes of a version: ``info`` selects a series that has it as a label, such as `app_build_info`.

        A restart of the same version is none, unless it was away for a quarter of an hour.
        """
        by = f"group by ({version})"
        expr = f"{by} ({info})\nunless\n{by} (last_over_time({info}[15m] offset 5m))"
        return cls("Deployments", expr, title=f"{{{{{version}}}}}", step="1m", color=color)

    @classmethod
    def firing_alerts(cls, labels: Mapping[str, str] | None = None, *, color: str = "red") -> Annotation:
        """Where the alerts with these labels fire; values are regular expressions, and may be variables."""
        from json import dumps  # its escapes are PromQL's

        more = (f"{label}=~{dumps(value, ensure_ascii=False)}" for label, value in (labels or {}).items())
        matchers = ['alertstate="firing"', *more]
        expr = f"ALERTS{{{','.join(matchers)}}}"
        return cls("Firing alerts", expr, title="{{alertname}}", tags=["severity"], color=color)
