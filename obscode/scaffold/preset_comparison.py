"""How the metrics that a program exposes differ from the catalog of a preset: what a new version renamed."""

from __future__ import annotations

from collections import Counter as Counts
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
# A label that fewer share may be one that a new version added.
_FEWEST_METRICS = 3
_MOST_SHARE = 0.75


class PresetComparison(NamedTuple):
    """How the metrics that a program exposes differ from its catalog.

    Attributes:
        exporter: the program.
        differences: those of the metrics.
        others: the names of metrics that no preset reads.
        labels: those that most metrics have besides the declared ones, as an exporter around the program adds them.
    """

    exporter: Exporter
    differences: Sequence[Difference]
    others: Sequence[str]
    labels: Sequence[str] = ()

    def label_text(self) -> str:
        """The common labels in a line."""
        return f"not declared, but labels of most metrics: {', '.join(self.labels)}" if self.labels else ""

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
    catalog = service.metrics if service else exporter.catalog
    labels = _common_labels(catalog, exposed)
    rows = differences(catalog, [_without_labels(metric, labels) for metric in exposed])
    others = [row.name for row in rows if row.kind == "extra"]
    return PresetComparison(exporter, [row for row in rows if row.kind != "extra"], others, labels)


def _common_labels(catalog: Sequence[Metric], exposed: Sequence[Metric]) -> Sequence[str]:
    """The labels of most exposed metrics of a catalog that no metric of it declares: those of an exporter around it.

    Such an exporter may leave out metrics of another process. A metric without samples has unknown labels.
    """
    declared = {label for metric in catalog for label in metric.labels}
    names = {metric.name for metric in catalog}
    known = [metric for metric in exposed if metric.name in names and not metric.more_labels]
    counts = Counts(label for metric in known for label in metric.labels if label not in declared)
    fewest = max(_FEWEST_METRICS, _MOST_SHARE * len(known))
    return [label for label, count in counts.items() if count >= fewest]


def _without_labels(metric: Metric, labels: Sequence[str]) -> Metric:
    rest = tuple(label for label in metric.labels if label not in labels)
    return metric.derive(labels=rest) if len(rest) < len(metric.labels) else metric
