"""What checking dashboards costs, against the least it could: reading their JSON and parsing each query once.

The dashboards of `build/` are multiplied to as many as a large collection has. Each copy has series of names of its
own, so that no query is met twice, and defects, so that places are looked up: every third panel has no description,
every fifth query a syntax error. Only the ratio is printed as a result, since both are measured in turn in the same
process, as the time of the processor; it says what a machine of another speed would.

    python -m benchmarks.dashboard_checks
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from obscode.project.lint_files import lint_files
from obscode.promql import parser
from obscode.promql.spans import reading
from obscode.reader.dashboards.model import NUMBERS

DASHBOARDS = 660
ROUNDS = 3
_BUILD = Path("build/grafana/dashboards")
_NAME = re.compile(r"\b(?=\w*[_:])[a-z][\w:]*(?=[{\[])")


def main() -> None:
    """Measure, and print the ratio."""
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as folder:
        files = list(_written(Path(folder)))
        size = sum(path.stat().st_size for path in files)
        ours, least, result = 1e9, 1e9, 0
        for _ in range(ROUNDS):
            _forget()
            least = min(least, _seconds(lambda: _least(files)))
            _forget()
            ours = min(ours, _seconds(lambda: lint_files(files)))
        result = len(lint_files(files))
    print(f"{len(files)} dashboards, {size / 1e6:.0f} MB, {result} findings: {ours:.1f} s of the processor")
    print(f"against json.loads and one parse of each query: {ours / least:.1f} times as long")


def _written(folder: Path) -> Iterator[Path]:
    sources = [path.read_text() for path in sorted(_BUILD.rglob("*.json"))]
    for number in range(DASHBOARDS):
        dashboard = json.loads(sources[number % len(sources)])
        for index, panel in enumerate(_panels(dashboard)):
            _spoil(panel, number, index)
        path = folder / f"{number}.json"
        path.write_text(json.dumps(dashboard, indent=2))
        yield path


def _panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in dashboard["panels"]:
        yield from panel.get("panels", ()) if panel["type"] == "row" else [panel]


def _spoil(panel: dict[str, Any], number: int, index: int) -> None:
    if index % 3 == 0 and panel["type"] in NUMBERS:
        panel["description"] = ""
    for target in panel.get("targets", ()):
        if "expr" in target:
            named = _NAME.sub(lambda match: f"{match[0]}_{number}", target["expr"])
            target["expr"] = f"({named}" if index % 5 == 0 else named


def _least(files: list[Path]) -> None:
    for path in files:
        for panel in _panels(json.loads(path.read_text())):
            for target in panel.get("targets", ()):
                try:
                    parser.read_panel(target.get("expr", ""))
                except parser.PromQLError:
                    continue


def _forget() -> None:
    for remembered in (parser.read, parser.read_panel, reading):
        remembered.cache_clear()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
