"""The HTTP API of Grafana.

https://grafana.com/docs/grafana/latest/developers/http_api/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from obscode.clients.errors import ServerError
from obscode.clients.json_client import JsonClient

_PAGE = 1000  # dashboards in one answer


class GrafanaClient(JsonClient):
    """A Grafana. Methods raise ServerError. A token of a service account with the role Viewer is enough."""

    def health(self) -> Mapping[str, Any]:
        """The version, and whether the database answers."""
        return dict(self.get("/api/health"))

    def dashboards(self) -> Sequence[Mapping[str, Any]]:
        """Titles, uids and folders of all dashboards."""
        listed: list[Mapping[str, Any]] = []
        page = 1
        while True:
            answer = self.get("/api/search", {"type": "dash-db", "limit": str(_PAGE), "page": str(page)})
            listed += answer
            if len(answer) < _PAGE:
                return listed
            page += 1

    def dashboard(self, uid: str) -> Mapping[str, Any] | None:
        """A dashboard with the keys `dashboard` and `meta`, or None if Grafana has none with this uid."""
        try:
            return dict(self.get(f"/api/dashboards/uid/{quote(uid, safe='')}"))
        except ServerError as error:
            if error.status == 404:
                return None
            raise

    def alert_rules(self) -> Sequence[Mapping[str, Any]]:
        """The alert rules that Grafana manages, as its provisioning API exports them."""
        return list(self.get("/api/v1/provisioning/alert-rules"))

    def datasources(self) -> Sequence[Mapping[str, Any]]:
        """All data sources."""
        return list(self.get("/api/datasources"))

    def datasource_health(self, uid: str) -> Mapping[str, Any]:
        """The `status` and `message` of a data source: `OK`, or what Grafana says about it."""
        try:
            return dict(self.get(f"/api/datasources/uid/{quote(uid, safe='')}/health"))
        except ServerError as error:
            if error.status in (400, 500):  # Grafana answers so for a data source that it cannot reach
                return {"status": "ERROR", "message": error.detail}
            raise
