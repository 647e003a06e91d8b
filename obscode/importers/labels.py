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
from obscode.reader.yaml_source import YamlEntry, YamlNode

# What alerts are routed, inhibited and told apart by.
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
    """The labels of one load, some of them under other names: ``rename`` says which."""

    def __init__(self, report: ImportReport, rename: Mapping[str, str], asked: SourceSpan | None) -> None:
        self.report, self.rename, self.asked = report, rename, asked
        self.met: set[str] = set()

    def carried(self, labels: YamlNode, identity: Mapping[str, str]) -> YamlNode:
        """The labels that can stand beside obscode's own; those that cannot are told."""
        kept: dict[str, YamlEntry] = {}
        for name, entry in labels.content.items():
            self.met.add(name)
            new = self.rename.get(name, name)
            if new in kept:
                message = f"two labels are called {new!r} then"
                self.report.add(LABEL_NAME, message, "rename one of them otherwise", entry.key)
            elif new not in _OWN:
                kept[new] = entry
            elif identity.get(new) != entry.value.content:
                message = f"the label {new!r} has a meaning of its own on obscode's alerts"
                hint = f"give it another name: load(..., rename={{{name!r}: 'exported_{name}'}})"
                self.report.add(LABEL_NAME, message, hint, entry.key)
        return replace(labels, content=kept)

    def unmet(self) -> None:
        """Tell of names to rename that no label has."""
        for name in self.rename:
            if name not in self.met:
                hint = did_you_mean(name, self.met) or f"there are {', '.join(sorted(self.met)) or 'none'}"
                self.report.add(RENAME, f"no label is called {name!r}", hint, self.asked)

    def filled_in(self, *texts: YamlNode) -> None:
        """Tell of templates that mean something else here, in the labels and annotations of alerts."""
        for entry in (entry for value in texts for entry in value.content.values()):
            if _VALUE.search(entry.value.content):
                message = "the value of this alert is the burn rate, not the error ratio"
                hint = "leave it out; obscode's own description tells the burn rate, and what is left of the budget"
                self.report.add(TEMPLATE, message, hint, entry.value.place)
            elif found := _SLOTH.search(entry.value.content):
                message = f"this alert has no label {found[1]!r}"
                hint = "it has service, slo, tier, severity, long and short, and the labels of the document"
                self.report.add(TEMPLATE, message, hint, entry.value.place)


def layered(*layers: YamlNode) -> YamlNode:
    """Several mappings as one; the last that has a key says its value."""
    return replace(layers[-1], content={name: entry for layer in layers for name, entry in layer.content.items()})


def without(value: YamlNode, name: str) -> tuple[YamlNode, YamlNode | None]:
    """A mapping without a key, and the value of that key if it had it."""
    rest = {key: entry for key, entry in value.content.items() if key != name}
    return replace(value, content=rest), value.content[name].value if name in value.content else None
