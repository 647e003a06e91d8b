"""Prometheus configurations as Python: a `configs.Prometheus`, with a `configs.Scrape` for each job."""

from __future__ import annotations

from collections.abc import Mapping

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.importers.existing.comments import LAST_LINE, Comments
from obscode.importers.existing.module import Names, Part, SourceFile
from obscode.importers.existing.node_values import entries_of, oldest_version
from obscode.importers.existing.python_source import Call, Item, list_of, statement
from obscode.model.compatibility import PROMETHEUS
from obscode.model.project import Project
from obscode.promql import duration
from obscode.reader.yaml_nodes import YamlNode

# Prometheus' default of both.
_DEFAULT_INTERVAL = "1m"


def prometheus_part(file: SourceFile, names: Names) -> Part | None:
    """The Prometheus configurations in a file; None if it has none."""
    statements = [_statement(config, file, names) for config in file.contents.prometheus_configs]
    if not statements:
        return None
    configs = file.contents.prometheus_configs
    oldest = oldest_version(PROMETHEUS, (config.source for config in configs))
    intervals = _intervals(configs[0]) if names.main_config == file.path else {}
    return Part({"configs"}, statements, project={**intervals, **oldest})


def _intervals(config: PrometheusConfig) -> Mapping[str, str]:
    """The intervals of the configuration, which are settings of the project, too."""
    settings = config.source.get("global") if isinstance(config.source, YamlNode) else None
    keys = ("scrape_interval", "evaluation_interval")
    values = {key: (settings.text(key) if settings else "") or _DEFAULT_INTERVAL for key in keys}
    is_valid = not any(duration.validate_duration(value) for value in values.values())
    return values if is_valid and not list(Project("import").derive(**values).problems()) else {}


def _statement(config: PrometheusConfig, file: SourceFile, names: Names) -> str:
    node = config.source
    assert isinstance(node, YamlNode)
    comments = Comments(node)
    above = comments.before(node.place.line)
    items = []
    if node.entries.keys() - {"scrape_configs"}:
        items.append(Item(entries_of(node, comments, "scrape_configs")))
    if config.scrape_configs:
        listed = comments.take(node.entries["scrape_configs"].key.line)
        jobs = [_job(job, comments) for job in config.scrape_configs]
        items.append(Item(list_of(jobs, is_open=True), "scrape_configs=", listed))
    if name := names.prometheus(file.path):
        items.append(Item(name, "name="))
    call = Call("configs.Prometheus", items, is_open=True, comments=comments.below(LAST_LINE))
    return statement(names.new("prometheus", "prometheus"), call, above)


def _job(job: ScrapeConfig, comments: Comments) -> Item:
    node = job.source
    assert isinstance(node, YamlNode)
    above = comments.take(node.place.line, *([node.entries["job_name"].key.line] if "job_name" in node.entries else []))
    items = [Item(job.job)]
    if node.entries.keys() - {"job_name"}:
        items.append(Item(entries_of(node, comments, "job_name")))
    return Item(Call("configs.Scrape", items, is_open=True), "", above)
