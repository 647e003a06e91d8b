"""The Prometheus server: external labels, remote storage, further files, storage, shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.model.relabel.step import Step, configurations, plain_step_problems
from obscode.model.server.plain_data import merged, plain, present
from obscode.model.server.remote import RemoteRead, RemoteWrite, setting_problems
from obscode.promql import duration
from obscode.promql.duration import Duration

SHARDS = Code(
    "shards",
    "A Prometheus has one shard or more, and a label for the shard only with several.",
    why="Each shard has a configuration of its own, which scrapes its part of the targets.",
    bad="PrometheusServer(shards=0)",
    good='PrometheusServer(shards=3, shard_label="shard")',
)
EXTERNAL_LABEL = Code(
    "external-label",
    "An external label is none that each series, or each alert, has itself.",
    why="Prometheus adds external labels only to series and alerts that lack them.",
    bad='PrometheusServer(external_labels={"job": "shop"})',
    good='PrometheusServer(external_labels={"cluster": "shop"})',
)
_ALWAYS_PRESENT = ("job", "instance", "alertname")


@dataclass(frozen=True, kw_only=True)
class PrometheusServer(Definition):
    """The settings of the Prometheus server beside its scrape jobs, rules and Alertmanagers.

    `Project("shop", prometheus=PrometheusServer(external_labels={"cluster": "eu"}, remote_write=RemoteWrite(URL)))`

    Attributes:
        external_labels: labels of all series and alerts that leave the server.
        remote_write: remote storage to which samples are sent, one or several.
        remote_read: remote storage that is queried, too, one or several.
        rule_files: paths and patterns of rule files that obscode does not write.
        evaluates_rules: whether it evaluates the rules of the project; False if a ruler of Mimir or Thanos does.
        scrape_config_files: paths and patterns of files with further scrape jobs; needs Prometheus 2.43.
        scrape_timeout: the time after which a scrape fails, a duration; by default 10s.
        query_log_file: the file into which all queries are written.
        alert_relabel: steps of `obscode.relabel`, or plain data, that select alerts and set their labels before they
            are sent.
        out_of_order_time_window: how old samples may be that are older than the newest one of their series, a duration.
        max_exemplars: how many exemplars are stored; Prometheus needs `--enable-feature=exemplar-storage`.
        shards: how many servers share the targets; each has a configuration of its own, `prometheus.shard-0.yml`.
        shard_label: the external label with the number of the shard.
        settings: further keys of the configuration, such as `{"tracing": {...}, "otlp": {...}}`. Mappings are merged
            with those of arguments, lists are appended.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"alert_relabel_configs": "alert_relabel"}
    label_names = ("external_labels",)

    external_labels: Mapping[str, str] = field(default_factory=dict)
    remote_write: RemoteWrite | Sequence[RemoteWrite] = ()
    remote_read: RemoteRead | Sequence[RemoteRead] = ()
    rule_files: Sequence[str] = ()
    evaluates_rules: bool = True
    scrape_config_files: Sequence[str] = ()
    scrape_timeout: Duration = ""
    query_log_file: str = ""
    alert_relabel: Sequence[Step | Mapping[str, Any]] = ()
    out_of_order_time_window: Duration = ""
    max_exemplars: int = 0
    shards: int = 1
    shard_label: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        """The keys of the configuration, without those of scrape jobs, intervals and Alertmanagers."""
        return merged(self._own(), plain(self.settings))

    def _own(self) -> dict[str, Any]:
        tsdb = present(out_of_order_time_window=self.out_of_order_time_window)
        exemplars = present(max_exemplars=self.max_exemplars)
        of_all = present(
            scrape_timeout=self.scrape_timeout, query_log_file=self.query_log_file, external_labels=self.external_labels
        )
        return {
            **({"global": of_all} if of_all else {}),
            **present(
                alerting=present(alert_relabel_configs=configurations(self.alert_relabel)),
                rule_files=self.rule_files,
                scrape_config_files=self.scrape_config_files,
                storage=present(tsdb=tsdb, exemplars=exemplars),
                remote_write=[each.configuration() for each in _listed(self.remote_write)],
                remote_read=[each.configuration() for each in _listed(self.remote_read)],
            ),
        }

    def problems(self) -> Iterator[Finding]:
        for at in ("scrape_timeout", "out_of_order_time_window"):
            if (value := getattr(self, at)) and (wrong := duration.validate_duration(value)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        yield from self._external_labels()
        if self.shards < 1:
            yield self.finding(SHARDS, f"shards is {self.shards}", "write 1 or more", at="shards")
        elif self.shard_label and self.shards == 1:
            message = f"the server has the shard_label {self.shard_label!r}, but one shard"
            yield self.finding(SHARDS, message, "write shards=2, for example, or remove it", at="shard_label")
        elif self.shard_label in self.external_labels:
            message = f"the shard_label {self.shard_label!r} is one of external_labels"
            yield self.finding(SHARDS, message, "rename one of them", at="shard_label")
        yield from plain_step_problems(self, "alert_relabel", self.alert_relabel)
        yield from setting_problems(self, self._own(), self.settings)

    def _external_labels(self) -> Iterator[Finding]:
        for i, label in enumerate(self.external_labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="external_labels", item=i)
            elif label in _ALWAYS_PRESENT:
                what = "alert" if label == "alertname" else "scraped series"
                message = f"each {what} has the label {label!r}, so it never gets the external one"
                yield self.finding(EXTERNAL_LABEL, message, "rename it", at="external_labels", item=i)


_Remote = RemoteWrite | RemoteRead


def _listed(remote: _Remote | Sequence[_Remote]) -> Sequence[_Remote]:
    return (remote,) if isinstance(remote, _Remote) else remote
