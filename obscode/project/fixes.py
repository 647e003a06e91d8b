"""Write the certain remedies of findings into the files: `obscode check --fix`.

A fix is written where the file has exactly the text that it replaces, in the files and folders that the command names.
Code that runs several times, as in a loop, is left alone: one text is then several definitions.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from obscode.findings.errors import OutputError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.fix import Fix

_LINE_END = re.compile(r"\r\n|\r|\n")
_Place = tuple[int, int]
_REPEATED = (
    *(ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


@dataclass(frozen=True)
class Fixed:
    """A fix that was written, for a finding that it removes."""

    finding: Finding
    edit: SourceSpan
    fix: Fix

    def __str__(self) -> str:
        return f"fixed {self.edit}: {self.finding.code.name}: {self.fix.before!r} is now {self.fix.after!r}"


def apply_fixes(findings: Iterable[Finding], paths: Sequence[Path]) -> list[Fixed]:
    """Write the fixes of findings in some files and folders; the findings whose fixes were written.

    Of overlapping fixes the first one is written. A file is replaced in one step, and all else in it stays as it is.
    Raises OutputError for a file that cannot be written.
    """
    written = []
    for file, fixes in _by_file(findings, paths).items():
        written += _write(file, fixes)
    return written


def fixable(findings: Iterable[Finding], paths: Sequence[Path]) -> int:
    """How many of the findings have a fix that ``apply_fixes`` writes."""
    return sum(len(fixes) for fixes in _by_file(findings, paths).values())


def _by_file(findings: Iterable[Finding], paths: Sequence[Path]) -> Mapping[Path, list[Fixed]]:
    named = [Path(os.path.realpath(path)) for path in paths]
    result: dict[Path, list[Fixed]] = {}
    for finding in findings:
        if finding.fix and (edit := finding.edit) and not _runs_repeatedly(edit):
            file = Path(os.path.realpath(edit.file))
            if any(file == path or path in file.parents for path in named):
                result.setdefault(file, []).append(Fixed(finding, edit, finding.fix))
    return result


def _write(file: Path, fixes: Sequence[Fixed]) -> list[Fixed]:
    """Write the fixes of one file; those that its text has room for."""
    try:
        text = file.read_bytes().decode()
        starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        edits = list(_apart(text, starts, fixes))
        for start, fixed in reversed(edits):
            text = text[:start] + fixed.fix.after + text[start + len(fixed.fix.before) :]
        if edits:
            _replace(file, text.encode())
    except UnicodeDecodeError:
        return []
    except OSError as error:
        raise OutputError(f"{relative(str(file))} cannot be written: {error.strerror or error}") from None
    for _, fixed in edits:
        linecache.checkcache(fixed.edit.file)
    return [fixed for _, fixed in edits]


def _apart(text: str, starts: Sequence[int], fixes: Sequence[Fixed]) -> Iterator[tuple[int, Fixed]]:
    """The fixes that do not overlap, with their positions in the text."""
    free = 0
    byte_order_mark = text.startswith("\ufeff")
    for fixed in sorted(fixes, key=lambda fixed: (fixed.edit.line, fixed.edit.column)):
        if fixed.edit.line > len(starts):
            continue
        start = starts[fixed.edit.line - 1] + fixed.edit.column - 1 + (byte_order_mark and fixed.edit.line == 1)
        if start >= free and fixed.fix.applies_to(text[start : start + len(fixed.fix.before) + 1]):
            yield start, fixed
            free = start + max(1, len(fixed.fix.before))


def _replace(file: Path, content: bytes) -> None:
    """Replace the content of a file in one step; its permissions stay."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        new.chmod(file.stat().st_mode & 0o7777)
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _runs_repeatedly(edit: SourceSpan) -> bool:
    """Whether Python may run the place several times: in a loop, a function or a comprehension."""
    if not edit.file.endswith(".py"):
        return False
    column = len(linecache.getline(edit.file, edit.line)[: edit.column - 1].encode())
    repeated = _repeated("".join(linecache.getlines(edit.file)))
    return any(first <= (edit.line, column) < last for first, last in repeated)


@cache
def _repeated(source: str) -> Sequence[tuple[_Place, _Place]]:
    """The first and last positions of what may run several times: lines, and bytes in them as Python counts."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, _REPEATED)]
    except SyntaxError:
        return [((1, 0), (source.count("\n") + 2, 0))]
    return [((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)) for node in nodes]
