"""Routes of Alertmanager as notification policies of Grafana, and its time intervals as mute timings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, Route
from obscode.compiler.grafana_alerting import escaped
from obscode.compiler.grafana_alerting.contact_points import notifies
from obscode.model.targets.grafana_alerting import GrafanaAlerting
from obscode.promql.label_matchers import MatcherError, parse_matchers

_TIMINGS = ("group_wait", "group_interval", "repeat_interval")
#: The mute timing of routes to receivers that notify nobody: a policy of Grafana has a contact point.
ALWAYS = "always"


def policies(config: AlertmanagerConfig, target: GrafanaAlerting) -> list[dict[str, Any]]:
    """The tree of policies; none if the default receiver notifies nobody."""
    silent = {receiver.name for receiver in config.receivers if not notifies(receiver)}
    if config.route.receiver in silent:
        return []
    return [{"orgId": target.org_id, **_policy(config.route, config.route.receiver, silent)}]


def _policy(route: Route, default: str, silent: set[str]) -> dict[str, Any]:
    is_silent = route.receiver in silent
    mute = [*route.settings.get("mute_time_intervals", ()), *([ALWAYS] if is_silent else [])]
    content = {
        "receiver": default if is_silent else route.receiver,
        "object_matchers": [matcher for text in route.matchers for matcher in _matchers(text)],
        "group_by": list(route.group_by),
        **{key: getattr(route, key) for key in _TIMINGS},
        "mute_time_intervals": mute,
        "active_time_intervals": list(route.settings.get("active_time_intervals", ())),
        "continue": bool(route.settings.get("continue")),
        "routes": [_policy(below, default, silent) for below in route.routes],
    }
    return {key: value for key, value in content.items() if value}


def _matchers(text: str) -> Sequence[list[str]]:
    try:
        return [[matcher.label, matcher.op, escaped(matcher.value)] for matcher in parse_matchers(text)]
    except MatcherError:
        return []


def mute_times(config: AlertmanagerConfig, target: GrafanaAlerting) -> list[dict[str, Any]]:
    """The time intervals of the configuration, and one for routes that notify nobody."""
    intervals = [*config.settings.get("time_intervals", ()), *config.settings.get("mute_time_intervals", ())]
    silent = {receiver.name for receiver in config.receivers if not notifies(receiver)}
    if policies(config, target) and any(route.receiver in silent for route in config.route.walk()):
        always = {"times": [{"start_time": "00:00", "end_time": "24:00"}]}
        intervals.append({"name": ALWAYS, "time_intervals": [always]})
    return [{"orgId": target.org_id, **interval} for interval in intervals]
