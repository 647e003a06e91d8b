"""The presets with the programs that they read, as tables: `obscode presets`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import Parameter, getdoc, isfunction, signature
from typing import Any

from obscode import presets
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.importers.existing.python_source import Call, Code, Item, statement
from obscode.model.identifiers import slug
from obscode.model.metrics import Histogram, Metric, Summary
from obscode.presets.exporter import Exporter
from obscode.presets.exporters import EXPORTERS

# In the column of programs.
_ANY = "any service"
# Values of required arguments in a call.
_VALUES: Mapping[str, Any] = {"targets": ["HOST:PORT"], "every": "1d", "max_duration": "1h", "views": {"VIEW": "1d"}}

Rows = Sequence[Sequence[str]]


def programs(name: str = "") -> Sequence[Exporter]:
    """The programs of a preset, or those with a name; all without a name. Raises ObscodeError if there are none."""
    return _matching(EXPORTERS, name)


def listed(name: str = "") -> Sequence[Exporter]:
    """As `programs`, and the presets that read metrics of no program in particular, without a catalog."""
    return _matching([*EXPORTERS, *_of_any_service()], name)


def _matching(exporters: Sequence[Exporter], name: str) -> Sequence[Exporter]:
    matching = [exporter for exporter in exporters if not name or slug(name) in _names(exporter)]
    if matching:
        return matching
    known = sorted({each for exporter in exporters for each in _names(exporter)})
    hint = did_you_mean(slug(name), known) or "obscode presets lists them"
    raise ObscodeError(f"there is no preset or program {name!r}", hint)


def _of_any_service() -> Iterator[Exporter]:
    """The functions that return a service, and are presets of no exporter."""
    known = {exporter.preset for exporter in EXPORTERS}
    for name, function in vars(presets).items():
        if isfunction(function) and name not in known and signature(function).return_annotation == "Service":
            yield Exporter("", "", preset=name, catalog=(), marks=())


def _names(exporter: Exporter) -> Sequence[str]:
    names = (exporter.preset, exporter.program, *exporter.arguments.values())
    return [slug(name) for name in names if name]


def overview(exporters: Sequence[Exporter]) -> Rows:
    """A row per program; the first is the header."""
    rows = [_overview_row(each) for each in exporters]
    return [("PROGRAM", "VERSION", "METRICS", "CALL", "SOURCE"), *rows]


def _overview_row(exporter: Exporter) -> Sequence[str]:
    count = str(len(exporter.catalog)) if exporter.catalog else ""
    return (exporter.program or _ANY, exporter.version, count, _call(exporter), exporter.source)


def _call(exporter: Exporter) -> str:
    """The call with the arguments that choose the program, and values in place of other required ones."""
    items = [f"{item.prefix}{_literal(item.value)}" for item in _required(exporter, "NAME")]
    return f"presets.{exporter.preset}({', '.join(items)})"


def _literal(value: Any) -> str:
    return value.text if isinstance(value, Code) else repr(value).replace("'", '"')


def _required(exporter: Exporter, name: str) -> Iterator[Item]:
    values = {**_VALUES, **exporter.arguments, "name": name}
    for each, parameter in _parameters(exporter.preset).items():
        if each in exporter.arguments or parameter.default is Parameter.empty:
            value = values.get(each, Code(each.upper()))
            yield Item(value, "" if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD else f"{each}=")


def example(exporter: Exporter) -> str:
    """A module with a call of the preset."""
    items = list(_required(exporter, "shop"))
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
