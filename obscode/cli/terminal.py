"""Output: findings and tables.

A terminal gets colours. A pipe, a file, `TERM=dumb` and `NO_COLOR` get plain text, which is never wrapped or cut;
`FORCE_COLOR` asks for colours anyway (as in CI logs). `rich` is imported for coloured output only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import IO, TYPE_CHECKING

import click

from obscode.findings.secret_text import without_secrets

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from obscode.findings.finding import Finding

_SEVERITY_STYLE = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_UNLIMITED = 10_000  # columns; a log has no width


def print_findings(findings: Sequence[Finding]) -> None:
    """Print findings on stderr, and their number if there are several."""
    coloured = _coloured(sys.stderr)
    for finding in findings:
        if coloured:
            console(sys.stderr).print(finding_text(finding), soft_wrap=True)
        else:
            click.echo(str(finding), err=True)
    if len(findings) > 1:
        click.echo(f"Found {count_by_severity(findings)}.", err=True)


def print_document(findings: Sequence[Finding], form: str) -> None:
    """Print findings on stdout as a document: `json`, `github` or `sarif`."""
    from importlib.metadata import version

    from obscode.checks import registry
    from obscode.findings.formats import FORMATS
    from obscode.findings.formats.report import Report

    if text := FORMATS[form](Report(findings, registry.codes().keys(), version("obscode"))):
        click.echo(text)


def count_by_severity(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`."""
    counts = {severity: sum(f.severity == severity for f in findings) for severity in _SEVERITY_STYLE}
    return ", ".join(f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in counts.items() if n)


def print_failure(headline: str, details: str) -> None:
    """Print something that failed: a red line and its details."""
    click.echo(f"{click.style(headline, fg='red') if _coloured(sys.stdout) else headline}\n{details}\n")


def print_text(text: str) -> None:
    """Print text about definitions on stdout, without the secrets in it."""
    click.echo(without_secrets(text))


def print_table(rows: Sequence[Sequence[str]], secrets: Collection[str] = ()) -> None:
    """Print rows in columns on stdout, without some secrets, and those of known forms; the first is the header."""
    rows = [[without_secrets(cell, secrets) for cell in row] for row in rows]
    if not _coloured(sys.stdout):
        click.echo(aligned(rows))
        return
    from rich import box
    from rich.table import Table

    table = Table(*rows[0], box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for row in rows[1:]:
        table.add_row(*(_cell(cell) for cell in row))
    console(sys.stdout).print(table)


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
    if excerpt := finding.excerpt():
        source, caret = excerpt.split("\n")
        for line, line_style in ((source, ""), (caret, style)):
            gutter, bar, rest = line.partition(" | ")
            text.append(f"\n{gutter}{bar}", "blue")
            text.append(rest, line_style)
    if finding.hint:
        text.append("\n  hint: ", "green")
        text.append(finding.hint)
    return text


def is_terminal(stream: IO[str]) -> bool:
    """Whether a stream is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _coloured(stream: IO[str]) -> bool:
    """https://no-color.org and https://force-color.org: a variable that is set and not empty counts."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream)


def console(stream: IO[str]) -> Console:
    """A stream for coloured output; without a terminal, its lines are not wrapped."""
    from rich.console import Console

    return Console(file=stream, highlight=False, width=None if stream.isatty() else _UNLIMITED)


def _cell(text: str) -> Text:
    from rich.text import Text

    return Text(text, "red" if text == "missing" else "", overflow="fold")
