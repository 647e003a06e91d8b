"""The routes and receivers of the project as an AlertmanagerConfig.

The operator puts its route below the root of Alertmanager's configuration, and its settings beside those of others, so
`global` and `templates` are settings of the Alertmanager object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.artifacts.operator_fields import KINDS
from obscode.artifacts.project import Artifacts
from obscode.compiler.kubernetes.field_conversion import Conversion, resolved
from obscode.compiler.kubernetes.operator_object import OperatorObject, Problem, metadata
from obscode.compiler.notifications import with_definitions
from obscode.findings.source import Source
from obscode.model import naming
from obscode.model.targets.kubernetes import Kubernetes
from obscode.promql.selector import Matcher
from obscode.routing.tree import matchers_in

_KIND = "an AlertmanagerConfig"
_INTERVALS = ("mute_time_intervals", "time_intervals")
_OF_ALERTMANAGER = "write it in the Alertmanager object, or in the Secret with its configuration"


def objects(artifacts: Artifacts, target: Kubernetes) -> Iterator[OperatorObject]:
    """The AlertmanagerConfig of a project with a Routing, or with a configuration that is emitted as it is written."""
    if target.alertmanager_config == "none":
        return
    for config in artifacts.alertmanager_configs:
        if config.source is artifacts.project:  # no Routing
            continue
        name = naming.kubernetes_name(artifacts.project.name)
        writer = _Writer(target.alertmanager_config)
        content = {
            "apiVersion": f"monitoring.coreos.com/{target.alertmanager_config}",
            "kind": "AlertmanagerConfig",
            "metadata": metadata(target, name, target.labels_of("alertmanager_config_labels")),
            "spec": writer.spec(config),
        }
        title = f"the AlertmanagerConfig {name}"
        yield OperatorObject(f"alertmanager/{name}.yaml", content, config.source, title, tuple(writer.problems))


class _Writer:
    """Converts one configuration, and collects what has no field."""

    def __init__(self, version: str) -> None:
        self.types = KINDS[f"monitoring.coreos.com/{version}/AlertmanagerConfig"]
        self.problems: list[Problem] = []

    def spec(self, config: AlertmanagerConfig) -> dict[str, Any]:
        """The spec of the object."""
        intervals = [each for key in _INTERVALS for each in config.settings.get(key) or ()]
        name = "timeIntervals" if "timeIntervals" in self.types else "muteTimeIntervals"
        for key, value in config.settings.items():
            if key not in _INTERVALS and value:
                message = f"{_KIND} has no field for {key}, which is for all alerts"
                self.problems.append(Problem(config.source, key, message, _OF_ALERTMANAGER))
        content = {
            "route": self._route(config.route),
            "inhibitRules": [self._inhibit_rule(rule) for rule in config.inhibit_rules],
            "receivers": [self._receiver(receiver) for receiver in config.receivers],
            name: [self._interval(each, config.source) for each in intervals],
        }
        return {key: value for key, value in content.items() if value}

    def _route(self, route: Route) -> dict[str, Any]:
        content = {
            "receiver": route.receiver,
            "matchers": self._matchers(route.matchers),
            "groupBy": list(route.group_by),
            "groupWait": route.group_wait,
            "groupInterval": route.group_interval,
            "repeatInterval": route.repeat_interval,
            **self._conversion(route.source, "a route of").fields(route.settings, self.types["route"]),
            "routes": [self._route(child) for child in route.routes],
        }
        return {key: value for key, value in content.items() if value}

    def _matchers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        return [matcher_fields(matcher) for matcher in matchers_in(texts)]

    def _inhibit_rule(self, rule: InhibitRule) -> dict[str, Any]:
        if rule.name:
            message = f"an inhibition rule of {_KIND} has no field for name"
            self.problems.append(Problem(rule.source, "name", message, "leave it out"))
        content = {
            "sourceMatch": self._matchers(rule.source_matchers),
            "targetMatch": self._matchers(rule.target_matchers),
            "equal": list(rule.equal),
        }
        return {key: value for key, value in content.items() if value}

    def _receiver(self, receiver: Receiver) -> dict[str, Any]:
        if receiver.labels:
            message = f"receiver {receiver.name!r}: {_KIND} has no field for labels"
            self.problems.append(Problem(receiver.source, "labels", message, "leave them out"))
        types = resolved(resolved(self.types["receivers"])[0])
        conversion = self._conversion(receiver.source, f"receiver {receiver.name!r}:")
        return {"name": receiver.name, **conversion.fields(with_definitions(receiver.integrations), types)}

    def _interval(self, interval: Mapping[str, Any], source: Source) -> dict[str, Any]:
        """A time interval; `1:5` of days and months is a mapping here."""
        types = resolved(resolved(self.types.get("timeIntervals") or self.types["muteTimeIntervals"])[0])
        plain = {
            "name": interval.get("name", ""),
            "time_intervals": [_ranges(each) for each in interval.get("time_intervals") or ()],
        }
        return self._conversion(source, f"time interval {plain['name']!r}:").fields(plain, types)

    def _conversion(self, source: Source, what: str) -> Conversion:
        def report(at: str, message: str, hint: str) -> None:
            argument = at.rpartition(".")[2].partition("[")[0]
            self.problems.append(Problem(source, argument, f"{what} {message}", hint or _OF_ALERTMANAGER))

        return Conversion(_KIND, report)


def matcher_fields(matcher: Matcher) -> dict[str, Any]:
    """A matcher as an object."""
    return {"name": matcher.label, "value": matcher.value, "matchType": matcher.op}


def _ranges(interval: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(interval)
    if days := result.get("days_of_month"):
        result["days_of_month"] = [_range(str(each)) for each in days]
    return result


def _range(text: str) -> dict[str, int]:
    start, _, end = text.partition(":")
    return {"start": int(start), "end": int(end or start)}
