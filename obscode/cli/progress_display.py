"""What a command is working on: a live line on a terminal, and lines in a log elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from obscode.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ProgressDisplay:
    """What a command is working on: a `Progress` that prints the lines of `log`, and every few seconds the progress.

    Args:
        seconds: the time between two lines of progress; 0 prints none.
    """

    def __init__(self, seconds: float = 0) -> None:
        self._seconds = seconds
        self._last = time.monotonic()
        self._begun: dict[str, int] = {}

    def __call__(
        self,
        task: str,
        item: str = "",
        *,
        total: int | None = None,
        done: int | None = None,
        remaining: float | None = None,
    ) -> None:
        """Show a task and its item; the items of a task that tells no number are counted."""
        if done is None and item and total is not None:
            done = self._begun.get(task, 0)
            self._begun[task] = done + 1
        if self._seconds and done is not None and time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            self.log(f"{task}: {done} of {total}{f', about {_time(remaining)} left' if remaining is not None else ''}")

    def log(self, line: str) -> None:
        """Print a line on stderr that stays."""
        click.echo(line, err=True)

    def stop(self) -> None:
        """Show no more progress, so that other output can follow."""


def _time(seconds: float) -> str:
    """`45 s`, `3 min`."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class _LiveProgress(ProgressDisplay):
    """One line on a terminal: the task, the item, a bar and a count if the total is known, and the time."""

    def __init__(self) -> None:
        super().__init__()
        self._progress = _rich_progress()
        self._task = ""
        self._id: TaskID | None = None
        self._progress.start()

    def __call__(
        self,
        task: str,
        item: str = "",
        *,
        total: int | None = None,
        done: int | None = None,
        remaining: float | None = None,
    ) -> None:
        if self._id is None or task != self._task:
            if self._id is not None:
                self._progress.remove_task(self._id)
            self._task, self._id = task, self._progress.add_task(task, total=total, left="")
        left = "" if remaining is None else f"about {_time(remaining)} left"
        if item or done is None:
            self._progress.update(self._id, description=f"{task} {item}".rstrip())
        if done is None:
            self._progress.update(self._id, advance=1 if item else 0)
        else:
            self._progress.update(self._id, completed=done, left=left)

    def log(self, line: str) -> None:
        self._progress.console.print(line, markup=False, soft_wrap=True)

    def stop(self) -> None:
        self._progress.stop()


def _rich_progress() -> Progress:
    from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
    from rich.table import Column
    from rich.text import Text

    class Bar(BarColumn):
        def render(self, task: Task) -> Any:
            return "" if task.total is None else super().render(task)

    class Count(TextColumn):
        def render(self, task: Task) -> Text:
            return Text("" if task.total is None else f"{task.completed:.0f}/{task.total:.0f}")

    # No markup: an item may contain brackets, as the window of a mutated rule does.
    description = TextColumn(
        "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
    )
    left = TextColumn("{task.fields[left]}", markup=False)
    columns = (SpinnerColumn(), description, Bar(bar_width=24), Count(""), TimeElapsedColumn(), left)
    return Progress(*columns, console=terminal.console(sys.stderr), transient=True, expand=True)


@contextmanager
def progress(seconds: float = 0) -> Iterator[ProgressDisplay]:
    """Show progress on stderr while the block runs: live on a terminal, elsewhere a line every ``seconds``, if any."""
    if not terminal.is_terminal(sys.stderr):
        yield ProgressDisplay(seconds)
        return
    display = _LiveProgress()
    try:
        yield display
    finally:
        display.stop()
