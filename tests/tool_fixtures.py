"""Fixtures for the real tools: `promtool`, `amtool`, `prometheus`, `alertmanager`, and the newest of them.

A test that requests `promtool` runs once for each installed version. A missing tool skips the test with the reason
and fails it in CI. A test that requests a fixture gets its marker: `pytest -m "not tools and not servers"`.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from obscode.toolchain import Name, Tool, find_all
from obscode.toolchain.server_packages import NODE_EXPORTERS, PUSHGATEWAY, VICTORIA_METRICS, ServerPackage

_ROOT = Path(__file__).parents[1] / ".tools"

_MARKERS = {
    "promtool": "tools",
    "amtool": "tools",
    "newest_promtool": "tools",
    "newest_amtool": "tools",
    "prometheus": "servers",
    "alertmanager": "servers",
    "newest_prometheus": "servers",
    "newest_alertmanager": "servers",
    "vmalert": "tools",
    "vmalert_tool": "tools",
    "victoria_metrics": "servers",
    "pushgateway": "servers",
    "node_exporter": "servers",
}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark tests that request a tool or a server, directly or through another fixture."""
    for fixture in getattr(item, "fixturenames", ()):
        if fixture in _MARKERS:
            item.add_marker(_MARKERS[fixture])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first: `-n auto --maxschedchunk 1` hands the tests out in this order."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@cache
def versions(name: Name) -> list[Tool | None]:
    """Every installed version of a tool, oldest first; one None when it is missing."""
    return [*find_all(name, _ROOT)] or [None]


def _id(tool: Tool | None) -> str:
    return tool.version if tool else "none"


def missing(reason: str) -> None:
    """Skip the test on a machine without a tool or a mirror; fail it in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _installed(name: str, tool: Tool | None) -> Tool:
    if tool is None:
        missing(f"{name} was not found: obscode tools install")
    assert tool is not None
    return tool


@pytest.fixture(params=versions("promtool"), ids=_id)
def promtool(request: pytest.FixtureRequest) -> Tool:
    """Each promtool."""
    return _installed("promtool", request.param)


@pytest.fixture(params=versions("amtool"), ids=_id)
def amtool(request: pytest.FixtureRequest) -> Tool:
    """Each amtool."""
    return _installed("amtool", request.param)


@pytest.fixture(params=versions("prometheus"), ids=_id)
def prometheus(request: pytest.FixtureRequest) -> Tool:
    """Each Prometheus."""
    return _installed("prometheus", request.param)


@pytest.fixture(params=versions("alertmanager"), ids=_id)
def alertmanager(request: pytest.FixtureRequest) -> Tool:
    """Each Alertmanager."""
    return _installed("alertmanager", request.param)


@pytest.fixture
def newest_promtool() -> Tool:
    """The newest promtool, for tests where one version is enough."""
    return _installed("promtool", versions("promtool")[-1])


@pytest.fixture
def newest_amtool() -> Tool:
    """The newest amtool."""
    return _installed("amtool", versions("amtool")[-1])


@pytest.fixture(scope="session")
def newest_prometheus() -> Tool:
    """The newest Prometheus."""
    return _installed("prometheus", versions("prometheus")[-1])


@pytest.fixture
def newest_alertmanager() -> Tool:
    """The newest Alertmanager."""
    return _installed("alertmanager", versions("alertmanager")[-1])


def _of_package(package: ServerPackage, name: str) -> Path:
    path = package.program(name, _ROOT)
    if path is None:
        missing(f"{name} was not found: python -m obscode.toolchain.server_packages")
    assert path is not None
    return path


@pytest.fixture
def vmalert() -> Path:
    """VictoriaMetrics' vmalert."""
    return _of_package(VICTORIA_METRICS, "vmalert")


@pytest.fixture
def vmalert_tool() -> Path:
    """VictoriaMetrics' vmalert-tool, which runs unit tests of rules."""
    return _of_package(VICTORIA_METRICS, "vmalert-tool")


@pytest.fixture
def victoria_metrics() -> Path:
    """The server of VictoriaMetrics."""
    return _of_package(VICTORIA_METRICS, "victoria-metrics")


@pytest.fixture
def pushgateway() -> Path:
    """The server of Pushgateway."""
    return _of_package(PUSHGATEWAY, "prometheus-pushgateway")


@pytest.fixture(params=NODE_EXPORTERS, ids=lambda package: package.folder)
def node_exporter(request: pytest.FixtureRequest) -> Path:
    """The node exporter; the test runs once for the oldest and once for the newest version."""
    return _of_package(request.param, "prometheus-node-exporter")
