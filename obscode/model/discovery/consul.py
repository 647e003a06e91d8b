"""Targets in Consul's catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.findings.finding import Finding
from obscode.model.discovery.base import DISCOVERY, ClientDiscovery, RefreshedDiscovery, present


@dataclass(frozen=True)
class Consul(ClientDiscovery, RefreshedDiscovery):
    """The instances of services in Consul's catalog.

    `discovery.Consul("consul:8500", services=["shop"], auth=http.Bearer("/run/secrets/consul"))`

    Attributes:
        server: the address of Consul, `host:port`.
        services: the names of the services; by default all of them.
        tags: the tags that each service has.
        node_meta: the metadata that each node has.
        filter: an expression of Consul that selects services of the catalog; needs Prometheus 3.0.
        datacenter: the datacenter; by default that of the server.
        namespace: the namespace of Consul Enterprise.
        partition: the admin partition of Consul Enterprise.
        scheme: `http` or `https`.
        path_prefix: the path before that of the API; needs Prometheus 2.45.
        allow_stale: whether any server of Consul answers, and not the leader alone.
    """

    sd_configs = "consul_sd_configs"

    server: str
    _: KW_ONLY
    services: Sequence[str] = ()
    tags: Sequence[str] = ()
    node_meta: Mapping[str, str] | None = None
    filter: str = ""
    datacenter: str = ""
    namespace: str = ""
    partition: str = ""
    scheme: Literal["http", "https"] = "http"
    path_prefix: str = ""
    allow_stale: bool = True

    def configuration(self) -> Mapping[str, Any]:
        return {
            "server": self.server,
            **present(
                path_prefix=self.path_prefix,
                datacenter=self.datacenter,
                namespace=self.namespace,
                partition=self.partition,
                scheme=self.scheme if self.scheme != "http" else "",
                services=self.services,
                filter=self.filter,
                tags=self.tags,
                node_meta=dict(self.node_meta or {}),
            ),
            **({} if self.allow_stale else {"allow_stale": False}),
            **present(refresh_interval=self.refresh),
            **self.client(),
        }

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if "://" in self.server:
            scheme, _, rest = self.server.partition("://")
            hint = f"write {rest.strip('/')!r}" + (', scheme="https"' if scheme == "https" else "")
            yield self.finding(DISCOVERY, f"{self.server!r} is a URL, not an address", hint, at="server")
        elif not self.server:
            yield self.finding(DISCOVERY, "server= is empty", 'write "localhost:8500", for example', at="server")
