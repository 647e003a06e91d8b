"""Output: findings, tables and progress.

A terminal gets colours and progress. A pipe, a file, `TERM=dumb` and `NO_COLOR` get plain text, which is never wrapped
or cut; `FORCE_COLOR` asks for colours anyway (as in CI logs). `rich` is imported for coloured output only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

    from obscode.findings.finding import Finding

_SEVERITY_STYLE = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_UNLIMITED = 10_000  # columns; a log has no width


def print_findings(findings: Sequence[Finding]) -> None:
    """Print findings on stderr, and their number if there are several."""
    coloured = _coloured(sys.stderr)
    for finding in findings:
        if coloured:
            _console(sys.stderr).print(finding_text(finding), soft_wrap=True)
        else:
            click.echo(str(finding), err=True)
    if len(findings) > 1:
        click.echo(f"Found {count_by_severity(findings)}.", err=True)


def count_by_severity(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`."""
    counts = {severity: sum(f.severity == severity for f in findings) for severity in _SEVERITY_STYLE}
    return ", ".join(f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in counts.items() if n)


def print_failure(headline: str, details: str) -> None:
    """Print something that failed: a red line and its details."""
    click.echo(f"{click.style(headline, fg='red') if _coloured(sys.stdout) else headline}\n{details}\n")


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns on stdout; the first is the header."""
    if not _coloured(sys.stdout):
        click.echo(aligned(rows))
        return
    from rich import box
    from rich.table import Table

    table = Table(*rows[0], box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for row in rows[1:]:
        table.add_row(*(_cell(cell) for cell in row))
    _console(sys.stdout).print(table)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as plain text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def finding_text(finding: Finding) -> Text:
    """A finding with colours; its plain text is ``str(finding)``."""
    from rich.text import Text

    style = _SEVERITY_STYLE[finding.severity]
    label = f"{finding.severity}[{finding.code.name}]"
    text = Text()
    if finding.span:
        text.append(f"{finding.span}: ", "bold")
    text.append(label, style)
    text.append(f": {finding.message}")
    if finding.span and (excerpt := finding.span.excerpt()):
        source, caret = excerpt.split("\n")
        for line, line_style in ((source, ""), (caret, style)):
            gutter, bar, rest = line.partition(" | ")
            text.append(f"\n{gutter}{bar}", "blue")
            text.append(rest, line_style)
    if finding.hint:
        text.append("\n  hint: ", "green")
        text.append(finding.hint)
    return text


class ProgressDisplay:
    """What a command is working on: a `Progress` that prints the lines of `log`, and every few seconds the progress.

    Args:
        seconds: the time between two lines of progress; 0 prints none.
    """

    def __init__(self, seconds: float = 0) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def __call__(
        self,
        task: str,
        item: str = "",
        *,
        total: int | None = None,
        done: int | None = None,
        remaining: float | None = None,
    ) -> None:
        """Show a task and its item."""
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
    return Progress(*columns, console=_console(sys.stderr), transient=True, expand=True)


@contextmanager
def progress(seconds: float = 0) -> Iterator[ProgressDisplay]:
    """Show progress on stderr while the block runs: live on a terminal, elsewhere a line every ``seconds``, if any."""
    if not _is_terminal(sys.stderr):
        yield ProgressDisplay(seconds)
        return
    display = _LiveProgress()
    try:
        yield display
    finally:
        display.stop()


def _is_terminal(stream: IO[str]) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _coloured(stream: IO[str]) -> bool:
    """https://no-color.org and https://force-color.org: a variable that is set and not empty counts."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or _is_terminal(stream)


def _console(stream: IO[str]) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, width=None if stream.isatty() else _UNLIMITED)


def _cell(text: str) -> Text:
    from rich.text import Text

    return Text(text, "red" if text == "missing" else "", overflow="fold")
