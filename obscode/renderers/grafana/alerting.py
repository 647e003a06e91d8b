"""Grafana's provisioning files of alerts: rules, contact points, notification policies and mute timings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.compiler.grafana_alerting import grafana_targets
from obscode.compiler.grafana_alerting.contact_points import contact_points
from obscode.compiler.grafana_alerting.policies import mute_times, policies
from obscode.compiler.grafana_alerting.rules import rule_groups
from obscode.model import naming
from obscode.model.targets.grafana_alerting import GrafanaAlerting
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """A file with the alerts of each rule file, and one each for contact points, policies and mute timings."""
    for target in grafana_targets(artifacts):
        titles = Counter[str]()
        for file in artifacts.rule_files:
            if groups := rule_groups(file, target, artifacts, titles):
                content = {"apiVersion": 1, "groups": groups}
                path = naming.grafana_alerting_file(f"rules-{file.name}")
                yield File(path, document(content, artifacts.sources(file.source)))
        yield from _notifications(artifacts, target)


def _notifications(artifacts: Artifacts, target: GrafanaAlerting) -> Iterator[File]:
    for config in artifacts.alertmanager_configs[:1]:
        parts = {
            "contactPoints": ("contact-points", contact_points(config, target)),
            "policies": ("policies", policies(config, target)),
            "muteTimes": ("mute-times", mute_times(config, target)),
        }
        for key, (name, values) in parts.items():
            if values:
                text = document({"apiVersion": 1, key: values}, artifacts.sources(config.source))
                yield File(naming.grafana_alerting_file(name), text)
