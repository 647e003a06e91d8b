"""Who gets an alert whose labels change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.alertmanager import Route
from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change, Edit
from obscode.diff.pairs import pairs
from obscode.diff.sentences import listed, quoted
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.alerts import known_alerts
from obscode.routing.tree import destinations


def with_receivers(changes: Sequence[Change], before: Artifacts, after: Artifacts) -> list[Change]:
    """The changes, where those of the labels of alerts have other receivers as an effect."""
    relabeled = {id(each) for each in changes if each.kind == "alert" and any(map(_is_of_label, each.edits))}
    if not relabeled:
        return list(changes)
    texts = _texts(before, after)
    return [
        replace(each, effects=(*each.effects, texts[each.name]))
        if id(each) in relabeled and each.name in texts
        else each
        for each in changes
    ]


def _is_of_label(edit: Edit) -> bool:
    return edit.what.startswith(("label", "severity"))


def _texts(before: Artifacts, after: Artifacts) -> Mapping[str, str]:
    """By alert, its receivers after and before; nothing without one Alertmanager on both sides."""
    if len(before.alertmanager_configs) != 1 or len(after.alertmanager_configs) != 1:
        return {}
    old, new = (each.alertmanager_configs[0].route for each in (before, after))
    same = pairs(
        known_alerts(before),
        known_alerts(after),
        [lambda each: (each.name, tuple(sorted(each.rule.labels.items()))), lambda each: each.name],
    )
    texts = {}
    for a, b in same.both:
        names = _receivers(old, a.labels), _receivers(new, b.labels)
        if all(names) and names[0] != names[1]:
            texts[b.name] = f"It goes to {names[1]} instead of {names[0]}."
    return texts


def _receivers(root: Route, labels: AlertLabels) -> str:
    """The receivers of an alert; empty where they depend on its series."""
    routes = destinations(root, labels)
    return listed(dict.fromkeys(quoted(each.receiver) for each in routes)) if all(r.is_certain for r in routes) else ""
