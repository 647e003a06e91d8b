"""SLOs of Sloth: `version: prometheus/v1`, and its Kubernetes form, `kind: PrometheusServiceLevel`.

    from obscode.importers import sloth

    services = sloth.load("slos/checkout.yml")

Sloth's page and ticket alerts are the alerts `page` and `ticket`, with the same windows and factors.
`kind: AlertWindows` has other windows for the SLOs of a period.
The format: https://github.com/slok/sloth/tree/main/pkg/prometheus/api/v1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from obscode.importers.codes import NO_COUNTERPART, TEMPLATE
from obscode.importers.document import ImportReport, origin
from obscode.importers.labels import Labels, merged, without
from obscode.importers.query import Query, parse_query
from obscode.importers.reading import load_services
from obscode.importers.sli_from_queries import PLACEHOLDER_SLI, ImportedSli, Pair, ratio
from obscode.importers.sloth.alert_windows import KIND as ALERT_WINDOWS
from obscode.importers.sloth.alert_windows import AlertWindows, Policy, alert_windows
from obscode.model import burn_rate, naming
from obscode.model.burn_rate import BurnAlert
from obscode.model.numbers import shortest_number
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_section import Section

__all__ = ["alert_windows", "load"]

_VERSION = "prometheus/v1"
_API, _KIND = "sloth.slok.dev/v1", "PrometheusServiceLevel"
_PLUGINS = ("obscode does not run Sloth plugins", "remove them, and write in Python what they do to the rules")
_PLUGIN = (
    "obscode does not run Sloth plugins",
    "write the query that the plugin generates; `sloth generate` prints it",
)
_ANY = 99  # replaces a missing objective, so that the rest of the SLO is checked

KeyStyle = Callable[[str], str]


def load(
    path: str | Path,
    *,
    period: str = "30d",
    rename: Mapping[str, str] | None = None,
    allow_templates: bool = False,
) -> list[Service]:
    """The services of a file, or of all YAML files in a folder and below it, each with its SLOs.

    A relative path starts at the folder of the file that calls this function. ``period`` is the value of Sloth's
    `--default-slo-period`. ``rename`` maps labels to other names, such as those that obscode sets itself.
    ``allow_templates`` keeps templates in labels and annotations that do more than print a label. Documents of other
    tools are ignored. Raises DocumentError for content that obscode does not support, LoadError for invalid YAML.
    """
    return load_services(
        path,
        lambda report, labels: [Reader(report, labels, period)],
        period=period,
        rename=rename,
        allow_templates=allow_templates,
    )


class Reader:
    """The services of several documents; documents of one service are one service."""

    format = "sloth"

    def __init__(self, report: ImportReport, labels: Labels, period: str) -> None:
        self.report, self.labels, self.period = report, labels, period
        self.windows = AlertWindows(report)
        self.specs: list[tuple[Section, KeyStyle]] = []

    def read(self, document: YamlNode) -> None:
        """Read one document; SLOs are read when the alert windows of all documents are known."""
        if "apiVersion" in document.entries or "kind" in document.entries:
            self._resource(document)
            return
        known = ("version", "service", "labels", "slos", "slo_plugins")
        section = Section(self.report, document, "the document", known)
        if section.choice("version", _VERSION, required=True):
            self.specs.append((section, _snake))

    def services(self) -> list[Service]:
        """The services of all documents."""
        if not self.specs:
            self.windows.report_unused()
            return []
        policy = self.windows.policy(self.period)
        base = burn_rate.windows(burn_rate.tiers(policy, self.period))[0]
        return [
            service
            for spec, key_style in self.specs
            if (service := _Spec(self.report, self.labels, self.period, policy, base, key_style).service(spec))
        ]

    def _resource(self, document: YamlNode) -> None:
        """A Kubernetes object. Its metadata has no meaning for the SLOs, as for Sloth."""
        if document.text("kind") == ALERT_WINDOWS:
            self.windows.read(document)
            return
        known = ("apiVersion", "kind", "metadata", "spec")
        section = Section(self.report, document, "the document", known, tolerated=("status",))
        kind = section.choice("apiVersion", _API, required=True) and section.choice("kind", _KIND, required=True)
        spec = section.section("spec", "service", "labels", "slos", "sloPlugins", required=True)
        if kind and spec:
            self.specs.append((spec, _camel))


@dataclass(frozen=True)
class _Spec:
    """Reads the SLOs of one document."""

    report: ImportReport
    labels: Labels
    period: str
    policy: Policy
    base: str
    key_style: KeyStyle

    def service(self, spec: Section) -> Service | None:
        """The service of a document."""
        plugins = self.key_style("slo_plugins")
        if plugins in spec:
            spec.error_at(plugins, NO_COUNTERPART, *_PLUGINS, whole=True)
        name = spec.text("service", required=True)
        shared = self._strings(spec, "labels")
        slos = [self._slo(value, name, shared) for value in spec.items("slos", required=True)]
        named = spec.value("service")
        if named is None or not isinstance(named.content, str):  # which is reported; the model reports an empty name
            return None
        return Service(name, slos=slos).with_origin(origin(named.place, name=named))

    def _strings(self, section: Section, key: str) -> YamlNode:
        """Labels or annotations: Sloth reads numbers as strings, but not in a Kubernetes object."""
        return section.strings(key, scalars=self.key_style is _snake)

    def _slo(self, value: YamlNode, service: str, shared: YamlNode) -> SLO:
        known = ("name", "description", "objective", "labels", "sli", "alerting", "plugins")
        section = Section(self.report, value, "the SLO", known)
        if "plugins" in section:
            section.error_at("plugins", NO_COUNTERPART, *_PLUGINS, whole=True)
        name, objective = section.text("name", required=True), section.number("objective", required=True)
        identity = {naming.SERVICE: service, naming.SLO: name}
        written = merged(shared, self._strings(section, "labels"))
        labels = self.labels.of_slo(written, identity)
        imported = self._sli(section.section("sli", "events", "raw", "plugin", required=True))
        guard = None if imported.guarded else 0
        named = section.value("name")
        return SLO(
            name or f"line-{section.place.line}",
            _ANY if objective is None else shortest_number(objective),
            imported.sli,
            period=self.period,
            description=section.text("description"),
            policy=self.policy,
            labels=labels.strings(),
            alerts=self._alerts(section, identity, written.strings()),
            min_events=guard,
            min_bad=guard,
        ).with_origin(
            origin(
                named.place if named else section.place,
                name=named,
                objective=section.value("objective"),
                description=section.value("description"),
                labels=labels,
                sli=section.value("sli"),
            )
        )

    # --- the SLI --------------------------------------------------------------------------------------

    def _sli(self, section: Section | None) -> ImportedSli:
        if section is None:
            return PLACEHOLDER_SLI
        if "plugin" in section:
            section.error_at("plugin", NO_COUNTERPART, *_PLUGIN, whole=True)
            return PLACEHOLDER_SLI
        key = section.exactly_one("events", "raw")
        events = section.section("events", self.key_style("error_query"), self.key_style("total_query"))
        raw = section.section("raw", self.key_style("error_ratio_query"))
        if key == "events" and events:
            return self._events(events) or PLACEHOLDER_SLI
        if key == "raw" and raw and (query := self._query(raw, self.key_style("error_ratio_query"))):
            return ratio(query, self.base, self.report, keeps_labels=True) or PLACEHOLDER_SLI
        return PLACEHOLDER_SLI

    def _events(self, section: Section) -> ImportedSli | None:
        errors, total = (self._query(section, self.key_style(key)) for key in ("error_query", "total_query"))
        if errors is None or total is None:
            return None
        return Pair(errors, total).sli(self.base, self.report, keeps_labels=True)

    def _query(self, section: Section, key: str) -> Query | None:
        section.text(key, required=True)
        value = section.value(key)
        if value is None or not isinstance(value.content, str):
            return None
        query = parse_query(key, value, self.report)
        if query and not query.functions:
            message = f"{key} does not use {{{{.window}}}}"
            self.report.add(TEMPLATE, message, "use it as the range of each counter: [{{.window}}]", value.place)
            return None
        return query

    # --- alerts -------------------------------------------------------------------------------------------

    def _alerts(
        self, slo: Section, identity: Mapping[str, str], labels: Mapping[str, str]
    ) -> dict[str, BurnAlert | None]:
        keys = {"page": self.key_style("page_alert"), "ticket": self.key_style("ticket_alert")}
        alerting = slo.section("alerting", "name", "labels", "annotations", *keys.values())
        if alerting is None:
            return {}
        alerts = {severity: self._alert(alerting, key, identity, labels) for severity, key in keys.items()}
        return {severity: alert for severity, alert in alerts.items() if alert != BurnAlert()}

    def _alert(
        self, alerting: Section, key: str, identity: Mapping[str, str], slo_labels: Mapping[str, str]
    ) -> BurnAlert | None:
        own = alerting.section(key, "disable", "labels", "annotations")
        sections = [alerting, own] if own else [alerting]
        if own and own.flag("disable"):
            return None
        written, severity = without(merged(*(self._strings(s, "labels") for s in sections)), naming.SEVERITY)
        labels = self.labels.of_alert(written, identity, slo_labels)
        annotations = self.labels.texts(merged(*(self._strings(s, "annotations") for s in sections)), slo_labels)
        return BurnAlert(
            alerting.text("name"),
            severity=severity.content if severity else "",
            labels=labels.strings(),
            annotations=annotations.strings(),
        ).with_origin(
            origin(
                sections[-1].place,
                name=alerting.value("name"),
                severity=severity,
                labels=labels,
                annotations=annotations,
            )
        )


def _camel(key: str) -> str:
    """`error_query` as it is in a Kubernetes object: `errorQuery`."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(key: str) -> str:
    return key
