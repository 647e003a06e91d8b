"""Files of unit tests as `promtool test rules` reads them: the alerts that they test. promtool checks the rest."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.unit_tests import TestedAlert, UnitTestFile
from obscode.reader.yaml_nodes import YamlNode


def unit_test_file(node: YamlNode, name: str) -> UnitTestFile:
    """The rule files and the tested alerts of a file."""
    return UnitTestFile(name, [item.raw for item in _items(node, "rule_files") if item.raw], [*_alerts(node)], node)


def _alerts(node: YamlNode) -> Iterator[TestedAlert]:
    for test in _items(node, "tests"):
        for each in _items(test, "alert_rule_test"):
            if name := each.get("alertname"):
                yield TestedAlert(name.raw, bool(_items(each, "exp_alerts")), each)


def _items(node: YamlNode, key: str) -> tuple[YamlNode, ...]:
    value = node.get(key)
    return value.items if value else ()
