"""What is wrong with GPUs: alerts with unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.model.alert import Alert, AlertTest, ExpectedAlert
from obscode.model.sli.sample_series import labels_for
from obscode.presets.fault_alerts import constant, growing
from obscode.presets.gpu.dcgm import XID, XID_COUNT
from obscode.presets.gpu.queries import ENGINE, TEMPERATURE, UTILISATION, XIDS, Queries
from obscode.presets.gpu.xids import APPLICATION, HARDWARE, IGNORED, WATCH, alternatives, meaning
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher

#: What DCGM exports for a value that it does not have.
UNKNOWN = 9223372036854775794


def xid_alerts(queries: Queries) -> Iterator[Alert]:
    """One alert for each class of XIDs. It goes on firing: the next XID of the GPU replaces the first one."""
    yield _xid_alert(
        queries,
        "GpuXidHardware",
        Matcher(XID, "=~", alternatives(*HARDWARE)),
        "1d",
        "Drain the node and do this before new jobs start there",
        HARDWARE,
        fires=79,
        quiet=13,
    )
    yield _xid_alert(
        queries,
        "GpuXidApplication",
        Matcher(XID, "=~", alternatives(*APPLICATION)),
        "1h",
        f"The job failed by its own fault; the GPU is healthy. The pod is {{{{ $labels.{queries.namespace} }}}}/"
        f"{{{{ $labels.{queries.pod} }}}}, if it is in Kubernetes",
        APPLICATION,
        fires=31,
        quiet=79,
    )
    yield _xid_alert(
        queries,
        "GpuXidOther",
        Matcher(XID, "!~", alternatives(*HARDWARE, *APPLICATION, *IGNORED)),
        "1d",
        "Watch the GPU; if it repeats, reset the GPU",
        WATCH,
        fires=63,
        quiet=45,
    )


def _xid_alert(
    queries: Queries,
    name: str,
    matcher: Matcher,
    keep: str,
    action: str,
    meanings: Mapping[int, str],
    *,
    fires: int,
    quiet: int,
) -> Alert:
    return Alert(
        name,
        f"{queries.xids(matcher)} > 0",
        keep_firing_for=keep,
        summary=f"{queries.whose} reports XID {{{{ $labels.{XID} }}}}",
        description=f"XID {{{{ $labels.{XID} }}}}: {meaning(meanings)}. {action}.",
        tests=_xid_tests(queries, fires, quiet, keep, meanings[fires]),
    )


def _xid_tests(queries: Queries, fires: int, quiet: int, keep: str, text: str) -> Sequence[AlertTest]:
    if XID_COUNT in queries.fields:
        counts = [queries.series(XID_COUNT, {XID: str(code)}) for code in (fires, quiet)]
        return queries.scope.tests(
            "an XID", fires={counts[0]: "_x25 1x10"}, quiet={counts[1]: constant(1), counts[0]: constant(0)}
        )
    series = queries.series(XIDS)
    tests = queries.scope.tests("an XID", fires={series: f"0x25 {fires}x20"}, quiet={series: f"0x25 {quiet}x20"})
    if not tests:
        return ()
    none, code = (queries.series(XIDS, {"err_code": str(each), "pod": "p"}) for each in (0, fires))
    late = duration.format_duration(duration.milliseconds(keep) + 3_600_000)
    expected = ExpectedAlert({XID: str(fires), queries.host: "a"})
    return (
        *tests,
        AlertTest("the code is a label", {none: "0x25", code: f"_x25 {fires}x20"}, fires=["30m"], alerts=[expected]),
        AlertTest("an old XID", {series: f"{fires}x100"}, fires=["0s"], quiet=[late], interval="15m"),
        AlertTest("a value that stands for none", {series: f"0x10 {UNKNOWN}x30"}, quiet=["30m"]),
    )


def memory_alerts(queries: Queries) -> Iterator[Alert]:
    """Rows of memory that failed. Jobs go on until they read one: a ticket, not a page."""
    failure = "DCGM_FI_DEV_ROW_REMAP_FAILURE"
    yield Alert(
        "GpuRowRemapFailed",
        f"max by ({queries.gpu}) ({queries.scope.select(failure)} == 1)",
        summary=f"{queries.whose} cannot replace a broken row of its memory",
        description="It has no spare rows left. Drain the node, and have the GPU replaced.",
        tests=_gauge_tests(queries, "a row could not be remapped", failure, 1, 0),
    )
    yield _grown_alert(
        queries,
        "GpuRowsRemapped",
        "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
        summary=f"{queries.whose} had {{{{ $value }}}} uncorrectable errors of its memory within 6 hours",
        description="The rows are replaced when the GPU is reset: drain the node and reset it. Jobs may have failed.",
    )
    errors = "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"
    if errors in queries.fields:
        yield _grown_alert(
            queries,
            "GpuMemoryErrors",
            errors,
            summary=f"{queries.whose} had {{{{ $value }}}} uncorrectable ECC errors within 6 hours",
            description="Jobs there have failed. Drain the node and reset the GPU.",
        )


def _grown_alert(queries: Queries, name: str, counter: str, *, summary: str, description: str) -> Alert:
    """The pod that has an error ends, and with it the series: the one of the next pod has the new value."""
    first, second = (queries.series(counter, {"pod": pod}) for pod in "ab")
    return Alert(
        name,
        f"{queries.grown(counter, '6h')} > 0",
        tests=[
            *queries.scope.tests(
                "errors, and another pod",
                fires={first: "2x20", second: "_x21 3x40"},
                quiet={first: "2x20", second: "_x21 2x40"},
            ),
            *_quiet(queries, "a value that stands for none", {first: f"2x20 {UNKNOWN}x40"}),
        ],
        summary=summary,
        description=description,
    )


def state_alerts(queries: Queries, temperature: float, memory_temperature: float) -> Iterator[Alert]:
    """Heat, and the lower clocks that it leads to."""
    memory = "DCGM_FI_DEV_MEMORY_TEMP"
    for name, metric, limit, what in (
        ("GpuHot", TEMPERATURE, temperature, ""),
        ("GpuMemoryHot", memory, memory_temperature, "The memory of "),
    ):
        yield Alert(
            name,
            f"{queries.each(metric, 200)} > {limit:g}",
            for_="10m",
            summary=f"{what}{queries.whose} has {{{{ $value }}}} °C",
            description="It lowers its clocks soon. Look at the fans, the air and the load of the machine.",
            tests=_gauge_tests(queries, "too hot", metric, limit + 1, limit),
        )
    thermal = "DCGM_FI_DEV_THERMAL_VIOLATION"
    if thermal in queries.fields:
        series = queries.series(thermal)
        yield Alert(
            "GpuThrottled",
            f"max by ({queries.gpu}) (rate({queries.scope.select(thermal)}[10m])) / 1e9 > 0.1",
            for_="15m",
            summary=f"{queries.whose} lowers its clocks because of heat",
            description="It is slower {{ $value | humanizePercentage }} of the time. Look at the fans and the air.",
            tests=queries.scope.tests(
                "a fifth of the time",
                fires={series: growing(12_000_000_000)},
                quiet={series: growing(5_000_000_000)},
            ),
        )


def presence_alerts(queries: Queries, gpus_per_node: int | Mapping[str, int]) -> Iterator[Alert]:
    """GPUs that are missing, and exporters that do not show any."""
    yield from _lost(queries, gpus_per_node)
    up, temperature = queries.scope.series("up", {"instance": "a"}), queries.series(TEMPERATURE, {"instance": "a"})
    yield Alert(
        "GpuExporterDown",
        f"{queries.scope.select('up')} == 0",
        for_="15m",
        summary="The DCGM exporter {{ $labels.instance }} does not answer",
        description="Nothing is known about the GPUs of the machine. It also ends if the driver hangs.",
        tests=queries.scope.tests("an exporter is down", fires={up: constant(0)}, quiet={up: constant(1)}),
    )
    yield Alert(
        "GpuExporterWithoutGpus",
        f"{queries.scope.select('up')} == 1\n"
        f"unless on (job, instance)\ncount by (job, instance) ({queries.select(TEMPERATURE, 200)})",
        for_="15m",
        summary="The DCGM exporter {{ $labels.instance }} shows no GPU",
        description="The driver does not answer, or all GPUs of the machine are lost.",
        tests=queries.scope.tests(
            "no GPU",
            fires={up: constant(1), temperature: constant(UNKNOWN)},
            quiet={up: constant(1), temperature: constant(50)},
        ),
    )
    yield Alert(
        "GpuExporterAbsent",
        f"absent({queries.scope.select(TEMPERATURE)})",
        for_="15m",
        summary="No DCGM exporter shows a GPU",
        description="None runs, none is scraped, or its metrics have another job.",
        tests=queries.scope.tests("no exporter", fires={temperature: "_x60"}, quiet={temperature: constant(50)}),
    )


def _lost(queries: Queries, gpus_per_node: int | Mapping[str, int]) -> Iterator[Alert]:
    """The number below the inventory's; without one, below that of the 6 hours before: it ends when they are over."""
    inventory = {".+": gpus_per_node} if isinstance(gpus_per_node, int) else gpus_per_node
    several = {hosts: number for hosts, number in inventory.items() if number > 1}
    if not gpus_per_node:
        before = f"last_over_time({queries.scope.select(TEMPERATURE)}[6h])"
        expr = f"{_count(queries)}\n< count by ({queries.host}) (count by ({queries.host}, gpu) ({before}))"
        tests = list(_lost_tests(queries))
    elif several:
        expr = "\nor\n".join(f"{_count(queries, hosts)} < {number}" for hosts, number in several.items())
        tests = [test for hosts, number in several.items() for test in _inventory_tests(queries, hosts, number)]
    else:
        return
    yield Alert(
        "GpuLost",
        expr,
        for_="10m",
        summary=f"{{{{ $labels.{queries.host} }}}} has only {{{{ $value }}}} GPUs",
        description="Others have fallen off the bus, or do not start. Drain the node, and look at the kernel's log.",
        tests=tests,
    )


def _count(queries: Queries, hosts: str = ".+") -> str:
    """The number of GPUs of each machine; several instances and pods may have parts of one."""
    more = [Matcher(queries.host, "=~", hosts)] if hosts != ".+" else []
    return f"count by ({queries.host}) (count by ({queries.host}, gpu) ({queries.select(TEMPERATURE, 200, *more)}))"


def _lost_tests(queries: Queries) -> Iterator[AlertTest]:
    first, second = (queries.scope.series(TEMPERATURE, {queries.host: "a", "gpu": gpu}) for gpu in "01")
    stays, ends = {first: constant(50)}, {second: "50x10 _x50"}
    tests = queries.scope.tests("a GPU is lost", fires={**stays, **ends}, quiet={**stays, second: constant(50)})
    if tests:
        yield from tests
        yield AlertTest("a GPU is lost for long", {**stays, second: "50x4 _x56"}, quiet=["8h"], interval="10m")
        yield AlertTest("an unknown temperature", {**stays, second: f"50x10 {UNKNOWN}x50"}, fires=["30m"])
        yield AlertTest("the machine is gone", {first: "50x10 _x50", **ends}, quiet=["30m"])


def _inventory_tests(queries: Queries, hosts: str, number: int) -> Sequence[AlertTest]:
    """A machine of the inventory with all of its GPUs, and with one less."""
    labels = labels_for([*queries.scope.matchers, Matcher(queries.host, "=~", hosts), Matcher(queries.host, "!=", "")])
    if labels is None:
        return ()
    each = [queries.scope.series(TEMPERATURE, {**labels, "gpu": str(gpu)}) for gpu in range(number)]
    return queries.scope.tests(
        f"less than {number} GPUs",
        fires={series: constant(50) for series in each[1:]},
        quiet={series: constant(50) for series in each},
    )


def idle_alert(queries: Queries, idle: Duration) -> Alert:
    """GPUs that pods have and do not use. The exporter's own pod is what `honor_labels` shows for those without one."""
    allocated = Matcher(queries.pod, "!~", "|.*dcgm-exporter.*")
    engine, percent = (
        f"avg_over_time({queries.scope.select(metric, allocated)}[{idle}])" for metric in (ENGINE, UTILISATION)
    )
    whose = f"{queries.host}, gpu, {queries.namespace}, {queries.pod}"
    minutes = duration.milliseconds(idle) // 60_000
    late, step = f"{2 * minutes + 30}m", f"{max(1, minutes // 30)}m"
    mine = {queries.pod: "p", queries.namespace: "n"}
    series = queries.series(ENGINE, mine)
    free = queries.series(ENGINE, {queries.pod: "dcgm-exporter-a", "gpu": "1"})
    old = queries.series(UTILISATION, mine)
    return Alert(
        "GpuIdle",
        f"sum by ({queries.namespace}, {queries.pod}) ((\n"
        f"  max by ({whose}) ({engine})\n  or\n  max by ({whose}) ({percent}) / 100\n) < bool 0.05) > 0",
        for_=idle,
        summary=f"{{{{ $labels.{queries.namespace} }}}}/{{{{ $labels.{queries.pod} }}}} does not use "
        "{{ $value }} of its GPUs",
        description=f"They are active for less than 5 % of the time, for more than {idle}: they cost money. "
        "Let the pod have fewer, or remove it.",
        tests=[
            *queries.scope.tests(
                "an idle GPU", fires={series: "0.01x200"}, quiet={series: "0.06x200"}, at=late, interval=step
            ),
            *queries.scope.tests(
                "an idle GPU without profiling", fires={old: "2x200"}, quiet={old: "6x200"}, at=late, interval=step
            ),
            *_quiet(queries, "a GPU of no pod", {series: "1x200", free: "0x200"}, late, step),
            *_quiet(queries, "a value that stands for none", {series: f"{UNKNOWN}x200"}, late, step),
        ],
    )


def _quiet(
    queries: Queries, name: str, series: Mapping[str, str], at: Duration = "30m", interval: Duration = "1m"
) -> Sequence[AlertTest]:
    """A test of an alert that does not fire; none if no labels are known that the matchers accept."""
    return queries.scope.tests(name, fires=series, quiet=series, at=at, interval=interval)[1:]


def _gauge_tests(queries: Queries, name: str, metric: str, fires: float, quiet: float) -> Sequence[AlertTest]:
    series = queries.series(metric)
    return [
        *queries.scope.tests(name, fires={series: f"{fires:g}x60"}, quiet={series: f"{quiet:g}x60"}),
        *_quiet(queries, "a value that stands for none", {series: constant(UNKNOWN)}),
    ]
