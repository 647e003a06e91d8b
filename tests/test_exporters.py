"""The programs that presets know: their marks, and the calls that read them."""

from __future__ import annotations

import pytest

from obscode import presets
from obscode.presets.exporter import Exporter
from obscode.presets.exporters import EXPORTERS


def _title(exporter: Exporter) -> str:
    return f"{exporter.program} {exporter.version}"


@pytest.mark.parametrize("exporter", EXPORTERS, ids=_title)
def test_the_marks_of_a_program_are_in_its_catalog(exporter: Exporter) -> None:
    known = {name for metric in exporter.catalog for name in (*metric.series(), metric.name)}

    assert exporter.marks
    assert set(exporter.marks) <= known


@pytest.mark.parametrize("exporter", EXPORTERS, ids=_title)
def test_the_preset_of_a_program_is_a_function_of_presets(exporter: Exporter) -> None:
    assert callable(getattr(presets, exporter.preset))


def test_no_two_programs_have_the_same_marks() -> None:
    assert len({frozenset(exporter.marks) for exporter in EXPORTERS}) == len(EXPORTERS)
