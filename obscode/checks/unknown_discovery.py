"""A kind of discovery is one that Prometheus has.

Why: Prometheus rejects the whole configuration otherwise. The known kinds are those of Prometheus 3.14; a kind of a
newer release is no error.

Bad:
    ScrapeJob(discovery={"consull_sd_configs": [{"server": "consul:8500"}]})

Good:
    ScrapeJob(discovery={"consul_sd_configs": [{"server": "consul:8500"}]})
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.known_keys import PROMETHEUS
from obscode.model.output_path import key_span


@check((PrometheusConfig, ScrapeConfig), severity="warning", scope="compiled")
def unknown_discovery(value: PrometheusConfig | ScrapeConfig, context: Context) -> Iterator[Finding]:
    """Keys that end with `_sd_configs` and that no release knows."""
    section = "scrape" if isinstance(value, ScrapeConfig) else "file"
    for each in PROMETHEUS.unknown(value.settings, section):
        if each.is_discovery:
            message = f"Prometheus {PROMETHEUS.newest} and older have no {each.key}"
            hint = did_you_mean(each.key, [key for key in each.known if key.endswith("_sd_configs")])
            span = key_span(value.source, each.path)
            yield Finding(unknown_discovery, message, hint, span, unknown_discovery.severity, value.source)
