"""The file `.lint` beside dashboards, in the format of grafana/dashboard-linter: excluded rules, and mere warnings.

    exclusions:
      target-rate-interval-rule:
        reason: Top tens are of the whole range.
        entries:
        - dashboard: Apollo Server
          panel: Top 10 Duration Rate
          targetIdx: 0
    warnings:
      template-instance-rule:

A key that an entry leaves out matches everything. An entry that matches no finding is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from obscode.checks.dashboards.finding import DashboardFinding
from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.reader.yaml_nodes import YamlEntry, YamlNode

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
_MAX_DIGITS = 9


@dataclass(frozen=True)
class Entry:
    """What a rule is excluded for; empty fields match everything."""

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
            self.rule == finding.code.name
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


def read(root: YamlNode | None, rules: Iterable[str]) -> Suppressions:
    """The entries of a file; invalid ones are reported, and match nothing."""
    reader = _Reader(list(rules))
    if root:
        reader.read(root)
    return Suppressions(tuple(reader.entries), tuple(reader.findings))


class _Reader:
    def __init__(self, rules: list[str]) -> None:
        self.rules = rules
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []

    def read(self, root: YamlNode) -> None:
        for section, entry in self._members(root):
            if section not in _SECTIONS:
                self._warn(entry.key, f"there is no section {section!r}", "write exclusions or warnings")
                continue
            for rule, of_rule in self._members(entry.value):
                self._rule(section, rule, of_rule)

    def _rule(self, section: str, rule: str, entry: YamlEntry) -> None:
        if rule not in self.rules:
            hint = did_you_mean(rule, self.rules) or "obscode explain lists them"
            self._warn(entry.key, f"there is no rule {rule!r}", hint)
            return
        whole = Entry(section, rule, entry.key)
        members = dict(self._members(entry.value))
        listed = members["entries"].value if "entries" in members else None
        if listed is None or not listed.content:
            self.entries.append(whole)
        elif not listed.items:
            self._warn(listed.place, "entries is not a list", 'write "- " before each entry')
        else:
            self.entries += [read for item in listed.items if (read := self._entry(whole, item))]

    def _entry(self, whole: Entry, item: YamlNode) -> Entry | None:
        entry: Entry | None = replace(whole, place=item.place) if isinstance(item.content, Mapping) else None
        for key, (name, value) in ((m.key, (name, m.value)) for name, m in self._members(item)):
            if entry is None or name == "reason":
                continue
            if name not in _KEYS:
                self._warn(key, f"an entry has no {name!r}", f"write {', '.join(_KEYS)}")
                entry = None
            elif name == "dashboard":
                entry = replace(entry, dashboard=value.raw)
            elif name == "panel":
                entry = replace(entry, panel=value.raw)
            elif value.raw.isdecimal() and len(value.raw) < _MAX_DIGITS:
                entry = replace(entry, target=int(value.raw))
            else:
                self._warn(value.place, f"targetIdx is {value.raw!r}", "write the number of the query, counted from 0")
                entry = None
        return entry

    def _members(self, node: YamlNode) -> list[tuple[str, YamlEntry]]:
        if node.content and not node.entries:
            self._warn(node.place, f"this is {node.describe()}, not a mapping", "write `name:`, and indent its content")
        return list(node.entries.items())

    def _warn(self, span: SourceSpan, message: str, hint: str) -> None:
        self.findings.append(_warning(message, hint, span))


def _warning(message: str, hint: str, span: SourceSpan) -> Finding:
    return Finding(LINT_FILE, message, hint, span, LINT_FILE.severity)
