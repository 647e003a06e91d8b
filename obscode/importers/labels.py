"""Labels and annotations of other tools' documents, on their way to alerts and to `slo:info`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from obscode.findings.finding import SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.importers.codes import LABEL_NAME, RENAME, TEMPLATE
from obscode.importers.document import ImportReport
from obscode.model import naming
from obscode.reader.yaml_nodes import YamlEntry, YamlNode

# The labels by which alerts are routed, inhibited and distinguished.
_OWN = (
    naming.SERVICE,
    naming.SLO,
    naming.SEVERITY,
    naming.TIER,
    naming.LONG,
    naming.SHORT,
)
_VALUE = re.compile(r"\$value\b|\.Value\b")
_SLOTH = re.compile(r"(?:\$labels|\.Labels)\.(sloth_\w+)")


class Labels:
    """The labels of one import; ``rename`` maps their names to the names that obscode uses."""

    def __init__(self, report: ImportReport, rename: Mapping[str, str], call: SourceSpan | None) -> None:
        self.report, self.rename, self.call = report, rename, call
        self.seen: set[str] = set()

    def renamed(self, labels: YamlNode, identity: Mapping[str, str]) -> YamlNode:
        """The renamed labels, without those that obscode sets; conflicts are reported."""
        retained: dict[str, YamlEntry] = {}
        for name, entry in labels.content.items():
            self.seen.add(name)
            new = self.rename.get(name, name)
            if new in retained:
                message = f"two labels are named {new!r} after renaming"
                self.report.add(LABEL_NAME, message, "give one of them another name in rename=", entry.key)
            elif new not in _OWN:
                retained[new] = entry
            elif identity.get(new) != entry.value.content:
                message = f"obscode sets the label {new!r} on alerts"
                hint = f"rename it: load(..., rename={{{name!r}: 'exported_{name}'}})"
                self.report.add(LABEL_NAME, message, hint, entry.key)
        return replace(labels, content=retained)

    def report_unused_renames(self) -> None:
        """Report names in ``rename`` that no label has."""
        for name in self.rename:
            if name not in self.seen:
                hint = did_you_mean(name, self.seen) or f"the labels are {', '.join(sorted(self.seen)) or 'none'}"
                self.report.add(RENAME, f"there is no label {name!r} to rename", hint, self.call)

    def check_templates(self, *texts: YamlNode) -> None:
        """Report templates in labels and annotations that have another meaning in obscode's alerts."""
        for entry in (entry for value in texts for entry in value.content.values()):
            if _VALUE.search(entry.value.content):
                message = "the value of this alert is the burn rate, not the error ratio"
                hint = "remove it: obscode's description of the alert has the burn rate and the remaining budget"
                self.report.add(TEMPLATE, message, hint, entry.value.place)
            elif result := _SLOTH.search(entry.value.content):
                message = f"this alert has no label {result[1]!r}"
                hint = "its labels are service, slo, tier, severity, long, short, and those of the document"
                self.report.add(TEMPLATE, message, hint, entry.value.place)


def merged(*layers: YamlNode) -> YamlNode:
    """Several mappings as one; for equal keys, the last one wins."""
    return replace(layers[-1], content={name: entry for layer in layers for name, entry in layer.content.items()})


def without(value: YamlNode, name: str) -> tuple[YamlNode, YamlNode | None]:
    """A mapping without a key, and the value of that key if it has it."""
    rest = {key: entry for key, entry in value.content.items() if key != name}
    return replace(value, content=rest), value.content[name].value if name in value.content else None
