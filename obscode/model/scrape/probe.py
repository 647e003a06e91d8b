"""Probes of blackbox_exporter: it requests each target, and Prometheus scrapes the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.relabel.step import configurations
from obscode.model.scrape.addresses import validate_address
from obscode.model.scrape.base import Job
from obscode.relabeling.step import Step

PROBE = Code(
    "probe",
    "A probe has a module of blackbox_exporter, targets, and the address of blackbox_exporter.",
    why="blackbox_exporter answers with an error otherwise, and `probe_success` does not exist.",
    bad='Probe("", ["https://shop.example.com/"])',
    good='Probe("http_2xx", ["https://shop.example.com/"])',
)
_PORT = 9115
_TARGET = "__param_target"


@dataclass(frozen=True)
class Probe(Job):
    """Probes by blackbox_exporter: a scrape job whose targets are what it requests, such as URLs.

    `Probe("http_2xx", ["https://shop.example.com/"])` has the series `probe_success{instance="https://..."}`. The job
    has the name of the service with `-probe`. Discovered targets are probed, too: their `__address__` is the target,
    unless a step of `relabel` sets `__param_target`.

    Attributes:
        module: the module in the configuration of blackbox_exporter.
        targets: what is probed: URLs, addresses or hosts, as the module takes them.
        prober: the address of blackbox_exporter, `host:port`.
    """

    module: str
    targets: Sequence[str] = ()
    _: KW_ONLY
    prober: str = "localhost:9115"
    path: str = "/probe"

    def name_in(self, service: str) -> str:
        return self.job or f"{service}-probe"

    def static_targets(self) -> Sequence[str]:
        return self.targets

    def request_parameters(self) -> Mapping[str, Sequence[str]]:
        return {"module": [self.module], **self.params}

    def last_steps(self) -> Sequence[Mapping[str, Any]]:
        steps = [Step.of(each) for each in configurations(self.relabel)]
        target = {"source_labels": ["__address__"], "target_label": _TARGET}
        instance = {"source_labels": [_TARGET], "target_label": "instance"}
        return [
            *([] if any(step.target == _TARGET for step in steps) else [target]),
            *([] if any(step.target == "instance" for step in steps) else [instance]),
            {"target_label": "__address__", "replacement": self.prober},
        ]

    def _target_problems(self) -> Iterator[Finding]:
        if not self.module:
            yield self.finding(PROBE, "the probe has no module", 'write "http_2xx", for example', at="module")
        if self.has_no_targets():
            hint = 'write ["https://shop.example.com/"], or discovery=...'
            yield self.finding(PROBE, "the probe has no targets", hint, at="targets")
        for i, target in enumerate(self.targets):
            if not target.strip() or target in self.targets[:i]:
                message = f"target {target!r} is {'a duplicate' if target.strip() else 'empty'}"
                yield self.finding(PROBE, message, "remove it", at="targets", item=i)
        if wrong := validate_address(self.prober, port=_PORT):
            yield self.finding(PROBE, *wrong, at="prober")
        for i, name in enumerate(self.params):
            if name in ("module", "target"):
                hint = "write module=, the first argument" if name == "module" else "write it in targets"
                yield self.finding(PROBE, f"params has {name!r}, which obscode sets", hint, at="params", item=i)
