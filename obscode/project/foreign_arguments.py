"""What to write instead of an argument that another program has, or another definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from obscode.model.definition import Definition
from obscode.model.inhibition import Inhibit
from obscode.model.routing import Route, Routing
from obscode.model.scrape import ScrapeJob
from obscode.model.type_descriptions import public_names

_OWN_JOB = "obscode has no such setting: write the job into your own prometheus.yml, and select its series with"
_OWN_JOB += " Service(selector=...)"
_MATCHERS = "write matchers=['team=~\"shop|search\"']"
_TIMES = "write MuteTime(...) in Route(mute=[...])"
_FURTHER = 'write settings={"templates": [...]}'
_JOB = (
    *("honor_labels", "honor_timestamps", "relabel_configs", "metric_relabel_configs", "basic_auth", "authorization"),
    *("oauth2", "tls_config", "proxy_url", "sample_limit", "body_size_limit", "label_limit", "follow_redirects"),
    *("scrape_protocols", "scrape_native_histograms", "enable_compression", "http_config"),
)
_HINTS: Mapping[type[Definition], Mapping[str, str]] = {
    ScrapeJob: dict.fromkeys(_JOB, _OWN_JOB),
    Route: {"match_re": _MATCHERS},
    Inhibit: {f"{side}_match_re": _MATCHERS.replace("matchers", f"{side}_matchers") for side in ("source", "target")},
    Routing: {"time_intervals": _TIMES, "mute_time_intervals": _TIMES, "templates": _FURTHER},
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
    if text := _HINTS.get(kind, {}).get(argument, ""):
        return text
    if kind is ScrapeJob and argument.endswith(_DISCOVERY):
        return _OWN_JOB
    owners = list(_with_argument(argument))
    # `configs.Route` and others repeat the arguments of a definition.
    owners = [name for name in owners if "." not in name] or owners
    return f"{argument} is an argument of {owners[0]}" if len(owners) == 1 else ""


def _with_argument(argument: str) -> Iterator[str]:
    """The public definitions that have an argument of this name."""
    for kind, name in public_names().items():
        if any(spec.name == argument and spec.init for spec in fields(kind)):
            yield name
