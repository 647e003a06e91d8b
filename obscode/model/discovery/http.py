"""Targets that a server lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.discovery.base import ClientDiscovery, RefreshedDiscovery, present
from obscode.model.urls import validate_url


@dataclass(frozen=True)
class HTTP(ClientDiscovery, RefreshedDiscovery):
    """Targets that a server lists as JSON, such as an inventory.

    `discovery.HTTP("https://inventory/targets", auth=http.Bearer("/run/secrets/inventory"))`

    Attributes:
        url: the URL of the list.
    """

    sd_configs = "http_sd_configs"

    url: str

    def configuration(self) -> Mapping[str, Any]:
        return {"url": self.url, **present(refresh_interval=self.refresh), **self.client()}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if wrong := validate_url(self.url):
            yield self.finding(codes.URL, *wrong, at="url")
