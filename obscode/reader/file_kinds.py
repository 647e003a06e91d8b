"""What a document is, by its content: the names of files are not a reliable sign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from obscode.reader.prometheus import PROMETHEUS_KEYS
from obscode.reader.yaml_nodes import YamlNode

Kind = Literal[
    "rule file", "Alertmanager configuration", "Prometheus configuration", "unit test file", "dashboard", "Kubernetes"
]

# Helm charts and Jinja templates become YAML when they are rendered.
_TEMPLATE = re.compile(
    r"\{\{[^{}\n]*\.(?:Values|Release|Chart|Capabilities)\b|\{\{-?\s*(?:include|template|tpl) |\{%-?\s*\w"
)
# Helm's own way to write templates for Prometheus.
_ESCAPED = re.compile(r"\{\{-?\s*[\"'`]\s*\{\{")
_SCRAPE_KEYS = (
    "alerting",
    "otlp",
    "remote_read",
    "remote_write",
    "rule_files",
    "scrape_config_files",
    "scrape_configs",
)
_DASHBOARD_KEYS = ("panels", "rows", "templating")
_GRAFANA_ALERTING = ("uid", "data", "condition")
_OTHER_KINDS = {
    "openslo/": "an OpenSLO document: obscode.importers.openslo reads it",
    "sloth.slok.dev/": "a Sloth document: obscode.importers.sloth reads it",
}


def kind_of(node: YamlNode) -> Kind | None:
    """The kind of a document; None if it is another one, which ``other_kind`` names."""
    keys = node.entries
    if ("apiVersion" in keys and "kind" in keys) or node.text("kind").endswith("List"):
        return None if other_kind(node) else "Kubernetes"
    if _has_rules(node):
        return "rule file"
    if "tests" in keys and ("rule_files" in keys or _has_input_series(node)):
        return "unit test file"
    if "route" in keys and ("receivers" in keys or _is_route(node)):
        return "Alertmanager configuration"
    if _is_prometheus_config(node):
        return "Prometheus configuration"
    if sum(key in keys for key in (*_DASHBOARD_KEYS, "title", "schemaVersion")) > 1:
        return "dashboard"
    return None


def other_kind(node: YamlNode) -> str:
    """Why a document is not checked, as far as it can be said; empty if nothing is known of it."""
    version = node.text("apiVersion")
    for prefix, reason in _OTHER_KINDS.items():
        if version.startswith(prefix):
            return reason
    if node.text("version") == "prometheus/v1" and "slos" in node.entries:
        return _OTHER_KINDS["sloth.slok.dev/"]
    if _rules_with(node, _GRAFANA_ALERTING):
        return "alert rules of Grafana"
    return ""


def is_template(text: str) -> bool:
    """True for the source of a Helm chart or a Jinja template, or for a text that looks like one."""
    return bool(_TEMPLATE.search(text))


def are_in_alerts(text: str, documents: Iterable[YamlNode]) -> bool:
    """Whether what looks like Helm stands only in the labels and annotations of alerts, where Prometheus expands it."""
    if _ESCAPED.search(text):
        return False
    texts = [text for document in documents for text in _texts_of_alerts(document)]
    return sum(len(_TEMPLATE.findall(each)) for each in texts) >= len(_TEMPLATE.findall(text))


def _texts_of_alerts(document: YamlNode) -> Iterator[str]:
    waiting, seen = [document], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        for key in ("labels", "annotations") if "alert" in node.entries else ():
            mapping = node.get(key)
            for entry in mapping.entries.values() if mapping else ():
                yield entry.value.content if isinstance(entry.value.content, str) else ""
        waiting += (*node.items, *(entry.value for entry in node.entries.values()))


def _has_rules(node: YamlNode) -> bool:
    groups = node.get("groups")
    if groups is None or _rules_with(node, _GRAFANA_ALERTING):
        return False
    if not groups.items:
        # An empty rule file; in other formats, groups are something else.
        return len(node.entries) == 1 and groups.content in (None, ())
    names = {"rules", "interval"}
    return any(names & group.entries.keys() for group in groups.items) or any(
        group.entries.keys() == {"name"} for group in groups.items
    )


def _rules_with(node: YamlNode, keys: tuple[str, ...]) -> bool:
    groups = node.get("groups")
    for group in groups.items if groups else ():
        rules = group.get("rules")
        if any(key in rule.entries for rule in (rules.items if rules else ()) for key in keys):
            return True
    return False


def _has_input_series(node: YamlNode) -> bool:
    tests = node.get("tests")
    return any("input_series" in test.entries for test in (tests.items if tests else ()))


def _is_route(node: YamlNode) -> bool:
    route = node.get("route")
    return bool(route and {"receiver", "group_by", "routes"} & route.entries.keys())


def _is_prometheus_config(node: YamlNode) -> bool:
    keys = node.entries.keys()
    if not keys <= {*PROMETHEUS_KEYS} and not {"global", "scrape_configs"} <= keys:
        return "scrape_configs" in keys and len(keys) == 1
    jobs = node.get("scrape_configs")
    if jobs and any("job_name" in job.entries for job in jobs.items):
        return True
    settings = node.get("global")
    of_global = settings.entries.keys() if settings else set()
    return bool(keys & {*_SCRAPE_KEYS}) or bool(
        of_global & {"scrape_interval", "evaluation_interval", "external_labels"}
    )
