"""Compare `obscode build` of many dashboards with grafanalib and `json.dumps` for the same panels.

Each dashboard has 20 panels: time series with one to three queries, stats, tables, text and logs, and three variables.
Units, legends and most descriptions are inferred. The metrics of each dashboard have names of their own, so that no
query is cached. `obscode build` runs as a process with all checks; grafanalib runs as one without inference and checks.
The result is processor time, memory, and the ratio of the times without the start of the processes.

    python -m benchmarks.dashboards
    python -m benchmarks.dashboards --dashboards 50 --formats classic,resource,configmap
    python -m benchmarks.dashboards --literal          # a file for each dashboard instead of loops
    python -m benchmarks.dashboards --keep FOLDER      # keep the definitions and the output
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grafanalib import _gen, core

_PER_FILE = 25


@dataclass(frozen=True)
class Panel:
    """A panel of the benchmark; `@` in its texts is the number of the dashboard."""

    kind: str
    title: str
    queries: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)  # Python code of arguments


_ON = 'job=~"$job",instance=~"$instance"'
_REQUESTS = f"sum by (status) (rate(app_@_requests_total{{{_ON}}}[$__rate_interval]))"
_ALL = f"sum(rate(app_@_requests_total{{{_ON}}}[$__rate_interval]))"
_ERRORS = f'sum(rate(app_@_requests_total{{{_ON},status=~"5.."}}[$__rate_interval]))'
_BUCKETS = f"sum by (le) (rate(app_@_request_duration_seconds_bucket{{{_ON}}}[$__rate_interval]))"
_MEAN = (
    f"sum(rate(app_@_request_duration_seconds_sum{{{_ON}}}[$__rate_interval]))\n/\n"
    f"sum(rate(app_@_request_duration_seconds_count{{{_ON}}}[$__rate_interval]))"
)
_DESCRIPTION = {"description": '"What the team looks at first."'}
_LOGS = '{app="app-@"} |= "error"'

ROWS: Mapping[str, Sequence[Panel]] = {
    "Overview": [
        Panel("Text", "", ["# App @\n\nRunbook: https://runbooks.example.com/app-@"]),
        Panel("Stat", "Requests", [_ALL]),
        Panel("Stat", "Errors", [f"{_ERRORS}\n/\n{_ALL}"]),
        Panel("Stat", "P90", [f"histogram_quantile(0.9, {_BUCKETS})"]),
        Panel("Stat", "Targets", [f"count(app_@_up{{{_ON}}})"], {**_DESCRIPTION, "unit": '"short"'}),
    ],
    "Requests": [
        Panel("TimeSeries", "Requests by status", [_REQUESTS], {"stack": '"normal"'}),
        Panel("TimeSeries", "Share of errors", [f"{_ERRORS}\n/\n{_ALL}"]),
        Panel(
            "TimeSeries",
            "Duration",
            [f"histogram_quantile({at}, {_BUCKETS})" for at in ("0.5", "0.9", "0.99")],
            {**_DESCRIPTION, "legend_calcs": '["mean", "max"]', "legend_at": '"right"'},
        ),
        Panel("TimeSeries", "Mean duration", [_MEAN]),
        Panel("TimeSeries", "Requests and errors", [_ALL, _ERRORS], {**_DESCRIPTION, "unit": '"reqps"'}),
        Panel("TimeSeries", "Quantile", [f"histogram_quantile($quantile, {_BUCKETS})"], _DESCRIPTION),
    ],
    "Resources": [
        Panel("TimeSeries", "CPU", [f"sum by (instance) (rate(app_@_cpu_seconds_total{{{_ON}}}[$__rate_interval]))"]),
        Panel(
            "TimeSeries",
            "Memory",
            [f"app_@_resident_memory_bytes{{{_ON}}}", f"app_@_memory_limit_bytes{{{_ON}}}"],
            {**_DESCRIPTION, "thresholds": '[panels.Threshold(None, "green"), panels.Threshold(1_000_000_000, "red")]'},
        ),
        Panel("TimeSeries", "Queue", [f"max by (queue) (app_@_queue_length{{{_ON}}})"], {"unit": '"short"'}),
        Panel(
            "TimeSeries",
            "Network",
            [f"sum(rate(app_@_{way}_bytes_total{{{_ON}}}[$__rate_interval]))" for way in ("sent", "received")],
            {**_DESCRIPTION, "overrides": '[panels.Override("sent", color="blue")]'},
        ),
    ],
    "Details": [
        Panel(
            "Table",
            "Instances",
            [f"app_@_info{{{_ON}}}", f"app_@_uptime_seconds{{{_ON}}}"],
            {**_DESCRIPTION, "columns": '{"instance": "Instance", "version": "Version", "Value #B": "Uptime"}'},
        ),
        Panel(
            "Table",
            "Queues",
            [f"sum by (queue) (app_@_queue_length{{{_ON}}})"],
            {**_DESCRIPTION, "columns": '{"queue": "Queue", "Value": "Messages"}', "sort_by": '"Messages"'},
        ),
        Panel("TimeSeries", "Restarts", [f"changes(app_@_start_time_seconds{{{_ON}}}[1h])"], _DESCRIPTION),
        Panel("Logs", "Errors in logs", [_LOGS], _DESCRIPTION),
        Panel("Logs", "Logs", ['{app="app-@"}'], _DESCRIPTION),
    ],
}
VARIABLES = {
    "job": "label_values(app_@_requests_total, job)",
    "instance": 'label_values(app_@_requests_total{job=~"$job"}, instance)',
}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--dashboards", type=int, default=200, help="how many to build (default 200)")
    options.add_argument("--formats", default="classic", help="dashboard_formats, separated by commas")
    options.add_argument("--literal", action="store_true", help="a file for each dashboard, without a loop")
    options.add_argument("--keep", type=Path, help="write definitions and output to this folder, and keep them")
    options.add_argument("--grafanalib", action="store_true", help="only write the panels with grafanalib")
    arguments = options.parse_args()
    count = arguments.dashboards
    if arguments.grafanalib:
        for number in range(count):
            write_with_grafanalib(number)
        return
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as temporary:
        folder = arguments.keep or Path(temporary)
        write_definitions(folder / "definitions", count, arguments.formats.split(","), literal=arguments.literal)
        start, _ = _cost(folder, "obscode", "explain")
        seconds, memory = _cost(folder, "obscode", "build")
        import_time, _ = _cost(folder, "benchmarks.dashboards", "--grafanalib", "--dashboards=0")
        plain, _ = _cost(folder, "benchmarks.dashboards", "--grafanalib", f"--dashboards={count}")
    build, minimum = seconds - start, plain - import_time
    print(f"{count} dashboards: {seconds:.1f} s of processor time, {start:.1f} s of them to start; {memory:.0f} MB")
    print(f"each: {build / count * 1000:.1f} ms, with grafanalib and json.dumps {minimum / count * 1000:.1f} ms")
    print(f"obscode build takes {build / minimum:.1f} times as long")


def _cost(folder: Path, *module_and_arguments: str) -> tuple[float, float]:
    """Processor time in seconds, and the greatest memory in MB, of a Python process."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-m", *module_and_arguments]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


# --- definitions -------------------------------------------------------------------------------------------------


def write_definitions(folder: Path, count: int, formats: Sequence[str], *, literal: bool) -> None:
    """A folder of definitions: each dashboard in a file, or a loop in each file of 25 dashboards."""
    folder.mkdir(parents=True, exist_ok=True)
    project = f'from obscode import Project\n\nproject = Project("benchmark", dashboard_formats={list(formats)!r})\n'
    (folder / "project.py").write_text(project)
    head = "from obscode import Dashboard, Row, panels, variables\n\n"
    for number in range(count) if literal else ():
        (folder / f"dashboard_{number}.py").write_text(f"{head}dashboard = {_definition(str(number))}\n")
    for first in () if literal else range(0, count, _PER_FILE):
        # In a loop, each text is `"app_@".replace("@", n)`, like the f-strings that a user writes.
        loop = f"for n in map(str, range({first}, {min(first + _PER_FILE, count)}))"
        code = f"{head}dashboards = [{_definition('')} {loop}]\n"
        (folder / f"dashboards_{first}.py").write_text(code)


def _definition(number: str) -> str:
    """The code of a dashboard; without a number, an expression with the variable `n`."""

    def code(text: str) -> str:
        in_loop = not number and "@" in text
        return f'{json.dumps(text)}.replace("@", n)' if in_loop else json.dumps(text.replace("@", number))

    def panel(each: Panel) -> str:
        queries = f"[{', '.join(map(code, each.queries))}]" if len(each.queries) > 1 else code(each.queries[0])
        settings = "".join(f", {name}={value}" for name, value in each.settings.items())
        return f"            panels.{each.kind}({code(each.title)}, {queries}{settings}),\n"

    rows = "".join(
        f"        Row(\n            {code(title)},\n{''.join(map(panel, panels))}        ),\n"
        for title, panels in ROWS.items()
    )
    variables = "".join(f"        variables.Query({code(name)}, {code(query)}),\n" for name, query in VARIABLES.items())
    quantile = 'variables.Custom("quantile", ["0.5", "0.9", "0.99"], default="0.9")'
    return (
        f"Dashboard(\n    {code('App @')},\n    uid={code('app-@')},\n    tags=['benchmark'],\n"
        f"    variables=[\n{variables}        {quantile},\n    ],\n    rows=[\n{rows}    ],\n)"
    )


# --- grafanalib --------------------------------------------------------------------------------------------------


def write_with_grafanalib(number: int) -> str:
    """The JSON of a dashboard with the same panels."""
    panels = [panel for row in ROWS.values() for panel in row]
    dashboard = core.Dashboard(
        title=f"App {number}",
        uid=f"app-{number}",
        tags=["benchmark"],
        templating=core.Templating(
            [
                core.Template(name=name, query=query.replace("@", str(number)), dataSource="${datasource}")
                for name, query in VARIABLES.items()
            ]
        ),
        panels=[_grafanalib_panel(panel, index, number) for index, panel in enumerate(panels)],
    ).auto_panel_ids()
    return json.dumps(dashboard.to_json_data(), indent=2, cls=_gen.DashboardEncoder)


def _grafanalib_panel(panel: Panel, index: int, number: int) -> Any:
    queries = [query.replace("@", str(number)) for query in panel.queries]
    grid = core.GridPos(h=8, w=12, x=index % 2 * 12, y=index // 2 * 8)
    if panel.kind == "Text":
        return core.Text(title=panel.title, content=queries[0], gridPos=grid)
    targets = [core.Target(expr=query, refId=ref) for query, ref in zip(queries, "ABC", strict=False)]
    kind = getattr(core, panel.kind)
    return kind(title=panel.title, dataSource="${datasource}", targets=targets, gridPos=grid)


if __name__ == "__main__":
    main()
