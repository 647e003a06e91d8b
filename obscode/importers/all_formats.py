"""SLOs of all formats in one call: a folder may contain documents of Sloth and OpenSLO, next to other YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from obscode.importers import openslo, sloth
from obscode.importers.reading import load_services
from obscode.model.service import Service


def load(
    path: str | Path,
    *,
    period: str = "30d",
    rename: Mapping[str, str] | None = None,
    allow_templates: bool = False,
) -> list[Service]:
    """The services of a file, or of all YAML files in a folder and below it, each with its SLOs.

    A relative path starts at the folder of the file that calls this function. ``period`` is the period of SLOs whose
    documents have none: all of Sloth, and those of OpenSLO without time window. ``rename`` maps labels to other names,
    such as those that obscode sets itself. ``allow_templates`` keeps templates in labels and annotations that do more
    than print a label. Documents of other tools are ignored. Raises DocumentError for content that obscode does not
    support, LoadError for invalid YAML.
    """
    return load_services(
        path,
        lambda report, labels: [sloth.Reader(report, labels, period), openslo.Reader(report, labels, period)],
        period=period,
        rename=rename,
        allow_templates=allow_templates,
    )
