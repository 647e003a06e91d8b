"""Alert policies of OpenSLO v1 as tiers: a burn rate, and its window.

A condition has one window. The short window, by which an alert resolves early, is a twelfth of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from obscode.importers.codes import NO_COUNTERPART
from obscode.importers.document import ImportReport, origin
from obscode.importers.labels import Labels, merged
from obscode.importers.openslo.objects import Object, Objects, shorthand
from obscode.model import naming, severities
from obscode.model.burn_rate import BurnAlert, Tier, duration_ms
from obscode.model.no_data import NoData
from obscode.model.numbers import shortest_number
from obscode.promql import duration
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlNode
from obscode.reader.yaml_section import Section

_TWELFTH = 12
_MINUTE = 60_000
_SHORTEST = 5 * _MINUTE
_HIGHEST = 1_000_000  # with an objective of 99.9999 %, a total outage has this burn rate
_DIGITS = 9  # of a budget: enough to get the threshold back


@dataclass(frozen=True)
class Alerting:
    """The alerts of an SLO: its tiers, their settings, and the alerts for missing data."""

    policy: Literal["auto"] | tuple[Tier, ...]
    alerts: Mapping[str, BurnAlert | None]
    no_data: NoData | None = None


@dataclass(frozen=True)
class _After:
    """The `alertAfter` of a condition: a duration, empty for none, and where it is written."""

    duration: str
    value: YamlNode | None


@dataclass(frozen=True)
class Policies:
    """Reads the alert policies of one SLO."""

    objects: Objects
    labels: Labels
    report: ImportReport
    period: str
    identity: Mapping[str, str] = field(default_factory=dict)
    slo_labels: Mapping[str, str] = field(default_factory=dict)

    def read(self, slo: Section, annotations: YamlNode) -> Alerting:
        """The alerts of all policies, the shortest window first; the default alerts if there are no policies."""
        annotations = self.labels.texts(annotations, self.slo_labels)
        items = slo.items("alertPolicies")
        policies = [
            self.objects.inline_or_named("AlertPolicy", item, "the alert policy", "alertPolicyRef") for item in items
        ]
        no_data, result = None, []
        for policy in policies:
            if policy:
                no_data = self._no_data(policy.spec) or no_data
                result.append(self._alert(policy, annotations))
        tiers = sorted((each for each in result if each), key=lambda each: duration_ms(each[0].long))
        if tiers:
            return Alerting(tuple(tier for tier, _ in tiers), {tier.name: alert for tier, alert in tiers}, no_data)
        where = origin(annotations.place, annotations=annotations)
        usual = BurnAlert(annotations=annotations.strings()).with_origin(where)
        off = dict.fromkeys(severities.GENERATED, None if items else usual)
        return Alerting("auto", off if items or annotations.content else {}, no_data)

    def read_all(self) -> None:
        """Read all objects of alerts, also those to which no SLO refers."""
        for policy in self.objects.of("AlertPolicy"):
            self._alert(policy, YamlNode({}, policy.place))
        for condition in self.objects.of("AlertCondition"):
            self._tier(condition, condition)
        for target in self.objects.of("AlertNotificationTarget"):
            target.spec.text("target", required=True)

    def _no_data(self, spec: Section) -> NoData | None:
        if spec.flag("alertWhenNoData") is not False:
            return None
        return NoData(metric_missing="", traffic_stopped="", no_traffic="").with_origin(
            origin(spec.entries["alertWhenNoData"].key)
        )

    def _alert(self, policy: Object, annotations: YamlNode) -> tuple[Tier, BurnAlert] | None:
        spec = policy.spec
        if spec.flag("alertWhenResolved"):
            hint = "remove it; receivers.Webhook(send_resolved=True) in the Routing sends resolved alerts"
            spec.error_at(
                "alertWhenResolved", NO_COUNTERPART, "obscode has no alerts for resolved problems", hint, whole=True
            )
        if "alertWhenBreaching" not in spec:
            spec.missing("alertWhenBreaching")
        targets = [target for item in spec.items("notificationTargets") if (target := self._target(item))]
        conditions = spec.items("conditions", required=True)
        if len(conditions) > 1:
            hint = "write a policy for each condition"
            spec.error_at("conditions", INVALID_VALUE, "a policy has one condition", hint, whole=True)
        for item in conditions[:1]:
            condition = self.objects.inline_or_named("AlertCondition", item, "the condition", "conditionRef")
            result = self._tier(policy, condition) if condition else None
            if condition and result and spec.flag("alertWhenBreaching"):
                tier, after = result
                return tier, self._burn_alert(tier, after, (policy, condition, *targets), targets, annotations)
        return None

    def _target(self, item: YamlNode) -> Object | None:
        target = self.objects.inline_or_named("AlertNotificationTarget", item, "the notification target", "targetRef")
        if target:
            target.spec.text("target", required=True)
        return target

    def _tier(self, policy: Object, condition: Object) -> tuple[Tier, _After] | None:
        """The tier of a condition, and its `alertAfter`."""
        severity = condition.spec.text("severity", required=True)
        known = ("kind", "op", "threshold", "lookbackWindow", "alertAfter")
        burning = condition.spec.section("condition", *known, required=True)
        if burning is None:
            return None
        burning.choice("kind", "burnrate")
        burning.choice("op", "gt", "gte")
        threshold = burning.number("threshold", required=True)
        long = shorthand(burning, "lookbackWindow", required=True)
        after = _After(shorthand(burning, "alertAfter", zero=True), burning.value("alertAfter"))
        short = _short(burning, long) if long else ""
        if threshold is not None and not 0 < threshold <= _HIGHEST:
            burning.error_at(
                "threshold",
                INVALID_VALUE,
                f"a burn rate of {threshold} is out of range",
                "write a positive number, such as 14.4",
            )
            return None
        if threshold is None or not severity or not short:
            return None
        window = burning.value("lookbackWindow")
        tier = Tier(
            policy.name,
            severity=severity,
            budget=shortest_number(round(100 * threshold * duration_ms(long) / duration_ms(self.period), _DIGITS)),
            long=long,
            short=short,
        ).with_origin(
            origin(
                policy.place,
                name=policy.named,
                severity=condition.spec.value("severity"),
                budget=burning.value("threshold"),
                long=window,
                short=window,
            )
        )
        return tier, after

    def _burn_alert(
        self, tier: Tier, after: _After, result: tuple[Object, ...], targets: list[Object], annotations: YamlNode
    ) -> BurnAlert:
        identity = {**self.identity, naming.SEVERITY: tier.severity}
        labels = self.labels.of_alert(self.objects.labels(*result), identity, self.slo_labels)
        own = self.labels.texts(self.objects.annotations(*result), self.slo_labels)
        texts = merged(annotations, own)
        policy, condition = result[:2]
        texts_of_policy = {
            "alert_policy": policy.summary,
            "alert_condition": condition.summary,
            "notification_target": "; ".join(_target_text(target) for target in targets),
        }
        names = ",".join(target.name for target in targets)
        return BurnAlert(
            for_=after.duration,
            labels=({"notification_target": names} if names else {}) | labels.strings(),
            annotations={name: _escaped(text) for name, text in texts_of_policy.items() if text} | texts.strings(),
        ).with_origin(origin(policy.place, for_=after.value, labels=labels, annotations=texts))


def _escaped(text: str) -> str:
    """A description, in which no tool expands templates."""
    return text.replace("{{", '{{"{{"}}')


def _short(burning: Section, long: str) -> str:
    """The short window, in whole minutes."""
    twelfth = round(duration_ms(long) / _TWELFTH / _MINUTE) * _MINUTE
    short = max(twelfth, _SHORTEST)
    if short < duration_ms(long):
        return duration.format_duration(short)
    message = f"a lookbackWindow of {long} is too short: obscode needs a shorter second window"
    burning.error_at("lookbackWindow", NO_COUNTERPART, message, "write 10m or more")
    return ""


def _target_text(target: Object) -> str:
    value = target.spec.value("target")
    return ", ".join(text for text in (str(value.content) if value else "", target.summary) if text)
