"""Labels and annotations of other tools' documents, on their way to alerts and to `slo:info`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from obscode.findings.finding import SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.importers.codes import LABEL_NAME, RENAME
from obscode.importers.document import ImportReport
from obscode.importers.templates import Templates
from obscode.model.burn_rate import RESERVED_LABELS
from obscode.reader.yaml_nodes import YamlEntry, YamlNode


@dataclass(frozen=True)
class Labels:
    """The labels of one import.

    Attributes:
        rename: names of labels, and the names that obscode uses.
        allow_templates: if false, templates that do more than print a label are reported.
    """

    report: ImportReport
    rename: Mapping[str, str]
    call: SourceSpan | None
    allow_templates: bool = False
    _seen: set[str] = field(default_factory=set)

    def renamed(self, labels: YamlNode, identity: Mapping[str, str]) -> YamlNode:
        """The renamed labels, without those that obscode sets; conflicts are reported."""
        retained: dict[str, YamlEntry] = {}
        for name, entry in labels.content.items():
            self._seen.add(name)
            new = self.rename.get(name, name)
            if new in retained:
                message = f"two labels are named {new!r} after renaming"
                self.report.add(LABEL_NAME, message, "give one of them another name in rename=", entry.key)
            elif new not in RESERVED_LABELS:
                retained[new] = entry
            elif identity.get(new) != entry.value.content:
                message = f"obscode sets the label {new!r} on alerts"
                hint = f"rename it: load(..., rename={{{name!r}: 'exported_{name}'}})"
                self.report.add(LABEL_NAME, message, hint, entry.key)
        return replace(labels, content=retained)

    def of_slo(self, labels: YamlNode, identity: Mapping[str, str]) -> YamlNode:
        """The labels of an SLO; a template in them is reported, since no tool expands it in recorded series."""
        result = self.renamed(labels, identity)
        return result if self.allow_templates else Templates(self.report, {}, prints_labels=False).expanded(result)

    def of_alert(self, labels: YamlNode, identity: Mapping[str, str], values: Mapping[str, str]) -> YamlNode:
        """The labels of an alert, without templates of other labels than `values` and those of the SLI."""
        return self.texts(self.renamed(labels, identity), values)

    def texts(self, texts: YamlNode, values: Mapping[str, str]) -> YamlNode:
        """Labels or annotations of an alert; `values` are the labels of the SLO, which its series do not have."""
        return Templates(self.report, values, allow_all=self.allow_templates).expanded(texts)

    def report_unused_renames(self) -> None:
        """Report names in ``rename`` that no label of any document has."""
        for name in self.rename:
            if name not in self._seen:
                hint = did_you_mean(name, self._seen) or f"the labels are {_listed(self._seen)}"
                self.report.add(RENAME, f"there is no label {name!r} to rename", hint, self.call)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def merged(*layers: YamlNode) -> YamlNode:
    """Several mappings as one; for equal keys, the last one wins."""
    return replace(layers[-1], content={name: entry for layer in layers for name, entry in layer.content.items()})


def without(value: YamlNode, name: str) -> tuple[YamlNode, YamlNode | None]:
    """A mapping without a key, and the value of that key if it has it."""
    rest = {key: entry for key, entry in value.content.items() if key != name}
    return replace(value, content=rest), value.content[name].value if name in value.content else None
