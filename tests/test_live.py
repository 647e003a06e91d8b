"""Prometheus and Alertmanager load the built files completely, and the demo ends with a notification."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from obscode.artifacts.rules import AlertingRule
from obscode.project.pipeline import Compilation, compile_folder
from obscode.toolchain import Tool
from obscode.verify import servers

REPOSITORY = Path(__file__).parents[1]
EXAMPLE = REPOSITORY / "examples" / "ml_service"


@pytest.fixture(scope="module")
def project() -> Compilation:
    return compile_folder(REPOSITORY / "definitions")


def test_prometheus_loads_every_compiled_rule(project: Compilation, prometheus: Tool, tmp_path: Path) -> None:
    servers.write_files(project.files, tmp_path)
    config = tmp_path / "prometheus" / "prometheus.yml"
    with servers.prometheus(prometheus, config, tmp_path / "data", servers.free_port()) as url:
        groups = servers.get(f"{url}/api/v1/rules")["groups"]
    loaded = Counter((rule["type"], rule["name"]) for group in groups for rule in group["rules"])
    compiled = Counter(
        ("alerting" if isinstance(rule, AlertingRule) else "recording", rule.name) for rule in project.artifacts.rules()
    )
    assert loaded == compiled


def test_alertmanager_loads_every_receiver(project: Compilation, alertmanager: Tool, tmp_path: Path) -> None:
    servers.write_files(project.files, tmp_path)
    config = tmp_path / "alertmanager" / "alertmanager.yml"
    with servers.alertmanager(alertmanager, config, tmp_path / "data", servers.free_port()) as url:
        receivers = servers.get(f"{url}/api/v2/receivers")
    assert [receiver["name"] for receiver in receivers] == ["ml-platform", "nobody"]


@pytest.mark.slow
def test_the_demo_ends_with_a_notification_and_leaves_no_files(
    newest_prometheus: Tool, newest_alertmanager: Tool, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "examples.ml_service.run_demo", "--seconds", "100"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "TMPDIR": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OBSCODE_PROMETHEUS": str(newest_prometheus.path),
        "OBSCODE_ALERTMANAGER": str(newest_alertmanager.path),
    }
    result = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for word in ("target        up", "HighErrorRate pending", "HighErrorRate firing", "notification  received"):
        assert word in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_compose_file_mounts_built_files(project: Compilation) -> None:
    compose = yaml.safe_load((EXAMPLE / "docker-compose.yml").read_text())["services"]
    built = {file.path for file in project.files}

    def mounted(service: str, inside: str) -> str:
        """The path in `build/` that is mounted at a path of a container."""
        for volume in compose[service]["volumes"]:
            outer, inner, *_ = volume.split(":")
            if inside.startswith(inner):
                source = Path(EXAMPLE / outer).resolve().relative_to(REPOSITORY / "build")
                return str(source / inside.removeprefix(inner).lstrip("/"))
        raise AssertionError(f"{inside} of {service} is not mounted")

    for service in ("prometheus", "alertmanager"):
        (flag,) = (part for part in compose[service]["command"] if part.startswith("--config.file="))
        assert mounted(service, flag.partition("=")[2]) in built
    assert mounted("grafana", "/etc/grafana/provisioning/datasources/prometheus.yml") in built
    path = mounted("grafana", "/etc/grafana/provisioning/dashboards/dashboards.yml")
    (provider,) = yaml.safe_load(next(file.text for file in project.files if file.path == path))["providers"]
    dashboards = mounted("grafana", provider["options"]["path"])
    assert any(path.startswith(f"{dashboards}/") for path in built)


def test_the_compose_file_has_the_ports_of_the_definitions(project: Compilation) -> None:
    compose = yaml.safe_load((EXAMPLE / "docker-compose.yml").read_text())["services"]
    files = {file.path: yaml.safe_load(file.text) for file in project.files if file.path.endswith(".yml")}
    config = files["environments/container/prometheus/prometheus.yml"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}
    assert targets == {
        "alertmanager": ["alertmanager:9093"],
        "ml-service": ["host.docker.internal:8000"],
        "prometheus": ["localhost:9090"],
        "pushgateway": ["pushgateway:9091"],
    }
    assert compose["ml-service"]["ports"] == ["8000:8000"]
    assert "host.docker.internal:host-gateway" in compose["prometheus"]["extra_hosts"]
    (alerting,) = config["alerting"]["alertmanagers"][0]["static_configs"]
    assert alerting["targets"] == ["alertmanager:9093"]
    datasource = files["environments/container/grafana/provisioning/datasources/prometheus.yml"]["datasources"][0]
    assert datasource["url"] == "http://prometheus:9090"
    (webhook,) = files["environments/container/alertmanager/alertmanager.yml"]["receivers"][0]["webhook_configs"]
    assert webhook["url"] == f"http://localhost:{compose['receiver']['command'].split()[-1]}/alerts"
    assert compose["receiver"]["network_mode"] == "service:alertmanager"
