"""SLOs of OpenSLO: `apiVersion: openslo/v1`, and `openslo/v1alpha`, the version that Sloth reads.

    from obscode.importers import openslo

    services = openslo.load("slos")  # a folder: its files may refer to each other

https://github.com/OpenSLO/OpenSLO
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from obscode.importers.codes import NO_COUNTERPART, OBJECTIVE
from obscode.importers.document import ImportReport, origin
from obscode.importers.labels import Labels
from obscode.importers.openslo import v1alpha
from obscode.importers.openslo.alerts import Alerting, Policies
from obscode.importers.openslo.indicator import METHODS, Budget, Indicators
from obscode.importers.openslo.objects import Object, Objects, shorthand
from obscode.importers.reading import load_services
from obscode.importers.sli_from_queries import PLACEHOLDER_SLI, ImportedSli
from obscode.model import burn_rate, naming
from obscode.model.identifiers import slug
from obscode.model.numbers import shortest_number
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlNode
from obscode.reader.yaml_section import Section

_PERIOD = "30d"  # of an SLO without a time window
_ANY = 99  # replaces an invalid objective, so that the rest of the SLO is checked
_COMPOSITE = ("indicator", "indicatorRef", "compositeWeight")
_SLICE = ("timeSliceTarget", "timeSliceWindow")
_OBJECTIVE = ("displayName", "op", "value", "target", "targetPercent", *_SLICE, *_COMPOSITE)


def load(path: str | Path, *, rename: Mapping[str, str] | None = None, allow_templates: bool = False) -> list[Service]:
    """The services of a file, or of all YAML files in a folder and below it, each with its SLOs.

    A relative path starts at the folder of the file that calls this function. ``rename`` maps labels to other names,
    such as those that obscode sets itself. ``allow_templates`` keeps templates in labels and annotations that do more
    than print a label. Documents of other tools are ignored. Raises DocumentError for content that obscode does not
    support, LoadError for invalid YAML.
    """
    return load_services(
        path,
        lambda report, labels: [Reader(report, labels, _PERIOD)],
        period=_PERIOD,
        rename=rename,
        allow_templates=allow_templates,
    )


class Reader:
    """The services of one import, from its objects."""

    format = "openslo"

    def __init__(self, report: ImportReport, labels: Labels, period: str) -> None:
        self.report, self.labels, self.period = report, labels, period
        self.objects = Objects(report)
        self.indicators = Indicators(self.objects, report)

    def read(self, document: YamlNode) -> None:
        """Read one document; its references are resolved when all documents are known."""
        self.objects.add(document)

    @cached_property
    def of_service(self) -> dict[str, Object]:
        """The objects of kind Service."""
        return {document.name: document for document in self.objects.of("Service")}

    def services(self) -> list[Service]:
        """Every service with an object or an SLO."""
        slos: dict[str, list[SLO]] = {name: [] for name in self.of_service}
        first: dict[str, YamlNode | None] = {name: document.named for name, document in self.of_service.items()}
        for document in self.objects.of("SLO"):
            name = document.spec.text("service", required=True)
            result = self._alpha(document, name) if document.is_alpha else self._slos(document, name)
            slos.setdefault(name, []).extend(result)
            first.setdefault(name, document.spec.value("service"))
        self._read_all()
        return [
            Service(
                name,
                description=self.of_service[name].summary if name in self.of_service else "",
                slos=slos[name],
            ).with_origin(origin(value.place, name=value))
            for name, value in first.items()
            if name and value
        ]

    def _read_all(self) -> None:
        """Read objects to which no SLO refers, to report their errors."""
        for sli in self.objects.of("SLI"):
            self.indicators.parse(sli)
        for source in self.objects.of("DataSource"):
            source.spec.text("type", required=True)
        Policies(self.objects, self.labels, self.report, self.period).read_all()

    def _slos(self, document: Object, service: str) -> list[SLO]:
        """An SLO for each objective."""
        spec = document.spec
        context = _Context(
            document,
            period=self._period(spec) or self.period,
            method=spec.choice("budgetingMethod", *METHODS, required=True),
            sli=self._sli(spec),
            service=self.of_service.get(service),
            service_name=service,
        )
        items = spec.items("objectives", required=True)
        objectives = [Section(self.report, item, "the objective", _OBJECTIVE) for item in items]
        return [self._slo(context, objective, alone=len(items) == 1) for objective in objectives]

    def _slo(self, context: _Context, objective: Section, *, alone: bool) -> SLO:
        document, spec = context.slo, context.slo.spec
        percent, target = self._objective(objective)
        name = document.name if alone else f"{document.name}-{slug(objective.text('displayName')) or percent}"
        identity = {naming.SERVICE: context.service_name, naming.SLO: name}
        written = self.objects.labels(*context.holders)
        labels = self.labels.of_slo(written, identity)
        policies = Policies(self.objects, self.labels, self.report, context.period, identity, written.strings())
        alerting = policies.read(spec, self.objects.annotations(*context.holders))
        imported = self._imported(context, objective, alerting)
        guard = None if imported.guarded else 0
        description = [each.summary for each in (document, context.sli) if each] + [objective.text("displayName")]
        return SLO(
            name,
            percent,
            imported.sli,
            period=context.period,
            description="\n".join(text for text in description if text),
            policy=alerting.policy,
            alerts=alerting.alerts,
            min_events=guard,
            min_bad=guard,
            no_data=alerting.no_data,
            labels=labels.strings(),
        ).with_origin(
            origin(
                document.place,
                name=document.named,
                objective=target,
                sli=spec.value("indicator") or spec.value("indicatorRef"),
                period=spec.value("timeWindow"),
                policy=spec.value("alertPolicies"),
                labels=labels,
            )
        )

    def _imported(self, context: _Context, objective: Section, alerting: Alerting) -> ImportedSli:
        indicator = self.indicators.parse(context.sli) if context.sli else None
        if indicator is None or not context.method:
            return PLACEHOLDER_SLI
        base = burn_rate.windows(burn_rate.tiers(alerting.policy, context.period))[0]
        budget = Budget(context.slo.spec, objective, base, self.report)
        return budget.sli(indicator, context.method) or PLACEHOLDER_SLI

    def _sli(self, spec: Section) -> Object | None:
        if _is_composite(spec):
            return None
        if spec.exactly_one("indicator", "indicatorRef") == "indicatorRef":
            return self.objects.named("SLI", spec, "indicatorRef")
        return self.objects.inline("SLI", spec, "indicator")

    def _alpha(self, document: Object, service: str) -> list[SLO]:
        holders = [each for each in (self.of_service.get(service), document) if each]
        written = self.objects.labels(*holders)
        labels = self.labels.of_slo(written, {naming.SERVICE: service})
        annotations = self.labels.texts(self.objects.annotations(*holders), written.strings())
        return v1alpha.AlphaSlo(document, self.period, labels, annotations, self.report).slos()

    def _period(self, spec: Section) -> str:
        items = spec.items("timeWindow")
        if len(items) > 1:
            spec.error_at("timeWindow", INVALID_VALUE, "an SLO has one time window", "keep one of them", whole=True)
        for item in items[:1]:
            window = Section(self.report, item, "the time window", ("duration", "isRolling", "calendar"))
            hint = "write isRolling: true, and remove calendar"
            if "calendar" in window or window.flag("isRolling") is False:
                key = "calendar" if "calendar" in window else "isRolling"
                message = "obscode has rolling windows, not calendar windows"
                window.error_at(key, NO_COUNTERPART, message, hint, whole=True)
            elif "isRolling" not in window:
                window.missing("isRolling")
            period = shorthand(window, "duration", required=True)
            if period and burn_rate.duration_ms(period) < burn_rate.duration_ms("1d"):
                message = f"a period of {period} is shorter than a day"
                window.error_at(
                    "duration", NO_COUNTERPART, message, "m is minutes, M is months; write days, such as 30d"
                )
                return ""
            return period
        return ""

    def _objective(self, objective: Section) -> tuple[float, YamlNode | None]:
        for key in _COMPOSITE:
            if key in objective:
                hint = "make each part an SLO of its own"
                objective.error_at(key, NO_COUNTERPART, "obscode does not support composite SLOs", hint, whole=True)
        key = objective.exactly_one("target", "targetPercent")
        number = objective.number(key) if key else None
        if number is None:
            return _ANY, None
        if key == "targetPercent" or number < 1:
            return shortest_number(number if key == "targetPercent" else 100 * number), objective.value(key)
        if number == 1:
            hint = "write a lower objective, such as 0.999"
            objective.error_at(key, OBJECTIVE, f"target {number} leaves no error budget", hint)
        else:
            objective.error_at(key, OBJECTIVE, f"target {number} is above 1", f"write targetPercent: {number}")
        return _ANY, None


@dataclass(frozen=True)
class _Context:
    """An SLO object and what it refers to."""

    slo: Object
    period: str
    method: str
    sli: Object | None
    service: Object | None
    service_name: str

    @property
    def holders(self) -> list[Object]:
        """The objects whose labels and annotations the SLO has."""
        return [each for each in (self.service, self.sli, self.slo) if each]


def _is_composite(spec: Section) -> bool:
    contents = [item.content for item in spec.items("objectives")]
    return any(key in content for content in contents if isinstance(content, Mapping) for key in _COMPOSITE)
