"""The example with several workers of gunicorn and uvicorn: every scrape counts every request once."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ProjectFolder
from prometheus_client.parser import text_string_to_metric_families

from obscode.findings.errors import Exit
from obscode.toolchain import Tool
from obscode.verify import servers

ROOT = Path(__file__).parents[1]
APP = "examples.ml_service.app:app"
PATIENCE = 60.0
REQUESTS = 300
SCRAPES = 12

SERVERS: Mapping[str, tuple[str, ...]] = {
    "gunicorn with the settings of the example": ("gunicorn", "--config", "examples/ml_service/gunicorn_conf.py", APP),
    "gunicorn that loads the app before its workers start": (
        *("gunicorn", "-k", "uvicorn.workers.UvicornWorker", "-w", "3", "--preload", APP),
    ),
    "uvicorn": ("uvicorn", "--workers", "3", APP),
}

pytestmark = pytest.mark.slow


class Service:
    """The service on a port, in as many processes as the server starts."""

    def __init__(self, command: tuple[str, ...], folder: Path, numbers: Path | None) -> None:
        program, *arguments = command
        self.port, self._folder = servers.free_port(), folder
        bind = ["--bind", f"127.0.0.1:{self.port}"] if program == "gunicorn" else ["--port", str(self.port)]
        self._command = [sys.executable, "-m", program, *bind, *arguments]
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self._environment |= {"PROMETHEUS_MULTIPROC_DIR": str(numbers)} if numbers else {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start it; all its processes are stopped at the end."""
        log = self._folder / "server.log"
        with log.open("ab") as output:
            server = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            eventually(lambda: server.poll() is not None or self.answers())
            assert server.poll() is None, log.read_text()
            yield
        finally:
            servers.stop(server)
            stop_session(server.pid)

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def get(self, path: str) -> tuple[int, str]:
        """Status and body, from a new connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def predict(self, number: int, total: int) -> None:
        """Send requests; a response is counted after it was sent."""
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(self.get, ["/predict?amount=250"] * number))
        assert [status for status, _ in answers] == [200] * number
        eventually(lambda: self.scrape()["predictions"] == total)

    def scrape(self) -> dict[str, float]:
        """The number of predictions, and the series without labels but that of the model."""
        status, text = self.get("/metrics")
        assert status == 200
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        values = {each.name: each.value for each in samples if not {*each.labels} - {"model", "pid"}}
        counted = [each for each in samples if each.name == "http_requests_total"]
        labels = {"path": "/predict", "method": "GET", "status": "200"}
        values["predictions"] = sum(each.value for each in counted if each.labels == labels)
        return values

    def scrapes(self, name: str) -> list[float | None]:
        """A value at each of twelve scrapes, each from a new connection."""
        return [self.scrape().get(name) for _ in range(SCRAPES)]


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.05)


def stop_session(leader: int) -> None:
    """End the remaining processes of the session that a server began."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def workers(folder: Path) -> set[int]:
    """The processes that have counted something."""
    return {int(match[1]) for file in folder.iterdir() if (match := re.fullmatch(r"counter_(\d+)\.db", file.name))}


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_each_scrape_counts_all_requests_also_after_a_worker_was_killed_and_after_a_restart(
    server: tuple[str, ...], tmp_path: Path
) -> None:
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    service = Service(server, tmp_path, numbers)
    with service.running():
        eventually(lambda: service.scrape()["model_workers"] == 3)
        service.predict(REQUESTS, REQUESTS)
        assert service.scrapes("predictions") == [REQUESTS] * SCRAPES
        (start,) = set(service.scrapes("process_start_time_seconds"))
        known = workers(numbers)
        os.kill(max(known), signal.SIGKILL)
        eventually(lambda: bool(workers(numbers) - known) and service.scrape()["model_workers"] == 3)
        service.predict(30, REQUESTS + 30)
        assert service.scrapes("predictions") == [REQUESTS + 30] * SCRAPES
        assert service.scrapes("model_workers") == [3] * SCRAPES
        assert service.scrapes("process_start_time_seconds") == [start] * SCRAPES
        assert not {*service.scrape()} & {"python_info", "process_open_fds", "http_requests_created"}
    for file in numbers.glob("*.db") if numbers.exists() else ():
        file.unlink()
    numbers.mkdir(exist_ok=True)
    with service.running():
        eventually(lambda: service.scrape()["model_workers"] == 3)
        service.predict(7, 7)
        assert service.scrapes("predictions") == [7] * SCRAPES
        (later,) = set(service.scrapes("process_start_time_seconds"))
        assert later is not None
        assert start is not None
        assert later > start


DEFINITIONS = """
    project = Project("team", self_monitoring=False, evaluation_interval="1s")

    apart = presets.http_service(
        "apart", scrape=ScrapeJob(["127.0.0.1:{apart}"], interval="1s"), runbook="https://example.com/apart"
    )
    merged = presets.http_service(
        "merged", scrape=ScrapeJob(["127.0.0.1:{merged}"], interval="1s"), runbook="https://example.com/merged"
    )
"""


def test_the_alert_fires_for_workers_with_counters_of_their_own(
    project_folder: ProjectFolder, newest_prometheus: Tool, tmp_path: Path
) -> None:
    # Without keep-alive each scrape opens a connection, as scrapes that are further apart do.
    command = (*SERVERS["uvicorn"], "--timeout-keep-alive", "0")
    (tmp_path / "numbers").mkdir()
    apart, merged = Service(command, tmp_path, None), Service(command, tmp_path, tmp_path / "numbers")
    project_folder.write(project=DEFINITIONS.format(apart=apart.port, merged=merged.port))
    assert project_folder.run("build").exit == Exit.OK
    config = project_folder.build / "prometheus" / "prometheus.yml"
    config.write_text(re.sub(r"(scrape_(?:interval|timeout)): 1s", r"\1: 200ms", config.read_text()))
    with apart.running(), merged.running():
        for service in (apart, merged):
            with ThreadPoolExecutor(6) as pool:
                list(pool.map(service.get, ["/predict"] * REQUESTS))
        for service, expected in ((apart, ["separate-workers"]), (merged, [])):
            assert codes(project_folder, "--target", f"http://127.0.0.1:{service.port}/metrics") == expected
        with servers.prometheus(newest_prometheus, config, tmp_path / "data", servers.free_port()) as url:
            eventually(lambda: firing(url) == {("HttpServiceSeveralWorkers", "apart")})
            assert (servers.value(url, 'count_over_time(up{job="merged"}[2m])') or 0) > 4
            eventually(lambda: codes(project_folder, "--prometheus", url) == ["separate-workers"])
            assert servers.value(url, "max by (job) (resets(http_requests_total{job='merged'}[2m]))") == 0


def codes(project: ProjectFolder, *arguments: str) -> list[str]:
    """The errors that `obscode doctor` reports."""
    findings = json.loads(project.run("doctor", *arguments, "--format", "json").out)
    return [finding["code"] for finding in findings if finding["severity"] == "error"]


def firing(url: str) -> set[tuple[str, str]]:
    alerts = servers.get(f"{url}/api/v1/alerts")["alerts"]
    return {(each["labels"]["alertname"], each["labels"]["job"]) for each in alerts if each["state"] == "firing"}
