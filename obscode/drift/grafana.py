"""Dashboards and alert rules of a Grafana, next to those that were built.

https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/
https://grafana.com/docs/grafana/latest/developers/http_api/alerting_provisioning/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.clients.grafana import GrafanaClient
from obscode.diff.change import Change, Edit
from obscode.diff.plain_settings import setting_edits
from obscode.diff.sentences import listed, quoted, sentence
from obscode.drift.normal_form import aligned, is_same
from obscode.drift.running import Sides
from obscode.reader.file_contents import read_text

# Keys that Grafana sets when it saves a dashboard.
_OF_SERVER = ("id", "version", "iteration")
# What an alert rule of Grafana says, without what Grafana counts.
_OF_RULE = ("title", "condition", "data", "for", "labels", "annotations", "noDataState", "execErrState", "isPaused")
_FILLED_IN = {"intervalMs": 1000, "maxDataPoints": 43_200, "noDataState": "NoData", "execErrState": "Error"}


def dashboard_sides(built: Sequence[Dashboard], client: GrafanaClient, strict: bool) -> tuple[Sides, Sequence[Change]]:
    """The dashboards of both, by uid, and those that are in another folder. Raises ServerError.

    Dashboards of others are read with ``strict`` only.
    """
    running: list[Dashboard] = []
    moved: list[Change] = []
    for dashboard in built:
        answer = client.dashboard(dashboard.uid) if dashboard.uid else None
        if answer is None:
            continue
        running += _read(answer["dashboard"], dashboard.source.file)
        moved += _moved(dashboard, str((answer.get("meta") or {}).get("folderTitle") or ""))
    if strict:
        known = {dashboard.uid for dashboard in built}
        for listed_one in client.dashboards():
            if listed_one["uid"] not in known and (other := client.dashboard(str(listed_one["uid"]))):
                running += _read(other["dashboard"], f"{listed_one['uid']}.json")
    return Sides(Artifacts(dashboards=built), Artifacts(dashboards=running)), moved


def _read(body: Mapping[str, Any], file: str) -> Iterable[Dashboard]:
    own = {key: value for key, value in body.items() if key not in _OF_SERVER}
    return read_text(json.dumps(own), file).dashboards


def _moved(dashboard: Dashboard, folder: str) -> Iterator[Change]:
    """Grafana names folders after those of files (`foldersFromFilesStructure`)."""
    path = PurePath(dashboard.source.file).parts
    expected = path[-2] if len(path) > 2 and path[-3] == "dashboards" else ""
    if expected and folder and folder != expected:
        edit = Edit("folder", quoted(expected), quoted(folder))
        text = sentence(f"Dashboard {quoted(dashboard.title)}", [edit])
        yield Change("dashboard", dashboard.title, text, "changed", edits=[edit])


def alert_rule_changes(
    built: Iterable[Mapping[str, Any]], running: Sequence[Mapping[str, Any]], strict: bool
) -> Iterator[Change]:
    """The alert rules that Grafana manages, by uid; ``built`` are the contents of the files for provisioning."""
    rules = [rule for content in built for group in content.get("groups") or () for rule in group.get("rules") or ()]
    by_uid = {str(rule.get("uid")): rule for rule in running}
    for rule in rules:
        title = f"Alert rule {quoted(str(rule.get('title')))} of Grafana"
        other = by_uid.pop(str(rule.get("uid")), None)
        if other is None:
            yield Change("alert", str(rule.get("title")), f"{title} is removed.", "lost", "removed")
            continue
        before = {key: rule[key] for key in _OF_RULE if key in rule}
        after = aligned(before, {key: other[key] for key in _OF_RULE if key in other}, _is_filled_in)
        if edits := list(setting_edits(before, after)):
            text = f"{title}: {listed(map(str, edits), 6)}."
            yield Change("alert", str(rule.get("title")), text, "changed", edits=edits)
    for rule in by_uid.values() if strict else ():
        name = str(rule.get("title"))
        text = f"Alert rule {quoted(name)} of Grafana is added."
        yield Change("alert", name, text, "stricter", "added")


def _is_filled_in(path: tuple[str, ...], value: Any) -> bool:
    return path[-1] in _FILLED_IN and is_same(_FILLED_IN[path[-1]], value, path[-1])
