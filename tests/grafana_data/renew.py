"""Make units.json and results.json with Grafana's own package: `make grafana-data`.

It needs Node with npm, and no Python package. Raise the version in package.json, run it, read the diff.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
_PACKAGE_FILES = ("package.json", "package-lock.json")
_SCRIPTS = ("units.cjs", "results.cjs")
# The texts depend on the language of the system, and local dates on its time zone.
_SETTINGS = {"LANG": "en_US.UTF-8", "TZ": "UTC"}


def main() -> None:
    if not shutil.which("npm"):
        raise SystemExit("this needs Node with npm; on Debian and Ubuntu: apt install npm")
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in (*_PACKAGE_FILES, *_SCRIPTS):
            if (HERE / name).exists():
                shutil.copy(HERE / name, root / name)
        options = ["--omit-lockfile-registry-resolved", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(["npm", "install", *options, "--legacy-peer-deps"], cwd=root, check=True)
        (HERE / "units.json").write_text(_text(_output(root, "units.cjs")), encoding="utf-8")
        (HERE / "results.json").write_text(_text(_output(root, "results.cjs")), encoding="utf-8")
        for name in _PACKAGE_FILES:
            shutil.copy(root / name, HERE / name)


def _output(root: Path, script: str) -> dict[str, Any]:
    cases = (HERE / "cases.json").read_text(encoding="utf-8")
    command, settings = ["node", script], os.environ | _SETTINGS
    result = subprocess.run(command, cwd=root, env=settings, input=cases, check=True, capture_output=True, text=True)
    return dict(json.loads(result.stdout))


def _text(cases: dict[str, Any]) -> str:
    """JSON with one line for each unit, so that a diff shows which ones changed."""
    parts = [f"{json.dumps(key)}: {_lines(value)}" for key, value in cases.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
        return "[\n" + ",\n".join(f" {json.dumps(item, ensure_ascii=False)}" for item in value) + "\n]"
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    items = (
        f" {json.dumps(key, ensure_ascii=False)}: {json.dumps(each, ensure_ascii=False)}" for key, each in value.items()
    )
    return "{\n" + ",\n".join(items) + "\n}"


if __name__ == "__main__":
    main()
