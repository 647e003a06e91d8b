"""A scrape job as an item of Prometheus' `scrape_configs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from obscode.model import http
from obscode.model.relabel.step import configuration_of

if TYPE_CHECKING:
    from obscode.model.scrape.base import Job

# The order of Prometheus' documentation: what is requested, from where, and what happens with the result.
_REQUEST = (
    *("honor_labels", "honor_timestamps", "scrape_interval", "scrape_timeout", "scrape_protocols"),
    *("fallback_scrape_protocol", "scrape_native_histograms", "always_scrape_classic_histograms", "metrics_path"),
    *("params", "scheme", "enable_compression"),
)
_CLIENT = ("follow_redirects", "enable_http2")
_LIMITS = (
    *("body_size_limit", "sample_limit", "label_limit", "label_name_length_limit", "label_value_length_limit"),
    *("target_limit", "keep_dropped_targets", "native_histogram_bucket_limit", "metric_name_validation_scheme"),
)


def configuration(job: Job) -> dict[str, Any]:
    """The keys of the job beside `job_name`, in output order."""
    return {**own_settings(job), **job.settings}


def own_settings(job: Job) -> dict[str, Any]:
    """The keys that arguments set."""
    relabel = relabel_configs(job)
    metric_relabel = [configuration_of(each) for each in job.metric_relabel]
    return {
        **_changed(job, _REQUEST),
        **http.client_settings("prometheus", auth=job.auth, tls=job.tls, proxy=job.proxy),
        **_changed(job, _CLIENT),
        **target_configs(job),
        **({"relabel_configs": relabel} if relabel else {}),
        **({"metric_relabel_configs": metric_relabel} if metric_relabel else {}),
        **_changed(job, _LIMITS),
    }


def target_configs(job: Job) -> dict[str, Any]:
    """The keys of the targets: those of the discoveries, and `static_configs`."""
    configs = job.discovery_configs()
    if targets := job.static_targets():
        labels = {"labels": dict(job.labels)} if job.labels else {}
        configs["static_configs"] = [{"targets": list(targets), **labels}, *configs.get("static_configs", ())]
    return configs


def relabel_configs(job: Job) -> list[Mapping[str, Any]]:
    """The items of `relabel_configs`: those of the kind of job, labels of discovered targets, and those of the user."""
    labels = label_configs(job) if job.discovery_configs() else ()
    return [*job.first_steps(), *labels, *(configuration_of(each) for each in job.relabel), *job.last_steps()]


def label_configs(job: Job) -> list[Mapping[str, Any]]:
    """The steps that set the labels of the job."""
    return [{"target_label": name, "replacement": _literal(value)} for name, value in job.labels.items()]


def _literal(value: str) -> str:
    """A text as a replacement: `$` begins the name of a group."""
    return value.replace("$", "$$")


def _changed(job: Job, keys: tuple[str, ...]) -> dict[str, Any]:
    """The keys whose arguments differ from the default of Prometheus."""
    defaults = job.defaults()
    result: dict[str, Any] = {}
    for key in keys:
        at = job.output_keys.get(key, key)
        value = job.request_parameters() if at == "params" else getattr(job, at)
        is_changed = value if defaults[at] is None else value != defaults[at]
        if key == "metrics_path" or is_changed or (value is False and defaults[at] is None):
            result[key] = _plain(value)
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
