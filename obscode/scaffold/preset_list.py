"""The presets with the programs that they read, as tables: `obscode presets`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import Parameter, getdoc, signature
from typing import Any

from obscode import presets
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.importers.existing.python_source import Call, Item, statement
from obscode.model.identifiers import slug
from obscode.model.metrics import Histogram, Metric, Summary
from obscode.presets.exporter import Exporter
from obscode.presets.exporters import EXPORTERS

Rows = Sequence[Sequence[str]]


def programs(name: str = "") -> Sequence[Exporter]:
    """The programs of a preset, or those with a name; all without a name. Raises ObscodeError if there are none."""
    matching = [exporter for exporter in EXPORTERS if not name or slug(name) in _names(exporter)]
    if matching:
        return matching
    known = sorted({each for exporter in EXPORTERS for each in _names(exporter)})
    hint = did_you_mean(slug(name), known) or "obscode presets lists them"
    raise ObscodeError(f"there is no preset or program {name!r}", hint)


def _names(exporter: Exporter) -> Sequence[str]:
    return (slug(exporter.preset), slug(exporter.program), *map(slug, exporter.arguments.values()))


def overview(exporters: Sequence[Exporter]) -> Rows:
    """A row per program; the first is the header."""
    rows = [(each.program, each.version, str(len(each.catalog)), _call(each), each.source) for each in exporters]
    return [("PROGRAM", "VERSION", "METRICS", "CALL", "SOURCE"), *rows]


def _call(exporter: Exporter) -> str:
    arguments = "".join(f", {name}={value!r}" for name, value in exporter.arguments.items()).replace("'", '"')
    return f'presets.{exporter.preset}("NAME"{arguments})'


def example(exporter: Exporter) -> str:
    """A module with a call of the preset."""
    items = [Item("shop"), *(Item(value, f"{name}=") for name, value in exporter.arguments.items())]
    takes_job = "scrape" in _parameters(exporter.preset)
    if takes_job:
        items.append(Item(Call("ScrapeJob", [Item(["HOST:PORT"])]), "scrape="))
    names = ["ScrapeJob", "presets"] if takes_job else ["presets"]
    call = statement("shop", Call(f"presets.{exporter.preset}", items))
    return f"from obscode import {', '.join(names)}\n\n{call}"


def arguments(preset: str) -> Rows:
    """A row per argument of a preset; the first is the header."""
    texts = _documented(getdoc(getattr(presets, preset)) or "")
    rows = [
        (name, _default(each), texts.get(name, "").replace("``", "`")) for name, each in _parameters(preset).items()
    ]
    return [("ARGUMENT", "DEFAULT", "MEANING"), *rows]


def _parameters(preset: str) -> Mapping[str, Parameter]:
    return signature(getattr(presets, preset)).parameters


def _default(parameter: Parameter) -> str:
    value = parameter.default
    if value is Parameter.empty:
        return "required"
    return "" if value in ("", (), None) else str(value if not isinstance(value, tuple) else ", ".join(map(str, value)))


def _documented(doc: str) -> dict[str, str]:
    """What a docstring says about each argument."""
    texts: dict[str, str] = {}
    name = ""
    for line in doc.replace("``", "`").partition("Args:\n")[2].split("\n\n")[0].split("\n"):
        if match := re.fullmatch(r" {4}(\w+): (.*)", line):
            name = match[1]
            texts[name] = match[2]
        elif name:
            texts[name] += f" {line.strip()}"
    return texts


def catalog(exporter: Exporter) -> Rows:
    """A row per metric that the preset reads; the first is the header."""
    rows = [(each.name, _kind(each), ", ".join(each.labels), _numbers(each)) for each in exporter.catalog]
    return [("METRIC", "TYPE", "LABELS", "BUCKETS"), *rows]


def _kind(metric: Metric) -> str:
    return "untyped" if type(metric) is Metric else type(metric).__name__.lower()


def _numbers(metric: Metric) -> str:
    bounds = metric.bounds() if isinstance(metric, Histogram) else ()
    return ", ".join(f"{bound:g}" for bound in bounds)


def json_text(exporters: Sequence[Exporter]) -> str:
    """The programs as JSON, with their catalogs."""
    return json.dumps([dict(_json(exporter)) for exporter in exporters], indent=2)


def _json(exporter: Exporter) -> Iterator[tuple[str, Any]]:
    for name in ("program", "version", "preset", "source", "prefix"):
        yield name, getattr(exporter, name)
    yield "arguments", dict(exporter.arguments)
    yield "call", _call(exporter)
    yield "marks", list(exporter.marks)
    yield "metrics", [_metric(metric) for metric in exporter.catalog]


def _metric(metric: Metric) -> Mapping[str, Any]:
    described: dict[str, Any] = {"name": metric.name, "type": _kind(metric), "labels": list(metric.labels)}
    if isinstance(metric, Histogram):
        described["buckets"] = list(metric.bounds())
    elif isinstance(metric, Summary):
        described["quantiles"] = list(metric.quantiles)
    return {**described, "more_labels": metric.more_labels}
