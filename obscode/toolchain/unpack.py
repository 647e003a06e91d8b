"""From unpacked Debian packages to ``bin/`` with four tools that run from any folder."""

from __future__ import annotations

from pathlib import Path

from obscode.findings.errors import ToolError

TEMPLATES = b"/usr/share/prometheus/alertmanager"
"""Where Debian's alertmanager reads its default templates: compiled in, and not ours to write."""

DESCRIPTOR = b"/proc/self/fd".ljust(len(TEMPLATES) - 1, b"/") + b"9"
"""The same number of bytes (a Go string has a fixed length): whatever folder is open as descriptor 9."""

# Mounting the templates at their compiled-in place needs root or a user namespace, which containers
# deny; LD_PRELOAD does not reach a Go program; a relative path would tie it to one working folder.
# A descriptor that the shell opens is inherited through exec and is there for every reload.
_WRAPPER = f"""#!/bin/sh
# Debian's alertmanager with its templates beside it; obscode/tools/layout.py says how and why.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
exec {DESCRIPTOR[-1:].decode()}<"$home/share/alertmanager" || exit 1
exec "$home/lib/alertmanager" "$@"
"""


def lay_out(unpacked: Path, tree: Path) -> None:
    """Moves the programs of the unpacked packages into ``tree``; everything else stays behind."""
    for folder in ("bin", "lib", "share"):
        (tree / folder).mkdir(parents=True)
    for name in ("promtool", "prometheus", "amtool"):
        _program(unpacked, name).rename(tree / "bin" / name)
    server = _program(unpacked, "prometheus-alertmanager")
    code = server.read_bytes()
    if TEMPLATES not in code:  # a build that carries its templates, as upstream's does
        server.rename(tree / "bin" / "alertmanager")
        return
    templates = unpacked / TEMPLATES.decode().lstrip("/")
    if not (templates / "default.tmpl").is_file():
        raise ToolError("the package prometheus-alertmanager holds no default.tmpl where its server looks for it")
    (tree / "share" / "alertmanager").mkdir()
    for template in templates.glob("*.tmpl"):
        template.rename(tree / "share" / "alertmanager" / template.name)
    _write_program(tree / "lib" / "alertmanager", code.replace(TEMPLATES, DESCRIPTOR))
    _write_program(tree / "bin" / "alertmanager", _WRAPPER.encode())


def _program(unpacked: Path, name: str) -> Path:
    path = unpacked / "usr" / "bin" / name
    if not path.is_file():
        raise ToolError(f"the packages hold no /usr/bin/{name}")
    return path


def _write_program(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o755)
