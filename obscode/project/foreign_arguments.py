"""What to write instead of an argument that another program has, or another definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from obscode.findings.suggestions import likely_typo
from obscode.model import discovery
from obscode.model.compatibility import PROMETHEUS
from obscode.model.definition import Definition
from obscode.model.inhibition import Inhibit
from obscode.model.routing import Route, Routing
from obscode.model.scrape import Job, ScrapeJob
from obscode.model.type_descriptions import public_names

_MATCHERS = "write matchers=['team=~\"shop|search\"']"
_TIMES = "write MuteTime(...) in Route(mute=[...])"
_KINDS = (discovery.Consul, discovery.DNS, discovery.EC2, discovery.File, discovery.HTTP, discovery.Kubernetes)
_DISCOVERIES = {kind.sd_configs: f"discovery.{kind.__name__}" for kind in _KINDS}
# Keys of scrape jobs that no argument sets.
_KEYS = {field.key for field in PROMETHEUS.fields if re.fullmatch(r"(scrape_configs|\*\*)\.\w+", field.path)}
_HINTS: Mapping[type[Definition], Mapping[str, str]] = {
    ScrapeJob: {"http_config": "write auth=, tls= and proxy="},
    Route: {"match_re": _MATCHERS},
    Inhibit: {f"{side}_match_re": _MATCHERS.replace("matchers", f"{side}_matchers") for side in ("source", "target")},
    Routing: {"time_intervals": _TIMES, "mute_time_intervals": _TIMES},
}
_DISCOVERY = "_sd_configs"
# Arguments with other names in the annotations of alerts and in the older versions of Prometheus' vocabulary.
_SYNONYMS = {"runbook_url": "runbook", "record": "name", "alert": "name", "title": "name", "name": "title"}


def alternative(kind: type[Definition], argument: str) -> str:
    """A hint for an argument that a definition does not have; empty if nothing is known about the name."""
    own = {spec.name for spec in fields(kind) if spec.init}
    for name in (kind.output_keys.get(argument, ""), _SYNONYMS.get(argument, "")):
        if name in own:
            return f"write {name}="
    if key := likely_typo(argument, kind.output_keys):
        return f"write {kind.output_keys[key]}="
    if f"{argument}_file" in own:
        return f"write {argument}_file=, the path of a file that holds it"
    if text := _HINTS.get(kind, {}).get(argument, ""):
        return text
    if issubclass(kind, Job) and (text := _of_job(argument)):
        return text
    owners = list(_with_argument(argument))
    # `configs.Route` and others repeat the arguments of a definition, and Environment those of Project.
    owners = [name for name in owners if "." not in name and name != "Environment"] or owners
    return f"{argument} is an argument of {owners[0]}" if len(owners) == 1 else ""


def _of_job(argument: str) -> str:
    """The hint for a key of Prometheus' scrape jobs."""
    if name := _DISCOVERIES.get(argument):
        return f"write discovery={name}(...)"
    if argument.endswith(_DISCOVERY):
        return f'write discovery={{"{argument}": [...]}}'
    return f'write settings={{"{argument}": ...}}' if argument in _KEYS else ""


def _with_argument(argument: str) -> Iterator[str]:
    """The public definitions that have an argument of this name."""
    for kind, name in public_names().items():
        if any(spec.name == argument and spec.init for spec in fields(kind)):
            yield name
