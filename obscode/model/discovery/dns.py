"""Targets in DNS records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.findings.finding import Finding
from obscode.model.discovery.base import DISCOVERY, RefreshedDiscovery, listed, present

_LAST_PORT = 65535


@dataclass(frozen=True)
class DNS(RefreshedDiscovery):
    """Targets in DNS records, such as those of a headless Service in Kubernetes or of Docker Swarm's `tasks.NAME`.

    `discovery.DNS("tasks.shop", type="A", port=8000)`

    Attributes:
        names: the domain name, or several.
        type: the type of record. `SRV` has ports; the others need ``port``. `NS` needs Prometheus 2.49.
        port: the port of the targets.
    """

    sd_configs = "dns_sd_configs"

    names: str | Sequence[str]
    _: KW_ONLY
    type: Literal["SRV", "A", "AAAA", "MX", "NS"] = "SRV"
    port: int = 0

    def configuration(self) -> Mapping[str, Any]:
        type_ = self.type if self.type != "SRV" else ""
        return {"names": listed(self.names), **present(type=type_, port=self.port, refresh_interval=self.refresh)}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.names:
            yield self.finding(DISCOVERY, "names= is empty", 'write "tasks.shop", for example', at="names")
        if self.type != "SRV" and not self.port:
            message = f"records of type {self.type} have no port"
            yield self.finding(DISCOVERY, message, "write port=8000, for example", at="type")
        elif not 0 <= self.port <= _LAST_PORT:
            yield self.finding(DISCOVERY, f"{self.port} is not a port", f"write 1 to {_LAST_PORT}", at="port")
