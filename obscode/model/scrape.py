"""Scrape jobs: the targets from which Prometheus scrapes a service's metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Literal
from urllib.parse import parse_qs, unquote

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.promql import duration
from obscode.promql.duration import Duration

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"

_SHORTEST = 1000


def validate_address(value: str, *, port: int = 8000) -> tuple[str, str] | None:
    """The message and the hint for an invalid `host:port` address; the hint has the example ``port``."""
    if "://" in value or "/" in value:
        bare = re.sub(r"^\w+://", "", value).partition("/")[0]
        return f"{value!r} is a URL, not an address", f"write {bare!r} here, and use scheme= and path= for the rest"
    host, _, number = value.rpartition(":")
    if re.fullmatch(_HOST, value):
        return f"target {value!r} has no port", f"write {f'{value}:{port}'!r}"
    if value.count(":") > 1 and "[" not in value:
        return f"{value!r} is not an address", 'write IPv6 in brackets, such as "[::1]:8000"'
    if not re.fullmatch(_HOST, host) or not re.fullmatch("[0-9]{1,5}", number) or not 0 < int(number) < 65536:
        return f"{value!r} is not an address", 'write a host and a port, such as "localhost:8000"'
    return None


def validate_path(value: str) -> tuple[str, str] | None:
    """The message and the hint for an invalid path: Prometheus escapes `?`, `#` and `%`, and requests another one."""
    if control := re.search(r"[\x00-\x1f\x7f]", value):
        return f"{value!r} has the control character {control[0]!r}", "remove it"
    if "://" in value:
        return f"{value!r} is a URL, not a path", f"write {'/' + value.split('://')[1].partition('/')[2]!r}"
    if not value.startswith("/"):
        return f"{value!r} is not a path", f"write {'/' + value!r}"
    path, mark, query = value.partition("?")
    if mark:
        return f"{value!r} has parameters, which Prometheus would escape", _parameters_hint(path, query)
    if "#" in value:
        return f"{value!r} has a fragment, which no server gets", f"write {value.partition('#')[0]!r}"
    if re.search("%[0-9A-Fa-f]{2}", value):
        return f"{value!r} has an escape, which Prometheus would escape again", f"write {unquote(value)!r}"
    return None


def _parameters_hint(path: str, query: str) -> str:
    parameters = {name: list(values) for name, values in parse_qs(query, keep_blank_values=True).items()}
    return f"write path={path!r}" + (f", params={parameters!r}" if parameters else "")


def interval_findings(definition: Definition, at: str) -> Iterator[Finding]:
    """The finding for an interval below one second, which is probably in milliseconds."""
    value = getattr(definition, at)
    if value and not duration.validate_duration(value) and duration.milliseconds(value) < _SHORTEST:
        yield definition.finding(
            codes.SHORT_INTERVAL, f"{at} {value} is shorter than a second", 'write "15s", for example', at=at
        )


@dataclass(frozen=True)
class ScrapeJob(Definition):
    """A scrape job: the targets from which Prometheus scrapes a service's metrics.

    Attributes:
        targets: the addresses, `host:port`.
        targets_in: the addresses in environments of the project, by the environment's name.
        job: the value of the `job` label; by default the service's name.
        path: the path of the metrics.
        interval: the time between scrapes, a duration; by default the project's.
        timeout: the time after which a scrape fails, a duration; by default that of Prometheus.
        params: the parameters of the request, such as `{"module": ["http_2xx"]}`.
        scheme: `http` or `https`.
        labels: labels of all series of the job.
    """

    output_keys: ClassVar[Mapping[str, str]] = {
        "job_name": "job",
        "scrape_interval": "interval",
        "scrape_timeout": "timeout",
        "metrics_path": "path",
        "static_configs": "targets",
    }
    label_names = ("labels",)

    targets: Sequence[str]
    _: KW_ONLY
    targets_in: Mapping[str, Sequence[str]] = field(default_factory=dict)
    job: str = ""
    path: str = "/metrics"
    interval: Duration = ""
    timeout: Duration = ""
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scheme: Literal["http", "https"] = "http"
    labels: Mapping[str, str] = field(default_factory=dict)

    def targets_for(self, environment: str) -> Sequence[str]:
        """The targets in an environment; by default `targets`."""
        return self.targets_in.get(environment, self.targets)

    def problems(self) -> Iterator[Finding]:
        if not self.targets:
            hint = 'write ["localhost:8000"]'
            yield self.finding(codes.TARGET_ADDRESS, "the job has no targets", hint, at="targets")
            return
        for i, target in enumerate(self.targets):
            if wrong := validate_address(target):
                yield self.finding(codes.TARGET_ADDRESS, *wrong, at="targets", item=i)
            elif target in self.targets[:i]:
                message = f"target {target!r} is a duplicate"
                yield self.finding(codes.TARGET_ADDRESS, message, "remove one of them", at="targets", item=i)
        for i, (_, targets) in enumerate(self.targets_in.items()):
            for target in targets:
                if wrong := validate_address(target):
                    yield self.finding(codes.TARGET_ADDRESS, *wrong, at="targets_in", item=i)
        yield from self._setting_problems()

    def _parameter_problems(self) -> Iterator[Finding]:
        for i, (name, values) in enumerate(self.params.items()):
            if not name or not values:
                message = f"the parameter {name!r} has no {'value' if name else 'name'}"
                hint = 'write params={"module": ["http_2xx"]}'
                yield self.finding(codes.SCRAPE_PARAMETER, message, hint, at="params", item=i)

    def _setting_problems(self) -> Iterator[Finding]:
        if self.job and (wrong := validate_name(self.job)):
            yield self.finding(codes.JOB_NAME, *wrong, at="job")
        for at in ("interval", "timeout"):
            if getattr(self, at) and (wrong := duration.validate_duration(getattr(self, at))):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if wrong := validate_path(self.path):
            yield self.finding(codes.METRICS_PATH, *wrong, at="path")
        yield from self._parameter_problems()
        yield from interval_findings(self, "interval")
        for i, label in enumerate(self.labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
            elif label == "job":
                message = "label 'job' is set by obscode to the job's name"
                yield self.finding(codes.LABEL_NAME, message, 'write job="..." instead', at="labels", item=i)
