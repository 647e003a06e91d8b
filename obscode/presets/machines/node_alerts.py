"""What is wrong with machines: alerts with unit tests.

Thresholds are those of the node-mixin, if nothing else is said:
https://github.com/prometheus/node_exporter/blob/master/docs/node-mixin/config.libsonnet
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.model.alert import Alert, AlertTest
from obscode.presets.fault_alerts import constant, growing
from obscode.presets.machines.node_queries import Queries
from obscode.promql.selector import Matcher

_WHERE = "{{ $labels.mountpoint }} of {{ $labels.instance }}"


def filesystem_alerts(queries: Queries, full_severity: str) -> Iterator[Alert]:
    """Space and inodes that are used up, or will be within a day."""
    for what, name, free, size in (
        ("space", "Filesystem", "avail_bytes", "size_bytes"),
        ("inodes", "FilesystemFiles", "files_free", "files"),
    ):
        free, size = f"node_filesystem_{free}", f"node_filesystem_{size}"
        share = queries.share(free, size)
        yield Alert(
            f"Node{name}Full",
            f"{share} < 0.05\nand {queries.writable()}",
            for_="30m",
            severity=full_severity,
            summary=f"{_WHERE} has {{{{ $value | humanizePercentage }}}} of its {what} left",
            description="Programs that write there fail soon. Remove files, or make it larger.",
            tests=_full_tests(queries, free, size),
        )
        yield Alert(
            f"Node{name}FillingUp",
            f"{share} < 0.4\nand predict_linear({queries.select(free)}[6h], 86400) < 0\nand {queries.writable()}",
            for_="1h",
            summary=f"{_WHERE} has no {what} left within a day",
            description="It has {{ $value | humanizePercentage }} now, and lost the same amount for 6 hours. "
            "Find out what writes there.",
            tests=_filling_tests(queries, free, size),
        )


def _full_tests(queries: Queries, free: str, size: str) -> Sequence[AlertTest]:
    series, whole, readonly = map(queries.series, (free, size, "node_filesystem_readonly"))
    others = {whole: constant(1000), readonly: constant(0)}
    return [
        *queries.scope.tests(
            "nearly full", fires={**others, series: constant(49)}, quiet={**others, series: constant(50)}, at="31m"
        ),
        *quiet(queries, "it cannot be written", {**others, series: constant(0), readonly: constant(1)}, at="31m"),
    ]


def _filling_tests(queries: Queries, free: str, size: str) -> Sequence[AlertTest]:
    series, whole, readonly = map(queries.series, (free, size, "node_filesystem_readonly"))
    others = {whole: "1000x60", readonly: "0x60"}
    filling, full, slow = ({**others, series: values} for values in ("390-3x60", "390x60", "390-1x60"))
    return [
        *queries.scope.tests("it fills up", fires=filling, quiet=full, at="8h", interval="10m"),
        *quiet(queries, "it fills up in days", slow, at="8h", interval="10m"),
        *quiet(queries, "half of it is free", {**others, series: "900-6x60"}, at="8h", interval="10m"),
    ]


def memory_alerts(queries: Queries) -> Iterator[Alert]:
    """Memory that is used up. The kernel ends processes, and before that, all of them wait."""
    available, total = map(queries.series, ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"))
    yield Alert(
        "NodeMemoryFull",
        f"{queries.share('node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes')} < 0.1",
        for_="15m",
        summary="{{ $labels.instance }} has {{ $value | humanizePercentage }} of its memory left",
        description="The kernel ends processes if nothing is left. Find out what needs the memory.",
        tests=queries.scope.tests(
            "9 % are left",
            fires={available: constant(9), total: constant(100)},
            quiet={available: constant(10), total: constant(100)},
        ),
    )
    kills = queries.series("node_vmstat_oom_kill")
    yield Alert(
        "NodeOutOfMemory",
        f"increase({queries.select('node_vmstat_oom_kill')}[15m]) > 0",
        summary="The kernel of {{ $labels.instance }} ended processes because memory was used up",
        description="The kernel's log names them. It also ends those of a container that is over its limit.",
        tests=queries.scope.tests("a process is ended", fires={kills: "1x25 2x20"}, quiet={kills: constant(1)}),
    )


def pressure_alerts(queries: Queries) -> Iterator[Alert]:
    """All processes wait at the same time. The limit is a choice: systemd-oomd ends processes from 60 % on."""
    for what, name, hint in (
        ("memory", "Memory", "It reads again what it had in memory. Give it more, or run less there."),
        ("io", "Io", "Its disks are too slow for what it does, or one of them fails."),
    ):
        metric = f"node_pressure_{what}_stalled_seconds_total"
        series = queries.series(metric)
        yield Alert(
            f"Node{name}Pressure",
            f"rate({queries.select(metric)}[5m]) > 0.3",
            for_="15m",
            summary=f"Everything on {{{{ $labels.instance }}}} waits for {what if what == 'memory' else 'disks'} "
            "{{ $value | humanizePercentage }} of the time",
            description=hint,
            tests=queries.scope.tests("a third of the time", fires={series: growing(20)}, quiet={series: growing(17)}),
        )


def load_alerts(queries: Queries) -> Iterator[Alert]:
    """Processors, disks and networks that have too much to do."""
    load = queries.series("node_load1")
    cores = {queries.series("node_cpu_seconds_total", {"cpu": cpu, "mode": "idle"}): growing(1) for cpu in "01"}
    yield Alert(
        "NodeOverloaded",
        f"sum by (instance) ({queries.select('node_load1')}) / {queries.processors()} > 2",
        for_="15m",
        summary="{{ $value | humanize }} processes wait for each processor of {{ $labels.instance }}",
        description="Processes that run, wait for a processor or for a disk.",
        tests=queries.scope.tests("5 of 2", fires={**cores, load: constant(5)}, quiet={**cores, load: constant(4)}),
    )
    queue = queries.series("node_disk_io_time_weighted_seconds_total")
    yield Alert(
        "NodeDiskSaturated",
        f"rate({queries.select('node_disk_io_time_weighted_seconds_total')}[5m]) > 10",
        for_="30m",
        summary="{{ $value | humanize }} requests wait for the disk {{ $labels.device }} of {{ $labels.instance }}",
        description="It is too slow for what programs read and write, or it fails.",
        tests=queries.scope.tests("11 requests", fires={queue: growing(660)}, quiet={queue: growing(600)}, at="50m"),
    )
    for way, name in (("receive", "Receive"), ("transmit", "Transmit")):
        yield _network_errors(queries, way, f"NodeNetwork{name}Errors")


def _network_errors(queries: Queries, way: str, name: str) -> Alert:
    """A single error of a few packets is no fault: there have to be some."""
    errors, packets = f"node_network_{way}_errs_total", f"node_network_{way}_packets_total"
    series, all_packets = queries.series(errors), queries.series(packets)
    rate = f"rate({queries.select(errors)}[5m])"
    many, few = {all_packets: "0+6000x120"}, {all_packets: "0+6x120"}
    return Alert(
        name,
        f"{rate}\n/ rate({queries.select(packets)}[5m]) > 0.01\nand {rate} > 0.1",
        for_="1h",
        summary=f"{{{{ $value | humanizePercentage }}}} of the packets that {{{{ $labels.instance }}}} {way}s on "
        "{{ $labels.device }} have errors",
        description="The cable, the port or the driver is faulty.",
        tests=[
            *queries.scope.tests(
                "errors", fires={**many, series: "0+66x120"}, quiet={**many, series: "0+60x120"}, at="1h15m"
            ),
            *quiet(queries, "few packets", {**few, series: "0+1x120"}, at="1h15m"),
        ],
    )


def clock_alerts(queries: Queries) -> Iterator[Alert]:
    """A clock that is wrong, or that nothing corrects."""
    offset = "node_timex_offset_seconds"
    series = queries.series(offset)
    yield Alert(
        "NodeClockWrong",
        f"min_over_time(abs({queries.select(offset)})[10m:1m]) > 0.05",
        for_="10m",
        summary="The clock of {{ $labels.instance }} is wrong by {{ $value | humanizeDuration }}",
        description="Certificates, logs and rates depend on it. Look at its time service.",
        tests=queries.scope.tests("wrong", fires={series: "-0.06x60"}, quiet={series: "-0.05x60"}),
    )
    status, error = map(queries.series, ("node_timex_sync_status", "node_timex_maxerror_seconds"))
    yield Alert(
        "NodeClockNotSynchronised",
        f"max_over_time({queries.select('node_timex_sync_status')}[5m]) == 0\n"
        f"and {queries.select('node_timex_maxerror_seconds')} >= 16",
        for_="10m",
        summary="Nothing corrects the clock of {{ $labels.instance }}",
        description="No time service runs, or it does not reach its servers.",
        tests=queries.scope.tests(
            "not synchronised",
            fires={status: constant(0), error: constant(16)},
            quiet={status: constant(0), error: constant(15)},
        ),
    )


def presence_alerts(queries: Queries, *, reboots: bool) -> Iterator[Alert]:
    """Machines that do not answer, that restarted, and files of the textfile collector that cannot be read."""
    up, error = queries.scope.series("up", {"instance": "a:9100"}), queries.series("node_textfile_scrape_error")
    yield Alert(
        "NodeDown",
        f"{queries.scope.select('up')} == 0",
        for_="10m",
        summary="{{ $labels.instance }} does not answer",
        description="The machine, its network or the node exporter is down.",
        tests=queries.scope.tests("down", fires={up: constant(0)}, quiet={up: constant(1)}),
    )
    if reboots:
        boot = queries.series("node_boot_time_seconds")
        started = queries.select("node_boot_time_seconds")
        yield Alert(
            "NodeRestarted",
            f"{started} - min_over_time({started}[1h]) > 60",
            summary="{{ $labels.instance }} restarted within the last hour",
            description="If nobody restarted it, the log before has the reason: the kernel, the power or the hardware.",
            tests=[
                *queries.scope.tests(
                    "a restart",
                    fires={boot: "1000x10 _x5 1900x30"},
                    quiet={boot: "1000 1001 " * 20},
                ),
                *quiet(queries, "a new machine", {boot: "_x15 1900x30"}),
            ],
        )
    yield Alert(
        "NodeTextfileError",
        f"{queries.select('node_textfile_scrape_error')} == 1",
        for_="10m",
        summary="A file of the textfile collector of {{ $labels.instance }} cannot be read",
        description="Metrics of batch jobs there are missing. The log of the node exporter names the file.",
        tests=queries.scope.tests("an error", fires={error: constant(1)}, quiet={error: constant(0)}),
    )
    files, most = map(queries.series, ("node_filefd_allocated", "node_filefd_maximum"))
    yield Alert(
        "NodeFilesRunOut",
        f"{queries.share('node_filefd_allocated', 'node_filefd_maximum')} > 0.7",
        for_="15m",
        summary="{{ $value | humanizePercentage }} of the files that {{ $labels.instance }} can open are open",
        description="A process does not close its files or connections.",
        tests=queries.scope.tests(
            "71 %",
            fires={files: constant(71), most: constant(100)},
            quiet={files: constant(70), most: constant(100)},
        ),
    )


def quiet(
    queries: Queries, name: str, series: Mapping[str, str], at: str = "30m", interval: str = "1m"
) -> Sequence[AlertTest]:
    """A test of an alert that does not fire; none if no labels are known that the matchers accept."""
    return queries.scope.tests(name, fires=series, quiet=series, at=at, interval=interval)[1:]


def collector_alerts(queries: Queries, collectors: Sequence[str]) -> Iterator[Alert]:
    """Alerts on what not every machine has."""
    if "pressure" in collectors:
        yield from pressure_alerts(queries)
    if "conntrack" in collectors:
        yield _ratio_alert(queries)
    if "mdadm" in collectors:
        yield _degraded(queries)
    if "bonding" in collectors:
        links, active = (queries.series(f"node_bonding_{what}", {"master": "b"}) for what in ("slaves", "active"))
        yield Alert(
            "NodeBondDegraded",
            f"{queries.select('node_bonding_slaves')} - {queries.select('node_bonding_active')} > 0",
            for_="5m",
            summary="{{ $value }} links of {{ $labels.master }} of {{ $labels.instance }} are down",
            description="The bond works with the others. Look at the cable and the port.",
            tests=queries.scope.tests(
                "a link is down",
                fires={links: constant(2), active: constant(1)},
                quiet={links: constant(2), active: constant(2)},
            ),
        )
    if "systemd" in collectors:
        unit = queries.series("node_systemd_unit_state", {"name": "ssh.service", "state": "failed"})
        yield Alert(
            "NodeServiceFailed",
            f"{queries.select('node_systemd_unit_state', Matcher('state', '=', 'failed'))} == 1",
            for_="5m",
            summary="{{ $labels.name }} failed on {{ $labels.instance }}",
            description="systemctl status shows the reason.",
            tests=queries.scope.tests("a failure", fires={unit: constant(1)}, quiet={unit: constant(0)}),
        )


def _ratio_alert(queries: Queries) -> Alert:
    entries, limit = map(queries.series, ("node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"))
    return Alert(
        "NodeConnectionsRunOut",
        f"{queries.share('node_nf_conntrack_entries', 'node_nf_conntrack_entries_limit')} > 0.75",
        for_="5m",
        summary="{{ $labels.instance }} tracks {{ $value | humanizePercentage }} of the connections that it can",
        description="New connections are dropped if the table is full. Raise net.netfilter.nf_conntrack_max.",
        tests=queries.scope.tests(
            "76 %",
            fires={entries: constant(76), limit: constant(100)},
            quiet={entries: constant(75), limit: constant(100)},
        ),
    )


def _degraded(queries: Queries) -> Alert:
    required = queries.series("node_md_disks_required", {"device": "md0"})
    active = queries.series("node_md_disks", {"device": "md0", "state": "active"})
    disks = queries.select("node_md_disks", Matcher("state", "=", "active"))
    return Alert(
        "NodeRaidDegraded",
        f"{queries.select('node_md_disks_required')} - ignoring (state) {disks} > 0",
        for_="15m",
        summary="{{ $labels.device }} of {{ $labels.instance }} lacks {{ $value }} disks",
        description="Data is lost if another one fails. Replace the disk.",
        tests=queries.scope.tests(
            "a disk is missing",
            fires={required: constant(2), active: constant(1)},
            quiet={required: constant(2), active: constant(2)},
        ),
    )
