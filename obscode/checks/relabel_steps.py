"""Steps of relabeling with their places, in definitions and in files: what checks of relabeling read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from obscode.artifacts.prometheus import ScrapeConfig
from obscode.checks.check import Check
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.definition import Definition
from obscode.model.output_path import key_span
from obscode.model.relabel import Step
from obscode.model.relabel.step import configuration_of
from obscode.model.scrape import Job
from obscode.reader.yaml_nodes import YamlNode

RELABEL = "relabel_configs"
METRIC_RELABEL = "metric_relabel_configs"


@dataclass(frozen=True)
class PlacedStep:
    """A step of a scrape job.

    Attributes:
        config: the item of `relabel_configs`.
        source: the definition, or the part of a file, that it is from.
        path: the keys from there to the step.
    """

    config: Mapping[str, Any]
    source: Source
    path: tuple[str | int, ...] = ()

    def finding(self, check: Check, key: str, message: str, hint: str) -> Finding:
        """A finding that points at a key of the step."""
        if isinstance(self.source, Step):
            at = self.source.output_keys.get(key, key)
            is_written = at in {spec.name for spec in fields(self.source)}
            return self.source.finding(check, message, hint, at=at if is_written else "")
        if isinstance(self.source, Definition):
            finding = self.source.finding(check, message, hint)
            return replace(finding, span=key_span(self.source, (*self.path, key)))
        return self.source.finding(check, message, hint, at=key)


def placed_steps(job: ScrapeConfig, key: str) -> Iterator[PlacedStep]:
    """The steps of a job that a user wrote, below ``key``."""
    if isinstance(job.source, Job):
        steps = job.source.relabel if key == RELABEL else job.source.metric_relabel
        for i, each in enumerate(steps):
            if isinstance(each, Step):
                yield PlacedStep(configuration_of(each), each)
            else:
                yield PlacedStep(each, job.source, (key, i))
        return
    configs = _mappings(job.settings.get(key))
    listed = job.source.get(key) if isinstance(job.source, YamlNode) else None
    nodes = list(listed.items) if listed else []
    for i, config in enumerate(configs):
        if len(nodes) == len(configs):
            yield PlacedStep(config, nodes[i])
        else:
            yield PlacedStep(config, job.source, (key, i))


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
