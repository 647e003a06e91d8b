"""A discovery as it is written in Prometheus' configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition
from obscode.model.discovery.base import DISCOVERY, Discovery

#: The kinds of Prometheus 3.14.
KINDS = (
    "aws azure consul digitalocean dns docker dockerswarm ec2 eureka file gce hetzner http ionos kubernetes kuma "
    "lightsail linode marathon nerve nomad oci openstack outscale ovhcloud puppetdb scaleway serverset stackit triton "
    "uyuni vultr"
)


@dataclass(frozen=True)
class Raw(Discovery):
    """A discovery as it is written in Prometheus' configuration, for kinds that obscode lacks.

    `discovery.Raw("docker_sd_configs", [{"host": "unix:///var/run/docker.sock"}])`

    Attributes:
        kind: the key of the scrape job.
        configs: its items.
    """

    kind: str
    configs: Sequence[Mapping[str, Any]]
    _: KW_ONLY
    settings: Mapping[str, Any] = field(default_factory=dict, init=False)

    def configurations(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return {self.kind: list(self.configs)}

    def problems(self) -> Iterator[Finding]:
        yield from raw_problems(self, {self.kind: self.configs}, "kind")


def raw_problems(
    definition: Definition, configs: Mapping[str, Sequence[Mapping[str, Any]]], at: str
) -> Iterator[Finding]:
    """The findings for plain data: keys that are not `*_sd_configs`, and keys without items."""
    known = [f"{kind}_sd_configs" for kind in KINDS.split()]
    for i, (key, items) in enumerate(configs.items()):
        item = i if at == "discovery" else None
        if not key.endswith("_sd_configs") and key != "static_configs":
            whole = f"{key}_sd_configs"
            hint = f"write {whole!r}" if whole in known else did_you_mean(key, known)
            hint = hint or 'write "azure_sd_configs", for example'
            yield definition.finding(DISCOVERY, f"{key!r} is not the key of a discovery", hint, at=at, item=item)
        elif not items:
            message, hint = f"{key} has no items", 'write [{"port": 9100}], for example'
            yield definition.finding(DISCOVERY, message, hint, at=at, item=item)
