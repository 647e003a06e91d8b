"""`obscode import`: existing rule files become Python that compiles to the same rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import obscode
from obscode.artifacts.rules import AlertingRule, RuleFile
from obscode.cli.app import main
from obscode.importers.existing.yaml_values import plain
from obscode.project.check_files import read
from obscode.reader.yaml_nodes import YamlNode

RULES = r"""# Rules of the node exporter.

groups:
# memory and CPU
- name: node-exporter.rules
  interval: 30s
  limit: 10
  rules:
  # how many CPUs
  - record: instance:node_num_cpu:sum   # for dashboards
    expr: |
      count without (cpu, mode) (
        # only idle
        node_cpu_seconds_total{mode="idle"}
      )
  - alert: HostOutOfMemory(v1)
    expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < .10 and on (job) up{path=~"/a\\.b"}
    for: 2m
    # not urgent
    labels:
      severity: warning
      team: infra
    annotations:
      summary: Host out of memory (instance {{ $labels.instance }})
      description: "Node memory is filling up (< 10% left)\n  VALUE = {{ $value }}\n  LABELS = {{ $labels }}"
      runbook_url: https://example.com/runbook
    # keep_firing_for: 5m
- name: other
  rules:
  - alert: HostOutOfMemory(v1)
    expr: up == 0
    for: 0s
"""
PYTHON = r'''# Rules of the node exporter.

"""Imported from rules/node.yml."""

from obscode import Alert, RecordingRule, RuleGroup

# memory and CPU
node_exporter_rules = RuleGroup(
    "node-exporter.rules",
    interval="30s",
    limit=10,
    rules=[
        # how many CPUs
        # for dashboards
        RecordingRule(
            "instance:node_num_cpu:sum",
            """
            count without (cpu, mode) (
              # only idle
              node_cpu_seconds_total{mode="idle"}
            )
            """,
        ),
        Alert(
            "HostOutOfMemory(v1)",
            r'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < .10 and on (job) up{path=~"/a\\.b"}',
            for_="2m",
            severity="warning",
            # not urgent
            labels={"team": "infra"},
            summary="Host out of memory (instance {{ $labels.instance }})",
            description=(
                "Node memory is filling up (< 10% left)\n"
                "  VALUE = {{ $value }}\n"
                "  LABELS = {{ $labels }}"
            ),
            runbook="https://example.com/runbook",
            # keep_firing_for: 5m
        ),
    ],
)

other = RuleGroup(
    "other",
    rules=[
        Alert(
            "HostOutOfMemory(v1)",
            "up == 0",
        ),
    ],
)
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    return result.exit_code, result.output


def groups(file: RuleFile) -> list[object]:
    """What Prometheus reads of a rule file."""
    return [
        (
            group.name,
            group.interval,
            {k: plain(v) if isinstance(v, YamlNode) else v for k, v in group.settings.items()},
            [
                (
                    type(rule).__name__,
                    rule.name,
                    rule.expr.strip(),
                    rule.labels,
                    *(
                        (rule.for_ or "0s", rule.keep_firing_for or "0s", rule.annotations)
                        if isinstance(rule, AlertingRule)
                        else ()
                    ),
                )
                for rule in group.rules
            ],
        )
        for group in file.groups
    ]


def test_a_rule_file_becomes_readable_python_in_the_layout_of_ruff() -> None:
    write("rules/node.yml", RULES)
    assert run("import", "rules") == (0, "wrote 1 module to definitions; next: obscode build\n")
    assert Path("definitions/node.py").read_text() == PYTHON
    assert 'Project("shop")' in Path("definitions/project.py").read_text()


def test_imported_rules_compile_to_the_same_rules() -> None:
    write("rules/node.yml", RULES)
    run("import", "rules")
    assert run("build") == (0, "build: 6 files, 1 recording rule, 2 alerts, 0 dashboards\n")
    written = read(["build/prometheus/rules/node.yml"]).rule_files
    assert [groups(file) for file in written] == [groups(file) for file in read(["rules"]).rule_files]


def test_nothing_is_overwritten() -> None:
    write("rules/node.yml", RULES)
    write("rules/other.yml", RULES)
    write("definitions/other.py", "x = 1\n")
    assert run("import", "rules") == (
        2,
        "error[output-error]: definitions/other.py exists\n  hint: move what exists, or choose another --out\n",
    )
    assert [path.name for path in Path("definitions").iterdir()] == ["other.py"]


def test_a_file_with_an_error_stops_the_import_with_its_position() -> None:
    write("rules/a.yml", RULES)
    write("rules/b.yml", "groups:\n- name: b\n  rules:\n  - alert: Down\n    exp: up == 0\n")
    code, output = run("import", "rules")
    assert code == 1
    assert "\nrules/b.yml:5:5: error[unknown-key]: the alert has an unknown key 'exp'\n" in output
    assert not Path("definitions").exists()


def test_a_rule_file_that_is_kept_is_emitted_with_the_service() -> None:
    write("rules/node.yml", RULES)
    write(
        "definitions/shop.py",
        "from obscode import Project, RuleFile, Service\n"
        'project = Project("shop")\nshop = Service("shop", rules=RuleFile("../rules/node.yml"))\n',
    )
    assert run("build") == (0, "build: 6 files, 1 recording rule, 2 alerts, 0 dashboards\n")
    assert groups(read(["build/prometheus/rules/shop.yml"]).rule_files[0]) == groups(read(["rules"]).rule_files[0])


def test_findings_in_a_rule_file_have_positions_in_it() -> None:
    write("rules/node.yml", "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up{ == 0\n")
    write(
        "definitions/shop.py",
        'from obscode import Project, RuleFile\nproject = Project("shop")\nrules = RuleFile("../rules/node.yml")\n',
    )
    code, output = run("build")
    assert code == 1
    assert output.startswith("rules/node.yml:5:11: error[promql-syntax]: ")


def test_a_rule_file_that_is_missing_is_reported_at_the_path() -> None:
    write(
        "definitions/shop.py",
        'from obscode import Project, RuleFile\nproject = Project("shop")\nrules = RuleFile("../rules/node.yml")\n',
    )
    code, output = run("build")
    assert code == 1
    assert output.startswith("definitions/shop.py:3:18: error[import-file]: rules/node.yml cannot be read: ")


def test_the_library_compiles_groups_of_no_service() -> None:
    group = obscode.RuleGroup("up", rules=[obscode.RecordingRule("job:up:sum", "sum by (job) (up)")], rule_file="jobs")
    artifacts = obscode.compile(obscode.Definitions(obscode.Project("shop"), rules=[group]))
    assert [(file.name, [rule.name for rule in file.rules()]) for file in artifacts.rule_files] == [
        ("jobs", ["job:up:sum"])
    ]
