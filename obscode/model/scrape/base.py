"""What every scrape job has: where its targets are, how Prometheus requests them, and what it does with the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, MISSING, dataclass, field, fields
from typing import Any, ClassVar, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes, http
from obscode.model.definition import Definition
from obscode.model.discovery import configurations
from obscode.model.discovery.base import Discovery
from obscode.model.discovery.configurations import Discoveries
from obscode.model.discovery.raw import raw_problems
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.model.numbers import Size
from obscode.model.relabel.step import Step, plain_step_problems
from obscode.model.scrape.addresses import validate_path
from obscode.model.scrape.configuration import own_settings
from obscode.model.scrape.limits import limit_problems
from obscode.promql import duration
from obscode.promql.duration import Duration

SCRAPE_SETTING = Code(
    "scrape-setting",
    "A key of `settings` of a scrape job is not one that an argument sets.",
    why="One of the two values would have no effect.",
    bad='ScrapeJob(["localhost:8000"], path="/m", settings={"metrics_path": "/metrics"})',
    good='ScrapeJob(["localhost:8000"], path="/m")',
)

Protocol = Literal[
    "PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"
]

_SHORTEST = 1000


def interval_findings(definition: Definition, at: str) -> Iterator[Finding]:
    """The finding for an interval below one second, which is probably in milliseconds."""
    value = getattr(definition, at)
    if value and not duration.validate_duration(value) and duration.milliseconds(value) < _SHORTEST:
        yield definition.finding(
            codes.SHORT_INTERVAL, f"{at} {value} is shorter than a second", 'write "15s", for example', at=at
        )


@dataclass(frozen=True)
class Job(Definition):
    """Base of the scrape jobs.

    Attributes:
        discovery: where targets are discovered: one of `obscode.discovery`, or several, or plain data such as
            `{"azure_sd_configs": [...]}`.
        job: the value of the `job` label; by default the service's name.
        path: the path of the metrics.
        interval: the time between scrapes, a duration; by default the project's.
        timeout: the time after which a scrape fails, a duration; by default that of Prometheus.
        params: the parameters of the request, such as `{"module": ["http_2xx"]}`.
        scheme: `http` or `https`.
        labels: labels of all series of the job.
        relabel: steps of `obscode.relabel`, or plain data, that select targets and set their labels.
        metric_relabel: steps that select series, and set their labels, after each scrape.
        honor_labels: whether labels of the scraped series win over those of the target, as for a Pushgateway.
        honor_timestamps: whether timestamps in the scraped text are used.
        auth: `http.BasicAuth`, `http.Bearer` or `http.OAuth2`.
        tls: TLS, an `http.TLS`.
        proxy: the URL of a proxy, or `http.Proxy`.
        follow_redirects: whether redirects are followed.
        enable_http2: whether HTTP/2 is used where the target has it.
        enable_compression: whether targets may compress the text; False needs Prometheus 2.49.
        drop_created: whether series `*_created`, the times at which counters began, are dropped; by default if the
            catalog of the service is complete and lists none.
        sample_limit: the most samples of a scrape that succeeds; 0 for no limit. By default ten times the series of a
            complete catalog that declares all values of labels.
        label_limit: the most labels of a sample.
        label_name_length_limit: the longest name of a label, in bytes.
        label_value_length_limit: the longest value of a label, in bytes.
        target_limit: the most targets; with more, none is scraped.
        body_size_limit: the largest text of a scrape, such as `10MB`.
        keep_dropped_targets: how many dropped targets Prometheus keeps to show them; needs Prometheus 2.47.
        scrape_protocols: the formats that Prometheus requests, the preferred one first; needs Prometheus 2.49.
        fallback_scrape_protocol: the format of targets that send no `Content-Type`; needs Prometheus 3.0.
        scrape_native_histograms: whether native histograms are scraped; needs Prometheus 3.8.
        always_scrape_classic_histograms: whether classic histograms are scraped beside native ones; needs
            Prometheus 3.0.
        native_histogram_bucket_limit: the most buckets of a native histogram; needs Prometheus 2.45.
        metric_name_validation_scheme: which names of metrics and labels are valid; needs Prometheus 2.55.
        settings: further keys of the job, as in Prometheus' configuration.
    """

    output_keys: ClassVar[Mapping[str, str]] = {
        "job_name": "job",
        "scrape_interval": "interval",
        "scrape_timeout": "timeout",
        "metrics_path": "path",
        "static_configs": "targets",
        "relabel_configs": "relabel",
        "metric_relabel_configs": "metric_relabel",
        "tls_config": "tls",
        "basic_auth": "auth",
        "authorization": "auth",
        "oauth2": "auth",
        "proxy_url": "proxy",
    }
    label_names = ("labels",)
    #: What to write for a job, in hints.
    example: ClassVar[str] = "ScrapeJob(...)"

    _: KW_ONLY
    discovery: Discoveries = ()
    job: str = ""
    path: str = "/metrics"
    interval: Duration = ""
    timeout: Duration = ""
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scheme: Literal["http", "https"] = "http"
    labels: Mapping[str, str] = field(default_factory=dict)
    relabel: Sequence[Step | Mapping[str, Any]] = ()
    metric_relabel: Sequence[Step | Mapping[str, Any]] = ()
    honor_labels: bool = False
    honor_timestamps: bool = True
    auth: http.Auth | None = None
    tls: http.TLS | None = None
    proxy: str | http.Proxy = ""
    follow_redirects: bool = True
    enable_http2: bool = True
    enable_compression: bool = True
    drop_created: bool | None = None
    sample_limit: int | None = None
    label_limit: int = 0
    label_name_length_limit: int = 0
    label_value_length_limit: int = 0
    target_limit: int = 0
    body_size_limit: Size = ""
    keep_dropped_targets: int = 0
    scrape_protocols: Sequence[Protocol] = ()
    fallback_scrape_protocol: Protocol | Literal[""] = ""
    scrape_native_histograms: bool | None = None
    always_scrape_classic_histograms: bool | None = None
    native_histogram_bucket_limit: int = 0
    metric_name_validation_scheme: Literal["", "legacy", "utf8"] = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def defaults() -> Mapping[str, Any]:
        """The defaults of Prometheus by argument; kinds of jobs may have others. None for those without a value."""
        return {spec.name: None if spec.default is MISSING else spec.default for spec in fields(Job)}

    def name_in(self, service: str) -> str:
        """The value of the `job` label in a service."""
        return self.job or service

    def static_targets(self) -> Sequence[str]:
        """The addresses that are written in the definition."""
        return ()

    def has_no_targets(self) -> bool:
        """Whether no argument has targets; one with a value of the wrong type may be intended to."""
        is_wrong = {"targets", "discovery"} & self.kept_items.keys()
        return not (self.static_targets() or self.discovery_configs() or self.settings or is_wrong)

    def request_parameters(self) -> Mapping[str, Sequence[str]]:
        """The parameters of the request."""
        return self.params

    def discoveries(self) -> Sequence[Discovery]:
        """The discoveries that are definitions."""
        return configurations.discoveries(self.discovery)

    def discovery_configs(self) -> dict[str, list[Mapping[str, Any]]]:
        """The keys of the discoveries, each with its items."""
        return configurations.discovery_configs(self.discovery)

    def first_steps(self) -> Sequence[Mapping[str, Any]]:
        """Relabeling of this kind of job before that of `relabel`."""
        return ()

    def last_steps(self) -> Sequence[Mapping[str, Any]]:
        """Relabeling of this kind of job after that of `relabel`."""
        return ()

    def problems(self) -> Iterator[Finding]:
        yield from self._target_problems()
        if isinstance(self.discovery, Mapping):
            yield from raw_problems(self, self.discovery, "discovery")
        yield from self._setting_problems()
        yield from plain_step_problems(self, "relabel", self.relabel)
        yield from plain_step_problems(self, "metric_relabel", self.metric_relabel)
        yield from http.proxy_problems(self, self.proxy)
        yield from limit_problems(self)
        yield from self._conflicts()

    def _target_problems(self) -> Iterator[Finding]:
        """Findings for the targets."""
        yield from ()

    def _setting_problems(self) -> Iterator[Finding]:
        if self.job and (wrong := validate_name(self.job)):
            yield self.finding(codes.JOB_NAME, *wrong, at="job")
        for at in ("interval", "timeout"):
            if getattr(self, at) and (wrong := duration.validate_duration(getattr(self, at))):
                yield self.finding(codes.DURATION, *wrong, at=at)
        if wrong := validate_path(self.path):
            yield self.finding(codes.METRICS_PATH, *wrong, at="path")
        for i, (name, values) in enumerate(self.params.items()):
            if not name or not values:
                message = f"the parameter {name!r} has no {'value' if name else 'name'}"
                hint = 'write params={"module": ["http_2xx"]}'
                yield self.finding(codes.SCRAPE_PARAMETER, message, hint, at="params", item=i)
        yield from interval_findings(self, "interval")
        for i, label in enumerate(self.labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
            elif label == "job":
                message = "label 'job' is set by obscode to the job's name"
                yield self.finding(codes.LABEL_NAME, message, 'write job="..." instead', at="labels", item=i)

    def _conflicts(self) -> Iterator[Finding]:
        """Keys of `settings` that an argument sets, too."""
        own = own_settings(self) if self.settings else {}
        for i, key in enumerate(self.settings):
            argument = self.output_keys.get(key, key)
            if key in (*own, "job_name") and not (key == "metrics_path" and self.path == type(self).path):
                message = f"settings has {key!r}, which {argument}= sets, too"
                yield self.finding(SCRAPE_SETTING, message, "write one of them", at="settings", item=i)
