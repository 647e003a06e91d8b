"""One call of an importer: its documents, each read by the reader of its format, and the services of all readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from obscode.importers.codes import DOCUMENT, DURATION
from obscode.importers.document import ImportReport, documents
from obscode.importers.labels import Labels
from obscode.model.service import Service
from obscode.model.source import PythonCall
from obscode.promql import duration
from obscode.reader.yaml_nodes import YamlNode

_PRODUCTS = {"sloth": "a Sloth", "openslo": "an OpenSLO"}
_HINT = (
    "a Sloth document has version: prometheus/v1, or apiVersion: sloth.slok.dev/v1; "
    "an OpenSLO document has apiVersion: openslo/v1"
)


class Reader(Protocol):
    """Reads the documents of one format."""

    @property
    def format(self) -> str:
        """The format that `format_of` returns for the documents."""
        ...

    def read(self, document: YamlNode) -> None:
        """Read one document; errors are reported."""
        ...

    def services(self) -> list[Service]:
        """The services of all documents."""
        ...


def load_services(
    path: str | Path,
    readers: Callable[[ImportReport, Labels], Sequence[Reader]],
    *,
    period: str,
    rename: Mapping[str, str] | None,
    allow_templates: bool,
) -> list[Service]:
    """The services of a file or of a folder. Raises DocumentError, or LoadError for invalid YAML."""
    report, call = ImportReport(), PythonCall.of_caller().span()
    if wrong := duration.validate_duration(period):
        report.add(DURATION, *wrong, call)
        report.raise_if_any()
    labels = Labels(report, rename or {}, call, allow_templates=allow_templates)
    by_format = {reader.format: reader for reader in readers(report, labels)}
    _read(documents(path, report), by_format, report)
    services = _by_name(service for reader in by_format.values() for service in reader.services())
    labels.report_unused_renames()
    report.raise_if_any(services)
    return services


def _read(nodes: Sequence[YamlNode], readers: Mapping[str, Reader], report: ImportReport) -> None:
    """Read the documents of the readers' formats. Others are ignored, unless there is no document to read."""
    formats = [format_of(node) for node in nodes]
    for node, each in zip(nodes, formats, strict=True):
        if each in readers:
            readers[each].read(node)
        elif each:
            message, hint = f"this is {_PRODUCTS[each]} document", "load both formats with obscode.importers.load"
            report.add(DOCUMENT, message, hint, node.place)
        elif not any(formats):
            products = " or ".join(_PRODUCTS[name] for name in readers)
            report.add(DOCUMENT, f"this is not {products} document", _HINT, node.place)


def format_of(document: YamlNode) -> str:
    """`sloth`, `openslo`, or empty for other documents, such as those of Kubernetes."""
    api, version = (str(document.entries[key].value.content) if key in document.entries else "" for key in _KEYS)
    if api:
        return next((name for name in _PRODUCTS if api.startswith(name)), "")
    is_spec = version.startswith("prometheus/") or {"service", "slos"} <= document.entries.keys()
    return "sloth" if is_spec else "openslo" if document.text("kind") in ("SLO", "SLI", "AlertPolicy") else ""


_KEYS = ("apiVersion", "version")


def _by_name(services: Iterable[Service]) -> list[Service]:
    """The services, those of one name as one."""
    result: dict[str, Service] = {}
    for service in services:
        first = result.get(service.name)
        if first is None:
            result[service.name] = service
            continue
        description = first.description or service.description
        result[service.name] = first.derive(description=description, slos=(*first.slos, *service.slos))
    return list(result.values())
