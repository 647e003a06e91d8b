"""The changes of rules: added, removed, renamed and edited ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RuleGroup
from obscode.diff.change import RISKS, Change, Edit, Risk
from obscode.diff.readers import Readers
from obscode.diff.rules.durations import length
from obscode.diff.rules.edits import group_edits, interval_text, rule_edits, unmatched
from obscode.diff.rules.located import LocatedRule, Titles, located_rules
from obscode.diff.rules.pairing import pair_rules
from obscode.diff.sentences import counted, listed, quoted

_MOST_READERS = 5
_RANK: dict[Risk, int] = {risk: rank for rank, risk in enumerate(RISKS)}


class RuleChanges:
    """Compares the rules of two sides; those of SLOs are left out.

    Args:
        before: the rules of the first side.
        after: the rules of the second side.
        artifacts: all of the second side, which may read what is removed.
    """

    def __init__(self, before: Sequence[LocatedRule], after: Sequence[LocatedRule], artifacts: Artifacts) -> None:
        self.titles, self.new_titles = Titles(before), Titles(after)
        self.before, self.after = before, after
        self.pairs = pair_rules(before, after)
        self.readers, self.artifacts = Readers(artifacts), artifacts

    def changes(self) -> Iterator[Change]:
        """The changes of groups, then those of rules."""
        both = [*self.pairs.both, *self.pairs.renamed]
        groups = _GroupPairs(both)
        yield from groups.changes()
        for old, new in self.pairs.both:
            if edits := [*self._edits(old, new), *groups.interval_edits(old, new)]:
                yield self._changed(old, new, edits)
        yield from self._all_renamed(groups)
        yield from self._whole_groups(self.pairs.removed, groups.gone(self.before, self.after), is_added=False)
        yield from self._whole_groups(self.pairs.added, groups.gone(self.after, self.before), is_added=True)

    def _edits(self, old: LocatedRule, new: LocatedRule) -> list[Edit]:
        """The edits of a rule, without the new names of records that it reads if there are others."""
        edits = rule_edits(old, new)
        renamed = {a.rule.name: b.rule.name for a, b in self.pairs.renamed if not a.is_alert}
        read = [metric for metric in old.metrics if metric in renamed] if edits else []
        if not read:
            return edits
        names = "|".join(map(re.escape, read))
        expr = re.sub(rf"(?<![\w:])(?:{names})(?![\w:])", lambda match: renamed[match[0]], old.rule.expr)
        return rule_edits(LocatedRule(replace(old.rule, expr=expr), old.group, old.file), new) or edits

    # --- rules ---------------------------------------------------------------------------------------------------

    def _changed(self, old: LocatedRule, new: LocatedRule, edits: Sequence[Edit]) -> Change:
        risk = _riskiest(edits)
        effects = list(self._effects(old, edits))
        if not old.is_alert and any(edit.what.startswith("grouping") for edit in edits):
            risk = min(risk, "history", key=_RANK.__getitem__)
        title = self.titles.title(old)
        sentence = f"{title}{_verb(edits)}: {listed(map(str, edits))}."
        numbers = {edit.before: edit.after for edit in edits if edit.what == "threshold" and edit.before and edit.after}
        name, source = self.titles.name(old), new.rule.source
        return Change(old.kind, name, sentence, risk, "changed", edits, source, effects, numbers=numbers)

    def _effects(self, old: LocatedRule, edits: Sequence[Edit]) -> Iterator[str]:
        if old.is_alert:
            yield from unmatched(edits, old.rule.labels)
            return
        labels = [edit for edit in edits if edit.what.startswith("label ")]
        if labels or any(edit.what.startswith("grouping") for edit in edits):
            yield "The recorded series get other labels: their history stays with the old ones."
        if labels:
            yield from self._readers(self.readers.of_series(old.rule.name, old.rule.labels), "read the old labels")

    def _all_renamed(self, groups: _GroupPairs) -> Iterator[Change]:
        """A change for each new name; rules of one name that differ in labels have one."""
        by_name: dict[object, list[tuple[LocatedRule, LocatedRule, list[Edit]]]] = {}
        for old, new in self.pairs.renamed:
            edits = [*rule_edits(old, new), *groups.interval_edits(old, new)]
            by_name.setdefault((old.kind, old.rule.name, new.rule.name, tuple(edits)), []).append((old, new, edits))
        for same in by_name.values():
            yield self._renamed(*same[0], len({old.identity for old, _, _ in same}))

    def _renamed(self, old: LocatedRule, new: LocatedRule, edits: Sequence[Edit], count: int) -> Change:
        further = f", with {listed(map(str, edits))}" if edits else ""
        before, after = self.titles.title(old), self.new_titles.name(new)
        if count > 1:
            before, after = f"{old.kind.capitalize()} {old.rule.name}", f"{new.rule.name} in {count} rules"
        sentence = f"{before} is renamed to {after}{further}."
        risk: Risk = min(_riskiest(edits) if edits else "history", "history", key=_RANK.__getitem__)
        effects = list(self._effects_of_name(old))
        if any(effect.endswith("no longer exists.") for effect in effects):
            risk = min(risk, "broken", key=_RANK.__getitem__)
        edits = [Edit("name", old.rule.name, new.rule.name, "history"), *edits]
        name, source, names = self.titles.name(old), new.rule.source, {old.rule.name: new.rule.name}
        return Change(old.kind, name, sentence, risk, "renamed", edits, source, effects, count, names)

    def _effects_of_name(self, old: LocatedRule) -> Iterator[str]:
        name = old.rule.name
        if old.is_alert:
            yield f'Silences, inhibitions and routes that match alertname="{name}" no longer match.'
            yield from self._readers(self.readers.of_alert(name), f'read ALERTS{{alertname="{name}"}}')
        else:
            yield f"The recorded history stays under the name {name}."
            yield from self._readers(self.readers.of_series(name, old.rule.labels), f"read {name}")

    def _readers(self, readers: Sequence[str], what: str) -> Iterator[str]:
        if readers:
            text = listed(readers, _MOST_READERS)
            verb = what if len(readers) > 1 else what.replace("read", "reads", 1)
            yield f"{text[0].upper()}{text[1:]} still {verb}, which no longer exists."

    # --- rules of one side ---------------------------------------------------------------------------------------

    def _whole_groups(self, rules: Sequence[LocatedRule], gone: set[str], *, is_added: bool) -> Iterator[Change]:
        """A change for each group of several rules that is wholly added or removed, and for each further rule."""
        by_group: dict[str, list[LocatedRule]] = {}
        for rule in rules:
            by_group.setdefault(rule.group.name if rule.group.name in gone else "", []).append(rule)
        for name, members in by_group.items():
            unique = list({each.identity: each for each in members}.values())
            if name and len(unique) > 1:
                yield self._group(name, unique, is_added=is_added)
            else:
                yield from (self._one(each, is_added=is_added) for each in members)

    def _group(self, name: str, rules: Sequence[LocatedRule], *, is_added: bool) -> Change:
        parts, titles = [], self.new_titles if is_added else self.titles
        for kind in ("alert", "record"):
            names = list(dict.fromkeys(titles.name(each) for each in rules if each.kind == kind))
            if names:
                parts.append(f"{counted(len(names), kind)} ({listed(names, 12)})")
        action = "added" if is_added else "removed"
        effects = [] if is_added else [text for each in rules for text in self._lost(each)]
        sentence = f"Group {name} with {listed(parts)} is {action}."
        risk = _one_sided_risk(any(each.is_alert for each in rules), effects, is_added=is_added)
        source = rules[0].group.source or rules[0].rule.source
        return Change("group", name, sentence, risk, action, (), source, effects, len(rules))  # type: ignore[arg-type]

    def _one(self, rule: LocatedRule, *, is_added: bool) -> Change:
        titles, source = self.new_titles if is_added else self.titles, rule.rule.source
        title = titles.title(rule)
        if is_added:
            sentence = f"{title} is added{_facts(rule)}."
            return Change(rule.kind, titles.name(rule), sentence, "stricter", "added", source=source)
        effects = list(self._lost(rule))
        risk = _one_sided_risk(rule.is_alert, effects, is_added=False)
        remaining = sum(each.identity == rule.identity for each in self._named(rule.rule.name))
        if remaining:
            sentence, risk = f"A copy of {title[0].lower()}{title[1:]} is removed; {remaining} remain.", "changed"
            sentence = sentence.replace("1 remain.", "1 remains.")
        else:
            sentence = f"{title} is removed."
        return Change(rule.kind, titles.name(rule), sentence, risk, "removed", (), source, effects)

    def _lost(self, rule: LocatedRule) -> Iterator[str]:
        if rule.is_alert:
            name = rule.rule.name
            if not any(each.is_alert for each in self._named(name)):
                yield from self._readers(self.readers.of_alert(name), f'read ALERTS{{alertname="{name}"}}')
        else:
            readers = self.readers.of_series(rule.rule.name, rule.rule.labels)
            yield from self._readers(readers, f"read {rule.rule.name}")

    def _named(self, name: str) -> Sequence[LocatedRule]:
        """The rules of a name on the second side, also in files that do not differ."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> dict[str, list[LocatedRule]]:
        result: dict[str, list[LocatedRule]] = {}
        for each in located_rules(self.artifacts):
            result.setdefault(each.rule.name, []).append(each)
        return result


def _one_sided_risk(has_alerts: bool, effects: Sequence[str], *, is_added: bool) -> Risk:
    if is_added:
        return "stricter"
    return "lost" if has_alerts else "broken" if effects else "history"


def _facts(rule: LocatedRule) -> str:
    """What a new alert is like: ` with severity page, for 5m`."""
    if not isinstance(rule.rule, AlertingRule):
        return ""
    facts = [f"severity {severity}"] if (severity := rule.rule.labels.get("severity")) else []
    facts += [f"for {rule.rule.for_}"] if length(rule.rule.for_) > 0 else []
    condition = quoted(rule.rule.expr).replace('"', "`", 1)[:-1] + "`"
    return f": {condition}" + (f" with {listed(facts)}" if facts else "")


def _riskiest(edits: Sequence[Edit]) -> Risk:
    return min((edit.risk for edit in edits), key=_RANK.__getitem__, default="changed")


def _verb(edits: Sequence[Edit]) -> str:
    """What all edits mean together: ` fires later`; empty if they differ."""
    risks = {edit.risk for edit in edits}
    durations = {edit.what for edit in edits} <= {"for", "interval"}
    if risks == {"weaker"}:
        return " fires later" if durations else " is less urgent" if _is_severity(edits) else " is less sensitive"
    if risks == {"stricter"}:
        return " fires earlier" if durations else " is more urgent" if _is_severity(edits) else " is more sensitive"
    return ""


def _is_severity(edits: Sequence[Edit]) -> bool:
    return [edit.what for edit in edits] == ["severity"]


# --- groups ------------------------------------------------------------------------------------------------------


class _GroupPairs:
    """Which group is the same: one of the same name, or the one that most of its rules are in after."""

    def __init__(self, both: Sequence[tuple[LocatedRule, LocatedRule]]) -> None:
        shared: dict[tuple[int, int], int] = {}
        groups: dict[int, RuleGroup] = {}
        for old, new in both:
            key = id(old.group), id(new.group)
            groups |= {key[0]: old.group, key[1]: new.group}
            shared[key] = shared.get(key, 0) + 1
        self._pairs: dict[int, RuleGroup] = {}
        taken: set[int] = set()
        order = sorted(shared, key=lambda key: (groups[key[0]].name != groups[key[1]].name, -shared[key]))
        names = {group.name for _, group in ((0, new.group) for _, new in both)}
        for left, right in order:
            old_group, new_group = groups[left], groups[right]
            is_named = old_group.name == new_group.name
            is_most = old_group.name not in names and shared[left, right] * 2 > len(new_group.rules)
            if left not in self._pairs and right not in taken and (is_named or is_most):
                self._pairs[left] = new_group
                taken.add(right)
        self._groups = groups

    def changes(self) -> Iterator[Change]:
        """Renamed groups, and groups with another interval or other settings."""
        for left, new in self._pairs.items():
            old = self._groups[left]
            edits = list(group_edits(old, new))
            if old.name != new.name:
                edits.insert(0, Edit("name", old.name, new.name, "text"))
                further = f", with {listed(map(str, edits[1:]))}" if edits[1:] else ""
                sentence = f"Group {old.name} is renamed to {new.name}{further}."
                yield Change("group", old.name, sentence, _riskiest(edits), "renamed", edits, new.source)
            elif edits:
                rules = f" with {counted(len(new.rules), 'rule')}"
                sentence = f"Group {old.name}{rules}: {listed(map(str, edits))}."
                yield Change("group", old.name, sentence, _riskiest(edits), "changed", edits, new.source)

    def interval_edits(self, old: LocatedRule, new: LocatedRule) -> Iterator[Edit]:
        """Another interval of a rule that is in another group than before."""
        if self._pairs.get(id(old.group)) is not new.group and length(old.group.interval) != length(new.group.interval):
            yield Edit("interval", interval_text(old.group), interval_text(new.group))

    def gone(self, here: Sequence[LocatedRule], there: Sequence[LocatedRule]) -> set[str]:
        """The names of groups that only one side has."""
        return {each.group.name for each in here} - {each.group.name for each in there}
