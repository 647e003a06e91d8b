"""Artifacts of a text, and the changes between two, for tests of `obscode.diff`."""

from __future__ import annotations

from collections.abc import Sequence

from obscode.artifacts.project import Artifacts
from obscode.diff import Change, compare
from obscode.reader.file_contents import read_text


def artifacts(*texts: str) -> Artifacts:
    """What files with these texts contain: YAML, or JSON of a dashboard."""
    names = (f"file{number}.{'json' if text.lstrip().startswith('{') else 'yml'}" for number, text in enumerate(texts))
    read = [read_text(text, name) for text, name in zip(texts, names, strict=True)]
    assert not [finding for each in read for finding in each.findings]
    return Artifacts(
        rule_files=[file for each in read for file in each.rule_files],
        prometheus_configs=[config for each in read for config in each.prometheus_configs],
        alertmanager_configs=[config for each in read for config in each.alertmanager_configs],
        dashboards=[dashboard for each in read for dashboard in each.dashboards],
        objects=[value for each in read for value in each.objects],
    )


def changes(before: str | Sequence[str], after: str | Sequence[str]) -> Sequence[Change]:
    """The changes between two texts of files."""
    old, new = ([each] if isinstance(each, str) else each for each in (before, after))
    return compare(artifacts(*old), artifacts(*new)).changes


def lines(before: str | Sequence[str], after: str | Sequence[str]) -> list[str]:
    """The changes as text: `weaker: Alert X ...`, with their effects below."""
    return [
        line
        for change in changes(before, after)
        for line in [f"{change.risk}: {change.sentence}", *(f"  {effect}" for effect in change.effects)]
    ]
