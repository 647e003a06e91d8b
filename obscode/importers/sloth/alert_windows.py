"""Sloth's `kind: AlertWindows`: the windows of the alerts of all SLOs of a period, as a policy.

As in Sloth, documents of this kind replace the usual windows of all periods. Sloth's alerts have no `for`, so the tiers
keep that of the default policy.
https://github.com/slok/sloth/tree/main/pkg/prometheus/alertwindows/v1
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from obscode.importers.codes import DOCUMENT, DUPLICATE_OBJECT, DURATION, REFERENCE
from obscode.importers.document import ImportReport, documents, origin
from obscode.model import argument_types
from obscode.model.burn_rate import WORKBOOK, Tier
from obscode.model.numbers import shortest_number
from obscode.model.source import PythonCall
from obscode.promql import duration
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_section import Section

KIND = "AlertWindows"
_API = "sloth.slok.dev/v1"
_WINDOW = ("errorBudgetPercent", "shortWindow", "longWindow")
_PLACES = (("page", "quick"), ("page", "slow"), ("ticket", "quick"), ("ticket", "slow"))

Policy = Literal["auto"] | tuple[Tier, ...]


def alert_windows(path: str | Path, *, period: str = "30d") -> tuple[Tier, ...]:
    """The tiers of the AlertWindows for a period, for `SLO(policy=...)`. The path is a file or a folder.

    Raises DocumentError for content that obscode does not support, LoadError for invalid YAML.
    """
    report, call = ImportReport(), PythonCall.of_caller().span()
    windows = AlertWindows(report)
    for document in documents(path, report):
        if document.text("kind") == KIND:
            windows.read(document)
    tiers = windows.tiers.get(duration.milliseconds(period)) if not duration.validate_duration(period) else None
    if tiers is None and not report.findings:
        message = f"there are no {KIND} for a period of {period}"
        report.add(DOCUMENT, message, f"the periods are {windows.periods() or 'none'}", call)
    report.raise_if_any()
    return tiers or ()


class AlertWindows:
    """The alert windows of one import, by their period."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        self.tiers: dict[int, tuple[Tier, ...]] = {}
        self.places: dict[int, YamlNode] = {}

    def periods(self) -> str:
        """The periods, as a message lists them."""
        return ", ".join(node.content for node in self.places.values())

    def policy(self, period: str) -> Policy:
        """The policy of the SLOs of a period; missing windows are reported, as by Sloth."""
        key = duration.milliseconds(period)
        if self.tiers and key not in self.tiers:
            first = next(iter(self.places.values()))
            message = f"the {KIND} have the periods {self.periods()}, but the SLOs have {period}"
            self.report.add(REFERENCE, message, 'write the same period, or load(..., period="7d")', first.place)
        return self.tiers.get(key, "auto")

    def report_unused(self) -> None:
        """Report windows that are loaded without SLOs."""
        for node in self.places.values():
            message = f"there are {KIND}, but no SLO of Sloth"
            hint = "load the folder that contains both, or use sloth.alert_windows(path) as the policy of SLOs"
            self.report.add(REFERENCE, message, hint, node.place)

    def read(self, document: YamlNode) -> None:
        """Read one document."""
        known = ("apiVersion", "kind", "metadata", "spec")
        section = Section(self.report, document, "the document", known)
        version = section.choice("apiVersion", _API, required=True)
        spec = section.section("spec", "sloPeriod", "page", "ticket", required=True)
        if not version or spec is None:
            return
        period = _duration(spec, "sloPeriod")
        tiers = tuple(self._tiers(spec))
        if not period or len(tiers) < len(_PLACES):
            return
        key, named = duration.milliseconds(period), spec.entries["sloPeriod"].value
        if self.tiers.setdefault(key, tiers) != tiers:
            message = f"{KIND} for {period} are a duplicate of those at {self.places[key].place}"
            self.report.add(DUPLICATE_OBJECT, message, "keep one of them", named.place)
        self.places.setdefault(key, named)

    def _tiers(self, spec: Section) -> Iterator[Tier]:
        """The tiers with valid values; the others are reported."""
        alerts = {severity: spec.section(severity, "quick", "slow", required=True) for severity in ("page", "ticket")}
        for usual, (severity, speed) in zip(WORKBOOK, _PLACES, strict=True):
            alert = alerts[severity]
            window = alert.section(speed, *_WINDOW, required=True) if alert else None
            if window is None:
                continue
            budget = window.number("errorBudgetPercent", required=True)
            short, long = _duration(window, "shortWindow"), _duration(window, "longWindow")
            if budget is None or not short or not long:
                continue
            tier = usual.derive(budget=shortest_number(budget), long=long, short=short)
            places = {name: window.value(key) for name, key in zip(("budget", "short", "long"), _WINDOW, strict=True)}
            tier = tier.with_origin(origin(window.place, **places))
            errors = list(argument_types.problems(tier))
            self.report.findings += errors
            if not errors:
                yield tier


def _duration(section: Section, key: str) -> str:
    """A duration in Prometheus' notation; empty if it is invalid, which is reported."""
    text = section.text(key, required=True)
    if text and (wrong := duration.validate_duration(text)):
        section.error_at(key, DURATION, *wrong)
        return ""
    return text
