"""SLOs of Sloth: `version: prometheus/v1`, and its Kubernetes form, `kind: PrometheusServiceLevel`.

    from obscode.importers import sloth

    services = sloth.load("slos/checkout.yml")

Sloth's page alert is the tiers `page-fast` and `page-slow` here, its ticket alert the two ticket tiers, of the
same windows and factors. The format: https://github.com/slok/sloth/tree/main/pkg/prometheus/api/v1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from obscode.importers.codes import DOCUMENT, DURATION, NO_COUNTERPART, TEMPLATE
from obscode.importers.document import ImportReport, documents, origin
from obscode.importers.labels import Labels, merged, without
from obscode.importers.query import Query, parse_query
from obscode.importers.sli_from_queries import PLACEHOLDER_SLI, ImportedSli, Pair, ratio
from obscode.model import burn_rate, naming
from obscode.model.burn_rate import BurnAlert
from obscode.model.numbers import shortest_number
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.model.source import PythonCall
from obscode.promql import duration
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_section import Section

_VERSION = "prometheus/v1"
_API, _KIND = "sloth.slok.dev/v1", "PrometheusServiceLevel"
_PLUGINS = ("obscode does not run Sloth plugins", "remove them, and write in Python what they do to the rules")
_PLUGIN = (
    "obscode does not run Sloth plugins",
    "write the query that the plugin generates; `sloth generate` prints it",
)
_ANY = 99  # replaces a missing objective, so that the rest of the SLO is checked

KeyStyle = Callable[[str], str]


def load(path: str | Path, *, period: str = "30d", rename: Mapping[str, str] | None = None) -> list[Service]:
    """The services of a file, or of all YAML files in a folder, each with its SLOs.

    A relative path starts at the folder of the file that calls this function. ``period`` is the value of Sloth's
    `--default-slo-period`. ``rename`` maps labels to other names, such as those that obscode sets itself.
    Raises DocumentError for content that obscode does not support, LoadError for invalid YAML.
    """
    report, call = ImportReport(), PythonCall.of_caller().span()
    if wrong := duration.validate_duration(period):
        report.add(DURATION, *wrong, call)
        report.raise_if_any()
    labels = Labels(report, rename or {}, call)
    reader = _Reader(report, labels, period)
    for document in documents(path, report):
        reader.read(document)
    labels.report_unused_renames()
    services = reader.services()
    report.raise_if_any(services)
    return services


class _Reader:
    """The services of several documents; documents of one service are one service."""

    def __init__(self, report: ImportReport, labels: Labels, period: str) -> None:
        self.report, self.labels, self.period = report, labels, period
        self.tiers = burn_rate.tiers("auto", period)
        self.base = burn_rate.windows(self.tiers)[0]
        self.first: dict[str, YamlNode] = {}
        self.slos: dict[str, list[SLO]] = {}

    def services(self) -> list[Service]:
        """The services of all documents."""
        return [
            Service(name, slos=slos).with_origin(origin(self.first[name].place, name=self.first[name]))
            for name, slos in self.slos.items()
        ]

    def read(self, document: YamlNode) -> None:
        """Read one document."""
        keys = document.content if isinstance(document.content, Mapping) else {}
        if "apiVersion" in keys or "kind" in keys:
            self._resource(document)
        elif "version" in keys:
            known = ("version", "service", "labels", "slos", "slo_plugins")
            section = Section(self.report, document, "the document", known)
            if section.choice("version", _VERSION):
                self._spec(section, _snake)
        else:
            hint = f"a Sloth document starts with version: {_VERSION}, or with apiVersion: {_API}"
            self.report.add(DOCUMENT, "this is not a Sloth document", hint, document.place)

    def _resource(self, document: YamlNode) -> None:
        version = document.content.get("apiVersion")
        if version and str(version.value.content).startswith("openslo/"):
            message = "this is an OpenSLO document"
            self.report.add(DOCUMENT, message, "load it with obscode.importers.openslo", version.value.place)
            return
        section = Section(self.report, document, "the document", ("apiVersion", "kind", "metadata", "spec"))
        known = section.choice("apiVersion", _API, required=True) and section.choice("kind", _KIND, required=True)
        metadata = section.section("metadata", "name", "namespace", "labels", "annotations")
        for key in ("labels", "annotations"):
            if metadata and key in metadata:
                message = f"{key} of the Kubernetes object are not added to alerts or series"
                hint = "remove them, or move them to spec, whose labels are added to alerts"
                metadata.error_at(key, NO_COUNTERPART, message, hint, whole=True)
        spec = section.section("spec", "service", "labels", "slos", "sloPlugins", required=True)
        if known and spec:
            self._spec(spec, _camel)

    def _spec(self, spec: Section, key_style: KeyStyle) -> None:
        plugins = key_style("slo_plugins")
        if plugins in spec:
            spec.error_at(plugins, NO_COUNTERPART, *_PLUGINS, whole=True)
        service = spec.text("service", required=True)
        shared = spec.strings("labels")
        slos = [self._slo(value, service, shared, key_style) for value in spec.items("slos", required=True)]
        if service:
            self.first.setdefault(service, spec.entries["service"].value)
            self.slos.setdefault(service, []).extend(slos)

    def _slo(self, value: YamlNode, service: str, shared: YamlNode, key_style: KeyStyle) -> SLO:
        known = ("name", "description", "objective", "labels", "sli", "alerting", "plugins")
        section = Section(self.report, value, "the SLO", known)
        if "plugins" in section:
            section.error_at("plugins", NO_COUNTERPART, *_PLUGINS, whole=True)
        name, objective = section.text("name", required=True), section.number("objective", required=True)
        identity = {naming.SERVICE: service, naming.SLO: name}
        labels = self.labels.renamed(merged(shared, section.strings("labels")), identity)
        imported = self._sli(section.section("sli", "events", "raw", "plugin", required=True), key_style)
        guard = None if imported.guarded else 0
        named = section.value("name")
        return SLO(
            name or f"line-{section.place.line}",
            _ANY if objective is None else shortest_number(objective),
            imported.sli,
            period=self.period,
            description=section.text("description"),
            labels=labels.strings(),
            alerts=self._alerts(section, identity, key_style),
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

    def _sli(self, section: Section | None, key_style: KeyStyle) -> ImportedSli:
        if section is None:
            return PLACEHOLDER_SLI
        if "plugin" in section:
            section.error_at("plugin", NO_COUNTERPART, *_PLUGIN, whole=True)
            return PLACEHOLDER_SLI
        key = section.exactly_one("events", "raw")
        events = section.section("events", key_style("error_query"), key_style("total_query"))
        raw = section.section("raw", key_style("error_ratio_query"))
        if key == "events" and events:
            return self._events(events, key_style) or PLACEHOLDER_SLI
        if key == "raw" and raw and (query := self._query(raw, key_style("error_ratio_query"))):
            return ratio(query, self.base, self.report, keeps_labels=True) or PLACEHOLDER_SLI
        return PLACEHOLDER_SLI

    def _events(self, section: Section, key_style: KeyStyle) -> ImportedSli | None:
        errors, total = (self._query(section, key_style(key)) for key in ("error_query", "total_query"))
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

    def _alerts(self, slo: Section, identity: Mapping[str, str], key_style: KeyStyle) -> dict[str, BurnAlert | None]:
        keys = {"page": key_style("page_alert"), "ticket": key_style("ticket_alert")}
        alerting = slo.section("alerting", "name", "labels", "annotations", *keys.values())
        if alerting is None:
            return {}
        alerts = {word: self._alert(alerting, key, identity) for word, key in keys.items()}
        by_tier = {tier.name: alerts["page" if tier.severity == "page" else "ticket"] for tier in self.tiers}
        return {tier: alert for tier, alert in by_tier.items() if alert != BurnAlert()}

    def _alert(self, alerting: Section, key: str, identity: Mapping[str, str]) -> BurnAlert | None:
        own = alerting.section(key, "disable", "labels", "annotations")
        sections = [alerting, own] if own else [alerting]
        if own and own.flag("disable"):
            return None
        labels, severity = without(merged(*(s.strings("labels") for s in sections)), naming.SEVERITY)
        labels = self.labels.renamed(labels, identity)
        annotations = merged(*(s.strings("annotations") for s in sections))
        self.labels.check_templates(labels, annotations)
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
