"""What a document is, by its content: the names of files are not a reliable sign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from obscode.reader.prometheus import PROMETHEUS_KEYS
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml

Kind = Literal[
    "rule file", "Alertmanager configuration", "Prometheus configuration", "unit test file", "dashboard", "Kubernetes"
]

# Helm charts and Jinja templates become YAML when they are rendered.
_TEMPLATE = re.compile(
    r"\{\{[^{}\n]*\.(?:Values|Release|Chart|Capabilities)\b|\{\{-?\s*(?:include|template|tpl) |\{%-?\s*\w"
)
# Texts of notifications use the templates of Alertmanager.
_NOTIFICATION = re.compile(r"\{\{-?\s*template ")
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


def are_expanded(text: str, documents: Iterable[YamlNode]) -> bool:
    """Whether what looks like Helm stands only where Prometheus or Alertmanager expands it: in alerts and receivers."""
    if _ESCAPED.search(text):
        return False
    expanded = sum(_expanded(document) for document in documents)
    return expanded >= len(_TEMPLATE.findall(text))


def _expanded(document: YamlNode) -> int:
    """How often what looks like Helm stands in alerts and receivers, also of files in ConfigMaps and Secrets."""
    count, waiting, seen = 0, [document], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        for key in ("labels", "annotations") if "alert" in node.entries else ():
            count += sum(len(_TEMPLATE.findall(text)) for text in _texts(node.get(key)))
        for receiver in _items(node, "receivers"):
            count += sum(len(_NOTIFICATION.findall(text)) for text in _texts_of_receiver(receiver))
        for key in ("data", "stringData") if node.text("kind") in ("ConfigMap", "Secret") else ():
            count += sum(_expanded_in_file(text) for text in _texts(node.get(key)))
        waiting += (*node.items, *(entry.value for entry in node.entries.values()))
    return count


def _items(node: YamlNode, key: str) -> tuple[YamlNode, ...]:
    value = node.get(key)
    return value.items if value else ()


def _texts_of_receiver(receiver: YamlNode) -> Iterator[str]:
    for key, entry in receiver.entries.items():
        if key.endswith(("_configs", "Configs")):  # of a file, of an object
            yield from _texts(entry.value)


def _texts(value: YamlNode | None) -> Iterator[str]:
    """The strings in a value, at any depth."""
    waiting, seen = [value] if value else [], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node.content, str):
            yield node.content
        waiting += (*node.items, *(entry.value for entry in node.entries.values()))


def _expanded_in_file(text: str) -> int:
    """The same of a file in a ConfigMap or in a Secret."""
    count = len(_TEMPLATE.findall(text))
    stream = parse_yaml(text) if count and "\n" in text else None
    return count if stream and stream.is_valid and are_expanded(text, stream.documents) else 0


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
