"""Templates in the labels and annotations of other tools' documents.

`{{ $labels.x }}` prints a label, which obscode supports. Other templates can query Prometheus or print a value that
differs from Sloth's, so they need `load(..., allow_templates=True)`. The series of Sloth's alerts have the labels of
the SLO; those of obscode's alerts do not, so their values replace the templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from obscode.findings.finding import SourceSpan
from obscode.importers.codes import TEMPLATE
from obscode.importers.document import ImportReport
from obscode.model import naming
from obscode.promql.alert_template import Action, actions
from obscode.reader.yaml_nodes import YamlEntry, YamlNode

_PRINTED = re.compile(r"\{\{(?:-\s)?\s*(?:\$labels|\.Labels)\.(?P<name>\w+)\s*(?:\s-)?\}\}")
_VALUE = re.compile(r"\$value\b|\.Value\b")
_LABEL = re.compile(r"(?:\$labels|\.Labels)\.(\w+)")
# The labels that Sloth sets, and those of obscode with the same values.
_SLOTH = {
    "sloth_service": f"{{{{ $labels.{naming.SERVICE} }}}}",
    "sloth_slo": f"{{{{ $labels.{naming.SLO} }}}}",
    "sloth_id": f"{{{{ $labels.{naming.SERVICE} }}}}-{{{{ $labels.{naming.SLO} }}}}",
}
_REMOVE = "remove it, or load(..., allow_templates=True) if its result is right with obscode's alerts, too"

_REMOVE_VALUE = "remove it: obscode's description has the burn rate; or load(..., allow_templates=True)"


@dataclass(frozen=True)
class Templates:
    """Replaces and checks the templates of an SLO's texts.

    Attributes:
        values: the labels of the SLO.
        prints_labels: templates of labels are allowed.
        allow_all: all templates are allowed.
    """

    report: ImportReport
    values: Mapping[str, str]
    prints_labels: bool = True
    allow_all: bool = False

    def expanded(self, texts: YamlNode) -> YamlNode:
        """The texts of a mapping; templates that are not allowed are reported."""
        entries = {name: self._entry(entry) for name, entry in texts.entries.items()}
        return replace(texts, content=entries)

    def _entry(self, entry: YamlEntry) -> YamlEntry:
        text = entry.value.content
        if "{{" not in text:
            return entry
        parts, position = [], 0
        for action in actions(text):
            end = action.start + len(action.text)
            parts += [text[position : action.start], self._action(action, entry.value.characters(action.start, end))]
            position = end
        return replace(entry, value=replace(entry.value, content="".join([*parts, text[position:]])))

    def _action(self, action: Action, place: SourceSpan) -> str:
        printed = _PRINTED.fullmatch(action.text) if self.prints_labels else None
        name = str(printed["name"]) if printed else ""
        if name in _SLOTH or name in self.values:
            return _SLOTH.get(name) or self.values[name]
        is_allowed = self.allow_all or (name and not name.startswith("sloth_"))
        if not is_allowed:
            self.report.add(TEMPLATE, *self._objection(action.text), place)
        return action.text

    def _objection(self, action: str) -> tuple[str, str]:
        """What is wrong with an action, and what to write."""
        if not self.prints_labels:
            return "Prometheus does not expand templates in labels of recorded series", _REMOVE
        if _VALUE.search(action):
            return "the value of this alert is the burn rate, not the error ratio", _REMOVE_VALUE
        label = _LABEL.search(action)
        if label and label[1].startswith("sloth_"):
            return f"this alert has no label {label[1]!r}", "its labels are service, slo, and those of the SLI"
        return f"the template {_shortened(action)} does more than print a label", _REMOVE


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
