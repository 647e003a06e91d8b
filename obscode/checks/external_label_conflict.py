"""A label of targets or of a rule has no other value than the external label of that name.

Why: Prometheus adds external labels only to series and alerts that lack them. With the external label `cluster="eu"`, a
rule with the label `cluster="us"` reaches remote storage and Alertmanager as one of the cluster `us`, where queries for
`cluster="eu"` do not select it.

Bad:
    Project("team", prometheus=PrometheusServer(external_labels={"cluster": "eu"}))
    Service("shop", scrape=ScrapeJob(["shop:80"], labels={"cluster": "us"}))

Good:
    Project("team", prometheus=PrometheusServer(external_labels={"cluster": "eu"}))
    Service("shop", scrape=ScrapeJob(["shop:80"]))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.artifacts.prometheus import ScrapeConfig
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleGroup
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import is_generated
from obscode.findings.finding import Finding
from obscode.model.scrape import Job

_Labelled = ScrapeConfig | Rule | RuleGroup


@check((ScrapeConfig, AlertingRule, RecordingRule, RuleGroup), severity="warning", scope="compiled")
def external_label_conflict(value: _Labelled, context: Context) -> Iterator[Finding]:
    """Labels with another value than that of the server."""
    external = context.server.external_labels
    if not external or not value.source or (isinstance(value, Rule) and is_generated(value)):
        return
    for labels in _labels(value):
        for name, own in labels.items():
            # `${REGION}` in an external label is a variable of the environment.
            if name in external and own != external[name] and "{{" not in own and "$" not in external[name]:
                message = f"the label {name!r} is {own!r}, but the external label of the server is {external[name]!r}"
                hint = "rename one of them"
                yield value.source.finding(external_label_conflict, message, hint, at="labels")


def _labels(value: _Labelled) -> Iterator[Mapping[str, str]]:
    if isinstance(value, ScrapeConfig) and isinstance(value.source, Job):
        yield value.source.labels
    elif isinstance(value, ScrapeConfig):
        static: list[Mapping[str, Any]] = value.settings.get("static_configs", [])
        yield from (each.get("labels", {}) for each in static)
    else:
        yield value.labels if isinstance(value, Rule) else value.settings.get("labels", {})
