"""What running servers say about themselves, as values that faults are looked for in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """A target that Prometheus scrapes.

    Attributes:
        job: the scrape job.
        url: the URL that is scraped.
        labels: its labels.
        health: `up`, `down` or `unknown` before the first scrape.
        error: why the last scrape failed.
        duration: of the last scrape, in seconds.
        timeout: after which a scrape fails, as Prometheus writes it.
    """

    job: str
    url: str
    labels: Mapping[str, str] = field(default_factory=dict)
    health: str = "up"
    error: str = ""
    duration: float = 0.0
    timeout: str = ""


@dataclass(frozen=True)
class RunningRule:
    """A rule of Prometheus: its health is `ok`, `err` or `unknown` before the first evaluation."""

    name: str
    health: str
    error: str = ""


@dataclass(frozen=True)
class RunningGroup:
    """A group of rules of Prometheus; times in seconds."""

    name: str
    file: str
    rules: Sequence[RunningRule]
    interval: float = 60.0
    duration: float = 0.0


@dataclass(frozen=True)
class PrometheusState:
    """What a Prometheus says.

    Attributes:
        url: its address.
        targets: the targets that it scrapes.
        dropped: the number of targets that relabeling drops, by job.
        groups: the groups of rules.
        alertmanagers: the Alertmanagers that it sends alerts to.
        samples: the samples of the last scrape, before and after relabeling, by the labels `job` and `instance`.
        exposed: the types of the exposed metrics, by job.
        steps_back: how often the processor time or the start of the process went back within 30 minutes, by the labels
            `job` and `instance`, of targets for which several processes answer.
    """

    url: str
    targets: Sequence[Target] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    groups: Sequence[RunningGroup] = ()
    alertmanagers: Sequence[str] = ()
    samples: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    exposed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    steps_back: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True)
class AlertmanagerState:
    """What an Alertmanager says: its receivers, and failed notifications in the last hour by kind of receiver."""

    url: str
    receivers: Sequence[str] = ()
    failed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Datasource:
    """A data source of Grafana; the error is empty if Grafana reaches it."""

    uid: str
    name: str
    type: str
    error: str = ""


@dataclass(frozen=True)
class GrafanaState:
    """What a Grafana says: its dashboards by uid with their titles, and its data sources."""

    url: str
    dashboards: Mapping[str, str] = field(default_factory=dict)
    datasources: Sequence[Datasource] = ()


@dataclass(frozen=True)
class Observations:
    """What the servers say that were named."""

    prometheus: PrometheusState | None = None
    alertmanager: AlertmanagerState | None = None
    grafana: GrafanaState | None = None
