"""Changes of SLOs: objective, budget, period, alerts and what is counted, with detection times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from obscode.diff.change import RISKS, Change, Edit, Risk
from obscode.diff.expressions import expression_edits
from obscode.diff.pairs import pairs
from obscode.diff.renaming import Renaming
from obscode.diff.rules.edits import duration_edits, label_edits, unmatched
from obscode.diff.rules.located import LocatedRule
from obscode.diff.sentences import counted, listed, mapping_edits, sentence
from obscode.diff.slos.detection import detection_times, period_text, span_text
from obscode.diff.slos.recognition import Key, recorded_slos
from obscode.diff.slos.slo import RecordedSlo, SloAlert, Tier
from obscode.model.numbers import format_decimal
from obscode.promql.duration import format_duration

_RANK: dict[Risk, int] = {risk: rank for rank, risk in enumerate(RISKS)}
# Annotations that are generated from the numbers of the SLO.
_GENERATED = ("description", "dashboard_url")


class SloChanges:
    """The changes of SLOs, and the rules that they explain.

    Attributes:
        changes: one for each SLO that changes.
        explained: the ids of the rules of both sides that need no change of their own.
    """

    def __init__(self, before: Sequence[LocatedRule], after: Sequence[LocatedRule]) -> None:
        self.changes: list[Change] = []
        self.explained: set[int] = set()
        old, new = recorded_slos(before), recorded_slos(after)
        for key in [key for key in old if key in new]:
            self._compare(old.pop(key), new.pop(key))
        for gone, renaming, come in list(_renamed(old, new)):
            self._rename(old.pop(gone), renaming, new.pop(come))
        for slo in old.values():
            self._add(_removed(slo), slo)
        for slo in new.values():
            self._add(_added(slo), slo)

    def _rename(self, old: RecordedSlo, renaming: Renaming, new: RecordedSlo) -> None:
        edits = list(dict.fromkeys(_edits(_with_new_name(old, renaming), new)))
        further = f", with {listed(map(str, edits))}" if edits else ""
        lost = f"{period_text(old.period)} of history are lost" if old.period else "its history is lost"
        text = (
            f"SLO {old.title} is renamed to {new.title}{further}: {counted(_count(new), 'rule')};"
            f" {lost}, because recorded series get new labels."
        )
        risk = min(("history", *(edit.risk for edit in edits)), key=_RANK.__getitem__)
        effects = (
            [f'Silences, inhibitions and routes that match slo="{old.name}" no longer match.'] if old.alerts else []
        )
        source = next(new.source_rules()).rule.source
        edits = [Edit("name", old.title, new.title, "history"), *edits]
        self._add(
            Change(
                "SLO",
                old.title,
                text,
                risk,
                "renamed",
                edits,
                source,
                effects,
                _count(new),
                _names(old, new),
                _numbers(old, new),
            ),
            old,
            new,
        )

    def _compare(self, old: RecordedSlo, new: RecordedSlo) -> None:
        if edits := list(dict.fromkeys(_edits(old, new))):
            effects = [*unmatched(edits, old.labels), *dict.fromkeys(detection_times(old, new))]
            risk = min((edit.risk for edit in edits), key=_RANK.__getitem__)
            source = next(new.source_rules()).rule.source
            text = sentence(f"SLO {new.title}", edits)
            self._add(
                Change(
                    "SLO",
                    new.title,
                    text,
                    risk,
                    "changed",
                    edits,
                    source,
                    effects,
                    _count(new),
                    numbers=_numbers(old, new),
                )
            )
            self.explained |= _explained(old, new, edits)

    def _add(self, change: Change, *slos: RecordedSlo) -> None:
        self.changes.append(change)
        self.explained |= {id(each) for slo in slos for each in slo.rules}


def _names(old: RecordedSlo, new: RecordedSlo) -> Mapping[str, str]:
    """The name of an SLO, and those of its alerts, before and after."""
    alerts = zip(old.alerts, new.alerts, strict=False)
    return {old.name: new.name, **{left.alert.name: right.alert.name for left, right in alerts}}


def _numbers(old: RecordedSlo, new: RecordedSlo) -> Mapping[str, str]:
    """The objective, the budget and the thresholds of the tiers, before and after."""
    pairs_of_values = [
        (left.threshold, right.threshold)
        for before, after in zip(old.alerts, new.alerts, strict=False)
        for left, right in zip(before.tiers, after.tiers, strict=False)
    ]
    if old.objective is not None and new.objective is not None:
        pairs_of_values += [(old.objective, new.objective), (100 - old.objective, 100 - new.objective)]
        pairs_of_values += [(left / 100, right / 100) for left, right in pairs_of_values[-2:]]
    texts = ((format_decimal(left), format_decimal(right)) for left, right in pairs_of_values)
    return {left: right for left, right in texts if left != right}


def _explained(old: RecordedSlo, new: RecordedSlo, edits: Sequence[Edit]) -> set[int]:
    """The rules of both, without those that are added or removed though windows and alerts are the same."""
    rules = [*old.rules, *new.rules]
    if any(edit.what in ("period", "windows", "tier", "alert") for edit in edits):
        return set(map(id, rules))
    shared = {each.rule.name for each in old.rules} & {each.rule.name for each in new.rules}
    return {id(each) for each in rules if each.rule.name in shared}


def _count(slo: RecordedSlo) -> int:
    """How many rules it has; files of Prometheus and Kubernetes objects may contain the same ones."""
    return len({each.identity for each in slo.rules})


def _renamed(old: Mapping[Key, RecordedSlo], new: Mapping[Key, RecordedSlo]) -> Iterator[tuple[Key, Renaming, Key]]:
    """SLOs whose rules are those of another one with its name."""
    taken: set[Key] = set()
    for gone, slo in old.items():
        for come, other in new.items():
            if come in taken or come[:2] != gone[:2]:
                continue
            renaming = Renaming(slo.name, other.name, service=slo.service)
            known = {(each.rule.name, each.rule.expr) for each in other.rules}
            renamed = (renaming.value(each.rule) for each in slo.rules)
            same = sum((each.name, each.expr) in known for each in renamed)
            if same * 2 > max(len(slo.rules), len(other.rules)):
                taken.add(come)
                yield gone, renaming, come
                break


def _with_new_name(slo: RecordedSlo, renaming: Renaming) -> RecordedSlo:
    rules = [LocatedRule(renaming.value(each.rule), each.group, each.file) for each in slo.rules]
    return next(iter(recorded_slos(rules).values()), slo)


def _removed(slo: RecordedSlo) -> Change:
    names = list(dict.fromkeys(each.alert.name for each in slo.alerts))
    alerts = f" with its alert{'s' * (len(names) > 1)} {listed(names)}" if names else ""
    text = f"SLO {slo.title}{alerts} is removed."
    source = next(slo.source_rules()).rule.source
    risk: Risk = "lost" if names else "history"
    return Change("SLO", slo.title, text, risk, "removed", (), source, (), _count(slo))


def _added(slo: RecordedSlo) -> Change:
    names = list(dict.fromkeys(each.alert.name for each in slo.alerts))
    period = f" over {period_text(slo.period)}" if slo.period else ""
    facts = [f"objective {percent(slo)}{period}", counted(_count(slo), "rule")]
    facts += [f"the {'alerts' if len(names) > 1 else 'alert'} {listed(names)}"] if names else []
    text = f"SLO {slo.title} is added with {listed(facts)}."
    source = next(slo.source_rules()).rule.source
    return Change("SLO", slo.title, text, "stricter", "added", (), source, (), _count(slo))


def percent(slo: RecordedSlo) -> str:
    """`99.9 %`."""
    return "unknown" if slo.objective is None else f"{format_decimal(slo.objective)} %"


# --- edits -------------------------------------------------------------------------------------------------------


def _edits(old: RecordedSlo, new: RecordedSlo) -> Iterator[Edit]:
    yield from _objective(old, new)
    yield from _counted(old, new)
    yield from _properties(old, new)
    same = pairs(
        old.alerts,
        new.alerts,
        [
            lambda each: (each.rule.identity, each.tiers),
            lambda each: (each.rule.identity, [tier.windows for tier in each.tiers].__repr__()),
            lambda each: each.rule.identity,
            lambda each: (each.alert.name, tuple(tier.windows for tier in each.tiers)),
            lambda each: each.alert.name,
            lambda each: each.tiers or None,
        ],
    )
    is_generated = old.objective != new.objective or old.period != new.period
    edits = [edit for left, right in same.both for edit in _alert_edits(left, right, old, new, is_generated)]
    yield from edits
    yield from (Edit("alert", each.alert.name, None, "lost") for each in same.removed)
    yield from (Edit("alert", None, each.alert.name, "stricter") for each in same.added)


def _objective(old: RecordedSlo, new: RecordedSlo) -> Iterator[Edit]:
    risk: Risk = "changed"
    if old.objective is not None and new.objective is not None and old.objective != new.objective:
        risk = "weaker" if new.objective < old.objective else "stricter"
        yield Edit("objective", percent(old), percent(new), risk)
    if old.period != new.period:
        yield Edit("period", format_duration(old.period), format_duration(new.period))
    if old.budget != new.budget and old.period == new.period:
        period = period_text(new.period)
        yield Edit("budget", span_text(old.budget), f"{span_text(new.budget)} per {period}", risk)
    elif old.budget != new.budget:
        before, after = (f"{span_text(each.budget)} per {period_text(each.period)}" for each in (old, new))
        yield Edit("budget", before, after, risk)


def _counted(old: RecordedSlo, new: RecordedSlo) -> Iterator[Edit]:
    """What differs in the expressions that count events, without their windows."""
    edits = [
        edit
        for name in old.events.keys() & new.events.keys()
        for edit in expression_edits(old.events[name], new.events[name])
        if edit.what not in ("window", "offset")
    ]
    yield from dict.fromkeys(edits)


def _properties(old: RecordedSlo, new: RecordedSlo) -> Iterator[Edit]:
    """Labels of the SLO itself, such as the owner, without what is derived."""
    derived = ("objective", "period", "dashboard_uid", "sloth_objective", "sloth_version", "sloth_mode", "sloth_spec")
    left, right = (
        {label: value for label, value in each.labels.items() if label not in derived} for each in (old, new)
    )
    yield from (replace(edit, risk="history") for edit in mapping_edits(left, right, "label"))


def _alert_edits(
    left: SloAlert, right: SloAlert, old: RecordedSlo, new: RecordedSlo, is_generated: bool
) -> Iterator[Edit]:
    name = left.alert.name
    if name != right.alert.name:
        yield Edit("alert", name, right.alert.name, "history")
    yield from (replace(edit, of=name) for edit in _tier_edits(left, right, old, new))
    yield from (replace(edit, of=name) for edit in duration_edits(left.alert, right.alert))
    known = set(old.labels) | set(new.labels)
    for edit in label_edits(left.alert, right.alert):
        if edit.what.removeprefix("label ") not in known:
            yield edit if edit.what.startswith("label ") else replace(edit, of=name)
    if not is_generated:
        texts = mapping_edits(_annotations(left), _annotations(right), "annotation")
        yield from (replace(edit, risk="text") for edit in texts)
    if not left.tiers and not is_generated:
        yield from (replace(edit, of=name) for edit in _condition(left, right))


def _annotations(each: SloAlert) -> dict[str, str]:
    return {key: text for key, text in each.alert.annotations.items() if key not in _GENERATED}


def _condition(left: SloAlert, right: SloAlert) -> Sequence[Edit]:
    return expression_edits(left.alert.expr, right.alert.expr)


def _tier_edits(left: SloAlert, right: SloAlert, old: RecordedSlo, new: RecordedSlo) -> Iterator[Edit]:
    """Factors and windows that differ; thresholds that follow from the objective do not."""
    same = pairs(left.tiers, right.tiers, [lambda tier: tier.windows])
    for before, after in same.both:
        first, second = _factor(before, old), _factor(after, new)
        if first != second and old.period == new.period:
            risk: Risk = "weaker" if second > first else "stricter"
            yield Edit(f"burn rate in {after.windows}", format_decimal(first), format_decimal(second), risk)
    moved = min(len(same.removed), len(same.added))
    for before, after in zip(same.removed, same.added, strict=False):
        yield Edit("windows", before.windows, after.windows)
        if _factor(before, old) != _factor(after, new):
            yield Edit("burn rate", format_decimal(_factor(before, old)), format_decimal(_factor(after, new)))
    yield from (Edit("tier", each.windows, None, "weaker") for each in same.removed[moved:])
    yield from (Edit("tier", None, each.windows, "stricter") for each in same.added[moved:])


def _factor(tier: Tier, slo: RecordedSlo) -> Decimal:
    """How many times as fast as allowed the budget burns at the threshold."""
    budget = (100 - (slo.objective or Decimal(0))) / 100
    return Decimal(f"{tier.threshold / budget:.4g}").normalize() + 0 if budget else tier.threshold
