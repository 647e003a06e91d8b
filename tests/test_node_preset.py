"""`presets.node`: names of the catalog, and real node exporters of the oldest and newest version."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from test_presets import differences

from obscode import Definitions, Project, ScrapeJob, Service, checks, compile, presets
from obscode.importers.metrics_source import read_metrics
from obscode.presets.machines.node_metrics import COLLECTORS
from obscode.promql.parser import parse
from obscode.scaffold.recognition import recognise
from obscode.toolchain import Tool
from obscode.verify import servers
from obscode.verify.unit_tests import run_suites

MACHINES: Mapping[str, Mapping[str, Any]] = {
    "the default": {},
    "all collectors, several jobs": {
        "scrape": [
            ScrapeJob(["a:9100"], job="a", labels={"role": "db"}),
            ScrapeJob(["b:9100"], job="b.c", labels={"role": "web"}),
        ],
        "where": 'role=~"db|web"',
        "collectors": [*COLLECTORS],
        "reboots": False,
        "full_severity": "page",
        "ignored_fstypes": "",
        "ignored_disks": "",
    },
    "no collectors": {"collectors": []},
}
# A machine of the tests may have no network device, no disk or no filesystem that counts.
_HARDWARE = ("node_network_", "node_disk_", "node_filesystem_", "node_pressure_", "node_nf_")


def machines(**arguments: Any) -> Service:
    return presets.node(
        "nodes",
        **{"scrape": ScrapeJob(["a:9100"]), "runbook": "https://runbooks.example.com/nodes", **arguments},
    )


def queries(service: Service) -> list[str]:
    """The queries of the panels."""
    rows = service.dashboard
    exprs = (query.expr for row in rows for panel in row.panels for query in panel.all_queries())  # type: ignore[union-attr]
    return [expr.replace("$__rate_interval", "5s") for expr in exprs]


@pytest.mark.parametrize("arguments", MACHINES.values(), ids=MACHINES)
def test_queries_read_only_names_of_the_catalog(arguments: Mapping[str, Any]) -> None:
    service = machines(**arguments)
    known = {metric.name for metric in service.metrics} | {"up"}
    exprs = [*queries(service), *(alert.expr for alert in service.alerts)]

    assert {selector.metric for expr in exprs for selector in parse(expr).selectors} <= known


@pytest.mark.parametrize("arguments", MACHINES.values(), ids=MACHINES)
def test_there_are_no_findings(arguments: Mapping[str, Any]) -> None:
    artifacts = compile(Definitions(Project("team"), services=[machines(**arguments)]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []


@pytest.mark.parametrize("arguments", MACHINES.values(), ids=MACHINES)
def test_the_alerts_have_tests_that_pass(arguments: Mapping[str, Any], promtool: Tool) -> None:
    service = machines(**arguments)
    results = run_suites(compile(Definitions(Project("team"), services=[service])).test_suites, promtools=[promtool])

    assert [each.name for each in service.alerts if not each.tests] == []
    assert [each.output for each in results if not each.passed] == []


def test_a_full_filesystem_can_have_another_severity() -> None:
    severities = {alert.name: alert.severity for alert in machines(full_severity="page").alerts}

    assert {name for name, severity in severities.items() if severity} == {
        "NodeFilesystemFull",
        "NodeFilesystemFilesFull",
    }


def test_collectors_are_recognised(tmp_path: Path) -> None:
    file = tmp_path / "nodes.prom"
    catalog = [*machines(collectors=["pressure", "bonding"]).metrics]
    file.write_text("".join(f"# TYPE {metric.name} gauge\n{metric.name} 1\n" for metric in catalog))
    exposed = [
        metric.derive(labels=[*own.labels]) for metric, own in zip(read_metrics(str(file)), catalog, strict=True)
    ]

    recognised = recognise(exposed)

    assert recognised is not None
    assert recognised.arguments == {"collectors": ["pressure", "bonding"]}


def test_the_catalog_is_that_of_the_program(node_exporter: Path, tmp_path: Path) -> None:
    with running(node_exporter, tmp_path) as address:
        exposed = read_metrics(f"http://{address}/metrics")

    recognised = recognise(exposed)
    assert recognised is not None
    assert recognised.exporter.program == "node exporter"
    names = {metric.name for metric in exposed}
    catalog = [each for each in machines().metrics if each.name in names or not each.name.startswith(_HARDWARE)]
    assert list(differences(catalog, exposed)) == []


def test_prometheus_evaluates_everything(node_exporter: Path, newest_prometheus: Tool, tmp_path: Path) -> None:
    """Panels have values, but for hardware that this machine does not have. Alerts can be evaluated."""
    service = machines()
    config = tmp_path / "prometheus.yml"
    with running(node_exporter, tmp_path) as address:
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: nodes, static_configs: [{{targets: ['{address}']}}]}}]\n"
        )
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url:
            deadline = time.monotonic() + 20
            while servers.value(url, 'count_over_time(up{job="nodes"}[1m]) > 3') is None:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            empty = {expr for expr in queries(service) if servers.value(url, expr) is None}
            for alert in service.alerts:
                servers.value(url, alert.expr)
    assert {expr for expr in empty if not any(name in expr for name in _HARDWARE)} == set()


@contextmanager
def running(program: Path, folder: Path) -> Iterator[str]:
    """A node exporter with the textfile collector; yields its address."""
    (folder / "files").mkdir()
    address = f"127.0.0.1:{servers.free_port()}"
    command = [str(program), f"--web.listen-address={address}", f"--collector.textfile.directory={folder / 'files'}"]
    with servers.running(command, f"http://{address}/metrics", folder):
        yield address
