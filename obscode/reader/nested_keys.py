"""Unknown keys deep in configuration files: of discovery, the HTTP client, remote storage, integrations and others."""

from __future__ import annotations

from obscode.findings.finding import SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.model.known_keys import ALERTMANAGER, PROMETHEUS, Keys, UnknownKey
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_section import UNKNOWN_KEY, Report

# The readers report unknown keys of the file, of these sections, and of items of lists in them.
_READ = (
    ("global",),
    ("scrape_configs",),
    ("scrape_configs", "relabel_configs"),
    ("scrape_configs", "metric_relabel_configs"),
    ("receivers",),
    ("inhibit_rules",),
)
_DISCOVERY = "_sd_configs"


def report_of_prometheus(node: YamlNode, report: Report) -> None:
    """Report keys that no Prometheus knows."""
    _report(node, PROMETHEUS, report)


def report_of_alertmanager(node: YamlNode, report: Report) -> None:
    """Report keys that no Alertmanager knows."""
    _report(node, ALERTMANAGER, report)


def _report(node: YamlNode, keys: Keys, report: Report) -> None:
    for each in keys.unknown(node.plain()):
        hint = did_you_mean(each.key, each.known)
        if not _is_read(each) and (hint or not _is_in_discovery(each)):
            message = f"{each.section} has an unknown key {each.key!r}"
            report.add(UNKNOWN_KEY, message, hint or f"its keys are {', '.join(each.known)}", _place(node, each))


def _is_read(each: UnknownKey) -> bool:
    above = tuple(key for key in each.path[:-1] if isinstance(key, str))
    return not above or above in _READ or above[0] == "route" or each.is_discovery


def _is_in_discovery(each: UnknownKey) -> bool:
    """Other programs that read scrape jobs have settings of discovery that Prometheus has not."""
    return any(isinstance(key, str) and key.endswith(_DISCOVERY) for key in each.path[:-1])


def _place(node: YamlNode, each: UnknownKey) -> SourceSpan:
    for key in each.path[:-1]:
        node = node.items[key] if isinstance(key, int) else node.entries[key].value
    return node.entries[each.key].key
