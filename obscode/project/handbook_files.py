"""Write the pages of the handbook: `obscode handbook`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from obscode.artifacts.files import File
from obscode.findings.errors import ObscodeError
from obscode.handbook.pages import FORMATS, MARKER

_FIRST_LINE = f"<!-- {MARKER} -->"


def write_pages(out: Path, files: Sequence[File]) -> Sequence[str]:
    """Write the pages and remove pages of earlier runs that are not among them; returns the removed ones.

    Raises ObscodeError for a file that obscode did not write.
    """
    try:
        foreign = [file.path for file in files if (out / file.path).exists() and not _is_page(out / file.path)]
        if foreign:
            raise ObscodeError(
                f"{out / foreign[0]} is not a page of obscode handbook", "remove it, or choose another --out"
            )
        for file in files:
            (out / file.path).parent.mkdir(parents=True, exist_ok=True)
            (out / file.path).write_text(file.text, encoding="utf-8", newline="\n")
        written = {out / file.path for file in files}
        stale = sorted(path for path in _pages(out) if path not in written)
        for path in stale:
            path.unlink()
    except OSError as error:
        raise ObscodeError(f"{error.filename or out} cannot be written: {error.strerror}") from error
    return [path.relative_to(out).as_posix() for path in stale]


def _pages(out: Path) -> Iterator[Path]:
    suffixes = {suffix for _, suffix, _ in FORMATS.values()}
    for folder in (out, out / "services"):
        if folder.is_dir():
            yield from (path for path in folder.iterdir() if path.suffix in suffixes and _is_page(path))


def _is_page(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n") == _FIRST_LINE
