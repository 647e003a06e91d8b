"""The fixtures `prometheus` and `alertmanager`: every server at hand, one after the other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from obscode.toolchain import Name, Tool, find_all

_ROOT = Path(__file__).parents[1] / ".tools"


def installed(name: Name) -> list[Tool | None]:
    """Every version of a tool, or one None that stands for the missing tool."""
    return [*find_all(name, _ROOT)] or [None]


def version(tool: Tool | None) -> str:
    return tool.version if tool else "none"


def installed_or_skip(tool: Tool | None, name: str) -> Tool:
    """The tool; without it the test is skipped with the reason, and fails in CI."""
    if tool is not None:
        return tool
    reason = f"{name} was not found: obscode tools install"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(params=installed("prometheus"), ids=version)
def prometheus(request: pytest.FixtureRequest) -> Tool:
    return installed_or_skip(request.param, "prometheus")


@pytest.fixture(params=installed("alertmanager"), ids=version)
def alertmanager(request: pytest.FixtureRequest) -> Tool:
    return installed_or_skip(request.param, "alertmanager")
