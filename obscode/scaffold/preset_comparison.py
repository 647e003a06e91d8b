"""How the metrics that a program exposes differ from the catalog of a preset: what a new version renamed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from obscode.findings.errors import ObscodeError
from obscode.importers.catalog_comparison import Difference, differences
from obscode.model.metrics import Metric
from obscode.presets.exporter import Exporter
from obscode.scaffold.preset_list import programs
from obscode.scaffold.recognition import preset_service, recognition

# Names of other metrics that are printed.
_MOST_NAMES = 5


class PresetComparison(NamedTuple):
    """A program, how its metrics differ from its catalog, and the names of metrics that no preset reads."""

    exporter: Exporter
    differences: Sequence[Difference]
    others: Sequence[str]

    def other_text(self) -> str:
        """The other metrics in a line."""
        names = ", ".join(self.others[:_MOST_NAMES])
        more = f" and {len(self.others) - _MOST_NAMES} more" if len(self.others) > _MOST_NAMES else ""
        return f"exposed, but not read by the preset: {names}{more}" if names else ""


def compare_with_preset(name: str, exposed: Sequence[Metric]) -> PresetComparison:
    """The differences from the catalog of the program with a name; of several, from the one that is recognised.

    The names have the prefix that is exposed. Raises ObscodeError for an unknown name, and if it is not clear which
    program of the preset is exposed.
    """
    exporters = programs(name)
    recognised = [each for exporter in exporters if (each := recognition(exporter, exposed))]
    if not recognised and len(exporters) > 1:
        known = ", ".join(exporter.program for exporter in exporters)
        raise ObscodeError(f"the metrics are of none of the programs of {name}", f"name one of {known}")
    exporter = recognised[0].exporter if recognised else exporters[0]
    prefix = {name: value for name, value in recognised[0].arguments.items() if name == "prefix"} if recognised else {}
    service = preset_service(exporter, prefix)
    rows = differences(service.metrics if service else exporter.catalog, exposed)
    others = [row.name for row in rows if row.kind == "extra"]
    return PresetComparison(exporter, [row for row in rows if row.kind != "extra"], others)
