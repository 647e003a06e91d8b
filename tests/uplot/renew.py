"""Copy uPlot, the plotting library of the preview page, from its npm package: `make uplot`.

It needs npm, and no Python package. Raise the version in package.json, run it, look at a page.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
VENDOR = HERE.parents[1] / "obscode" / "preview" / "page" / "vendor"
FILES = {
    "dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "dist/uPlot.min.css": "uPlot.min.css",
    "LICENSE": "LICENSE.uPlot",
}


def main() -> None:
    if not shutil.which("npm"):
        raise SystemExit("this needs Node with npm; on Debian and Ubuntu: apt install npm")
    with TemporaryDirectory() as folder:
        shutil.copy(HERE / "package.json", folder)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)
        for source, target in FILES.items():
            shutil.copy(Path(folder) / "node_modules" / "uplot" / source, VENDOR / target)


if __name__ == "__main__":
    main()
