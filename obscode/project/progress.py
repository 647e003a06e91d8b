"""A progress bar on a terminal, when there is enough to wait for; silence elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# What is over sooner needs no bar.
_PATIENCE = 0.5


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[str], None]]:
    """Give a function to call with the name of each thing done."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    bar: Any = None
    started = time.monotonic()

    def advance(name: str) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - started > _PATIENCE:
            bar = _bar(what, total)
        if bar is not None:
            bar.update(bar.task_ids[0], advance=1, description=f"{what} {name}")

    try:
        yield advance
    finally:
        if bar is not None:
            bar.stop()


def _bar(what: str, total: int | None) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.add_task(what, total=total)
    bar.start()
    return bar
