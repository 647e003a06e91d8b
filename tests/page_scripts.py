"""Runs the scripts of the preview page: in V8 without a browser, and in a headless Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from py_mini_racer import MiniRacer

from obscode.preview.page.scripts import own_scripts

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


def evaluate(expression: str, **values: Any) -> Any:
    """The value of an expression in JavaScript, with the page's functions and these values in scope.

    NaN and the infinities come back as texts, undefined as None.
    """
    names = ", ".join(values)
    numbers = "(key, value) => typeof value === 'number' && !Number.isFinite(value) ? String(value) : value"
    arguments = ", ".join(json.dumps(value) for value in values.values())
    with MiniRacer() as engine:  # an open engine would keep Python from ending
        engine.eval(own_scripts())
        text = engine.eval(f"JSON.stringify((({names}) => ({expression}))({arguments}), {numbers})")
    return None if text is None else json.loads(str(text))


def dumped_dom(page: Path, profile: Path, *, width: int = 1600, fragment: str = "") -> tuple[str, str]:
    """The page's DOM after its scripts, and what Chromium printed, among it the console."""
    assert CHROMIUM is not None
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en-US", f"--user-data-dir={profile}"]
    options += ["--virtual-time-budget=5000", f"--window-size={width},1200", "--enable-logging=stderr", "--dump-dom"]
    command = [CHROMIUM, *options, f"{page.as_uri()}{fragment}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return result.stdout, result.stderr
