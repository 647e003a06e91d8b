"""The cost of `obscode build` for many SLOs: processor time, memory and bytes, from definitions to all files.

Each build is a process of its own with an empty output folder. Seconds depend on the machine and on what else runs
there; the ratios compare runs of the same minutes: n SLOs with ten times as many (10 is linear), and with Sloth.

    python -m benchmarks.scale                                    # 100 and 1,000 SLOs; 10 in a service, then 1
    python -m benchmarks.scale --sizes 1000 10000 --per-service 100
    python -m benchmarks.scale --sizes 1000 --sloth ~/bin/sloth   # its rules for the same SLOs
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_OBJECTIVES = (99, 99.5, 99.9, 99.95)

_DEFINITIONS = """\
from obscode import SLO, Project, Routing, ScrapeJob, Service, metrics, receivers, sli

project = Project("scale")
routing = Routing(default=receivers.Webhook("team", url="http://localhost:5001/alerts"))


def slo(i):
    errors, total = f'http_requests_total{{path="/{i}",status=~"5.."}}', f'http_requests_total{{path="/{i}"}}'
    return SLO(f"slo-{i}", OBJECTIVES[i % len(OBJECTIVES)], sli.Ratio(errors=errors, total=total))


def service(n):
    slos = [slo(i) for i in range(SLOS // SERVICES)]
    requests = metrics.Counter("http_requests_total", labels=["path", "status"])
    scrape = ScrapeJob([f"localhost:{8000 + n}"])
    return Service(f"service-{n}", owner="team", scrape=scrape, metrics=[requests], slos=slos)


services = [service(n) for n in range(SERVICES)]
"""
_SLOTH_SERVICE = """\
version: prometheus/v1
service: service-{service}
labels: {{owner: team}}
slos:
"""
_SLOTH_SLO = """\
  - name: slo-{slo}
    objective: {objective}
    sli:
      events:
        error_query: sum(rate(requests_total{{job="service-{service}",path="/{slo}",status=~"5.."}}[{{{{.window}}}}]))
        total_query: sum(rate(requests_total{{job="service-{service}",path="/{slo}"}}[{{{{.window}}}}]))
    alerting:
      name: Service{service}Slo{slo}
      page_alert: {{labels: {{severity: page}}}}
      ticket_alert: {{labels: {{severity: ticket}}}}
"""


@dataclass(frozen=True)
class Cost:
    """The processor seconds and the peak memory of a process, and what it wrote."""

    seconds: float
    megabytes: float
    files: int
    bytes: int

    def __str__(self) -> str:
        written = f"{self.files:6} files {self.bytes / 1e6:7.1f} MB"
        return f"{self.seconds:7.2f} s CPU {self.megabytes:6.0f} MB memory {written}"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--sizes", type=int, nargs="+", default=[100, 1000], help="numbers of SLOs")
    options.add_argument("--per-service", type=int, nargs="+", default=[10, 1], help="numbers of SLOs in a service")
    options.add_argument("--sloth", type=Path, help="a sloth binary to compare with")
    arguments = options.parse_args()
    _print("obscode, no SLO", _obscode(0, 0))
    for per_service in arguments.per_service:
        costs = {}
        for size in sorted(arguments.sizes):
            services = size // per_service
            costs[size] = _obscode(size, services)
            _print(f"obscode, {size} SLOs in {services} services", costs[size])
            if arguments.sloth:
                sloth = _sloth(arguments.sloth, size, services)
                _print("sloth", sloth)
                print(f"    {costs[size].seconds / sloth.seconds:.1f} times the processor time of Sloth")
        for small, large in pairwise(costs):
            ratio = costs[large].seconds / costs[small].seconds
            print(f"    {large} SLOs cost {ratio:.1f} times as much as {small}; {large / small:g} is linear")


def _print(title: str, cost: Cost) -> None:
    print(f"{title:<42} {cost}", flush=True)


def _obscode(slos: int, services: int) -> Cost:
    """Build all files of some SLOs."""
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as folder:
        definitions = Path(folder, "definitions")
        definitions.mkdir()
        values = f"OBJECTIVES, SLOS, SERVICES = {_OBJECTIVES}, {slos}, {services}\n"
        (definitions / "scale.py").write_text(values + _DEFINITIONS)
        return _cost([sys.executable, "-m", "obscode", "build", "--quiet"], Path(folder), Path(folder, "build"))


def _sloth(binary: Path, slos: int, services: int) -> Cost:
    """Sloth's rules of as many SLOs."""
    with tempfile.TemporaryDirectory(prefix="obscode-benchmark-") as folder:
        documents, out = Path(folder, "slos"), Path(folder, "rules")
        documents.mkdir()
        out.mkdir()
        for service in range(services):
            text = _SLOTH_SERVICE.format(service=service) + "".join(
                _SLOTH_SLO.format(service=service, slo=slo, objective=_OBJECTIVES[slo % len(_OBJECTIVES)])
                for slo in range(slos // services)
            )
            (documents / f"{service}.yml").write_text(text)
        command = [str(binary.resolve()), "generate", "-i", str(documents), "-o", str(out)]
        return _cost(command, Path(folder), out)


def _cost(command: Sequence[str], folder: Path, out: Path) -> Cost:
    """Run a command in a folder; SystemExit with its output if it fails."""
    log, environment = folder / "log", os.environ | {"PYTHONPATH": str(_ROOT)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        _, process.returncode, usage = os.wait4(process.pid, 0)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')}")
    sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, len(sizes), sum(sizes))


if __name__ == "__main__":
    main()
