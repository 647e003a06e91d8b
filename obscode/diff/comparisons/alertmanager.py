"""Alertmanager's configuration: who gets which alerts, receivers, inhibition, time intervals, global settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.project import Artifacts
from obscode.diff.alertmanager.inhibition import inhibition_changes
from obscode.diff.alertmanager.receivers import receiver_changes, receiver_pairs
from obscode.diff.alertmanager.routes import Routing
from obscode.diff.change import Change, Edit
from obscode.diff.pairs import pairs
from obscode.diff.plain_settings import setting_edits
from obscode.diff.sentences import counted, listed, quoted, sentence
from obscode.diff.several_configurations import changes_of_all
from obscode.reader.yaml_nodes import YamlNode
from obscode.routing.alerts import Alert, known_alerts

# https://prometheus.io/docs/alerting/latest/configuration/#file-layout-and-global-settings
_GLOBAL = {"resolve_timeout": "5m", "smtp_require_tls": True, "http_config": {"follow_redirects": True}}
_INTERVALS = ("time_intervals", "mute_time_intervals")


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of Alertmanager's configurations."""
    old, new = before.alertmanager_configs, after.alertmanager_configs
    if not old and not new:
        return
    same = pairs(
        old, new, [lambda each: (_name(each), each.source.file), _name, lambda each: not _object(each) or None]
    )
    alerts = known_alerts(after) if old and new else []

    def of_pair(a: AlertmanagerConfig, b: AlertmanagerConfig, place: str) -> Iterator[Change]:
        return _changes(a, b, alerts, place)

    def place(each: AlertmanagerConfig) -> str:
        return f" in {_title(each)}"

    is_ambiguous = len(same.both) == 1 and max(len(old), len(new)) > 1
    if is_ambiguous:
        ((a, b),) = same.both
        yield from of_pair(a, b, place(b))
    else:
        yield from changes_of_all(same.both, of_pair, place)
    for a in same.removed:
        receivers = counted(len(a.receivers), "receiver")
        text = f"The configuration of Alertmanager in {_title(a)} with {receivers} is removed."
        yield Change("Alertmanager", _title(a), text, "lost", "removed", source=a.source)
    for b in same.added:
        names = listed((quoted(each.name) for each in b.receivers), 4)
        text = f"The configuration of Alertmanager in {_title(b)} is added, with the receivers {names}."
        yield Change("Alertmanager", _title(b), text, "stricter", "added", source=b.source)


def _object(config: AlertmanagerConfig) -> str:
    """The namespace and the name of an object of the operator; empty for a file."""
    metadata = config.source.get("metadata") if isinstance(config.source, YamlNode) else None
    return "/".join(filter(None, [metadata.text("namespace"), metadata.text("name")])) if metadata else ""


def _name(config: AlertmanagerConfig) -> str | None:
    return _object(config) or None


def _is_file(config: AlertmanagerConfig) -> bool | None:
    return not _object(config) or None


def _title(config: AlertmanagerConfig) -> str:
    name = _object(config)
    return f"the AlertmanagerConfig {name}" if name else config.source.file


def _changes(
    before: AlertmanagerConfig, after: AlertmanagerConfig, alerts: Sequence[Alert], place: str
) -> Iterator[Change]:
    receivers = receiver_pairs(before.receivers, after.receivers)
    renamed = {old.name: new.name for old, new in receivers.both if old.name != new.name}
    used = frozenset(route.receiver for route in before.route.walk())
    yield from Routing(before, after, renamed, place).changes(alerts)
    yield from receiver_changes(receivers, used, place)
    yield from inhibition_changes(before.inhibit_rules, after.inhibit_rules, place)
    yield from _intervals(before, after, place)
    yield from _settings(before, after, place)
    yield from _templates(before, after, place)


def _intervals(before: AlertmanagerConfig, after: AlertmanagerConfig, place: str) -> Iterator[Change]:
    """The time intervals that routes name."""
    old, new = (_named_intervals(each) for each in (before, after))
    for name in [*old, *(name for name in new if name not in old)]:
        subject = f"Time interval {quoted(name)}{place}"
        users = sum(name in _interval_names(route.settings) for route in after.route.walk())
        effects = [f"{users} route{'' if users == 1 else 's'} use{'s' if users == 1 else ''} it."] if users else []
        if name not in new:
            yield Change("time interval", name, f"{subject} is removed.", "changed", "removed", source=before.source)
        elif name not in old:
            yield Change("time interval", name, f"{subject} is added.", "changed", "added", source=after.source)
        elif edits := list(setting_edits(old[name], new[name])):
            text = sentence(subject, edits)
            yield Change("time interval", name, text, "changed", edits=edits, source=after.source, effects=effects)


def _named_intervals(config: AlertmanagerConfig) -> dict[str, Any]:
    items = [item for key in _INTERVALS for item in config.settings.get(key) or () if isinstance(item, Mapping)]
    return {str(item.get("name")): {k: v for k, v in item.items() if k != "name"} for item in items}


def _interval_names(settings: Mapping[str, Any]) -> list[str]:
    return [name for key in ("mute_time_intervals", "active_time_intervals") for name in settings.get(key) or ()]


def _settings(before: AlertmanagerConfig, after: AlertmanagerConfig, place: str) -> Iterator[Change]:
    old, new = (
        {key: value for key, value in each.settings.items() if key not in (*_INTERVALS, "templates")}
        for each in (before, after)
    )
    edits = list(setting_edits(old, new, {"global": _GLOBAL}))
    edits += _listed_edits(before.settings.get("templates"), after.settings.get("templates"))
    if edits:
        text = sentence(f"Alertmanager{place}", edits)
        yield Change("Alertmanager", _title(after), text, "changed", edits=edits, source=after.source)


def _listed_edits(before: Any, after: Any) -> list[Edit]:
    old, new = ([str(item) for item in value] if isinstance(value, list) else [] for value in (before, after))
    removed = [Edit("template file", quoted(item), None) for item in old if item not in new]
    return [*removed, *(Edit("template file", None, quoted(item)) for item in new if item not in old)]


def _templates(before: AlertmanagerConfig, after: AlertmanagerConfig, place: str) -> Iterator[Change]:
    for name in sorted({*before.templates} | {*after.templates}):
        old, new = before.templates.get(name), after.templates.get(name)
        if old != new:
            what = "is added" if old is None else "is removed" if new is None else "differs"
            text = f"The template {quoted(name)} of notifications{place} {what}."
            yield Change("template", name, text, "text", source=after.source)
