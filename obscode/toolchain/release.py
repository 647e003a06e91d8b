"""The official release archives, for systems without Debian packages: pinned versions, checked sums."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from obscode.findings.errors import ToolError
from obscode.toolchain.find import Name

URL = "https://github.com/prometheus/{project}/releases/download/v{version}/{name}.tar.gz"
TRIES = 3
_SECONDS = 30  # without a byte
_BLOCK = 1 << 20
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Archive:
    """A release of one project: the tools in it, and the sha256 of its archive for each platform."""

    project: str
    version: str
    tools: tuple[Name, ...]
    sha256: Mapping[str, str]

    def name(self, system: str) -> str:
        return f"{self.project}-{self.version}.{system}"

    def url(self, system: str) -> str:
        return URL.format(project=self.project, version=self.version, name=self.name(system))


# A sum is pinned when independent public repositories that verify their downloads agree on it:
# the image builds of OpenStack (kolla) and Boxcutter, Bazel modules, packaging scripts. The archives
# of darwin had no second witness, so they are not downloaded at all.
PINNED = (
    Archive(
        "prometheus",
        "2.54.0",
        ("promtool", "prometheus"),
        {
            "linux-amd64": "465e1393a0cca9705598f6ffaf96ffa78d0347808ab21386b0c6aaec2cf7aa13",
            "linux-arm64": "ed50b67cb833a225ec2a53b487c6e20372b20e56dce226423fa8611c8aa50392",
        },
    ),
    Archive(
        "alertmanager",
        "0.27.0",
        ("amtool", "alertmanager"),
        {
            "linux-amd64": "23c3f5a3c73de91dbaec419f3c492bef636deb02680808e5d842e6553aa16074",
            "linux-arm64": "a754304b682cec61f4bd5cfc029b451a30134554b3a2f21a9c487e12814ff8f3",
        },
    ),
)


def folder() -> str:
    """The name of this generation; it holds the version, so that a newer pin is fetched."""
    return f"release-{PINNED[0].version}"


def build(work: Path, tree: Path, say: Callable[[str], None]) -> None:
    """Fetches the pinned archives and puts their tools into ``tree/bin``."""
    system = this_platform()
    for archive in PINNED:  # before any download: all or nothing
        if system not in archive.sha256:
            raise ToolError(f"no release archive of {archive.project} is pinned for {system}")
    for archive in PINNED:
        say(f"fetching {archive.name(system)}")
        file = work / f"{archive.project}.tar.gz"
        _download(archive.url(system), archive.sha256[system], file)
        (tree / "bin").mkdir(parents=True, exist_ok=True)
        _unpack(archive, system, file, tree / "bin")


def this_platform() -> str:
    """``linux-amd64``, as the release pages name it."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def _download(url: str, sha256: str, file: Path) -> None:
    """The file behind the address, after its sum was compared; nothing unverified is ever opened."""
    for left in reversed(range(TRIES)):
        try:
            found = _fetch(url, file)
            break
        except OSError as problem:  # urllib's errors and timeouts
            if not left:
                raise ToolError(f"{url} could not be fetched: {problem}") from None
    if found != sha256:
        file.unlink()
        raise ToolError(f"{url} was refused: its sha256 is {found}, pinned is {sha256}")


def _fetch(url: str, file: Path) -> str:
    """Writes the file and gives its sha256."""
    import hashlib  # 20 ms together, needed for an install only
    from http.client import HTTPException
    from urllib.request import urlopen

    digest = hashlib.sha256()
    try:
        with urlopen(url, timeout=_SECONDS) as answer, file.open("wb") as output:
            while block := answer.read(_BLOCK):
                digest.update(block)
                output.write(block)
    except HTTPException as problem:  # a connection that breaks off
        raise OSError(repr(problem)) from None
    return digest.hexdigest()


def _unpack(archive: Archive, system: str, file: Path, folder: Path) -> None:
    """Takes the tools out of the archive by name; no path of the archive is followed."""
    import tarfile

    with tarfile.open(file) as members:
        for tool in archive.tools:
            member = f"{archive.name(system)}/{tool}"
            try:
                content = members.extractfile(member)
            except KeyError:
                content = None
            if content is None:
                raise ToolError(f"{file.name} holds no {member}")
            (folder / tool).write_bytes(content.read())
            (folder / tool).chmod(0o755)
