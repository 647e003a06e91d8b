"""The dashboard of a fleet: its size, what the GPUs do, heat and power, errors, and a table of the GPUs."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Query, Stat, Table, TimeSeries
from obscode.presets.gpu.dcgm import XID
from obscode.presets.gpu.queries import MEBIBYTE, TEMPERATURE, XIDS, Queries
from obscode.promql.selector import Matcher

_RATE = "$__rate_interval"


def rows(queries: Queries, temperature: float, memory_temperature: float) -> Iterator[Row]:
    """The rows; the limits of temperatures are in degrees Celsius."""
    yield Row("Fleet", *_fleet(queries))
    yield Row("Utilisation", *_utilisation(queries))
    yield Row("Memory", *_memory(queries))
    yield Row("Power and heat", *_power(queries, temperature, memory_temperature))
    yield Row("Errors", *_errors(queries))
    yield Row("GPUs", _table(queries))


def _used(queries: Queries) -> str:
    return f"{MEBIBYTE} * {queries.of_instances('DCGM_FI_DEV_FB_USED', 'sum')}"


def _free(queries: Queries) -> str:
    return f"{MEBIBYTE} * {queries.of_instances('DCGM_FI_DEV_FB_FREE', 'sum')}"


def _fleet(queries: Queries) -> Iterator[Stat | TimeSeries]:
    gpus = f"count by ({queries.host}, gpu) ({queries.select(TEMPERATURE, 200)})"
    allocated = queries.select(TEMPERATURE, 200, Matcher(queries.pod, "!~", "|.*dcgm-exporter.*"))
    power = queries.each("DCGM_FI_DEV_POWER_USAGE")
    yield Stat("GPUs", f"count({gpus})", unit="short", description="GPUs that the exporters show.")
    yield Stat(
        "Allocated",
        f"count(count by ({queries.host}, gpu) ({allocated})) or vector(0)",
        unit="short",
        description="GPUs that a pod has; 0 outside of Kubernetes.",
    )
    yield Stat("Active", f"avg({queries.active()})", unit="percentunit", description="The mean utilisation.")
    yield Stat("Memory used", f"sum({_used(queries)})", unit="bytes", description="Used memory of all GPUs.")
    yield Stat("Power", f"sum({power})", unit="watt", description="The power of all GPUs.")
    energy = queries.grown("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "1h", 1e17)
    yield Stat(
        "Energy",
        f"sum({energy}) / 3.6e9",
        unit="kwatth",
        description="The energy of all GPUs in the last hour; the exporter counts millijoules.",
    )


def _utilisation(queries: Queries) -> Iterator[TimeSeries]:
    yield _per_gpu(queries, "Active", queries.active(), "percentunit", "Share of time in which the GPU works at all.")
    shares = {
        "DCGM_FI_PROF_SM_ACTIVE": ("SMs active", "Share of the multiprocessors that have work. 80 % are a good value."),
        "DCGM_FI_PROF_SM_OCCUPANCY": ("SM occupancy", "Share of the warps that the multiprocessors can hold."),
        "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": ("Tensor cores active", "Share of cycles in which the tensor cores work."),
        "DCGM_FI_PROF_DRAM_ACTIVE": ("Memory active", "Share of cycles in which memory is read or written."),
    }
    for metric, (title, text) in shares.items():
        if metric in queries.fields or "SM_" not in metric:
            yield _per_gpu(queries, title, queries.of_instances(metric, "avg", 2), "percentunit", text)


def _memory(queries: Queries) -> Iterator[TimeSeries]:
    used, free = _used(queries), _free(queries)
    yield _per_gpu(
        queries, "Used memory", used, "bytes", "Servers of language models reserve most of it when they start."
    )
    share = f"{used}\n/ ({used}\n+ {free})"
    yield _per_gpu(queries, "Used share", share, "percentunit", "Used memory as a share of used and free memory.")
    transfer = [
        Query(f"sum by ({queries.host}) ({queries.each(f'DCGM_FI_PROF_PCIE_{way}_BYTES', 1e13)})", legend=legend)
        for way, legend in (("RX", f"{{{{{queries.host}}}}} received"), ("TX", f"{{{{{queries.host}}}}} sent"))
    ]
    yield TimeSeries("PCIe", transfer, unit="binBps", description="Bytes over PCIe each second, by machine.")


def _power(queries: Queries, temperature: float, memory_temperature: float) -> Iterator[TimeSeries]:
    yield _per_gpu(queries, "Power", queries.each("DCGM_FI_DEV_POWER_USAGE"), "watt", "The power of each GPU.")
    for title, metric, limit in (
        ("Temperature", TEMPERATURE, temperature),
        ("Temperature of the memory", "DCGM_FI_DEV_MEMORY_TEMP", memory_temperature),
    ):
        yield TimeSeries(
            title,
            queries.each(metric, 200),
            legend=queries.legend,
            unit="celsius",
            soft_maximum=limit,
            thresholds=[Threshold(limit, "red")],
            description="The line is the limit of the alert.",
        )
    clock = f"1e6 * {queries.each('DCGM_FI_DEV_SM_CLOCK')}"
    yield _per_gpu(
        queries, "Clock of the SMs", clock, "hertz", "It is lower without load, and if power or heat limit it."
    )
    limits = [
        Query(f"max by ({queries.gpu}) (rate({queries.scope.select(field)}[{_RATE}])) / 1e9", legend=legend)
        for field, legend in (
            ("DCGM_FI_DEV_POWER_VIOLATION", f"{queries.legend} power"),
            ("DCGM_FI_DEV_THERMAL_VIOLATION", f"{queries.legend} heat"),
        )
        if field in queries.fields
    ]
    if limits:
        text = "Share of time with lower clocks. Power limits a GPU under full load by design; heat should not."
        yield TimeSeries("Lower clocks", limits, unit="percentunit", minimum=0, description=text)


def _errors(queries: Queries) -> Iterator[TimeSeries | Stat]:
    yield TimeSeries(
        "New XIDs",
        f"sum by ({queries.host}, gpu, {XID}) ({queries.xids()})",
        legend=f"{queries.legend} XID {{{{{XID}}}}}",
        unit="short",
        minimum=0,
        draw="points",
        no_value="none",
        description="Errors of the driver, for 15 minutes from the first one.",
    )
    rows_replaced = [
        Query(f"sum by ({queries.host}) ({queries.each(f'DCGM_FI_DEV_{kind}_REMAPPED_ROWS')})", legend=legend)
        for kind, legend in (
            ("UNCORRECTABLE", f"{{{{{queries.host}}}}} uncorrectable"),
            ("CORRECTABLE", f"{{{{{queries.host}}}}} correctable"),
        )
    ]
    text = "Rows of memory that were replaced after errors, in the life of the GPUs."
    yield TimeSeries("Replaced rows", rows_replaced, unit="short", minimum=0, description=text)
    replays = f"sum by ({queries.host}) (rate({queries.scope.select('DCGM_FI_DEV_PCIE_REPLAY_COUNTER')}[{_RATE}]))"
    yield TimeSeries(
        "PCIe replays",
        replays,
        legend=f"{{{{{queries.host}}}}}",
        unit="cps",
        minimum=0,
        description="Packets that are sent again each second: many are a bad connection.",
    )
    ecc = [
        Query(queries.each(f"DCGM_FI_DEV_ECC_{kind}_VOL_TOTAL"), legend=f"{queries.legend} {legend}")
        for kind, legend in (("SBE", "corrected"), ("DBE", "uncorrectable"))
        if f"DCGM_FI_DEV_ECC_{kind}_VOL_TOTAL" in queries.fields
    ]
    if ecc:
        yield TimeSeries("ECC errors", ecc, unit="short", minimum=0, description="Since the driver started.")


def _table(queries: Queries) -> Table:
    columns = [
        ("Active", queries.active(), "percentunit"),
        ("Tensor", queries.of_instances("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "avg", 2), "percentunit"),
        ("Memory", _used(queries), "bytes"),
        ("Power", queries.each("DCGM_FI_DEV_POWER_USAGE"), "watt"),
        ("Temperature", queries.each(TEMPERATURE, 200), "celsius"),
        ("Last XID", queries.each(XIDS, 1000), "none"),
    ]
    refs = {f"Value #{chr(ord('A') + index)}": title for index, (title, _, _) in enumerate(columns)}
    return Table(
        "Each GPU",
        [Query(expr) for _, expr, _ in columns],
        columns={queries.host: "Machine", "gpu": "GPU", "modelName": "Model", **refs},
        sort_by="Machine",
        overrides=[Override(title, unit=unit) for title, _, unit in columns],
        filterable=True,
        description="The last XID stays until the exporter or the machine restarts.",
    )


def _per_gpu(queries: Queries, title: str, expr: str, unit: str, description: str) -> TimeSeries:
    return TimeSeries(title, expr, legend=queries.legend, unit=unit, minimum=0, description=description)
