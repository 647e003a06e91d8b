"""The series of each family: labels for which every selector matches, and every join finds its other side.

Each series belongs to one of a few entities, numbered instances. All labels of an entity have the values of its number,
so that series of two metrics with some common labels belong together, and `group_left` finds one series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from obscode.findings.suggestions import likely_typo
from obscode.model.metrics import Metric
from obscode.promql.selector import Matcher
from obscode.simulation.families import Family, Labels, Member, Read, bounds_of, quantiles_of
from obscode.simulation.label_values import ENTITIES, accepts, choose, is_fixed, requires, usual_value, usual_values
from obscode.simulation.uses import Link, Use

# Labels of which a client library writes each value of each other one, for a metric that a catalog declares.
_MOST_OF_CATALOG = 48
_MOST = 300
_PARTS = frozenset(("le", "quantile"))
_BOUNDS = ("0.01", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf")
_OF_TARGET = ("instance", "job")


@dataclass(frozen=True)
class Target:
    """A scraped target.

    Attributes:
        labels: `job`, `instance` and those of its job.
        number: its place among the targets of its service.
        metric: the declaration of the metric that it exposes: several services may declare one of the same name.
    """

    labels: Labels
    number: int = 0
    metric: Metric | None = None


@dataclass
class Population:
    """Series by family, which grows by each use that none matches."""

    targets: Mapping[str, Sequence[Target]] = field(default_factory=dict)
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    members: dict[str, dict[Labels, Member]] = field(default_factory=dict)

    def prepare(self, families: Mapping[str, Read], links: Iterable[Link]) -> None:
        """Note the names of labels of each family."""
        for name, read in families.items():
            read.metrics = _metrics(self.targets.get(name, ()))
            self.names[name] = self.names.get(name, frozenset()) | _label_names(read)
        of_series = {use.metric: name for name, read in families.items() for use in read.uses}
        linked = [(sorted({of_series[m] for m in link.metrics if m in of_series}), link.ignored) for link in links]
        for _ in range(3):
            for names, ignored in linked:
                shared = frozenset[str]().union(*(self.names[name] for name in names)) - ignored
                for name in names:
                    if not families[name].is_declared:
                        self.names[name] |= shared
        for name, read in families.items():
            only = [use.only for use in read.uses if use.only is not None]
            if only and ":" in name:
                self.names[name] &= only[0] | {m.label for use in read.uses for m in use.matchers}

    def add_declared(self, read: Read) -> None:
        """The series of a declared metric: each value of each label, for each target."""
        metric = read.metric
        if metric is None or not (read.is_declared or metric.more_labels) or self.members.get(read.name):
            return
        if not self.targets.get(read.name):
            return
        for target in self._targets_of(read):
            declared = target.metric or metric
            labels = [label for label in declared.labels if label not in _PARTS]
            choices = [self._declared_values(read, declared, label) for label in labels]
            for values in list(product(*choices))[:_MOST_OF_CATALOG]:
                own = dict(target.labels) | {k: v for k, v in zip(labels, values, strict=True) if v}
                self._add(read.name, own, target.number)

    def _declared_values(self, read: Read, metric: Metric, label: str) -> Sequence[str]:
        declared = metric.label_values().get(label) or metric.observed.get(label)
        if declared:
            return sorted(declared)
        matchers = dict.fromkeys(m for use in read.uses for m in use.matchers if m.label == label and is_fixed(m))
        values = dict.fromkeys(usual_values(label)[:2])
        for matcher in matchers:
            if (value := choose(label, (matcher,), 0)) is not None and not any(accepts([matcher], v) for v in values):
                values[value] = None
        return list(values)

    def _targets_of(self, read: Read) -> Sequence[Target]:
        return self.targets.get(read.name) or [Target((("instance", usual_value("instance", 0)), ("job", "app")))]

    # --- uses --------------------------------------------------------------------------------------------------------

    def cover(self, read: Read, *, every_entity: bool = True) -> None:
        """Add the series that the uses of a family need, those with the most matchers first."""
        for use in sorted(dict.fromkeys(read.uses), key=_weight, reverse=True):
            matchers = tuple(m for m in use.matchers if m.label not in _parts(read))
            matching = [m for m in self.members.get(read.name, {}).values() if _selects(matchers, m)]
            if matching and (not every_entity or self.targets.get(read.name)):
                continue
            if read.metric is not None and self._cover_beside(read, matchers):
                continue
            for entity in range(ENTITIES) if every_entity else self._nearest(matchers):
                self._cover(read, matchers, entity)

    def _cover_beside(self, read: Read, matchers: Sequence[Matcher]) -> bool:
        """Add series that differ from those of a declared metric only in what matchers require: errors of a model.

        Returns False if there are none.
        """
        beside = [m for m in self.members.get(read.name, {}).values() if _selects(self._of_target(read, matchers), m)]
        others = {
            label: [m for m in matchers if m.label == label] for label in dict.fromkeys(m.label for m in matchers)
        }
        metric, added = read.metric, False
        for member in beside[:ENTITIES]:
            labels, changed = dict(member.labels), {}
            for label, own in others.items():
                if not _selects(own, member):
                    changed[label] = self._value(metric, label, tuple(own), member.entity, {})
            if changed and all(changed.values()) and changed.keys() <= labels.keys():
                self._add(read.name, labels | {k: v for k, v in changed.items() if v}, member.entity)
                added = True
        return added

    def _of_target(self, read: Read, matchers: Sequence[Matcher]) -> Sequence[Matcher]:
        """The matchers of labels that targets have."""
        names = {name for target in self._targets_of(read) for name, _ in target.labels}
        return [matcher for matcher in matchers if matcher.label in names]

    def selected(self, name: str, use: Use) -> list[Labels]:
        """The labels of the series of a family that a use selects."""
        members = self.members.get(name, {}).values()
        return [member.labels for member in members if _selects(use.matchers, member)]

    def _cover(self, read: Read, matchers: Sequence[Matcher], entity: int) -> None:
        names = self.names.get(read.name, frozenset())
        target = self._target(read, matchers, entity)
        metric = (target and target.metric) or read.metric
        if metric is not None and read.is_declared:
            allowed = {*metric.labels, *(name for each in self._targets_of(read) for name, _ in each.labels)}
            if any(requires(m) and m.label not in allowed for m in matchers):
                return
            names = names & allowed if len(read.metrics) > 1 else names
        labels: dict[str, str] = {}
        base = dict(target.labels) if target else {}
        for label in sorted({*names, *base, *(m.label for m in matchers)}):
            own = tuple(m for m in matchers if m.label == label)
            value = self._value(metric, label, own, entity, base)
            if value is None:
                return
            if value and (label in names or label in base or any(map(requires, own))):
                labels[label] = value
        bounds = _BOUNDS if "le" in names and not any(m.label == "le" for m in matchers) else ()
        for bound in bounds:  # recorded rates of buckets
            self._add(read.name, {**labels, "le": bound}, entity)
        if not bounds:
            self._add(read.name, labels, entity)

    def _target(self, read: Read, matchers: Sequence[Matcher], entity: int) -> Target | None:
        """The target of an entity: one that the matchers accept, if there is one."""
        targets = self.targets.get(read.name)
        if not targets:
            return None
        accepted = [target for target in targets if _accepts(matchers, target)] or targets
        return accepted[entity % len(accepted)]

    def _value(
        self, metric: Metric | None, label: str, matchers: tuple[Matcher, ...], entity: int, base: Mapping[str, str]
    ) -> str | None:
        fixed = [m for m in matchers if is_fixed(m)]
        if label in base:
            return base[label] if accepts(fixed, base[label]) else None
        if any(m.op in ("=", "=~") and m.value == "" for m in fixed):
            return ""
        declared = metric.label_values().get(label) if metric else None
        if declared:
            return next((value for value in sorted(declared) if accepts(fixed, value)), None)
        if accepts(fixed, usual := usual_value(label, entity)):
            return usual
        value = choose(label, matchers, entity)
        if value and metric and likely_typo(value, metric.observed.get(label, ())):
            return None
        return value if value is not None or any(map(requires, matchers)) else ""

    def _nearest(self, matchers: Sequence[Matcher]) -> Sequence[int]:
        """The entity whose usual values most matchers accept."""
        scores = [sum(accepts([m], usual_value(m.label, entity)) for m in matchers) for entity in range(ENTITIES)]
        return [scores.index(max(scores))]

    def _add(self, name: str, labels: Mapping[str, str], entity: int) -> None:
        members = self.members.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        if len(members) < _MOST * max(1, len(_metrics(self.targets.get(name, ())))):
            members.setdefault(key, Member(key, entity))

    # --- joins -------------------------------------------------------------------------------------------------------

    def keep_one(self, read: Read) -> None:
        """Leave one series for the labels of a join whose side has at most one."""
        members = self.members.get(read.name, {})
        uses = list(dict.fromkeys(read.uses))
        worth = {key: sum(_selects(use.matchers, member) for use in uses) for key, member in members.items()}
        for use in uses:
            if use.one is None or use.one & _parts(read):
                continue
            seen: dict[Labels, Labels] = {}
            for key in sorted(members, key=lambda key: -worth[key]):
                if _selects(use.matchers, members[key]):
                    shared = tuple((k, v) for k, v in key if k in use.one)
                    left = tuple((k, v) for k, v in key if use.among is None or k in use.among)
                    if seen.setdefault(shared, left) != left:
                        del members[key]

    def families(self, reads: Mapping[str, Read], units: Mapping[str, str]) -> tuple[Family, ...]:
        """The families with their series."""
        return tuple(
            Family(
                name,
                read.kind,
                tuple(self.members[name].values()),
                bounds_of(read) if read.kind == "histogram" else (),
                quantiles_of(read) if read.kind == "summary" else (),
                frozenset(use.hint for use in read.uses if use.hint),
                tuple(dict.fromkeys(c for use in read.uses for c in use.conditions)),
                max((use.reach for use in read.uses), default=0),
                min((use.window for use in read.uses if use.window), default=0),
                read.metric.unit if read.metric and read.metric.unit else units.get(name, ""),
                ":" in name,
            )
            for name, read in sorted(reads.items())
            if self.members.get(name)
        )


def _label_names(read: Read) -> frozenset[str]:
    names = {label for use in read.uses for label in use.labels}
    names |= {m.label for use in read.uses for m in use.matchers if requires(m)}
    if read.metric is not None:
        names |= set(read.metric.labels)
        names |= {label for metric in read.metrics for label in metric.labels}
    elif ":" not in read.name:
        names |= set(_OF_TARGET)
    return frozenset(names) - _parts(read) - {"__name__"}


def _parts(read: Read) -> frozenset[str]:
    """The labels that tell the parts of a family apart."""
    return _PARTS if read.kind in ("histogram", "summary") else frozenset()


def _metrics(targets: Iterable[Target]) -> tuple[Metric, ...]:
    """The different declarations of a metric that targets expose."""
    return tuple({id(target.metric): target.metric for target in targets if target.metric}.values())


def _accepts(matchers: Sequence[Matcher], target: Target) -> bool:
    """Whether matchers accept the labels that the target has."""
    labels = dict(target.labels)
    return all(accepts([m], labels[m.label]) for m in matchers if m.label in labels and is_fixed(m))


def _weight(use: Use) -> int:
    return sum(m.op in ("=", "=~") and is_fixed(m) for m in use.matchers)


def _selects(matchers: Sequence[Matcher], member: Member) -> bool:
    labels = dict(member.labels)
    for matcher in matchers:
        value = labels.get(matcher.label, "")
        if matcher.label in _PARTS and not value:
            continue
        if not is_fixed(matcher):
            if not value and matcher.op in ("=", "=~"):
                return False
        elif not accepts((matcher,), value):
            return False
    return True
