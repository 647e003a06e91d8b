"""The catalog of a service from an exposition: a file with what the service shows at /metrics, or its URL."""

from __future__ import annotations

import linecache
import os
from functools import lru_cache
from pathlib import Path

from obscode.findings.errors import DefinitionError, LoadError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.importers.codes import FILE
from obscode.model.metrics import Exposition
from obscode.model.source import PythonCall
from obscode.project.input_recorder import unrecorded
from obscode.reader.exposition import EXPOSITION, ExpositionText, import_parsers, read_exposition

# About 150,000 samples, which take five seconds.
MAX_BYTES = 20_000_000
_FOLDER_HINT = "a relative path starts at the folder of the file that it is written in"


class ExpositionError(DefinitionError):
    """An exposition that was read and has errors."""

    code = EXPOSITION


def exposition(path: str | os.PathLike[str]) -> Exposition:
    """The metrics in a file that shows what a service exposes at /metrics: a complete catalog.

        shop = Service("shop", metrics=exposition("snapshots/shop.prom"))

    The file is in Prometheus' text format or in OpenMetrics; `curl -o snapshots/shop.prom http://.../metrics`
    writes one. A relative path starts at the folder of the calling file. Types, labels, buckets, quantiles, units
    and help texts are those of the file; values of labels are known, but others may exist. A histogram of which no
    finite bucket is shown is a native one. Raises LoadError for a file that cannot be read, and ExpositionError for
    invalid lines.
    """
    caller = PythonCall.of_caller()
    span = caller.span("path", None, ("path",))
    if not isinstance(path, str | os.PathLike):
        raise LoadError([Finding(FILE, f"the path is {path!r}, which is no text", 'write "snapshots/shop.prom"', span)])
    folder = Path(caller.file).parent if Path(caller.file).is_file() else Path.cwd()
    return read_file(Path(os.path.normpath(folder / path)), span)


def read_file(file: Path, span: SourceSpan | None = None) -> Exposition:
    """The metrics in a file; errors about the file point at a span. Raises as ``exposition``."""
    displayed = relative(str(file))
    linecache.checkcache(str(file))
    try:
        if not file.is_file():
            problem = "is no file" if file.exists() else "does not exist"
            raise LoadError([Finding(FILE, f"{displayed} {problem}", _FOLDER_HINT if span else "", span)])
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it is not a path"
        raise LoadError([Finding(FILE, f"{displayed} cannot be read: {reason}", "", span)]) from None
    return read_content(content, str(file), displayed, span)


def read_content(
    content: bytes, file: str, displayed: str, span: SourceSpan | None = None, *, is_open: bool = False
) -> Exposition:
    """The metrics in bytes; with ``is_open`` they are in OpenMetrics. Raises as ``exposition``."""
    if len(content) > MAX_BYTES:
        message = f"{displayed} has more than {MAX_BYTES:,} bytes"
        raise LoadError([Finding(FILE, message, "read the exposition of one process", span)])
    try:
        text = _read(content.decode("utf-8-sig"), file, is_open)
    except UnicodeDecodeError:
        hint = "decompress it" if content.startswith(b"\x1f\x8b") else "name a file with the text of /metrics"
        raise LoadError([Finding(FILE, f"{displayed} is not UTF-8", hint, span)]) from None
    if text.findings:
        raise ExpositionError(text.findings)
    return Exposition(text.metrics)


@lru_cache(maxsize=64)  # services of one kind share a snapshot
def _read(text: str, file: str, is_open: bool) -> ExpositionText:
    with unrecorded():  # the library reads the state of the process when it is imported
        import_parsers()
    return read_exposition(text, file, is_open=is_open)
