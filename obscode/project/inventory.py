"""The contents of a project, as a table: `obscode list`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.compiler.rules import is_as_written
from obscode.findings.source import Source
from obscode.model.configs import Prometheus
from obscode.reader.dashboards.document import model_of

Row = Sequence[str]


def inventory(artifacts: Artifacts) -> list[Row]:
    """A header, then kind, name, detail and source position of each definition."""
    return [("KIND", "NAME", "DETAIL", "SOURCE"), *_rows(artifacts)]


def _rows(artifacts: Artifacts) -> Iterator[Row]:
    shapes = _shapes(artifacts)
    for service in artifacts.services:
        yield "service", service.name, service.owner, _position(service)
        for name, job in service.named_jobs():
            yield "scrape job", name, ", ".join([*job.static_targets(), *job.discovery_configs()]), _position(job)
        for metric in service.metrics:
            labels = ", ".join(metric.labels)
            yield type(metric).__name__.lower(), metric.name, f"{{{labels}}}" if labels else "", _position(metric)
        for slo in service.slos:
            name = f"{service.name}/{slo.name}"
            yield "slo", name, f"{slo.objective} % over {slo.period}, {shapes[name]}", _position(slo)
        for record in service.recording_rules:
            yield "recording rule", record.name, "", _position(record)
        for alert in service.alerts:
            yield "alert", alert.name, f"{alert.severity}, for {alert.for_}", _position(alert)
    yield from _as_written(artifacts)
    for dashboard in artifacts.dashboards:
        yield "dashboard", dashboard.title, _count(_panels(dashboard), "panel"), _position(dashboard.source)


def _as_written(artifacts: Artifacts) -> Iterator[Row]:
    """Groups and configurations that are emitted as they are written."""
    for file in artifacts.rule_files:
        for group in filter(is_as_written, file.groups):
            where = _position(group.source) if group.source else ""
            yield "rule group", group.name, f"{_count(group.rules, 'rule')} in {file.name}.yml", where
    for config in artifacts.definitions.configs:
        if isinstance(config, Prometheus):
            jobs = _count(config.scrape_configs, "scrape job")
            yield "prometheus", config.name or "prometheus.yml", jobs, _position(config)
        else:
            yield "alertmanager", "alertmanager.yml", _count(config.receivers, "receiver"), _position(config)


def _panels(dashboard: Dashboard) -> Iterable[object]:
    return model_of(dashboard).panels if dashboard.existing else dashboard.panels()


def _shapes(artifacts: Artifacts) -> dict[str, str]:
    """`shape 1` by SLO: those with one number have the same rules except for names, so one of them is tested."""
    shapes = {suite.subject: suite.shape for suite in artifacts.test_suites if suite.shape}
    numbers = {shape: number for number, shape in enumerate(dict.fromkeys(shapes.values()), 1)}
    return {subject: f"shape {numbers[shape]}" for subject, shape in shapes.items()}


def _count(things: Iterable[object], word: str) -> str:
    number = sum(1 for _ in things)
    return f"{number} {word}{'' if number == 1 else 's'}"


def _position(source: Source) -> str:
    return str(source.span() or "")
