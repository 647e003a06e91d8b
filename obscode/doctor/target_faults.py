"""Targets that Prometheus cannot scrape, and jobs without targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from obscode.artifacts.project import Artifacts
from obscode.doctor.observations import Observations, PrometheusState, Target
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source

TARGET_DOWN = Code(
    "target-down",
    "Prometheus can scrape each target.",
    why="A target that is down has no series: its panels are empty and its alerts cannot fire.",
    bad="a scrape job for localhost:8000 in a Prometheus that runs in a container",
    good="a scrape job for host.docker.internal:8000, or for the name of the service in Docker Compose",
)
JOB_WITHOUT_TARGETS = Code(
    "job-without-targets",
    "The running Prometheus has the scrape jobs of the project, each with a target.",
    why="Nothing is scraped, and no `up` series exists that an alert could read.",
    bad="a new scrape job in prometheus.yml, without a reload of Prometheus",
    good="curl -X POST http://prometheus:9090/-/reload",
)

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
_LISTED = 3

_PATH = "write path= in the job: the answer is not text of Prometheus' format, perhaps a web page"

# Parts of Prometheus' message for a failed scrape, and the remedy; the first match counts.
_REMEDIES: Mapping[str, str] = {
    r"proxyconnect": "correct proxy= of the job: the proxy does not answer",
    r"connection refused": "start the service, or correct the port: nothing listens on it",
    r"no such host|server misbehaving": "write a name that the server of Prometheus resolves; in Docker Compose, the"
    " name of the service in a network that both share",
    r"context deadline exceeded|Client\.Timeout": "raise timeout= of the job above the time that the metrics take, or"
    " open the port in the firewall if nothing answers",
    r"i/o timeout|no route to host|network is unreachable": "allow the server of Prometheus in the firewall or the"
    " network policy of the target",
    r"HTTP response to HTTPS client|first record does not look like": 'write scheme="http" in the job: the target has'
    " no TLS",
    r"malformed HTTP response|HTTP status 400": 'write scheme="https" in the job if the target has TLS',
    r"x509|certificate": "write tls=http.TLS(ca_file=..., server_name=...) in the job, as the target's certificate has"
    " them",
    r"HTTP status 40[13]": "write auth= in the job: the target needs credentials",
    r"HTTP status 404": "write path= in the job: the target has no metrics at this path",
    r"HTTP status 5\d\d": "read the log of the target: its handler of the metrics fails",
    r"HTTP status 3\d\d|redirect": "write the address and path that the target redirects to",
    r"sample[_ ]limit exceeded": "raise sample_limit= of the job, or drop series with metric_relabel=",
    r"label_.*limit": "raise the limit of labels of the job, or drop the label with metric_relabel=",
    r"body size limit": "raise body_size_limit of the job, or expose fewer series",
    r"Content-Type \"text/html": _PATH,
    r"Content-Type": 'send "Content-Type: text/plain; version=0.0.4" with the metrics, or set fallback_scrape_protocol',
    r"start token|INVALID|expected value after metric|unexpected end": _PATH,
    r"connection reset|EOF": 'read the log of the target, which closes the connection; write scheme="https" if it has'
    " TLS",
}


def target_faults(observations: Observations, artifacts: Artifacts) -> Iterator[Finding]:
    """Targets that are down, by job and reason; jobs that have no target."""
    state = observations.prometheus
    if state is None:
        return
    sources = _sources(artifacts)
    for (job, _), targets in _by_reason(state.targets).items():
        yield _down(targets, sum(target.job == job for target in state.targets), sources.get(job))
    for job, source in sources.items():
        if all(target.job != job for target in state.targets):
            yield _without_targets(job, source, state)


def _sources(artifacts: Artifacts) -> dict[str, Source]:
    """The scrape jobs of the project."""
    return {scrape.job: scrape.source for config in artifacts.prometheus_configs for scrape in config.scrape_configs}


def _by_reason(targets: Sequence[Target]) -> dict[tuple[str, str], list[Target]]:
    grouped: dict[tuple[str, str], list[Target]] = {}
    for target in targets:
        if target.health == "down":
            grouped.setdefault((target.job, _remedy(target)), []).append(target)
    return grouped


def _down(targets: Sequence[Target], number: int, source: Source | None) -> Finding:
    first = targets[0]
    if number == 1:
        which = f"the target {first.url} of job {first.job} is down"
    else:
        urls = ", ".join(target.url for target in targets[:_LISTED]) + (", ..." if len(targets) > _LISTED else "")
        verb = "is" if len(targets) == 1 else "are"
        which = f"{len(targets)} of {number} targets of job {first.job} {verb} down: {urls}"
    message = f"{which}: {_reason(first)}"
    return (
        source.finding(TARGET_DOWN, message, _remedy(first))
        if source
        else Finding(TARGET_DOWN, message, _remedy(first))
    )


def _reason(target: Target) -> str:
    """Prometheus' message without the URL, which Go's client writes before it."""
    return re.sub(r'^Get "[^"]*": ', "", target.error) or "Prometheus gives no reason"


def _remedy(target: Target) -> str:
    host, port = urlsplit(target.url).hostname or "", urlsplit(target.url).port
    if "connection refused" in target.error and "proxyconnect" not in target.error and host in _LOOPBACK:
        return (
            f"start the service on port {port}; if Prometheus runs in a container, {host} is the container itself:"
            " write host.docker.internal or the name of the service"
        )
    matching = (remedy for pattern, remedy in _REMEDIES.items() if re.search(pattern, target.error))
    return next(matching, "open the URL from the machine of Prometheus")


def _without_targets(job: str, source: Source, state: PrometheusState) -> Finding:
    if dropped := state.dropped.get(job):
        message = f"relabeling drops all {dropped} targets of job {job}"
        return source.finding(JOB_WITHOUT_TARGETS, message, f"run: obscode explain target {job}")
    message = f"{state.url} has no target of job {job}"
    hint = "deploy the built prometheus.yml and reload Prometheus; if it has the job, correct its discovery"
    return source.finding(JOB_WITHOUT_TARGETS, message, hint)
