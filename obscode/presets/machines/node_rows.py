"""The dashboard of machines: a table, processors and memory, filesystems and disks, networks, the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Query, Table, TimeSeries
from obscode.presets.machines.node_queries import Queries

_RATE = "$__rate_interval"
_INSTANCE = "{{instance}}"


def rows(queries: Queries, collectors: Sequence[str]) -> Iterator[Row]:
    """The rows."""
    yield Row("Machines", _table(queries))
    yield Row("Processors and memory", *_work(queries, collectors))
    yield Row("Disks", *_disks(queries))
    yield Row("Network", *_network(queries))
    yield Row("System", *_system(queries))


def _used(queries: Queries, free: str, size: str) -> str:
    return f"1 - {queries.share(free, size)}"


def _table(queries: Queries) -> Table:
    space = _used(queries, "node_filesystem_avail_bytes", "node_filesystem_size_bytes")
    columns = (
        ("Processors", queries.processors(), "short"),
        ("Busy", queries.busy("5m"), "percentunit"),
        ("Memory", f"sum by (instance) ({queries.select('node_memory_MemTotal_bytes')})", "bytes"),
        (
            "Used memory",
            f"sum by (instance) ({_used(queries, 'node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes')})",
            "percentunit",
        ),
        ("Fullest filesystem", f"max by (instance) ({space})", "percentunit"),
        ("Runs for", f"time() - max by (instance) ({queries.select('node_boot_time_seconds')})", "s"),
    )
    refs = {f"Value #{chr(ord('A') + index)}": title for index, (title, _, _) in enumerate(columns)}
    return Table(
        "Machines",
        [Query(expr) for _, expr, _ in columns],
        columns={"instance": "Machine", **refs},
        sort_by="Busy",
        descending=True,
        overrides=[Override(title, unit=unit) for title, _, unit in columns],
        filterable=True,
        description="The machines, the busiest first.",
    )


def _work(queries: Queries, collectors: Sequence[str]) -> Iterator[TimeSeries]:
    yield _series("Busy processors", queries.busy(_RATE), "percentunit", "Share of the processors' time that is used.")
    load = f"sum by (instance) ({queries.select('node_load1')}) / {queries.processors()}"
    yield _series("Load", load, "short", "Processes for each processor that run, or wait for it or a disk.", limit=2)
    memory = _used(queries, "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes")
    yield _series("Used memory", memory, "percentunit", "Memory that programs cannot have without swapping.", limit=0.9)
    swap = queries.select("node_memory_SwapTotal_bytes")
    yield _series("Used swap", f"{swap}\n- {queries.select('node_memory_SwapFree_bytes')}", "bytes", "Memory on disk.")
    faults = f"rate({queries.select('node_vmstat_pgmajfault')}[{_RATE}])"
    yield _series("Pages from disk", faults, "cps", "Pages of memory that are read from disk each second.", limit=500)
    if "pressure" in collectors:
        stalls = [
            Query(
                f"rate({queries.select(f'node_pressure_{what}_seconds_total')}[{_RATE}])", legend=f"{_INSTANCE} {text}"
            )
            for what, text in (
                ("cpu_waiting", "processor"),
                ("memory_stalled", "memory"),
                ("io_stalled", "disks"),
            )
        ]
        text = "Share of time in which some processes wait for a processor, or all for memory or disks."
        yield TimeSeries("Pressure", stalls, unit="percentunit", minimum=0, description=text)


def _disks(queries: Queries) -> Iterator[TimeSeries]:
    mountpoint, device = "{{instance}} {{mountpoint}}", "{{instance}} {{device}}"
    for title, free, size in (
        ("Used space", "node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
        ("Used inodes", "node_filesystem_files_free", "node_filesystem_files"),
    ):
        # A filesystem without inodes, such as btrfs and FAT, has 0 of them.
        share = f"1 - {queries.select(free)}\n/ ({queries.select(size)} > 0)"
        text = "Share of each filesystem that programs cannot use."
        yield _series(title, share, "percentunit", text, legend=mountpoint, limit=0.95)
    busy = f"rate({queries.select('node_disk_io_time_seconds_total')}[{_RATE}])"
    yield _series("Busy disks", busy, "percentunit", "Share of time in which the disk works.", legend=device)
    queue = f"rate({queries.select('node_disk_io_time_weighted_seconds_total')}[{_RATE}])"
    yield _series("Requests to disks", queue, "short", "Requests that wait or run.", legend=device, limit=10)
    transfer = [
        Query(f"rate({queries.select(f'node_disk_{what}_bytes_total')}[{_RATE}])", legend=f"{device} {what}")
        for what in ("read", "written")
    ]
    yield TimeSeries("Transfer of disks", transfer, unit="binBps", minimum=0, description="Bytes each second.")


def _network(queries: Queries) -> Iterator[TimeSeries]:
    for title, what, unit, text in (
        ("Traffic", "bytes", "binBps", "Bytes each second, of all devices that count."),
        ("Errors", "errs", "pps", "Packets with errors each second."),
        ("Dropped packets", "drop", "pps", "Packets that the kernel drops each second."),
    ):
        both = [
            Query(
                f"sum by (instance) (rate({queries.select(f'node_network_{way}_{what}_total')}[{_RATE}]))",
                legend=f"{_INSTANCE} {name}",
            )
            for way, name in (("receive", "received"), ("transmit", "sent"))
        ]
        yield TimeSeries(title, both, unit=unit, minimum=0, description=text)


def _system(queries: Queries) -> Iterator[TimeSeries]:
    offset = queries.select("node_timex_offset_seconds")
    yield TimeSeries(
        "Clock", offset, legend=_INSTANCE, unit="s", description="How far each clock is from its time service."
    )
    files = queries.share("node_filefd_allocated", "node_filefd_maximum")
    yield _series("Open files", files, "percentunit", "Share of the files that can be open.", limit=0.7)
    kills = f"increase({queries.select('node_vmstat_oom_kill')}[1h])"
    yield _series("Ended processes", kills, "short", "Processes that the kernel ended in an hour, for lack of memory.")


def _series(
    title: str, expr: str, unit: str, description: str, *, legend: str = _INSTANCE, limit: float = 0
) -> TimeSeries:
    return TimeSeries(
        title,
        expr,
        legend=legend,
        unit=unit,
        minimum=0,
        soft_maximum=limit or None,
        thresholds=[Threshold(limit, "red")] if limit else [],
        description=f"{description} The line is the limit of the alert." if limit else description,
    )
