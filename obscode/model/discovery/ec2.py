"""Targets that are instances of EC2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.findings.finding import Finding
from obscode.model.discovery.base import DISCOVERY, ClientDiscovery, RefreshedDiscovery, present


@dataclass(frozen=True)
class EC2(ClientDiscovery, RefreshedDiscovery):
    """The instances of AWS EC2 in a region, with credentials of the machine's role or of a profile.

    `discovery.EC2("eu-west-1", port=9100, filters={"tag:team": ["shop"]})`

    Attributes:
        region: the region; by default that of the instance on which Prometheus runs.
        port: the port of the targets.
        filters: the filters of the API, such as `{"tag:team": ["shop"], "instance-state-name": ["running"]}`.
        profile: the profile in the file of credentials.
        role_arn: the ARN of a role that Prometheus assumes.
        endpoint: the URL of another endpoint of the API.
    """

    sd_configs = "ec2_sd_configs"

    region: str = ""
    _: KW_ONLY
    port: int = 80
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    profile: str = ""
    role_arn: str = ""
    endpoint: str = ""

    def configuration(self) -> Mapping[str, Any]:
        return {
            **present(
                region=self.region,
                endpoint=self.endpoint,
                profile=self.profile,
                role_arn=self.role_arn,
                refresh_interval=self.refresh,
                port=self.port if self.port != 80 else 0,
                filters=[{"name": name, "values": list(values)} for name, values in self.filters.items()],
            ),
            **self.client(),
        }

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for i, (name, values) in enumerate(self.filters.items()):
            if not name or not values:
                message = f"the filter {name!r} has no {'values' if name else 'name'}"
                hint = 'write filters={"tag:team": ["shop"]}'
                yield self.finding(DISCOVERY, message, hint, at="filters", item=i)
