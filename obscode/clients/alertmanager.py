"""The API of Alertmanager.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.clients.json_client import JsonClient


class AlertmanagerClient(JsonClient):
    """An Alertmanager. Methods raise ServerError."""

    def status(self) -> Mapping[str, Any]:
        """The version, the state of the cluster, and the configuration under `config.original`, without secrets."""
        return dict(self.get("/api/v2/status"))

    def config(self) -> str:
        """The configuration as YAML, without secrets."""
        return str(self.status()["config"]["original"])

    def silences(self) -> Sequence[Mapping[str, Any]]:
        """All silences, also those that ended."""
        return list(self.get("/api/v2/silences"))

    def alerts(self) -> Sequence[Mapping[str, Any]]:
        """The alerts that Alertmanager has, with their receivers and their state."""
        return list(self.get("/api/v2/alerts"))
