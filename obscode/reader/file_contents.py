"""The artifacts in a file: rules, configurations and dashboards, also inside Kubernetes objects.

contents = read_text(text, "rules.yml")
contents.rule_files, contents.findings
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.kubernetes import MONITORS, KubernetesObject
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import RuleFile
from obscode.artifacts.unit_tests import UnitTestFile
from obscode.findings.finding import Finding
from obscode.reader.alertmanager import alertmanager_config
from obscode.reader.dashboards import document
from obscode.reader.dashboards.document import Document
from obscode.reader.dashboards.kubernetes_manifests import aligned_text, resources
from obscode.reader.file_kinds import Kind, are_expanded, is_template, kind_of, other_kind
from obscode.reader.ignore_comments import IgnoreComment, ignore_comments
from obscode.reader.kubernetes.alertmanager_config import operator_alertmanager_config
from obscode.reader.kubernetes.objects import BESIDE, kubernetes_object, other_object
from obscode.reader.prometheus import prometheus_config
from obscode.reader.rules import rule_file
from obscode.reader.unit_tests import unit_test_file
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml
from obscode.reader.yaml_section import Report

_RULE_KINDS = ("PrometheusRule", "VMRule", "GlobalRuleGroup", "RuleGroup")
_MAX_DEPTH = 3  # a list of ConfigMaps that contain files


@dataclass
class FileContents:
    """What a file contains.

    Attributes:
        documents: the JSON texts that contain dashboards: the file itself, or strings in a Kubernetes object.
        unit_tests: the number of promtool unit tests.
        unit_test_files: the files of these, with the alerts that they test.
        objects: the Kubernetes objects of prometheus-operator, and those that they select.
        others: other Kubernetes objects, which are compared and not checked.
        findings: what is wrong with the text, and what Prometheus or Alertmanager would reject.
        comments: the comments that ignore findings.
        skipped: why nothing in the file is checked; empty if something is.
    """

    file: str
    rule_files: list[RuleFile] = field(default_factory=list)
    alertmanager_configs: list[AlertmanagerConfig] = field(default_factory=list)
    prometheus_configs: list[PrometheusConfig] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    unit_tests: int = 0
    unit_test_files: list[UnitTestFile] = field(default_factory=list)
    objects: list[KubernetesObject] = field(default_factory=list)
    others: list[KubernetesObject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    comments: list[IgnoreComment] = field(default_factory=list)
    skipped: str = ""

    @property
    def dashboards(self) -> list[Dashboard]:
        """The dashboards in all JSON texts."""
        return [dashboard for document in self.documents for dashboard in document.dashboards]

    @property
    def values(self) -> list[object]:
        """The rule files and configurations. ``project.lint_files`` checks dashboards, with the files `.lint`."""
        configs = [*self.alertmanager_configs, *self.prometheus_configs]
        return [*self.rule_files, *configs, *self.unit_test_files, *self.objects]

    @property
    def monitors(self) -> list[KubernetesObject]:
        """The objects that make a Prometheus server scrape targets."""
        return [each for each in self.objects if each.kind in MONITORS]


def read_text(text: str, file: str) -> FileContents:
    """The contents of a file, by its text. Never raises: what is wrong is in ``findings`` or ``skipped``."""
    contents = FileContents(file)
    if file.endswith(".json") and _read_json(text, contents):
        return contents
    stream = parse_yaml(text, file)
    if is_template(text) and not (stream.is_valid and are_expanded(text, stream.documents)):
        contents.skipped = "a template (Helm or Jinja)"
        return contents
    if not stream.is_valid:
        contents.skipped = stream.findings[-1].message
        contents.findings = list(stream.findings) if _looks_relevant(text) else []
        return contents
    reader = _Reader(contents)
    for root in stream.documents:
        reader.document(root, 0)
    if reader.is_known:
        contents.findings += [*stream.findings, *reader.report.findings]
        contents.comments = ignore_comments(text, file, stream.documents)
    else:
        contents.skipped = reader.reason or _unknown(stream.documents)
    return contents


def _unknown(documents: tuple[YamlNode, ...]) -> str:
    if not documents:
        return "empty"
    return next((reason for node in documents if (reason := other_kind(node))), "of no known kind")


def _read_json(text: str, contents: FileContents) -> bool:
    """True if the file is JSON that is a dashboard, or something unknown; YAML's reader reads the rest."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if '"panels"' in text and '"schemaVersion"' in text:
            contents.documents.append(document.read(text, contents.file))  # with a syntax error
        else:
            contents.skipped = "not JSON"
        return True
    if _is_dashboard(value):
        contents.documents.append(document.read(text, contents.file))
        return True
    known = ("apiVersion", "groups", "route", "scrape_configs", "kind", "items", "tests")
    if not isinstance(value, dict) or not any(key in value for key in known):
        contents.skipped = "of no known kind"
        return True
    return False


def _is_dashboard(value: object) -> bool:
    if isinstance(value, list) and value:
        return all(_is_dashboard(item) for item in value)
    if not isinstance(value, dict):
        return False
    inner = value.get("dashboard", value)
    if not isinstance(inner, dict):
        return False
    if value.get("kind") == "Dashboard" and isinstance(value.get("spec"), dict):
        return "grafana" in str(value.get("apiVersion"))
    lists = [key for key in ("panels", "rows") if isinstance(inner.get(key), list)]
    return bool(lists and any(key in inner for key in ("title", "schemaVersion", "templating")))


def _looks_relevant(text: str) -> bool:
    """True if a text that is not YAML was meant to be a file that Prometheus or Alertmanager reads."""
    lines = {line.split(":")[0].strip() for line in text[:100_000].splitlines() if ":" in line}
    return bool(
        {"groups", "expr"} <= lines or {"route", "receivers"} <= lines or "scrape_configs" in lines & {"scrape_configs"}
    )


class _Reader:
    """Reads the documents of a file into its contents."""

    def __init__(self, contents: FileContents) -> None:
        self.contents, self.report = contents, Report()
        self.is_known = False
        self.reason = ""

    def document(self, node: YamlNode, depth: int) -> None:
        """Read one document."""
        for resource in resources(node):
            kind = kind_of(resource)
            if kind == "Kubernetes":
                self._kubernetes(resource, depth)
            elif kind:
                self._known(kind, resource)

    def _known(self, kind: Kind, node: YamlNode) -> None:
        contents = self.contents
        self.is_known = True
        if kind == "rule file":
            contents.rule_files.append(rule_file(node, self.report, contents.file))
        elif kind == "Alertmanager configuration":
            if config := alertmanager_config(node, self.report):
                contents.alertmanager_configs.append(config)
        elif kind == "Prometheus configuration":
            contents.prometheus_configs.append(prometheus_config(node, self.report, contents.file))
        elif kind == "unit test file":
            tests = node.get("tests")
            contents.unit_tests += len(tests.items) if tests else 0
            contents.unit_test_files.append(unit_test_file(node, contents.file))
        else:
            self.is_known = False
            self.reason = "a dashboard in YAML"

    def _kubernetes(self, node: YamlNode, depth: int) -> None:
        kind = node.text("kind")
        self.reason = self.reason or f"a Kubernetes object of kind {kind}"
        spec = node.get("spec")
        content: list[str] = []
        read = kubernetes_object(node, self.report)
        if read:
            self.contents.objects.append(read)
            self.is_known |= kind not in BESIDE
        if kind in _RULE_KINDS and spec and spec.entries:
            self.is_known = True
            rules = rule_file(_only_groups(spec), self.report, self.contents.file)
            self.contents.rule_files.append(replace(rules, namespace=read.namespace if read else ""))
        elif kind == "AlertmanagerConfig" and read:
            if config := operator_alertmanager_config(node, self.report):
                self.contents.alertmanager_configs.append(config)
        elif kind == "GrafanaDashboard" and spec and spec.text("json"):
            self.is_known = True
            text = aligned_text(spec.entries["json"].value)
            self.contents.documents.append(document.read(text, self.contents.file))
        elif kind in ("ConfigMap", "Secret") and depth < _MAX_DEPTH:
            content = [key for key, value in _files(node) if self._file(key, value, depth)]
        if not read and node.get("metadata"):
            self.contents.others.append(other_object(node, content))

    def _file(self, key: str, value: YamlNode, depth: int) -> bool:
        """A file in a ConfigMap or in a Secret; false if it is of no known kind."""
        if key.endswith(".json"):
            inner = FileContents(self.contents.file)
            if _read_json(aligned_text(value), inner) and inner.documents:
                self.is_known = True
                self.contents.documents += inner.documents
            return bool(inner.documents)
        text = value.nested_text()
        if "\n" not in text.text.strip():
            return False
        stream = parse_yaml(text)
        if is_template(text.text) and not (stream.is_valid and are_expanded(text.text, stream.documents)):
            return False
        has_known = False
        for root in stream.documents:
            before = self.is_known
            self.is_known = False
            self.document(root, depth + 1)
            if self.is_known:
                self.report.findings += stream.findings
            has_known |= self.is_known
            self.is_known |= before
        return has_known


def _files(node: YamlNode) -> Iterator[tuple[str, YamlNode]]:
    for holder in (node.get("data") if node.text("kind") == "ConfigMap" else None, node.get("stringData")):
        for key, entry in holder.entries.items() if holder else ():
            if isinstance(entry.value.content, str):
                yield key, entry.value


def _only_groups(spec: YamlNode) -> YamlNode:
    """The spec of a rule object, without the keys that only the operator reads."""
    entries = {key: entry for key, entry in spec.entries.items() if key == "groups"}
    return YamlNode(entries, spec.place, "", spec.last_line, spec.size)
