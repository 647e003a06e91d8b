"""Machines with the node exporter: what runs out, fails or is wrong there as tickets, and a dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.alert import Alert
from obscode.model.dashboard import Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.presets.machines import node_alerts
from obscode.presets.machines.node_metrics import DEFAULT_COLLECTORS, catalog
from obscode.presets.machines.node_queries import Queries
from obscode.presets.machines.node_rows import rows
from obscode.presets.preset import preset
from obscode.presets.scope import Scope

# Filesystems in memory, and images that are full by nature.
_FSTYPES = "tmpfs|ramfs|squashfs|erofs|iso9660|overlay|fuse.lxcfs|nsfs"
# Mounts of containers show the filesystem of the machine again.
_MOUNTPOINTS = "/(run|snap|var/lib/(docker|containers|containerd|kubelet|rancher))/.+"
_DISKS = "(z?ram|loop|fd|sr)[0-9]+"
_NETWORKS = "lo|(veth|cali|cilium_|lxc|docker|br-|cni|flannel|virbr|tunl|ifb|nodelocaldns|kube-ipvs|dummy).*"


@preset
def node(
    name: str,
    *,
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    collectors: Sequence[str] = DEFAULT_COLLECTORS,
    ignored_fstypes: str = _FSTYPES,
    ignored_mountpoints: str = _MOUNTPOINTS,
    ignored_disks: str = _DISKS,
    ignored_networks: str = _NETWORKS,
    reboots: bool = True,
    full_severity: str = "",
    owner: str = "",
    description: str = "",
    runbook: str = "",
    severity: str = "ticket",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """Machines with the node exporter, on Linux: alerts with unit tests, and a dashboard.

    Thresholds are those of the node-mixin. Its two levels of a filesystem are one here: `full_severity="page"` is for
    machines where a full filesystem is felt by users, such as those of a database.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `role="database"`.
        collectors: those of which not every machine has metrics: "pressure" (kernels with CONFIG_PSI), "conntrack",
            "mdadm" (RAID), "bonding", and "systemd", which needs the flag `--collector.systemd`.
        ignored_fstypes: a regular expression of types of filesystems without alerts and panels.
        ignored_mountpoints: a regular expression of mount points without.
        ignored_disks: a regular expression of disks without.
        ignored_networks: a regular expression of network devices without; those of containers are counted by the
            machine's device, too.
        reboots: whether a restart is an alert; False if machines restart by themselves after updates.
        full_severity: the severity of the alerts of full filesystems; by default that of the others.
        owner: the team that owns the machines.
        description: what the machines are for.
        runbook: the URL of the runbook of its alerts.
        severity: the severity of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    scope = Scope.of(name, jobs, where)
    queries = Queries(scope, ignored_fstypes, ignored_mountpoints, ignored_disks, ignored_networks)
    return Service(
        name,
        owner=owner,
        description=description or "Machines.",
        runbook=runbook,
        severity=severity,
        scrape=scrape,
        where=where,
        metrics=catalog(collectors),
        alerts=[*_alerts(queries, collectors, reboots=reboots, full_severity=full_severity), *alerts],
        dashboard=[*rows(queries, collectors), *dashboard],
    )


def _alerts(queries: Queries, collectors: Sequence[str], *, reboots: bool, full_severity: str) -> Iterator[Alert]:
    yield from node_alerts.presence_alerts(queries, reboots=reboots)
    yield from node_alerts.filesystem_alerts(queries, full_severity)
    yield from node_alerts.memory_alerts(queries)
    yield from node_alerts.load_alerts(queries)
    yield from node_alerts.clock_alerts(queries)
    yield from node_alerts.collector_alerts(queries, collectors)
