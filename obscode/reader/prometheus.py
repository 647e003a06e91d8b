"""Prometheus' configuration as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Mapping

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.compiler.duplicates import DUPLICATE_JOB
from obscode.findings.code import Code
from obscode.promql import duration
from obscode.promql.go_regex import syntax_error
from obscode.reader.nested_keys import report_of_prometheus
from obscode.reader.rules import duration_of
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlNode
from obscode.reader.yaml_section import MISSING_KEY, Report, Section

INVALID_RELABELING = Code(
    "invalid-relabeling",
    "A relabeling step has a known action, a valid regular expression, and the keys that its action needs.",
    why="Prometheus rejects a configuration with an invalid step.",
    bad="relabel_configs: [{action: kep, regex: a}]\n",
    good="relabel_configs: [{action: keep, source_labels: [job], regex: a}]\n",
)

PROMETHEUS_KEYS = (
    "global",
    "runtime",
    "alerting",
    "rule_files",
    "scrape_config_files",
    "scrape_configs",
    "storage",
    "tracing",
    "remote_write",
    "remote_read",
    "otlp",
)
_LIMITS = (
    "body_size_limit",
    "sample_limit",
    "target_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
    "keep_dropped_targets",
)
_COMMON = (
    *_LIMITS,
    "scrape_interval",
    "scrape_timeout",
    "scrape_protocols",
    "scrape_failure_log_file",
    "metric_name_validation_scheme",
    "metric_name_escaping_scheme",
    "scrape_native_histograms",
    "convert_classic_histograms_to_nhcb",
    "always_scrape_classic_histograms",
    "extra_scrape_metrics",
)
_GLOBAL = ("evaluation_interval", "rule_query_offset", "query_log_file", "external_labels")
_HTTP = (
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
    "tls_config",
    "follow_redirects",
    "enable_http2",
    "proxy_url",
    "no_proxy",
    "proxy_from_environment",
    "proxy_connect_header",
    "http_headers",
)
_JOB = (
    "job_name",
    "honor_labels",
    "honor_timestamps",
    "track_timestamps_staleness",
    "params",
    "fallback_scrape_protocol",
    "metrics_path",
    "scheme",
    "enable_compression",
    "native_histogram_bucket_limit",
    "native_histogram_min_bucket_factor",
    "relabel_configs",
    "metric_relabel_configs",
    "static_configs",
)
_DISCOVERY = "_sd_configs"
# vmagent's.
_VICTORIAMETRICS = ("scrape_align_interval", "scrape_offset", "stream_parse", "relabel_debug", "series_limit")
_DURATIONS = ("scrape_interval", "scrape_timeout", "evaluation_interval", "rule_query_offset")
_RELABEL = ("source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action")
_ACTIONS = (
    "replace",
    "keep",
    "drop",
    "keepequal",
    "dropequal",
    "hashmod",
    "labelmap",
    "labeldrop",
    "labelkeep",
    "lowercase",
    "uppercase",
)
_NEED_TARGET = ("replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal")


def prometheus_config(node: YamlNode, report: Report, name: str) -> PrometheusConfig:
    """The configuration; invalid parts are reported."""
    section = Section(report, node, "the configuration", PROMETHEUS_KEYS)
    if of_all := section.value("global"):
        Section(report, of_all, "global", (*_GLOBAL, *_COMMON))
    defaults = _durations(section.value("global"), report)
    jobs = [_scrape_config(item, report, defaults) for item in section.items("scrape_configs")]
    _report_duplicates(jobs, report)
    section.scalar_items("rule_files")
    report_of_prometheus(node, report)
    for key in ("remote_write", "remote_read"):
        for item in section.items(key):
            if isinstance(item.content, Mapping) and item.get("url") is None:
                report.add(MISSING_KEY, f"an item of {key} has no url", "add url:", item.place, source=item)
    settings = {key: entry.value.plain() for key, entry in section.entries.items() if key != "scrape_configs"}
    return PrometheusConfig(name, jobs, node, settings)


def _durations(node: YamlNode | None, report: Report) -> dict[str, int]:
    """The durations of a mapping in milliseconds; invalid ones are reported."""
    result: dict[str, int] = {}
    for key in _DURATIONS if node else ():
        assert node is not None
        if key not in node.entries:
            continue
        single = YamlNode({key: node.entries[key]}, node.place)
        section = Section(report, single, "global", (key,))
        if (text := duration_of(section, key)) and text != "0":
            result[key] = duration.milliseconds(text)
    return result


def _scrape_config(node: YamlNode, report: Report, defaults: Mapping[str, int]) -> ScrapeConfig:
    if not isinstance(node.content, Mapping):
        message = f"an item of scrape_configs is {node.describe()}, not a mapping"
        report.add(INVALID_VALUE, message, "", node.place)
        return ScrapeConfig("", {}, node)
    discovery = [key for key in node.entries if key.endswith(_DISCOVERY)]
    tolerated = (*discovery, *_VICTORIAMETRICS)
    Section(report, node, "the scrape job", (*_JOB, *_COMMON, *_HTTP), tolerated=tolerated)
    job = node.get("job_name")
    if job is None or not job.raw:
        report.add(MISSING_KEY, "the scrape job has no job_name", "add job_name:", node.place, source=node)
    own = _durations(node, report)
    interval = own.get("scrape_interval", defaults.get("scrape_interval", 60_000))
    timeout = own.get("scrape_timeout")
    if timeout and timeout > interval:
        message = f"scrape_timeout {node.entries['scrape_timeout'].value.raw} is longer than the scrape_interval"
        span = node.span("scrape_timeout")
        report.add(INVALID_VALUE, message, "shorten it, or raise the interval", span, source=node)
    for key in ("relabel_configs", "metric_relabel_configs"):
        _check_relabeling(node.get(key), key, report)
    _check_targets(node, report)
    settings = {key: entry.value.plain() for key, entry in node.entries.items() if key != "job_name"}
    return ScrapeConfig(job.raw if job else "", settings, node)


def _check_targets(node: YamlNode, report: Report) -> None:
    configs = node.get("static_configs")
    for config in configs.items if configs else ():
        targets = config.get("targets")
        for target in targets.items if targets else ():
            if "/" in target.raw:
                message = f"target {target.raw!r} is not a host and a port"
                hint = "set scheme: and metrics_path: of the job instead of writing a URL"
                # With relabeling, as of the blackbox exporter, a target may be a URL.
                if node.get("relabel_configs") is None:
                    report.add(INVALID_VALUE, message, hint, target.place, source=node)


def _check_relabeling(steps: YamlNode | None, name: str, report: Report) -> None:
    for step in steps.items if steps else ():
        section = Section(report, step, f"a step of {name}", _RELABEL)
        action = (section.scalar("action") or "replace").lower()
        regex = section.scalar("regex")
        if action not in _ACTIONS:
            message = f"action is {action!r}"
            section.error_at("action", INVALID_RELABELING, message, f"write one of {', '.join(_ACTIONS)}")
        elif action in _NEED_TARGET and "target_label" not in section and step.entries:
            message = f"a step with the action {action} has no target_label"
            report.add(INVALID_RELABELING, message, "add target_label:", step.place, source=step)
        if regex and (problem := syntax_error(regex)):
            message = f"invalid regular expression {regex!r}: {problem}"
            section.error_at("regex", INVALID_RELABELING, message)


def _report_duplicates(jobs: list[ScrapeConfig], report: Report) -> None:
    first: dict[str, ScrapeConfig] = {}
    for job in jobs:
        known = first.setdefault(job.job, job)
        if known is not job and job.job:
            line = span.line if (span := known.source.span("job_name")) else 0
            message = f"scrape job {job.job!r} is a duplicate of the one in line {line}"
            report.findings.append(job.source.finding(DUPLICATE_JOB, message, "rename one of them", at="job_name"))
