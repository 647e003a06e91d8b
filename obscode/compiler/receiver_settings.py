"""Findings about the settings of receivers: what no Alertmanager knows, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definitions import Definitions
from obscode.model.known_keys import ALERTMANAGER
from obscode.model.output_path import key_span
from obscode.model.receivers import fields
from obscode.model.receivers.base import Integration, Receiver
from obscode.model.receivers.group import Group
from obscode.model.routing import Routing

MISSING_SETTING = Code(
    "missing-setting",
    "A receiver has the settings that its integration needs, or `global` has them for all receivers.",
    why="Alertmanager rejects the configuration otherwise.",
    bad='Routing(receivers.Email(to="shop@example.com"))',
    good='Routing(receivers.Email(to="shop@example.com", from_="alerts@example.com", smarthost="smtp.example.com:25"))',
)
UNKNOWN_SETTING = Code(
    "unknown-setting",
    "Plain data of configurations and receivers has settings that Prometheus and Alertmanager know.",
    why="Prometheus and Alertmanager reject the whole configuration otherwise.",
    bad='receivers.Slack(channel="#shop", url_file="/run/secrets/slack", settings={"link_name": True})',
    good='receivers.Slack(channel="#shop", url_file="/run/secrets/slack", settings={"link_names": True})',
)


DOCUMENTATION = {
    "Prometheus": "see https://prometheus.io/docs/prometheus/latest/configuration/configuration/",
    "Alertmanager": "see https://prometheus.io/docs/alerting/latest/configuration/",
}


def receiver_findings(definitions: Definitions) -> Iterator[Finding]:
    """Findings for the receivers of the routing; the definitions have no errors of their own."""
    if definitions.routing is None:
        return
    project, of_all = definitions.project, _of_all(definitions.routing)
    for receiver in _single(definitions.routing.receivers()):
        for integration, items in receiver.integrations_for(project).items():
            if integration not in fields.INTEGRATIONS:
                message = f"Alertmanager has no integration {integration!r}"
                hint = did_you_mean(integration, fields.INTEGRATIONS) or DOCUMENTATION["Alertmanager"]
                yield receiver.finding(UNKNOWN_SETTING, message, hint, at="integrations")
                continue
            for index, item in enumerate(items):
                settings = _Settings(receiver, integration, item, index)
                yield from settings.unknown()
                yield from settings.missing(of_all)


def _single(receivers: Iterable[Receiver]) -> Iterator[Receiver]:
    """The receivers, with those of groups in their place."""
    for receiver in receivers:
        if isinstance(receiver, Group):
            yield from _single(receiver.receivers)
        else:
            yield receiver


def _of_all(routing: Routing) -> Mapping[str, Any]:
    """The section `global` of the configuration."""
    section = routing.settings.get("global", {})
    return section if isinstance(section, Mapping) else {}


@dataclass(frozen=True)
class _Settings:
    """The settings of one integration of a receiver."""

    receiver: Receiver
    integration: str
    settings: Mapping[str, Any]
    index: int

    def unknown(self) -> Iterator[Finding]:
        """Settings that no version has."""
        known = fields.INTEGRATIONS[self.integration]
        for key, value in self.settings.items():
            if key in known:
                yield from self._unknown_below(key, value)
            else:
                message = f"{self.integration} has no setting {key!r}"
                yield self._finding(
                    UNKNOWN_SETTING, message, did_you_mean(key, known) or DOCUMENTATION["Alertmanager"], key
                )

    def _unknown_below(self, key: str, value: Any) -> Iterator[Finding]:
        """Keys of a mapping that a setting holds."""
        path = (self.integration, self.index, key)
        for each in ALERTMANAGER.unknown_below(value, "receivers", path):
            message = f"{each.section} has no setting {each.key!r}"
            hint = did_you_mean(each.key, each.known) or DOCUMENTATION["Alertmanager"]
            span = key_span(self.receiver, each.path)
            yield Finding(UNKNOWN_SETTING, message, hint, span, UNKNOWN_SETTING.severity, self.receiver)

    def missing(self, of_all: Mapping[str, Any]) -> Iterator[Finding]:
        """What neither the integration nor `global` has."""
        for keys, of_global in fields.NEEDS.get(self.integration, ()):
            if not any(map(self.settings.get, keys)) and not any(map(of_all.get, of_global)):
                arguments = [self._name(key) for key in keys if key in self._arguments] or keys
                hint = f"write {' or '.join(f'{argument}=' for argument in arguments)}"
                if of_global:
                    hint += f', or Routing(settings={{"global": {{"{of_global[0]}": ...}}}}) for all receivers'
                message = f"receiver {self.receiver.name!r} has no {arguments[0]}"
                yield self._finding(MISSING_SETTING, message, hint, "")

    @property
    def _arguments(self) -> Mapping[str, str]:
        return self.receiver.arguments() if isinstance(self.receiver, Integration) else {}

    def _name(self, key: str) -> str:
        return key if self._is_plain(key) else self._arguments.get(key, key)

    def _is_plain(self, key: str) -> bool:
        return not isinstance(self.receiver, Integration) or key in self.receiver.settings

    def _finding(self, code: Code, message: str, hint: str, key: str) -> Finding:
        """At the argument that is the key, or at its item of `settings`."""
        receiver = self.receiver
        if not isinstance(receiver, Integration):
            return receiver.finding(code, message, hint, at="integrations")
        if key in receiver.settings:
            return receiver.finding(code, message, hint, at="settings", item=list(receiver.settings).index(key))
        return receiver.finding(code, message, hint, at=self._arguments.get(key, ""))
