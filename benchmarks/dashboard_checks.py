"""Compare the checks of dashboards with the minimum: reading their JSON and parsing each query once.

The dashboards of `build/` are copied until there are as many as in a large collection. Each copy has other names of
series, so that no query is cached, and defects, so that positions are looked up: every third panel has no description,
every fifth query has a syntax error. Both sides run in turn in the same process. The result is the ratio of their
processor times, which does not depend on the speed of the machine.

    python -m benchmarks.dashboard_checks
    python -m benchmarks.dashboard_checks --dashboards 30 --rounds 1    # a short run
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from obscode.project.lint_files import lint_files
from obscode.promql import parser, spans
from obscode.promql.errors import PromQLError
from obscode.reader.dashboards.model import NUMBERS

_BUILD = Path("build/grafana/dashboards")
_NAME = re.compile(r"\b(?=\w*[_:])[a-z][\w:]*(?=[{\[])")


def main() -> None:
    """Measure, and print the ratio."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--dashboards", type=int, default=660, help="how many to check (default 660)")
    options.add_argument("--rounds", type=int, default=3, help="the fastest of these counts (default 3)")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as folder:
        files = list(_write_dashboards(Path(folder), arguments.dashboards))
        size = sum(path.stat().st_size for path in files)
        minimum = checks = float("inf")
        for _ in range(arguments.rounds):
            minimum = min(minimum, _seconds(lambda: _parse(files)))
            checks = min(checks, _seconds(lambda: lint_files(files)))
        findings = len(lint_files(files))
    print(f"{len(files)} dashboards, {size / 1e6:.1f} MB, {findings} findings: {checks:.1f} s of processor time")
    print(
        f"json.loads and one parse of each query: {minimum:.1f} s; the checks take {checks / minimum:.1f} times as long"
    )


def _write_dashboards(folder: Path, count: int) -> Iterator[Path]:
    sources = [path.read_text() for path in sorted(_BUILD.rglob("*.json"))]
    for number in range(count):
        dashboard = json.loads(sources[number % len(sources)])
        for index, panel in enumerate(_panels(dashboard)):
            _add_defects(panel, number, index)
        path = folder / f"{number}.json"
        path.write_text(json.dumps(dashboard, indent=2))
        yield path


def _panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in dashboard["panels"]:
        yield from panel.get("panels", ()) if panel["type"] == "row" else [panel]


def _add_defects(panel: dict[str, Any], number: int, index: int) -> None:
    if index % 3 == 0 and panel["type"] in NUMBERS:
        panel["description"] = ""
    for target in panel.get("targets", ()):
        if "expr" in target:
            renamed = _NAME.sub(lambda match: f"{match[0]}_{number}", target["expr"])
            target["expr"] = f"({renamed}" if index % 5 == 0 else renamed


def _parse(files: list[Path]) -> None:
    for path in files:
        for panel in _panels(json.loads(path.read_text())):
            for target in panel.get("targets", ()):
                try:
                    parser.parse_panel(target.get("expr", ""))
                except PromQLError:
                    continue


def _seconds(work: Callable[[], object]) -> float:
    """The processor time of a function, with empty caches."""
    for function in [*vars(parser).values(), *vars(spans).values()]:
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
