"""The fixture `promtool`: every promtool at hand, one after the other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from obscode.toolchain import Tool, find_all

_TOOLS: list[Tool | None] = [*find_all("promtool", Path(__file__).parents[1] / ".tools")]


@pytest.fixture(params=_TOOLS or [None], ids=lambda tool: tool.version if tool else "none")
def promtool(request: pytest.FixtureRequest) -> Tool:
    """A test that asks for it runs once for each version; without any it is skipped, and fails in CI."""
    if isinstance(request.param, Tool):
        return request.param
    reason = "promtool was not found: obscode tools install"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
