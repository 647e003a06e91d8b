"""Selectors of a machine's filesystems, disks and networks, without those that nobody wants to know about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from obscode.presets.scope import Scope
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class Queries:
    """Selectors of the machines' series.

    Attributes:
        scope: the series.
        fstypes: a regular expression of types of filesystems that do not count.
        mountpoints: a regular expression of mount points that do not count.
        disks: a regular expression of disks that do not count.
        networks: a regular expression of network devices that do not count.
    """

    scope: Scope
    fstypes: str
    mountpoints: str
    disks: str
    networks: str

    def select(self, metric: str, *more: Matcher) -> str:
        """A selector of a metric."""
        return self.scope.select(metric, *self._counted(metric), *more)

    def _counted(self, metric: str) -> Iterator[Matcher]:
        if metric.startswith("node_filesystem_"):
            yield from _without("fstype", self.fstypes)
            yield from _without("mountpoint", self.mountpoints)
        elif metric.startswith("node_disk_"):
            yield from _without("device", self.disks)
        elif metric.startswith("node_network_"):
            yield from _without("device", self.networks)

    def series(self, metric: str, labels: Mapping[str, str] | None = None) -> str:
        """A series in a unit test."""
        own = {"instance": "a:9100"}
        if metric.startswith("node_filesystem_"):
            own |= {"device": "/dev/sda1", "fstype": "ext4", "mountpoint": "/data"}
        elif metric.startswith(("node_disk_", "node_network_")):
            own |= {"device": "eth0" if metric.startswith("node_network_") else "sda"}
        return self.scope.series(metric, {**own, **(labels or {})})

    def busy(self, window: str) -> str:
        """The share of the processors' time that is used, for each machine."""
        idle = self.select("node_cpu_seconds_total", Matcher("mode", "=~", "idle|iowait"))
        return f"1 - sum by (instance) (rate({idle}[{window}])) / {self.processors()}"

    def processors(self) -> str:
        """The number of processors of each machine."""
        return f"count by (instance) ({self.select('node_cpu_seconds_total', Matcher('mode', '=', 'idle'))})"

    def share(self, part: str, whole: str) -> str:
        """A metric divided by another one of the same labels."""
        return f"{self.select(part)}\n/ {self.select(whole)}"

    def writable(self) -> str:
        """The filesystems that can be written: others do not fill up."""
        return f"{self.select('node_filesystem_readonly')} == 0"


def _without(label: str, pattern: str) -> Iterator[Matcher]:
    if pattern:
        yield Matcher(label, "!~", pattern)
