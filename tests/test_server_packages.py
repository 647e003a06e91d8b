"""Servers for the tests: installed completely or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from obscode.findings.errors import ToolError
from obscode.toolchain import debian
from obscode.toolchain.server_packages import VICTORIA_METRICS

Unpack = Callable[..., None]


def unpacks(*names: str) -> Unpack:
    """An unpack that finds a package with some programs."""

    def unpack(mirrors: object, suite: str, packages: Sequence[str], work: Path, log: object) -> None:
        folder = work / "unpacked/usr/bin"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text(suite)

    return unpack


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Unpack], None]:
    """A mirror of a distribution, and what it has."""

    def use(distribution: str, unpack: Unpack) -> None:
        monkeypatch.setattr(debian, "mirrors", lambda: [debian.Mirror("http://localhost", "noble", distribution)])
        monkeypatch.setattr(debian, "unpack", unpack)

    return use


@pytest.mark.parametrize(("distribution", "suite"), [("Debian", "sid"), ("Ubuntu", "noble")])
def test_the_programs_of_the_newest_suite_are_installed(
    distribution: str, suite: str, mirror: Callable[[str, Unpack], None], tmp_path: Path
) -> None:
    mirror(distribution, unpacks(*VICTORIA_METRICS.programs))
    assert VICTORIA_METRICS.program("vmalert", tmp_path) is None
    VICTORIA_METRICS.install(tmp_path)
    path = VICTORIA_METRICS.program("vmalert", tmp_path)
    assert path is not None
    assert path.read_text() == suite
    assert [child.name for child in tmp_path.iterdir()] == ["victoria-metrics"]


def test_installed_programs_are_kept(mirror: Callable[[str, Unpack], None], tmp_path: Path) -> None:
    mirror("Debian", unpacks(*VICTORIA_METRICS.programs))
    VICTORIA_METRICS.install(tmp_path)
    mirror("Debian", unpacks())
    VICTORIA_METRICS.install(tmp_path)


def test_a_package_without_a_program_is_not_installed(mirror: Callable[[str, Unpack], None], tmp_path: Path) -> None:
    mirror("Debian", unpacks("vmalert"))
    with pytest.raises(ToolError) as raised:
        VICTORIA_METRICS.install(tmp_path)
    assert raised.value.findings[0].message == (
        "victoria-metrics was not installed: sid: the package contains no victoria-metrics; "
        "trixie: the package contains no victoria-metrics"
    )
    assert list(tmp_path.iterdir()) == []
