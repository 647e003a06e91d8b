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
from obscode.artifacts.rules import RuleGroup
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import is_generated
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.scrape import Job


@check((ScrapeConfig, RuleGroup), severity="warning", scope="compiled")
def external_label_conflict(value: ScrapeConfig | RuleGroup, context: Context) -> Iterator[Finding]:
    """Labels with another value than that of the server."""
    external = context.server.external_labels or {}
    for source, labels in _labels(value) if external else ():
        for name, own in labels.items():
            # `${REGION}` in an external label is a variable of the environment.
            if name in external and own != external[name] and "{{" not in own and "$" not in external[name]:
                message = f"the label {name!r} is {own!r}, but the external label of the server is {external[name]!r}"
                yield source.finding(external_label_conflict, message, "rename one of them", at="labels")


def _labels(value: ScrapeConfig | RuleGroup) -> Iterator[tuple[Source, Mapping[str, str]]]:
    """The labels of a job, or of a group and its rules, with the places where they are written."""
    if isinstance(value, ScrapeConfig) and isinstance(value.source, Job):
        yield value.source, value.source.labels
    elif isinstance(value, ScrapeConfig):
        static: list[Mapping[str, Any]] = value.settings.get("static_configs", [])
        yield from ((value.source, each.get("labels", {})) for each in static)
    elif not value.is_global:  # a ruler has labels of its own
        yield from ((rule.source, rule.labels) for rule in value.rules if not is_generated(rule))
        if value.source:
            yield value.source, value.settings.get("labels", {})
