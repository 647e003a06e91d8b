"""Pictures of pages by a headless Chromium, where one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from obscode.findings.errors import ToolError

VARIABLE = "OBSCODE_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 60
_VIRTUAL_MS = 5000  # of the page's own time: it reads its document, and draws


def find_browser() -> str | None:
    """The path of an installed Chromium: the environment variable's, or the one on PATH."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def require_browser() -> str:
    """The path of an installed Chromium; raises ToolError if there is none."""
    path = find_browser()
    if path is None:
        hint = f"install chromium, or set {VARIABLE} to its path; the HTML pages need neither"
        raise ToolError("pictures need Chromium, and there is none on PATH", hint)
    return path


def take_picture(browser: str, page: Path, picture: Path, *, width: int, height: int, fragment: str = "") -> None:
    """Write a page as a PNG; sizes are in pixels. Raises ToolError."""
    with TemporaryDirectory(prefix="obscode-") as folder:
        command = [
            browser,
            "--headless",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # root has none
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
            "--lang=en-US",
            f"--user-data-dir={folder}",
            f"--virtual-time-budget={_VIRTUAL_MS}",
            f"--window-size={width},{height}",
            f"--screenshot={picture.absolute()}",
            f"{page.absolute().as_uri()}{fragment}",
        ]
        environment = {**os.environ, "TZ": "UTC", "LANG": "en_US.UTF-8"}
        try:
            ran = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, env=environment
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"{browser} did not draw {page.name} within {_SECONDS} s") from None
        except OSError as error:
            raise ToolError(f"{browser} does not run: {error.strerror}") from None
    if ran.returncode or not picture.is_file():
        last = (ran.stderr.strip().splitlines() or ["no output"])[-1]
        raise ToolError(f"{browser} did not draw {page.name}: {last}")
