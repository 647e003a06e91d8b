"""Official release archives of Prometheus and Alertmanager: pinned versions, verified checksums."""

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
    """A release of one project: its tools, and the sha256 of its archive for each platform."""

    project: str
    version: str
    tools: tuple[Name, ...]
    sha256: Mapping[str, str]

    def name(self, system: str) -> str:
        return f"{self.project}-{self.version}.{system}"

    def url(self, system: str) -> str:
        return URL.format(project=self.project, version=self.version, name=self.name(system))


# A checksum is pinned when independent public repositories that verify their downloads agree on it: the image builds
# of OpenStack (kolla) and Boxcutter, Bazel modules, packaging scripts. For the archives of darwin only one such source
# was found, so they are not pinned.
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
    """The name of the folder in ``.tools/``; it contains the version, so that a newer pin is downloaded."""
    return f"release-{PINNED[0].version}"


def build(work: Path, tree: Path, log: Callable[[str], None]) -> None:
    """Download the pinned archives and put their tools into ``tree/bin``; raises ToolError."""
    system = this_platform()
    for archive in PINNED:  # before the first download
        if system not in archive.sha256:
            raise ToolError(f"no release archive of {archive.project} is pinned for {system}")
    for archive in PINNED:
        log(f"downloading {archive.name(system)}")
        file = work / f"{archive.project}.tar.gz"
        _download(archive.url(system), archive.sha256[system], file)
        (tree / "bin").mkdir(parents=True, exist_ok=True)
        _unpack(archive, system, file, tree / "bin")


def this_platform() -> str:
    """``linux-amd64``, as the release pages name it."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def _download(url: str, sha256: str, file: Path) -> None:
    """Download a file and verify its checksum; raises ToolError. A file with another checksum is deleted."""
    for left in reversed(range(TRIES)):
        try:
            digest = _fetch(url, file)
            break
        except OSError as error:  # urllib's errors and timeouts
            timed_out = isinstance(getattr(error, "reason", error), TimeoutError)  # a blocked network: do not retry
            if timed_out or not left:
                raise ToolError(f"cannot download {url}: {error}") from None
    if digest != sha256:
        file.unlink()
        raise ToolError(f"wrong checksum of {url}: sha256 is {digest}, pinned is {sha256}")


def _fetch(url: str, file: Path) -> str:
    """Download a file and return its sha256; raises OSError."""
    import hashlib  # these take 20 ms, and only installs need them
    from http.client import HTTPException
    from urllib.request import urlopen

    digest = hashlib.sha256()
    try:
        with urlopen(url, timeout=_SECONDS) as answer, file.open("wb") as output:
            while block := answer.read(_BLOCK):
                digest.update(block)
                output.write(block)
    except HTTPException as error:  # an interrupted connection
        raise OSError(repr(error)) from None
    return digest.hexdigest()


def _unpack(archive: Archive, system: str, file: Path, folder: Path) -> None:
    """Read the tools from the archive by name, so that no other path in it is used."""
    import tarfile

    with tarfile.open(file) as members:
        for tool in archive.tools:
            member = f"{archive.name(system)}/{tool}"
            try:
                content = members.extractfile(member)
            except KeyError:
                content = None
            if content is None:
                raise ToolError(f"{file.name} contains no {member}")
            (folder / tool).write_bytes(content.read())
            (folder / tool).chmod(0o755)
