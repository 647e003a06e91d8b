"""Matchers that leave out requests that are not those of users: of probes, of Prometheus, and that a service sends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obscode.model.metrics import Metric
from obscode.presets.selection import literal
from obscode.promql.tokens import label_text, quote
from obscode.scaffold.name_words import plain

_NAMES = (
    "metrics|prometheus|health|healthz|healthy|healthcheck|health[_-]check|live|livez|liveness|ready|readyz|readiness"
    "|ping|startup|federate"
)
_INTERNAL = re.compile(
    rf"(?:/?(?:api|v\d+|-|q|health|probes?|internal|management|actuator))*/?(?:{_NAMES})/?|/?actuator(?:/.*)?"
)
_PATHS = (
    *("path", "handler", "route", "http_route", "http_target", "path_template", "endpoint", "uri", "url", "view"),
    *("request_path", "url_path", "grpc_service", "rpc_service"),
)
_GRPC = re.compile(r"grpc\.(?:health|reflection)\..*")
# Which side of a request a proxy counts, with the value of the side that users reach.
_SIDES = {
    "direction": ("inbound", "outbound"),
    "reporter": ("destination", "source"),
    "kind": ("server", "client"),
    "span_kind": ("SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"),
}


def user_matchers(metric: Metric) -> Sequence[str] | None:
    """Matchers that leave out other requests; None if the metric shows only such ones."""
    matchers: list[str] = []
    for each in (*_paths(metric), *_sides(metric)):
        if not each:
            return None
        matchers.append(each)
    return matchers


def _paths(metric: Metric) -> Iterator[str]:
    """The matcher of a label with paths; empty if they are those of an old Go client, which counts only itself."""
    labels = {plain(label): label for label in metric.labels}
    for label in (labels[known] for known in _PATHS if known in labels):
        values = metric.observed.get(label, ())
        internal = sorted(value for value in values if _is_internal(label, value))
        if tuple(values) == ("prometheus",):
            yield ""
        elif internal:
            yield _unlike(label, internal)
        if internal:
            return


def _is_internal(label: str, value: str) -> bool:
    return bool((_GRPC if label.endswith("_service") else _INTERNAL).fullmatch(value))


def _sides(metric: Metric) -> Iterator[str]:
    for label, (server, client) in _SIDES.items():
        values = metric.observed.get(label, ())
        if server in values:
            yield f'{label}="{server}"'
        elif client in values:
            yield ""
    admin = [value for value in metric.observed.get("envoy_http_conn_manager_prefix", ()) if value == "admin"]
    if admin:
        others = len(metric.observed["envoy_http_conn_manager_prefix"]) > 1
        yield 'envoy_http_conn_manager_prefix!="admin"' if others else ""


def _unlike(label: str, values: Sequence[str]) -> str:
    if len(values) == 1:
        return f"{label_text(label)}!={quote(values[0])}"
    return f"{label_text(label)}!~{quote('|'.join(map(literal, values)))}"
