"""The API of Prometheus, which Thanos, Mimir, Cortex and VictoriaMetrics have, too.

https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obscode.clients.errors import ServerError
from obscode.clients.json_client import JsonClient, Parameters

Sample = tuple[float, float]  # seconds, value

# Prometheus rejects a range query with more points for each series.
MAX_POINTS = 11_000


@dataclass(frozen=True)
class Series:
    """The labels of a series and its samples: one of an instant query, several of a range query."""

    labels: Mapping[str, str]
    samples: Sequence[Sample]


class PrometheusClient(JsonClient):
    """A server with the API of Prometheus. Methods raise ServerError."""

    def query(self, expr: str, time: float) -> Sequence[Series]:
        """Evaluate an expression at a time in seconds. A scalar is a series without labels."""
        return _series(self._data("/api/v1/query", {"query": expr, "time": _number(time)}))

    def query_range(self, expr: str, start: float, end: float, step: float) -> Sequence[Series]:
        """Evaluate an expression at each step from the start to the end, both included, in seconds.

        A range with more points than Prometheus allows is divided into several queries.
        """
        parts = [
            _series(
                self._data(
                    "/api/v1/query_range",
                    {"query": expr, "start": _number(first), "end": _number(last), "step": _number(step)},
                )
            )
            for first, last in _parts(start, end, step)
        ]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def series(self, matches: Sequence[str], start: float, end: float) -> Sequence[Mapping[str, str]]:
        """The labels of the series that selectors match."""
        parameters = {"match[]": list(matches), "start": _number(start), "end": _number(end)}
        return list(self._data("/api/v1/series", parameters))

    def label_values(self, label: str, start: float, end: float, match: str = "") -> Sequence[str]:
        """The values of a label, of all series or of those that a selector matches."""
        parameters = {"start": _number(start), "end": _number(end), **({"match[]": match} if match else {})}
        return list(self._read(f"/api/v1/label/{label}/values", parameters))

    def label_names(self, start: float, end: float, match: str = "") -> Sequence[str]:
        """The names of labels, of all series or of those that a selector matches."""
        parameters = {"start": _number(start), "end": _number(end), **({"match[]": match} if match else {})}
        return list(self._read("/api/v1/labels", parameters))

    def rule_groups(self) -> Sequence[Mapping[str, Any]]:
        """The groups of rules with their state."""
        return list(self._read("/api/v1/rules")["groups"])

    def config(self) -> str:
        """The configuration as YAML, with all defaults and without secrets."""
        return str(self._read("/api/v1/status/config")["yaml"])

    def targets(self) -> Mapping[str, Any]:
        """Active and dropped targets."""
        return dict(self._read("/api/v1/targets"))

    def target_metadata(self, job: str) -> Mapping[str, str]:
        """The types of the metrics that the targets of a job expose, also of those without series."""
        listed = self._read("/api/v1/targets/metadata", {"match_target": f"{{job={json.dumps(job)}}}"})
        return {item["metric"]: item["type"] for item in listed}

    def alertmanagers(self) -> Sequence[str]:
        """The URLs of the Alertmanagers that get alerts."""
        return [item["url"] for item in self._read("/api/v1/alertmanagers")["activeAlertmanagers"]]

    def build_info(self) -> Mapping[str, str]:
        """The version of the server; empty for servers that do not say it."""
        try:
            return dict(self._read("/api/v1/status/buildinfo"))
        except ServerError as error:
            if error.status == 404:
                return {}
            raise

    def flags(self) -> Mapping[str, str]:
        """The flags of the command line with their values; empty for servers that do not say them."""
        try:
            return dict(self._read("/api/v1/status/flags"))
        except ServerError as error:
            if error.status == 404:
                return {}
            raise

    def _read(self, path: str, parameters: Parameters | None = None) -> Any:
        return self._data_of(self.get(path, parameters))

    def _data(self, path: str, parameters: Parameters) -> Any:
        return self._data_of(self.post(path, parameters))

    def _data_of(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or "data" not in answer:
            raise ServerError(f"{self.url} does not answer as Prometheus does", "name the address of a Prometheus")
        return answer["data"]


def _number(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _parts(start: float, end: float, step: float) -> Iterator[tuple[float, float]]:
    """Ranges of at most MAX_POINTS points; each starts a step after the end of the one before."""
    points = int((end - start) / step + 1e-9) + 1
    for first in range(0, points, MAX_POINTS):
        last = min(first + MAX_POINTS, points) - 1
        yield start + first * step, start + last * step


def _series(data: Mapping[str, Any]) -> Sequence[Series]:
    kind, result = data["resultType"], data["result"]
    if kind in ("scalar", "string"):
        return [Series({}, [_sample(result)])] if kind == "scalar" else []
    if kind == "matrix":
        return [Series(item["metric"], [_sample(sample) for sample in item.get("values", ())]) for item in result]
    return [Series(item["metric"], [_sample(item["value"])]) for item in result if "value" in item]


def _sample(pair: Sequence[Any]) -> Sample:
    return float(pair[0]), float(pair[1])


def _joined(parts: Sequence[Sequence[Series]]) -> Sequence[Series]:
    samples: dict[tuple[tuple[str, str], ...], list[Sample]] = {}
    for part in parts:
        for series in part:
            samples.setdefault(tuple(sorted(series.labels.items())), []).extend(series.samples)
    return [Series(dict(labels), joined) for labels, joined in samples.items()]
