"""Findings as documents for other programs: a pure function from a report to text per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from obscode.findings.formats import github, gitlab, json_list, sarif
from obscode.findings.formats.report import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "json": json_list.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "sarif": sarif.render,
}
