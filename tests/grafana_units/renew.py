"""Make cases.json from Grafana's own formats of values: `make grafana-units`.

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
# The texts depend on the language of the system, and local dates on its time zone.
_SETTINGS = {"LANG": "en_US.UTF-8", "TZ": "UTC"}


def main() -> None:
    if not shutil.which("npm"):
        raise SystemExit("this needs Node with npm; on Debian and Ubuntu: apt install npm")
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in (*_PACKAGE_FILES, "cases.cjs"):
            if (HERE / name).exists():
                shutil.copy(HERE / name, root / name)
        options = [
            "--omit-lockfile-registry-resolved",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--legacy-peer-deps",
        ]
        subprocess.run(["npm", "install", *options], cwd=root, check=True)
        command = ["node", "cases.cjs"]
        result = subprocess.run(
            command, cwd=root, env=os.environ | _SETTINGS, check=True, capture_output=True, text=True
        )
        (HERE / "cases.json").write_text(_text(json.loads(result.stdout)), encoding="utf-8")
        for name in _PACKAGE_FILES:
            shutil.copy(root / name, HERE / name)


def _text(cases: dict[str, Any]) -> str:
    """JSON with one line for each unit, so that a diff shows which ones changed."""
    parts = [f"{json.dumps(key)}: {_lines(value)}" for key, value in cases.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    items = (
        f" {json.dumps(key, ensure_ascii=False)}: {json.dumps(item, ensure_ascii=False)}" for key, item in value.items()
    )
    return "{\n" + ",\n".join(items) + "\n}"


if __name__ == "__main__":
    main()
