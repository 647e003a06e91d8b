"""The objects of OpenSLO, by kind and name, with their metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from obscode.findings.code import Code
from obscode.findings.finding import SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.importers.codes import ANNOTATIONS, DUPLICATE_OBJECT, DURATION, LABELS, NO_COUNTERPART, REFERENCE
from obscode.importers.document import ImportReport
from obscode.promql import duration
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlEntry, YamlNode
from obscode.reader.yaml_section import Section

_API, _ALPHA = "openslo/v1", "openslo/v1alpha"
# https://github.com/OpenSLO/OpenSLO#object-types
_KEYS: Mapping[str, tuple[str, ...]] = {
    "AlertCondition": ("description", "severity", "condition"),
    "AlertNotificationTarget": ("description", "target"),
    "AlertPolicy": (
        "description",
        "alertWhenNoData",
        "alertWhenResolved",
        "alertWhenBreaching",
        "conditions",
        "notificationTargets",
    ),
    "DataSource": ("description", "type", "connectionDetails"),
    "SLI": ("description", "thresholdMetric", "ratioMetric"),
    "SLO": (
        "description",
        "service",
        "indicator",
        "indicatorRef",
        "timeWindow",
        "budgetingMethod",
        "objectives",
        "alertPolicies",
    ),
    "Service": ("description",),
}
# https://github.com/OpenSLO/OpenSLO/tree/v0.1.0
_ALPHA_KEYS: Mapping[str, tuple[str, ...]] = {
    "SLO": ("description", "service", "indicator", "timeWindows", "budgetingMethod", "objectives"),
    "Service": ("description",),
}


@dataclass(frozen=True)
class Object:
    """An object: `kind`, `metadata` and `spec`."""

    kind: str
    metadata: Section
    spec: Section
    is_alpha: bool = False

    @property
    def name(self) -> str:
        """The name, by which others refer to it."""
        value = self.named
        return value.content if value and isinstance(value.content, str) else ""

    @property
    def named(self) -> YamlNode | None:
        """The node of the name."""
        return self.metadata.value("name")

    @property
    def place(self) -> SourceSpan:
        """The position of the name."""
        return self.named.place if self.named else self.metadata.place

    @property
    def summary(self) -> str:
        """The display name and the description."""
        texts = (self.metadata.value("displayName"), self.spec.value("description"))
        return ": ".join(value.content.strip() for value in texts if value and isinstance(value.content, str))


class Objects:
    """All objects of one import."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        self._objects: dict[tuple[str, str], Object] = {}

    def add(self, document: YamlNode) -> None:
        """Read one object."""
        section = Section(self.report, document, "the object", ("apiVersion", "kind", "metadata", "spec"))
        version = section.choice("apiVersion", _API, _ALPHA, required=True)
        keys = _ALPHA_KEYS if version == _ALPHA else _KEYS
        kind = section.choice("kind", *keys, required=True)
        if not version or not kind or (result := self._object(section, kind, keys)) is None or not result.name:
            return
        first = self._objects.setdefault((kind, result.name), result)
        if first is not result:
            message = f"{kind} {result.name!r} is a duplicate of the one at {first.place}"
            self.report.add(DUPLICATE_OBJECT, message, "rename one of them", result.place)

    def of(self, kind: str) -> list[Object]:
        """All objects of a kind, in the order of the documents."""
        return [result for (its, _), result in self._objects.items() if its == kind]

    def named(self, kind: str, section: Section, key: str) -> Object | None:
        """The object that a key refers to; if there is none, it is reported."""
        name = section.text(key)
        if not name:
            return None
        result = self._objects.get((kind, name))
        if result is None:
            known = [other.name for other in self.of(kind)]
            hint = did_you_mean(name, known) or "load the folder that contains it, not a single file"
            section.error_at(key, REFERENCE, f"there is no {kind} named {name!r}", hint)
        return result

    def inline_or_named(self, kind: str, value: YamlNode, name: str, reference: str) -> Object | None:
        """An object inside another one, or one that it refers to by name."""
        section = Section(self.report, value, name, (reference, "kind", "metadata", "spec"))
        if reference in section:
            for key in ("kind", "metadata", "spec"):
                if key in section:
                    message = f"{name} has both {reference} and {key}"
                    section.error_at(key, INVALID_VALUE, message, "keep one of them", whole=True)
            return self.named(kind, section, reference)
        section.choice("kind", kind, required=True)
        return self._object(section, kind)

    def _object(
        self, section: Section, kind: str, keys: Mapping[str, tuple[str, ...]] = _KEYS, *, named: bool = True
    ) -> Object | None:
        known = ("name", "displayName", "labels", "annotations")
        # A Service needs no spec, and an SLI inside an SLO no name.
        metadata = section.section("metadata", *known, required=named) or _empty(section, "metadata", known)
        spec = section.section("spec", *keys[kind], required=kind != "Service") or _empty(section, "spec", keys[kind])
        if (named and "metadata" not in section) or (kind != "Service" and "spec" not in section):
            return None
        metadata.text("name", required=named)
        for each, key in ((metadata, "displayName"), (spec, "description")):
            each.text(key)
        return Object(kind, metadata, spec, is_alpha=keys is _ALPHA_KEYS)

    def inline(self, kind: str, section: Section, key: str) -> Object | None:
        """An object inside another one, with only `metadata` and `spec`."""
        inner = section.section(key, "metadata", "spec")
        return self._object(inner, kind, named=False) if inner else None

    # --- labels and annotations --------------------------------------------------------------------------------

    def labels(self, *result: Object) -> YamlNode:
        """The labels of objects, by names that Prometheus accepts; a list of values is joined with commas."""
        return self._joined(LABELS, "labels", result)

    def annotations(self, *result: Object) -> YamlNode:
        """The annotations of objects, by names that Prometheus accepts."""
        return self._joined(ANNOTATIONS, "annotations", result)

    def _joined(self, code: Code, key: str, objects: tuple[Object, ...]) -> YamlNode:
        retained: dict[str, YamlEntry] = {}
        for each in objects:
            for name, entry in self._texts(each.metadata, code, key).items():
                first = retained.setdefault(name, entry)
                if first.value.content != entry.value.content:
                    message = f"{name!r} is {first.value.content!r} at {first.key}, but {entry.value.content!r} here"
                    self.report.add(code, message, "write the same value, or rename one of them", entry.key)
        place = next((each.metadata.place for each in objects), SourceSpan("", 0))
        return YamlNode(retained, place)

    def _texts(self, metadata: Section, code: Code, key: str) -> dict[str, YamlEntry]:
        value = metadata.value(key)
        if value is not None and isinstance(value.content, Mapping):
            entries = {name: _flat(entry) for name, entry in value.content.items()}
            metadata.entries[key] = replace(metadata.entries[key], value=replace(value, content=entries))
        # As Prometheus does with the labels of Kubernetes: app.kubernetes.io/name is app_kubernetes_io_name.
        result: dict[str, YamlEntry] = {}
        for name, entry in metadata.strings(key).content.items():
            clean = re.sub(r"[^a-zA-Z0-9_]", "_", name)
            if clean in result:
                message = f"{name!r} and another name become {clean!r}"
                self.report.add(code, message, "rename one of them", entry.key)
            result[clean] = entry
        return result


def _empty(section: Section, name: str, known: tuple[str, ...]) -> Section:
    """A section without keys, at the place of the one that lacks it."""
    return Section(section.report, YamlNode({}, section.place), name, known)


def _flat(entry: YamlEntry) -> YamlEntry:
    items = entry.value.content
    if isinstance(items, tuple) and all(isinstance(item.content, str) for item in items):
        return replace(entry, value=replace(entry.value, content=",".join(item.content for item in items)))
    return entry


# https://github.com/OpenSLO/OpenSLO#duration-shorthand
_SHORTHAND = re.compile(r"([0-9]{1,9})([mhdwMQY])")
_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}


def shorthand(section: Section, key: str, *, required: bool = False, zero: bool = False) -> str:
    """An OpenSLO duration in Prometheus' notation; empty if it is invalid. A number is minutes."""
    value = section.value(key)
    text = f"{value.content}m" if value and isinstance(value.content, Decimal) else section.text(key, required=required)
    if not text:
        return ""
    match = _SHORTHAND.fullmatch(text)
    if match is None:
        hint = "write an integer with the unit m, h, d or w, such as 5m or 4w"
        section.error_at(key, DURATION, f"{key} is {text!r}, not a duration", hint)
    elif match[2] not in _UNITS:
        word, days = {"M": ("months", 30), "Q": ("quarters", 90), "Y": ("years", 365)}[match[2]]
        message = f"{key} is {text!r}: {word} differ in length, but a rolling window does not"
        section.error_at(key, NO_COUNTERPART, message, f"write {int(match[1]) * days}d")
    elif not int(match[1]) and not zero:
        section.error_at(key, DURATION, f"{key} is {text!r}", "write a positive duration")
    else:
        return duration.format_duration(int(match[1]) * _UNITS[match[2]])
    return ""
