"""Arrange unpacked Debian packages as ``bin/`` with four tools that run from any folder.

Debian's alertmanager reads its default templates from a path that is compiled into the binary, below
``/usr/share``, which only root can write. obscode therefore replaces that path in its copy of the binary by one of the
same length, ``/proc/self/fd////...9``, and starts the copy by a shell script that opens the template folder as file
descriptor 9. Nothing else in the binary is changed, and no other tool is. The official release archives carry their
templates and are not changed; `obscode tools install` prefers them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from obscode.findings.errors import ToolError

#: The folder from which Debian's alertmanager reads its default templates, as compiled into the binary.
TEMPLATES = b"/usr/share/prometheus/alertmanager"

#: A path of the same length (Go stores the length of a string apart): the folder that is open as descriptor 9.
DESCRIPTOR = b"/proc/self/fd".ljust(len(TEMPLATES) - 1, b"/") + b"9"

# Alternatives that do not work: a mount over the compiled-in path needs root or a user namespace, which containers
# deny; LD_PRELOAD has no effect on Go programs; a relative path works from one folder only. A descriptor that the shell
# opens is inherited through exec and stays open for every reload.
_WRAPPER = f"""#!/bin/sh
# Debian's alertmanager with its templates in ../share; obscode/toolchain/unpack.py explains how and why.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
exec {DESCRIPTOR[-1:].decode()}<"$home/share/alertmanager" || exit 1
exec "$home/lib/alertmanager" "$@"
"""


def arrange(unpacked: Path, tree: Path, log: Callable[[str], None]) -> None:
    """Move the programs of the unpacked packages into ``tree``; ``log`` receives a line if alertmanager is patched."""
    for folder in ("bin", "lib", "share"):
        (tree / folder).mkdir(parents=True)
    for name in ("promtool", "prometheus", "amtool"):
        _program(unpacked, name).rename(tree / "bin" / name)
    server = _program(unpacked, "prometheus-alertmanager")
    code = server.read_bytes()
    if TEMPLATES not in code:  # a build with embedded templates, as upstream's
        server.rename(tree / "bin" / "alertmanager")
        return
    templates = unpacked / TEMPLATES.decode().lstrip("/")
    if not (templates / "default.tmpl").is_file():
        raise ToolError("the package prometheus-alertmanager contains no default.tmpl")
    log("patching the template path in Debian's alertmanager, so that it runs without root")
    (tree / "share" / "alertmanager").mkdir()
    for template in templates.glob("*.tmpl"):
        template.rename(tree / "share" / "alertmanager" / template.name)
    _write_program(tree / "lib" / "alertmanager", code.replace(TEMPLATES, DESCRIPTOR))
    _write_program(tree / "bin" / "alertmanager", _WRAPPER.encode())


def _program(unpacked: Path, name: str) -> Path:
    path = unpacked / "usr" / "bin" / name
    if not path.is_file():
        raise ToolError(f"the packages contain no /usr/bin/{name}")
    return path


def _write_program(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o755)
