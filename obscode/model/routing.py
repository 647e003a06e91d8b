"""Who hears of an alert: receivers and routes of Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.model.identifiers import label_problem, name_problem, url_problem
from obscode.promql import duration

#: Alertmanager's word for every label: no two alerts are grouped.
EVERY_LABEL = "..."


@dataclass(frozen=True)
class Webhook(Definition):
    """A receiver that posts alerts to a URL; ``url_file`` names a file that holds it, for secrets."""

    name: str
    _: KW_ONLY
    url: str = ""
    url_file: str = ""
    send_resolved: bool = True

    def problems(self) -> Iterator[Finding]:
        if wrong := name_problem(self.name):
            yield self.finding("receiver-name", *wrong, at="name")
        if bool(self.url) == bool(self.url_file):
            yield self.finding("receiver", "give either url= or url_file=", "url_file keeps a secret out of the code")
        elif self.url and (wrong := url_problem(self.url)):
            yield self.finding("url", *wrong, at="url")


@dataclass(frozen=True)
class Route(Definition):
    """Alerts whose labels match go to a receiver; the first route that matches decides."""

    receiver: Webhook
    _: KW_ONLY
    match: Mapping[str, str] = field(default_factory=dict)
    repeat_interval: str = ""

    def problems(self) -> Iterator[Finding]:
        if not self.match:
            yield self.finding(
                "route", "a route without match= takes every alert", "make it the default of the Routing"
            )
        for i, label in enumerate(self.match):
            if wrong := label_problem(label):
                yield self.finding("label-name", *wrong, at="match", item=i)
        if self.repeat_interval and (wrong := duration.validate_duration(self.repeat_interval)):
            yield self.finding("duration", *wrong, at="repeat_interval")


@dataclass(frozen=True)
class Routing(Definition):
    """The routing tree: ``default`` hears what no route takes. One a project."""

    default: Webhook
    _: KW_ONLY
    routes: Sequence[Route] = ()
    group_by: Sequence[str] = ("alertname", "service")
    group_wait: str = "30s"
    group_interval: str = "5m"
    repeat_interval: str = "4h"

    def receivers(self) -> tuple[Webhook, ...]:
        """Every receiver once, in the order of mention."""
        named = {w.name: w for w in [self.default, *(r.receiver for r in self.routes)]}
        return tuple(named.values())

    def problems(self) -> Iterator[Finding]:
        for at in ("group_wait", "group_interval", "repeat_interval"):
            if wrong := duration.validate_duration(getattr(self, at)):
                yield self.finding("duration", *wrong, at=at)
        yield from self._group_problems()
        yield from self._twins()

    def _group_problems(self) -> Iterator[Finding]:
        for i, label in enumerate(self.group_by):
            if label in self.group_by[:i]:
                yield self.finding("group-by", f"{label!r} is listed twice", "once is enough", at="group_by", item=i)
            elif label == EVERY_LABEL and len(set(self.group_by)) > 1:
                message = f"{label!r} stands for every label, and so alone"
                yield self.finding("group-by", message, f'write group_by=["{label}"]', at="group_by", item=i)
            elif label != EVERY_LABEL and (wrong := label_problem(label)):
                yield self.finding("label-name", *wrong, at="group_by", item=i)

    def _twins(self) -> Iterator[Finding]:
        seen: dict[str, Webhook] = {}
        for webhook in (r.receiver for r in self.routes):
            other = seen.setdefault(webhook.name, self.default if webhook.name == self.default.name else webhook)
            if other != webhook:
                yield webhook.finding(
                    "receiver-name", f"two receivers are named {webhook.name!r}", "rename one", at="name"
                )
