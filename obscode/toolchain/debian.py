"""Download Debian and Ubuntu packages from the system's mirror with a private apt configuration, without root."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from obscode.findings.errors import ToolError
from obscode.toolchain.unpack import arrange

_COMPONENTS = {"Debian": "main", "Ubuntu": "main universe"}  # Ubuntu keeps Prometheus in universe
_PROMTOOL_PACKAGE = "promtool"  # since trixie; before, promtool is in the package prometheus
_PACKAGES = ("prometheus", "prometheus-alertmanager", _PROMTOOL_PACKAGE)  # the second contains amtool
_SECONDS = 300  # for one apt command; apt's timeouts below end a dead connection before that
_TARGET = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SOURCESENTRY)"
_KEYRINGS = Path("/usr/share/keyrings")

# apt reads this after the system's configuration, whose proxy and certificates stay in force: private state, only the
# mirror's Packages index, and no hooks, which write to the system's folders.
_CONFIGURATION = """
Dir::State "{work}/state";
Dir::State::lists "{work}/lists";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
Dir::Cache::archives "{work}/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Etc::sourcelist "{work}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Default-Release "";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


@dataclass(frozen=True)
class Mirror:
    """A configured package repository; an empty ``keyring`` means apt's own keyrings."""

    uri: str
    suite: str
    distribution: str
    keyring: str = ""


def mirrors() -> list[Mirror]:
    """The configured repositories that may be the distribution's own, the most likely first."""
    if not all(map(shutil.which, ("apt-get", "apt-cache", "dpkg", "dpkg-deb"))):
        return []
    # Without --no-release-info apt lists updated indexes only: none in a fresh container.
    lines = _run(["apt-get", "indextargets", "--no-release-info", "--format", _TARGET, "Created-By: Packages"])
    return parse(lines, _os_release())


def parse(lines: str, system: dict[str, str]) -> list[Mirror]:
    """The mirrors in the output of ``apt-get indextargets``, without updates, security and backports suites.

    Third-party repositories are recognised by the origin in their index, which `build` reads.
    """
    likes = f"{system.get('ID', '')} {system.get('ID_LIKE', '')}".split()
    distribution = "Ubuntu" if "ubuntu" in likes else "Debian"
    own = system.get("UBUNTU_CODENAME") or system.get("VERSION_CODENAME")  # derivatives of Ubuntu have the first
    by_uri: dict[str, Mirror] = {}
    for line in lines.splitlines():
        uri, suite, component, entry = line.split("|")
        if component == "main" and re.fullmatch(r"[a-z]+", suite) and not uri.startswith("cdrom:"):
            by_uri.setdefault(uri, Mirror(uri, suite, distribution, _keyring(entry, distribution)))
    return sorted(by_uri.values(), key=lambda mirror: mirror.suite != own)


def build(mirrors: Iterable[Mirror], suite: str, work: Path, tree: Path, log: Callable[[str], None]) -> None:
    """Install the packages of a suite from the first mirror of the distribution into ``tree``; raises ToolError."""
    unpack(mirrors, suite, _PACKAGES, work, log)
    arrange(work / "unpacked", tree, log)


def unpack(
    mirrors: Iterable[Mirror], suite: str, packages: Sequence[str], work: Path, log: Callable[[str], None]
) -> None:
    """Unpack packages of a suite from the first mirror of the distribution into ``work/unpacked``; raises ToolError."""
    problem = None
    for mirror in mirrors:
        log(f"downloading the packages of {mirror.distribution} {suite}")
        private = work / "apt"
        try:
            _prepare(mirror, suite, private)
            _download(private, packages)
        except ToolError as error:
            problem = problem or error  # the first mirror's: vendors' repositories just lack the packages
            shutil.rmtree(private, ignore_errors=True)
            continue
        for package in private.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), str(work / "unpacked")])
        return
    raise problem or ToolError("no mirror of Debian or Ubuntu is configured")


def _prepare(mirror: Mirror, suite: str, private: Path) -> None:
    for folder in ("state", "lists/partial", "cache", "archives/partial"):
        (private / folder).mkdir(parents=True)
    (private / "status").touch()
    (private / "apt.conf").write_text(_CONFIGURATION.replace("{work}", str(private)))
    options = [f"arch={_run(['dpkg', '--print-architecture']).strip()}", "target=Packages"]
    options += [f"signed-by={mirror.keyring}"] if mirror.keyring else []
    source = f"deb [{' '.join(options)}] {mirror.uri} {suite} {_COMPONENTS[mirror.distribution]}\n"
    (private / "sources.list").write_text(source)


def _download(private: Path, packages: Sequence[str]) -> None:
    """Update the private index, verify its origin, and download the packages."""
    own = ["-qq", "-c", "apt.conf"]
    _run(["apt-get", "update", *own], private)
    origins = _run(["apt-get", "indextargets", *own, "--format", "$(ORIGIN)"], private).split()
    if not set(origins) & set(_COMPONENTS):  # a vendor's repository may contain any program of that name
        raise ToolError(f"a repository of {' '.join(origins) or 'unknown origin'} is not Debian's or Ubuntu's")
    known = _run(["apt-cache", "pkgnames", *own, _PROMTOOL_PACKAGE], private).split()
    present = [package for package in packages if package != _PROMTOOL_PACKAGE or package in known]
    _run(["apt-get", "download", *own, *present], private)


def _run(command: list[str], folder: Path | None = None) -> str:
    """Run a command and return its stdout; raises ToolError with its first `E:` line."""
    environment = {**os.environ, "LC_ALL": "C"}  # English messages
    try:
        ran = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{' '.join(command[:2])} did not end within {_SECONDS} s") from None
    if ran.returncode:
        errors = [line for line in ran.stderr.splitlines() if line.startswith("E: ")] or ran.stderr.splitlines()
        reason = errors[0].removeprefix("E: ") if errors else "no output"
        raise ToolError(f"{' '.join(command[:2])} failed with {ran.returncode}: {reason}")
    return ran.stdout


def _keyring(entry: str, distribution: str) -> str:
    """The key file for a source entry (``file:number``): its own Signed-By, else the distribution's."""
    standard = [_KEYRINGS / f"{distribution.lower()}-archive-keyring.{suffix}" for suffix in ("gpg", "pgp")]
    for path in [*_signed_by(entry), *standard]:
        if path.is_file():
            return str(path)
    return ""


def _signed_by(entry: str) -> list[Path]:
    """The Signed-By of a source entry: of the n-th stanza (.sources) or on the n-th line (.list)."""
    file, _, number = entry.rpartition(":")
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
        parts = text.split("\n\n") if file.endswith(".sources") else text.splitlines()
        source = parts[int(number) - 1]
    except (OSError, ValueError, IndexError):
        return []
    return [Path(path) for path in re.findall(r"(?im)(?:^signed-by:\s*|\bsigned-by=)(/[^\s,\]]+)", source)]


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
