"""The cost of building again: when nothing changed, when files have new times only, and when one service changed.

Each build is a process of its own. Seconds depend on the machine and on what else runs there; the ratios compare runs
of the same minutes with a build without the cache.

    python -m benchmarks.rebuild                   # 1,000 services with one SLO each, a file for each service
    python -m benchmarks.rebuild --services 100 --one-file
    python -m benchmarks.rebuild --services 100 --environments 3   # other targets in each environment
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_PROJECT = """\
from obscode import SLO, Environment, Project, ScrapeJob, Service, env, metrics, sli

ENVIRONMENTS = 0
project = Project("rebuild", environments=[Environment(f"e{n}") for n in range(1, ENVIRONMENTS)])
HOST = f"host-{env.name}" if ENVIRONMENTS else "localhost"


def service(n, objective=99.9):
    ratio = sli.Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")
    requests = metrics.Counter("http_requests_total", labels=["status"])
    slo = SLO("availability", objective, ratio)
    return Service(f"service-{n}", scrape=ScrapeJob([f"{HOST}x:{8000 + n}"]), metrics=[requests], slos=[slo])
"""
_RUNS = 3  # the least of three: other processes only add


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--services", type=int, default=1000)
    options.add_argument("--one-file", action="store_true", help="all services in one loop, not in a file each")
    options.add_argument("--environments", type=int, default=0, help="environments in which all targets differ")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as name:
        folder = Path(name)
        _write(folder, arguments.services, arguments.one_file, arguments.environments)
        start = min(_seconds(["-c", "pass"], folder) for _ in range(_RUNS))
        print(f"{'start of the interpreter':<32} {start:6.2f} s CPU")
        full = _build("without the cache, nothing there", folder, start, None, "--no-cache")
        _build("with an empty cache", folder, start, full)
        _build("nothing changed", folder, start, full)
        _build("nothing changed, --check", folder, start, full, "--check")
        for path in sorted(folder.rglob("*.*")):
            path.touch()
        _build("new times of all files", folder, start, full)
        _change_one(folder, arguments.one_file)
        _build("one service changed", folder, start, full)


def _build(title: str, folder: Path, start: float, full: float | None, *options: str) -> float:
    seconds = _seconds(["-m", "obscode", "build", "--quiet", *options], folder)
    ratio = f"1/{full / (seconds - start):.1f} of a build without the cache" if full else ""
    print(f"{title:<32} {seconds:6.2f} s CPU, {seconds - start:6.2f} s above the start {ratio}", flush=True)
    return seconds - start


def _write(folder: Path, services: int, one_file: bool, environments: int) -> None:
    definitions = folder / "definitions"
    definitions.mkdir()
    project = _PROJECT.replace("ENVIRONMENTS = 0", f"ENVIRONMENTS = {environments}")
    if one_file:
        loop = f"\n\nOBJECTIVES = {{}}\nservices = [service(n, OBJECTIVES.get(n, 99.9)) for n in range({services})]\n"
        (definitions / "project.py").write_text(project + loop)
        return
    (definitions / "project.py").write_text(project)
    for n in range(services):
        (definitions / f"service_{n}.py").write_text(f"from .project import service\n\nshop = service({n})\n")


def _change_one(folder: Path, one_file: bool) -> None:
    in_loop, in_file = ("project", "OBJECTIVES = {}", "OBJECTIVES = {7: 99.5}"), ("service_7", "(7)", "(7, 99.5)")
    name, old, new = in_loop if one_file else in_file
    path = folder / "definitions" / f"{name}.py"
    path.write_text(path.read_text().replace(old, new))


def _seconds(arguments: list[str], folder: Path) -> float:
    """The processor seconds of a Python process."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
