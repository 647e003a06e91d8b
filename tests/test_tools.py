"""Tools are searched in a fixed order, and installed completely or not at all."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest
from click.testing import CliRunner
from tool_fixtures import missing

from obscode import toolchain
from obscode.cli.app import main
from obscode.findings.errors import ToolError
from obscode.project.file_lock import exclusive_lock
from obscode.toolchain import debian, fingerprints, installer, release, unpack
from obscode.toolchain.debian import Mirror

DEBIAN = [Mirror("http://mirror.test/debian/", "bookworm", "Debian")]
UBUNTU = [Mirror("http://mirror.test/ubuntu/", "noble", "Ubuntu")]

BY_HAND = """
  hint: install the tools in another way, and set OBSCODE_PROMTOOL, OBSCODE_PROMETHEUS, OBSCODE_AMTOOL and
      OBSCODE_ALERTMANAGER to their paths if they are not on PATH:
      macOS           brew install prometheus alertmanager
      container       copy them from the images prom/prometheus and prom/alertmanager"""


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def program(path: Path, version: str, name: str = "") -> Path:
    """A tool that only prints its version."""
    return script(path, f"echo '{name or path.name}, version {version} (branch: HEAD, revision: 1)'")


def suite_folder(home: Path, version: str) -> None:
    for name in toolchain.TOOLS:
        program(home / "bin" / name, version)


@pytest.fixture
def no_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder on a machine without tools; ``path/`` is the PATH."""
    for name in toolchain.TOOLS:
        monkeypatch.delenv(toolchain.variable(name), raising=False)
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_environment_has_precedence_over_path_and_path_over_dot_tools(
    no_tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def preferred() -> tuple[str, str] | None:
        tool = toolchain.find("promtool")
        return (tool.version, tool.source) if tool else None

    assert preferred() is None
    program(no_tools / ".tools/bookworm/bin/promtool", "2.42.0+ds")
    assert preferred() == ("2.42.0+ds", ".tools/bookworm")
    program(no_tools / ".tools/sid/bin/promtool", "3.5.0")
    assert preferred() == ("3.5.0", ".tools/sid")
    program(no_tools / "path/promtool", "2.9.0")
    assert preferred() == ("2.9.0", "PATH")
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(program(no_tools / "mine/promtool", "2.30.0")))
    assert preferred() == ("2.30.0", "environment")


def test_alertmanager_is_found_under_its_debian_name(no_tools: Path) -> None:
    path = program(no_tools / "path/prometheus-alertmanager", "0.25.0", name="alertmanager")
    assert toolchain.find("alertmanager") == toolchain.Tool("alertmanager", path, "0.25.0", "PATH")


def test_each_version_is_listed_once_oldest_first(no_tools: Path) -> None:
    program(no_tools / "path/promtool", "2.53.3")
    program(no_tools / ".tools/sid/bin/promtool", "3.5.3+ds1")
    program(no_tools / ".tools/trixie/bin/promtool", "2.53.3+ds1")
    program(no_tools / ".tools/bookworm/bin/promtool", "2.9.1")
    versions = [(tool.version, tool.source) for tool in toolchain.find_all("promtool")]
    assert versions == [("2.9.1", ".tools/bookworm"), ("2.53.3", "PATH"), ("3.5.3+ds1", ".tools/sid")]


def test_a_tool_is_at_least_its_own_version() -> None:
    tool = toolchain.Tool("promtool", Path("promtool"), "2.42.0+ds", "PATH")
    assert tool.version_tuple == (2, 42, 0)
    assert tool.at_least(2, 42)
    assert tool.at_least(2, 9, 9)
    assert not tool.at_least(2, 42, 1)
    assert not tool.at_least(3)


def test_a_build_without_a_version_is_older_than_any_version(no_tools: Path) -> None:
    program(no_tools / "path/promtool", "")
    tool = toolchain.require("promtool")
    assert tool.version == "unknown"
    assert not tool.at_least(0)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(None, "No such file or directory", id="a missing program"),
        pytest.param("echo no >&2; exit 3", "--version exits 3: no", id="a program that fails"),
    ],
)
def test_a_tool_from_the_environment_must_run(
    no_tools: Path, monkeypatch: pytest.MonkeyPatch, body: str | None, problem: str
) -> None:
    path = no_tools / "promtool"
    if body:
        script(path, body)
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(path))
    program(no_tools / "path/promtool", "2.42.0")  # must not be used instead
    with pytest.raises(ToolError) as caught:
        toolchain.find("promtool")
    assert str(caught.value) == (
        f"error[tool-error]: OBSCODE_PROMTOOL is set to '{path}': {path} does not run: {problem}\n"
        "  hint: set OBSCODE_PROMTOOL to the path of promtool, or unset it"
    )


def test_another_program_in_the_environment_is_rejected(no_tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(no_tools / "prometheus", "2.42.0")
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(path))
    with pytest.raises(ToolError, match=f"{path} is not promtool: --version prints 'prometheus, version 2"):
        toolchain.find("promtool")


def test_the_error_for_a_missing_tool_lists_the_ways_to_install_it(no_tools: Path) -> None:
    with pytest.raises(ToolError) as caught:
        toolchain.require("amtool")
    assert str(caught.value) == (
        "error[tool-error]: amtool not found: OBSCODE_AMTOOL is not set, and there is no amtool on PATH or in .tools\n"
        "  hint: install it:\n"
        "      Debian, Ubuntu  obscode tools install  (into .tools/, needs no root)\n"
        "      other Linux     obscode tools install, or the package of your distribution\n"
        "      macOS           brew install alertmanager\n"
        "      container       COPY --from=prom/alertmanager /bin/amtool /usr/local/bin/amtool\n"
        "      anywhere        set OBSCODE_AMTOOL to the path of amtool"
    )


def test_a_broken_tool_on_path_is_skipped_and_reported_if_there_is_no_other(no_tools: Path) -> None:
    path = script(no_tools / "path/promtool", "exit 127")
    with pytest.raises(ToolError, match=f"; {path} does not run: --version exits 127: no output\n"):
        toolchain.require("promtool")
    program(no_tools / ".tools/sid/bin/promtool", "3.5.0")
    assert toolchain.require("promtool").source == ".tools/sid"


DEBIAN_TARGETS = """\
http://vendor.test/apt/|stable|main|/etc/apt/sources.list.d/a-vendor.list:1
http://vendor.test/docker/|bookworm|stable|/etc/apt/sources.list.d/docker.list:1
cdrom://[Debian 12]/|bookworm|main|/etc/apt/sources.list:1
http://mirror.test/debian/|bookworm|main|/etc/apt/sources.list:2
http://mirror.test/debian/|bookworm|contrib|/etc/apt/sources.list:2
http://mirror.test/debian/|bookworm-updates|main|/etc/apt/sources.list:3
http://mirror.test/security/|bookworm-security|main|/etc/apt/sources.list:4
http://mirror.test/security/|buster/updates|main|/etc/apt/sources.list:5
"""


def test_mirrors_are_main_repositories_with_the_systems_suite_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "_KEYRINGS", tmp_path)
    (tmp_path / "debian-archive-keyring.gpg").touch()
    keyring = str(tmp_path / "debian-archive-keyring.gpg")
    assert debian.parse(DEBIAN_TARGETS, {"ID": "debian", "VERSION_CODENAME": "bookworm"}) == [
        Mirror("http://mirror.test/debian/", "bookworm", "Debian", keyring),
        Mirror("http://vendor.test/apt/", "stable", "Debian", keyring),
    ]


def test_a_derivative_of_ubuntu_uses_ubuntus_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_KEYRINGS", tmp_path)
    system = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_CODENAME": "wilma", "UBUNTU_CODENAME": "noble"}
    targets = "http://mint.test/|wilma|main|:1\nhttp://mirror.test/ubuntu/|noble|main|:2\n"
    assert debian.parse(targets, system)[0] == Mirror("http://mirror.test/ubuntu/", "noble", "Ubuntu", keyring="")


@pytest.mark.parametrize(
    ("name", "content", "number"),
    [
        pytest.param("a.sources", "Types: deb\n\nTypes: deb\nSigned-By: {key}\nURIs: x\n", 2, id="the second stanza"),
        pytest.param("a.list", "# first\ndeb [arch=amd64 signed-by={key}] x y main\n", 2, id="the second line"),
    ],
)
def test_the_keyring_of_a_source_entry_is_used(tmp_path: Path, name: str, content: str, number: int) -> None:
    key = tmp_path / "company.gpg"
    key.touch()
    (tmp_path / name).write_text(content.format(key=key))
    targets = f"http://mirror.test/debian/|bookworm|main|{tmp_path / name}:{number}\n"
    assert debian.parse(targets, {"ID": "debian"})[0].keyring == str(key)


@pytest.mark.parametrize(
    ("suites", "offered", "selection", "messages"),
    [
        pytest.param(
            None,
            DEBIAN,
            [("release", "sid", "trixie", "bookworm")],
            [],
            id="releases, then the newest suite",
        ),
        pytest.param(None, UBUNTU, [("release", "noble")], [], id="on Ubuntu its own suite after the release archives"),
        pytest.param(None, [], [("release",)], [], id="elsewhere only the release archives"),
        pytest.param(["bookworm", "sid"], DEBIAN, [("bookworm",), ("sid", "trixie")], [], id="trixie for sid"),
        pytest.param(
            ["bookworm", "sid"],
            UBUNTU,
            [("noble",)],
            [f"{suite}: this system's mirror is Ubuntu's; installing noble instead" for suite in ("bookworm", "sid")],
            id="Ubuntu's own suite for Debian's",
        ),
        pytest.param(
            ["bookworm"],
            [],
            [("release",)],
            ["bookworm: this system has no Debian packages; installing the release archives instead"],
            id="the release archives without Debian packages",
        ),
        pytest.param(["release"], DEBIAN, [("release",)], [], id="the release archives on request"),
    ],
)
def test_the_suites_to_install(
    suites: list[str] | None, offered: list[Mirror], selection: list[tuple[str, ...]], messages: list[str]
) -> None:
    logged: list[str] = []
    assert installer.plan(suites, offered, logged.append) == selection
    assert logged == messages


def test_a_suite_is_one_word() -> None:
    with pytest.raises(ToolError) as caught:
        installer.plan(["../sid"], DEBIAN, print)
    assert str(caught.value) == (
        "error[tool-error]: '../sid' is not a suite\n  hint: write one of sid, trixie, bookworm, or release"
    )


FAKE_APT_GET = """
suite=$(sed 's/.*] [^ ]* //; s/ .*//' sources.list 2>/dev/null)
case " $FAILING " in *" $suite:$1 "*) echo "E: no such thing" >&2; exit 100;; esac
case "$*" in
  *REPO_URI*) echo "http://mirror.test/debian/|bookworm|main|:1";;
  *ORIGIN*) [ "$FAILING" = origin ] && echo Vendor || echo Debian;;
  download*) touch all.deb;;
esac
"""

FAKE_DPKG_DEB = """
mkdir -p "$3/usr/bin"
for name in promtool prometheus amtool prometheus-alertmanager; do
  printf '#!/bin/sh\necho %s, version 1.0' "${name#prometheus-}" >"$3/usr/bin/$name"
  chmod +x "$3/usr/bin/$name"
done
case " $FAILING " in *" unpack "*) echo "dpkg-deb: error: truncated" >&2; exit 2;; esac
"""


@pytest.fixture
def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """An apt whose packages contain tools of version 1.0; call it to make a step fail: ``sid:update``, ``unpack``."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'apt'}:{os.environ['PATH']}")
    script(tmp_path / "apt/dpkg", "echo amd64")
    script(tmp_path / "apt/apt-cache", "echo promtool-extra")
    script(tmp_path / "apt/apt-get", FAKE_APT_GET)
    script(tmp_path / "apt/dpkg-deb", FAKE_DPKG_DEB)
    return lambda failing: monkeypatch.setenv("FAILING", failing)


def content(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()} - {".gitignore"}


def test_packages_become_four_tools_and_nothing_else(tmp_path: Path, fake_apt: Callable[[str], None]) -> None:
    logged: list[str] = []
    root = tmp_path / "some folder"  # apt reads paths from its configuration: a space must not split them
    installed = toolchain.install(root, ["trixie"], logged.append)
    assert [(tool.name, tool.path) for tool in installed] == [
        (name, root / "trixie/bin" / name) for name in toolchain.TOOLS
    ]
    assert logged == ["downloading the packages of Debian trixie", "trixie: Prometheus 1.0, Alertmanager 1.0"]
    assert content(root) == {"trixie"}
    assert toolchain.install(root, ["trixie"], logged.append) == installed
    assert logged[2:] == ["trixie: Prometheus 1.0, Alertmanager 1.0"]


def test_trixie_replaces_sid_with_a_message(tmp_path: Path, fake_apt: Callable[[str], None]) -> None:
    fake_apt("sid:download")
    logged: list[str] = []
    assert {tool.path.parts[-3] for tool in toolchain.install(tmp_path / "t", ["sid"], logged.append)} == {"trixie"}
    assert logged[1] == "sid: apt-get download failed with 100: no such thing; installing trixie instead"


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        pytest.param("bookworm:update", "apt-get update failed with 100: no such thing", id="no index"),
        pytest.param("origin", "a repository of Vendor is not Debian's or Ubuntu's", id="a vendor's packages"),
        pytest.param("unpack", "dpkg-deb -x failed with 2: dpkg-deb: error: truncated", id="a broken package"),
    ],
)
def test_a_failed_install_leaves_nothing(
    tmp_path: Path, fake_apt: Callable[[str], None], failing: str, reason: str
) -> None:
    fake_apt(failing)
    root = tmp_path / "t"
    (root / ".new-killed").mkdir(parents=True)  # left by a killed install
    with pytest.raises(ToolError) as caught:
        toolchain.install(root, ["bookworm"])
    assert str(caught.value) == f"error[tool-error]: no tools were installed: bookworm: {reason}{BY_HAND}"
    assert content(root) == set()


def test_an_interrupted_install_leaves_nothing(
    tmp_path: Path, fake_apt: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(unpacked: Path, tree: Path, log: object) -> None:
        tree.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(debian, "arrange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        toolchain.install(tmp_path / "t", ["bookworm"])
    assert content(tmp_path / "t") == set()


def test_a_suite_that_does_not_run_is_installed_again(tmp_path: Path, fake_apt: Callable[[str], None]) -> None:
    suite_folder(tmp_path / "t/bookworm", "2.42.0")
    (tmp_path / "t/bookworm/bin/amtool").unlink()
    assert {tool.version for tool in toolchain.install(tmp_path / "t", ["bookworm"])} == {"1.0"}


def test_concurrent_installs_download_once(tmp_path: Path, fake_apt: Callable[[str], None]) -> None:
    logged: list[str] = []
    runs = [
        threading.Thread(target=toolchain.install, args=(tmp_path / "t", ["bookworm"], logged.append)) for _ in range(3)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert logged.count("downloading the packages of Debian bookworm") == 1
    assert logged.count("bookworm: Prometheus 1.0, Alertmanager 1.0") == 3


def test_an_install_waits_for_another_for_a_limited_time(
    tmp_path: Path, fake_apt: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "_WAIT_SECONDS", 0)
    with exclusive_lock(tmp_path, lambda: None, 0), pytest.raises(ToolError) as caught:
        toolchain.install(tmp_path, ["bookworm"])
    assert str(caught.value) == f"error[tool-error]: another install into {tmp_path} did not end within 0 s{BY_HAND}"


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, fake_apt: Callable[[str], None]) -> None:
    (tmp_path / "t").touch()
    with pytest.raises(ToolError, match=r"cannot write .*/t: .*File exists"):
        toolchain.install(tmp_path / "t", ["bookworm"])


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_debians_alertmanager_reads_the_installed_templates(tmp_path: Path) -> None:
    folder = tmp_path / "unpacked/usr/share/prometheus/alertmanager"
    folder.mkdir(parents=True)
    (folder / "default.tmpl").write_text("the templates")
    for name in ("promtool", "prometheus", "amtool"):
        program(tmp_path / "unpacked/usr/bin" / name, "1.0")
    server = script(tmp_path / "unpacked/usr/bin/prometheus-alertmanager", f"cat {unpack.TEMPLATES.decode()}/$1")
    size = server.stat().st_size
    unpack.arrange(tmp_path / "unpacked", tmp_path / "tree", lambda line: None)
    assert (tmp_path / "tree/lib/alertmanager").stat().st_size == size
    moved = (tmp_path / "tree").rename(tmp_path / "moved tree")
    (tmp_path / "link").symlink_to(moved / "bin/alertmanager")
    for command in (moved / "bin/alertmanager", tmp_path / "link"):
        ran = subprocess.run([command, "default.tmpl"], cwd="/", capture_output=True, text=True, check=True)
        assert ran.stdout == "the templates"


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[release.Archive, ...]:
    """Release archives of this platform in a local folder, pinned by their checksums."""
    system = release.this_platform()
    pinned = []
    for pin in release.PINNED:
        folder = tmp_path / "built" / pin.name(system)
        for tool in pin.tools:
            program(folder / tool, pin.version)
        with tarfile.open(tmp_path / f"{folder.name}.tar.gz", "w:gz") as archive:
            archive.add(folder, folder.name)
        digest = hashlib.sha256((tmp_path / f"{folder.name}.tar.gz").read_bytes()).hexdigest()
        pinned.append(release.Archive(pin.project, pin.version, pin.tools, {system: digest}))
    monkeypatch.setattr(release, "PINNED", tuple(pinned))
    monkeypatch.setattr(release, "URL", f"file://{tmp_path}/{{name}}.tar.gz")
    return tuple(pinned)


def test_release_archives_become_four_tools(tmp_path: Path, archives: tuple[release.Archive, ...]) -> None:
    installed = toolchain.install(tmp_path / "t", ["release"])
    prometheus, alertmanager = (archive.version for archive in archives)
    assert [tool.version for tool in installed] == [prometheus, prometheus, alertmanager, alertmanager]
    assert content(tmp_path / "t") == {f"release-{prometheus}"}


def test_an_archive_with_another_checksum_is_rejected(tmp_path: Path, archives: tuple[release.Archive, ...]) -> None:
    changed = tmp_path / f"{archives[1].name(release.this_platform())}.tar.gz"
    with changed.open("ab") as file:
        file.write(b"more")
    digest = hashlib.sha256(changed.read_bytes()).hexdigest()
    with pytest.raises(ToolError) as caught:
        toolchain.install(tmp_path / "t", ["release"])
    assert str(caught.value) == (
        f"error[tool-error]: no tools were installed: release: wrong checksum of file://{changed}: sha256 is {digest}, "
        f"pinned is {archives[1].sha256[release.this_platform()]}{BY_HAND}"
    )
    assert content(tmp_path / "t") == set()


def test_a_missing_archive_is_reported(tmp_path: Path, archives: tuple[release.Archive, ...]) -> None:
    (tmp_path / f"{archives[0].name(release.this_platform())}.tar.gz").unlink()
    with pytest.raises(ToolError, match=r"cannot download .*prometheus-.*\.tar\.gz: .*No such file"):
        toolchain.install(tmp_path / "t", ["release"])
    assert content(tmp_path / "t") == set()


def test_without_suites_a_release_that_cannot_be_downloaded_is_replaced_by_debians_packages(
    tmp_path: Path, fake_apt: Callable[[str], None], archives: tuple[release.Archive, ...]
) -> None:
    (tmp_path / f"{archives[0].name(release.this_platform())}.tar.gz").unlink()
    logged: list[str] = []
    installed = toolchain.install(tmp_path / "t", log=logged.append)
    assert {tool.source.rpartition("/")[2] for tool in installed} == {"sid"}
    assert logged[1].startswith("release: cannot download file://")
    assert logged[1].endswith("; installing sid instead")


def test_without_suites_installed_tools_are_kept(no_tools: Path) -> None:
    suite_folder(no_tools / ".tools/trixie", "2.53.3")
    suite_folder(no_tools / ".tools/sid", "3.5.3")
    logged: list[str] = []
    installed = toolchain.install(log=logged.append)
    assert [(tool.name, tool.source) for tool in installed] == [(name, ".tools/sid") for name in toolchain.TOOLS]
    assert logged == ["all tools are installed"]


def test_a_blocked_network_is_tried_once(
    tmp_path: Path, archives: tuple[release.Archive, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []

    def blocked(url: str, file: Path) -> str:
        urls.append(url)
        raise URLError(TimeoutError("timed out"))

    monkeypatch.setattr(release, "_fetch", blocked)
    with pytest.raises(ToolError, match="cannot download"):
        toolchain.install(tmp_path / "t", ["release"])
    assert len(urls) == 1


def test_an_interrupted_download_is_retried(
    tmp_path: Path, archives: tuple[release.Archive, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []

    def broken(url: str, file: Path) -> str:
        urls.append(url)
        raise ConnectionResetError("connection reset")

    monkeypatch.setattr(release, "_fetch", broken)
    with pytest.raises(ToolError, match="cannot download"):
        toolchain.install(tmp_path / "t", ["release"])
    assert len(urls) == release.TRIES == 3


def test_nothing_is_downloaded_for_a_platform_without_a_pinned_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "this_platform", lambda: "plan9-amd64")
    logged: list[str] = []
    with pytest.raises(ToolError) as caught:
        toolchain.install(tmp_path / "t", ["release"], logged.append)
    assert str(caught.value) == (
        "error[tool-error]: no tools were installed: "
        "release: no release archive of prometheus is pinned for plan9-amd64" + BY_HAND
    )
    assert logged == []


@pytest.mark.network
@pytest.mark.slow
def test_tools_from_the_systems_mirror_work(tmp_path: Path) -> None:
    if not shutil.which("apt-get"):
        missing("this system has no apt-get")
    try:
        installed = {tool.name: tool for tool in toolchain.install(tmp_path / ".tools", ["bookworm"])}
    except ToolError as error:
        if not re.search("Failed to fetch|cannot download", str(error)):
            raise
        missing(f"the system's package mirror cannot be reached: {error.findings[0].message}")
    rules = tmp_path / "rules.yml"
    rules.write_text("groups: [{name: g, rules: [{record: a:b, expr: up + }]}]")
    ran = subprocess.run([installed["promtool"].path, "check", "rules", rules], capture_output=True, text=True)
    assert (ran.returncode, "unexpected end of input" in ran.stderr) == (1, True)
    assert alertmanager_is_ready(installed["alertmanager"].path, tmp_path)
    assert len(content(tmp_path / ".tools")) == 1


def alertmanager_is_ready(command: Path, folder: Path) -> bool:
    """True if it serves; without its templates alertmanager exits at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "alertmanager.yml").write_text("{route: {receiver: r}, receivers: [{name: r}]}")
    options = [f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data"]
    options += [f"--web.listen-address={address}", "--cluster.listen-address="]
    direct = build_opener(ProxyHandler({}))  # the loopback is not behind the proxy of the mirror
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([command, *options], cwd="/", stdout=log, stderr=log)
    try:
        while server.poll() is None:
            try:
                with direct.open(f"http://{address}/-/ready", timeout=5) as answer:
                    return bool(answer.status == 200)
            except OSError:
                time.sleep(0.1)
        raise AssertionError((folder / "log").read_text())
    finally:
        server.terminate()
        server.wait()


# --- tools that were changed after their installation --------------------------------------------------------------


@pytest.fixture
def installed(no_tools: Path) -> Path:
    """The folder of a suite with its record, in a project without other tools."""
    home = no_tools / ".tools" / "bookworm"
    suite_folder(home, "2.42.0")
    (home / "lib").mkdir()
    (home / "lib" / "alertmanager").write_text("the program that bin/alertmanager starts")
    fingerprints.record(home)
    return home


def changed_message(file: str) -> str:
    return (
        f"error[tool-error]: {file} was changed after its installation; it is not run\n"
        "  hint: delete .tools/bookworm, and run: obscode tools install"
    )


@pytest.mark.parametrize("use", [toolchain.find, toolchain.find_all, toolchain.require])
def test_a_tool_that_was_replaced_is_reported_and_not_run(installed: Path, use: Callable[[str], object]) -> None:
    assert use("promtool")
    script(installed / "bin/promtool", "touch it-ran; echo promtool, version 9.9.9")
    with pytest.raises(ToolError) as caught:
        use("promtool")
    assert str(caught.value) == changed_message(".tools/bookworm/bin/promtool")
    assert not Path("it-ran").exists()
    assert use("amtool")


def test_a_replaced_tool_of_equal_size_and_time_is_reported(installed: Path) -> None:
    path = installed / "bin/promtool"
    before = path.stat()
    path.write_text(path.read_text().replace("2.42.0", "2.99.0"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ToolError, match="was changed after its installation"):
        toolchain.find("promtool")


def test_the_program_behind_a_wrapper_and_a_removed_file_count(installed: Path) -> None:
    (installed / "lib" / "alertmanager").unlink()
    with pytest.raises(ToolError) as caught:
        toolchain.find("alertmanager")
    assert str(caught.value) == changed_message(".tools/bookworm/lib/alertmanager")


def test_a_copied_suite_is_read_once_and_accepted(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restored CI cache has other times and inodes."""
    copy = installed.with_name("copy")
    shutil.copytree(installed, copy)
    shutil.rmtree(installed)
    read: list[Path] = []
    original = fingerprints._sha256

    def sha256(path: Path) -> str:
        read.append(path)
        return original(path)

    monkeypatch.setattr(fingerprints, "_sha256", sha256)
    assert toolchain.find("promtool")
    assert toolchain.find("promtool")
    assert read == [copy / "bin/promtool"]


def test_a_suite_without_a_record_or_with_a_damaged_one_is_used(installed: Path) -> None:
    for content in ("{", "[]", '{"bin/promtool": 3}', None):
        (installed / fingerprints.RECORD).unlink(missing_ok=True)
        if content:
            (installed / fingerprints.RECORD).write_text(content)
        assert toolchain.find("promtool")


def test_the_list_compares_whole_files_and_exits_with_0_unless_checked(installed: Path) -> None:
    def run(*arguments: str) -> tuple[int, list[str], str]:
        result = CliRunner().invoke(main, ["tools", *arguments])
        return result.exit_code, [line.split()[1] for line in result.stdout.splitlines()[1:]], result.stderr

    assert run() == run("--check") == (0, ["2.42.0"] * 4, "")
    program(installed / "bin/promtool", "9.9.9")
    entries = json.loads((installed / fingerprints.RECORD).read_text())
    stat = (installed / "bin/promtool").stat()
    entries["bin/promtool"].update({key: getattr(stat, key) for key in fingerprints._STAT})
    (installed / fingerprints.RECORD).write_text(json.dumps(entries))
    error = changed_message(".tools/bookworm/bin/promtool") + "\n"
    missing = "run `obscode tools install` to install the missing tools\n"
    assert run() == (0, ["missing", "2.42.0", "2.42.0", "2.42.0"], error + missing)
    assert run("--check")[0] == 1


def test_without_tools_the_list_exits_with_0(no_tools: Path) -> None:
    result = CliRunner().invoke(main, ["tools"])
    assert (result.exit_code, result.stderr) == (0, "run `obscode tools install` to install the missing tools\n")
    assert CliRunner().invoke(main, ["tools", "--check"]).exit_code == 1


def test_an_installed_suite_that_was_changed_is_installed_again(
    tmp_path: Path, fake_apt: Callable[[str], None]
) -> None:
    toolchain.install(tmp_path, ["bookworm"])
    before = (tmp_path / "bookworm/bin/promtool").read_bytes()
    program(tmp_path / "bookworm/bin/promtool", "9.9.9")
    toolchain.install(tmp_path, ["bookworm"])
    assert (tmp_path / "bookworm/bin/promtool").read_bytes() == before
