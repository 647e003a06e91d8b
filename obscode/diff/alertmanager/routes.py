"""Who gets which alerts, and how they are notified, before and after.

Both routing trees decide for an example of each class of alerts that their matchers tell apart, so that a change of the
tree is reported by what it does: reordered routes that receive the same alerts are no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.artifacts.alertmanager import AlertmanagerConfig, Route
from obscode.diff.alertmanager.alert_classes import AlertClass, alert_classes, without_special_cases
from obscode.diff.alertmanager.notifications import Difference, Notification, difference_of, notification
from obscode.diff.alertmanager.route_matchers import is_same, other_matchers
from obscode.diff.change import Change, Risk
from obscode.diff.sentences import edit, listed, quoted, sentence
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.alerts import Alert
from obscode.routing.tree import destinations

_NAMED = 4
_ALL = "All alerts"
_REST = "that match no route below the root"
_RANKS: Sequence[Risk] = ("lost", "weaker", "broken", "history", "changed", "stricter", "text", "layout")


class Routing:
    """Two versions of a configuration; ``renamed`` maps the old names of receivers to the new ones."""

    def __init__(
        self, before: AlertmanagerConfig, after: AlertmanagerConfig, renamed: Mapping[str, str], place: str
    ) -> None:
        self.before, self.after, self.renamed, self.place = before, after, renamed, place
        sending = {each.name for each in after.receivers if any(each.integrations.values())}
        names = (each.name for each in (*before.receivers, *after.receivers) if not any(each.integrations.values()))
        self.silent = frozenset(names) - sending

    def changes(self, alerts: Sequence[Alert]) -> Iterator[Change]:
        """One change for each group of alerts that are notified in another way."""
        if is_same(self.before.route, self.after.route, self.renamed):
            return
        classes = alert_classes(self.before.route, self.after.route)
        differences = {each: difference for each in classes if (difference := self._of_class(each)) is not None}
        changed = without_special_cases(differences)
        groups: dict[Difference, list[AlertClass]] = {}
        for each in changed:
            groups.setdefault(differences[each].general, []).append(each)
        members = _members(classes, alerts)
        names: dict[Difference, list[str]] = {}
        for each, difference in differences.items():
            names.setdefault(difference.general, []).extend(members.get(each, ()))
        changes = [self._change(_who(same, classes), key, names[key]) for key, same in groups.items()]
        if routes := other_matchers(self.before.route, self.after.route, self.renamed):
            yield from self._of_routes(routes, changes)
        else:
            yield from changes
        yield from self._others(alerts, list(differences))

    def _of_class(self, each: AlertClass) -> Difference | None:
        """What changes for all alerts of a class; None if it is nothing, or not the same for all."""
        first, *others = (self.difference(labels) for labels in each.examples)
        return first if all(other == first for other in others) else None

    def difference(self, labels: AlertLabels) -> Difference | None:
        """What changes for alerts with some labels; None for nothing."""
        return difference_of(self._sent(self.before, labels, self.renamed), self._sent(self.after, labels, {}))

    def _sent(self, config: AlertmanagerConfig, labels: AlertLabels, names: Mapping[str, str]) -> list[Notification]:
        return [notification(each, names) for each in destinations(config.route, labels)]

    def _of_routes(self, routes: Sequence[tuple[Route, str, str, str]], changes: Sequence[Change]) -> Iterator[Change]:
        """The routes that take other alerts, with what follows for the alerts."""
        if not changes:
            return
        risk = min((each.risk for each in changes), key=_RANKS.index)
        effects = [text for each in changes for text in (each.sentence, *each.effects)]
        for route, receiver, before, after in routes:
            text = f"The route to {quoted(receiver)}{self.place} takes alerts with {after} instead of {before}."
            edits = [edit("matchers", (before, after), risk)]
            yield Change("route", receiver, text, risk, edits=edits, source=route.source, effects=effects)

    def _others(self, alerts: Sequence[Alert], changed: Sequence[AlertClass]) -> Iterator[Change]:
        """Known alerts of no class that changes: those of which several routes together decide."""
        groups: dict[Difference, list[str]] = {}
        for alert in alerts:
            if any(alert.labels.matches(each.matchers) is not False for each in changed):
                continue
            if (difference := self.difference(alert.labels)) is not None:
                groups.setdefault(difference, []).append(alert.name)
        for difference, names in groups.items():
            yield self._change(f"Notifications of {_alerts(names)}", difference, ())

    def _change(self, who: str, difference: Difference, names: Sequence[str]) -> Change:
        effects = [f"Affects {_alerts(names)}."] if names and who != _ALL else []
        source = self.after.route.source
        if difference.edits:
            risk = min((each.risk for each in difference.edits), key=_RANKS.index)
            text = sentence(f"{who}{self.place}", difference.edits)
            return Change("route", who, text, risk, edits=difference.edits, source=source, effects=effects)
        risk, text = self._receivers_text(who, difference)
        sides = difference.before, difference.after
        receivers = edit("receivers", (listed(map(quoted, side)) for side in sides), risk)
        return Change("route", who, text, risk, edits=[receivers], source=source, effects=effects)

    def _receivers_text(self, who: str, difference: Difference) -> tuple[Risk, str]:
        old, new = difference.before, difference.after
        lost, gained = ([each for each in a if each not in b] for a, b in ((old, new), (new, old)))
        before, after = (listed(map(quoted, side)) for side in (old, new))
        if self.silent.issuperset(new) and not self.silent.issuperset(old):
            what = f"{after}, which sends nothing" if any(new) else "no receiver"
            return "lost", f"{who} go to {what}, instead of {before}{self.place}."
        if not lost:
            return "stricter", f"{who} also go to {listed(map(quoted, gained))}{self.place}."
        if not gained:
            return "lost", f"{who} no longer go to {listed(map(quoted, lost))}, only to {after}{self.place}."
        risk: Risk = "stricter" if self.silent.issuperset(old) and not self.silent.issuperset(new) else "changed"
        return risk, f"{who} go to {after} instead of {before}{self.place}."


def _who(same: Sequence[AlertClass], classes: Sequence[AlertClass]) -> str:
    """The alerts of some classes as the subject of a sentence."""
    others = [each for each in classes if each.is_general and not any(one.includes(each) for one in same)]
    if not others:
        return _ALL
    texts = [each.text for each in same if each.matchers]
    if not texts:
        return f"Alerts {_REST}"
    if len(texts) < len(same):  # also those that match no route
        if len(others) <= len(texts):
            return f"All alerts except those with {_alternatives([each.text for each in others])}"
        return f"Alerts with {_alternatives(texts)} and those {_REST}"
    return f"Alerts with {_alternatives(texts)}"


def _alternatives(texts: Sequence[str]) -> str:
    shortened = texts if len(texts) <= _NAMED else [*texts[: _NAMED - 1], f"{len(texts) - _NAMED + 1} other matchers"]
    return " or ".join(shortened)


def _members(classes: Sequence[AlertClass], alerts: Sequence[Alert]) -> Mapping[AlertClass, list[str]]:
    """The known alerts of each class, each in the most special one to which it certainly belongs."""
    members: dict[AlertClass, list[str]] = {}
    for alert in alerts:
        matches = {each: alert.labels.matches(each.matchers) for each in classes if each.matchers}
        # An alert that may match a class, by labels that its rule does not set, belongs to no other one for certain.
        rest = [] if any(result is not False for result in matches.values()) else [e for e in classes if not e.matchers]
        if own := [each for each, result in matches.items() if result] or rest:
            members.setdefault(max(own, key=lambda each: len(each.matchers)), []).append(alert.name)
    return members


def _alerts(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    return f"alert{'' if len(unique) == 1 else 's'} {listed(unique, _NAMED)}"
