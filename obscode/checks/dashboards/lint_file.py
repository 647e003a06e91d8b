"""The file `.lint` beside dashboards, as grafana/dashboard-linter has it: rules to leave out, or only to warn of.

    exclusions:
      target-rate-interval-rule:
        reason: Top tens are of the whole range.
        entries:
        - dashboard: Apollo Server
          panel: Top 10 Duration Rate
          targetIdx: 0
    warnings:
      template-instance-rule:

An entry holds for all that it does not name. One that no finding needs is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from obscode.checks.dashboards.finding import DashboardFinding
from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.suggestions import did_you_mean

LINT_FILE = Code(
    "lint-file",
    "A file `.lint` is valid YAML, and each of its entries matches a finding.",
    severity="warning",
    why="an entry with a typo excludes nothing, and an entry that is no longer needed hides the next finding.",
    bad="exclusions:\n  rat-of-sum:",
    good="exclusions:\n  rate-of-sum:\n    reason: the sum is of gauges",
)
NAME = ".lint"

_SECTIONS = ("exclusions", "warnings")
_KEYS = ("dashboard", "panel", "targetIdx", "reason")


@dataclass(frozen=True)
class Located:
    """A value of a YAML file, and where it stands: a text, a list, or the pairs of a mapping."""

    value: str | Sequence[Located] | Sequence[tuple[Located, Located]]
    place: SourceSpan
    mapping: bool = False

    @property
    def text(self) -> str:
        """The text; an empty one for null, a list or a mapping."""
        return self.value if isinstance(self.value, str) else ""


@dataclass(frozen=True)
class Entry:
    """What a rule is left out for; empty fields hold for all."""

    section: str
    rule: str
    place: SourceSpan
    dashboard: str = ""
    panel: str = ""
    target: int | None = None

    def matches(self, finding: DashboardFinding) -> bool:
        """True if the entry applies to this finding."""
        panel, target = finding.panel, finding.target
        return (
            self.rule == finding.code
            and self.dashboard in ("", finding.dashboard)
            and (not self.panel or (panel is not None and panel.title == self.panel))
            and (self.target is None or (target is not None and target.index == self.target))
        )


@dataclass(frozen=True)
class Suppressions:
    """The entries of a file, and what is wrong with it."""

    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()

    def apply(self, finding: DashboardFinding) -> DashboardFinding | None:
        """The finding, as a warning if the file says so, or None if it is excluded; as there, warnings win."""
        sections = {entry.section for entry in self.matching(finding)}
        if "warnings" in sections:
            return replace(finding, severity="warning")
        return None if sections else finding

    def matching(self, finding: DashboardFinding) -> set[Entry]:
        """The entries that apply to this finding."""
        return {entry for entry in self.entries if entry.matches(finding)}

    def unused(self, used: Set[Entry], titles: Set[str], *, whole_folder: bool) -> Iterator[Finding]:
        """Entries that no finding matches, among those of dashboards that were linted."""
        for entry in self.entries:
            linted = entry.dashboard in titles if entry.dashboard else whole_folder
            if linted and entry not in used:
                effect = "excludes" if entry.section == "exclusions" else "changes"
                yield _warning(f"{entry.rule} {effect} nothing here", "remove the entry", entry.place)


def read(root: Located, rules: Iterable[str]) -> Suppressions:
    """The entries of a file; what is not as it should be is told, and holds for nothing."""
    reader = _Reader(list(rules))
    reader.read(root)
    return Suppressions(tuple(reader.entries), tuple(reader.findings))


class _Reader:
    def __init__(self, rules: list[str]) -> None:
        self.rules = rules
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []

    def read(self, root: Located) -> None:
        for section, given in self._members(root):
            if section.text not in _SECTIONS:
                self._warn(section, f"there is no section {section.text!r}", "write exclusions or warnings")
                continue
            for rule, what in self._members(given):
                self._rule(section.text, rule, what)

    def _rule(self, section: str, rule: Located, given: Located) -> None:
        if rule.text not in self.rules:
            hint = did_you_mean(rule.text, self.rules) or "obscode explain lists them"
            self._warn(rule, f"there is no rule {rule.text!r}", hint)
            return
        whole = Entry(section, rule.text, rule.place)
        listed = next((value for key, value in self._members(given) if key.text == "entries"), None)
        if listed is None or not listed.value:
            self.entries.append(whole)
        elif listed.mapping or isinstance(listed.value, str):
            self._warn(listed, "entries is no list", "write each behind a dash")
        else:
            items = [item for item in listed.value if isinstance(item, Located)]
            self.entries += [entry for item in items if (entry := self._entry(whole, item))]

    def _entry(self, whole: Entry, item: Located) -> Entry | None:
        entry: Entry | None = replace(whole, place=item.place) if item.mapping else None
        for key, value in self._members(item):
            if entry is None or key.text == "reason":
                continue
            if key.text not in _KEYS:
                self._warn(key, f"an entry has no {key.text!r}", f"write {', '.join(_KEYS)}")
                entry = None
            elif key.text == "dashboard":
                entry = replace(entry, dashboard=value.text)
            elif key.text == "panel":
                entry = replace(entry, panel=value.text)
            elif value.text.isdecimal() and len(value.text) < 9:
                entry = replace(entry, target=int(value.text))
            else:
                self._warn(value, f"targetIdx is {value.text!r}", "write the number of the query, counted from 0")
                entry = None
        return entry

    def _members(self, node: Located) -> list[tuple[Located, Located]]:
        if node.mapping:
            return [pair for pair in node.value if isinstance(pair, tuple)]
        if node.value:
            self._warn(node, "this is no mapping", "write a name, a colon, and what is below it further in")
        return []

    def _warn(self, node: Located, message: str, hint: str) -> None:
        self.findings.append(_warning(message, hint, node.place))


def _warning(message: str, hint: str, span: SourceSpan) -> Finding:
    return Finding(LINT_FILE.name, message, hint, span, LINT_FILE.severity)
