"""Metrics that exporters renamed or removed, in rules; tests/test_dashboard_checks.py has those in dashboards."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode.project.check_files import check_files


def reported(tmp_path: Path, expr: str) -> list[str]:
    """What is reported of an alert with an expression."""
    text = f"groups:\n- name: g\n  rules:\n  - alert: Low\n    expr: {expr}\n    annotations: {{summary: s}}\n"
    (tmp_path / "rules.yml").write_text(text)
    findings = check_files([tmp_path]).findings
    return [str(each).partition("rules.yml:")[2] for each in findings if each.code.name == "renamed-metric-in-rule"]


def test_the_caret_is_under_the_selector(tmp_path: Path) -> None:
    assert reported(tmp_path, 'rate(node_cpu{mode="idle"}[5m]) < 0.1') == [
        "5:16: warning[renamed-metric-in-rule]: Low reads 'node_cpu', which node_exporter 0.16.0 replaced\n"
        '    5 |     expr: rate(node_cpu{mode="idle"}[5m]) < 0.1\n'
        "      |                ^^^^^^^^^^^^^^^^^^^^^\n"
        "  hint: read node_cpu_seconds_total; see https://github.com/prometheus/node_exporter/blob/master/docs/"
        "example-16-compatibility-rules-new-to-old.yml"
    ]


@pytest.mark.parametrize(
    ("expr", "count"),
    [
        ("node_memory_MemFree / node_memory_MemTotal < 0.1", 2),
        ("node_cpu + node_cpu > 1", 1),
        ("kube_hpa_spec_max_replicas > 1", 1),
        ('container_memory_rss{pod_name="a"} > 1', 1),
        ("node_cpu_seconds_total > 1 or node_cpu > 1", 0),
        ("node_memory_MemFree_bytes / node_memory_MemTotal_bytes < 0.1", 0),
        ("my_node_cpu > 1", 0),
    ],
)
def test_each_old_name_is_reported_once(expr: str, count: int, tmp_path: Path) -> None:
    assert len(reported(tmp_path, expr)) == count
