"""Limits of scrape jobs: numbers of samples, labels and targets, and the size of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definition import Definition

SCRAPE_LIMIT = Code(
    "scrape-limit",
    "A limit of a scrape job is a number, 0 for none; that of the text is a size such as `10MB`.",
    why="Prometheus rejects the configuration otherwise.",
    bad='ScrapeJob(["localhost:8000"], body_size_limit="10")',
    good='ScrapeJob(["localhost:8000"], body_size_limit="10MB")',
)
LIMITS = (
    "sample_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
    "target_limit",
    "keep_dropped_targets",
    "native_histogram_bucket_limit",
)
# github.com/alecthomas/units, Base2Bytes: 1.5GB512MB is a size, too.
_SIZE = re.compile(r"0|(?:[0-9]+(?:\.[0-9]+)?(?:[KMGTPE]i?B|B))+")


def limit_problems(definition: Definition) -> Iterator[Finding]:
    """Limits below zero, and sizes without a unit."""
    for at in LIMITS:
        if (value := getattr(definition, at)) is not None and value < 0:
            yield definition.finding(SCRAPE_LIMIT, f"{at} {value} is below zero", "write 0 for no limit", at=at)
    size: str = getattr(definition, "body_size_limit")  # noqa: B009  of each kind of job
    if size and not _SIZE.fullmatch(size):
        yield definition.finding(SCRAPE_LIMIT, f"{size!r} is not a size", _size_hint(size), at="body_size_limit")


def _size_hint(size: str) -> str:
    number = re.match(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kKmMgG]?)", size)
    if number is None:
        return 'write "10MB", for example'
    # A fraction of a byte is no size.
    units = [number[2].upper()] if number[2] else ["M"] if "." in number[1] else ["", "M"]
    sizes = [f'"{number[1]}{unit}B"' for unit in units]
    return f"write {' or '.join(sizes)}"
