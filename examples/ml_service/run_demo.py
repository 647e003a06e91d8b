"""Run the example service with Prometheus and Alertmanager, from normal traffic to a notification.

Everything runs on loopback, from files compiled from `demo/`, in one temporary folder, for a limited time:
`make demo`, or `python -m examples.ml_service.run_demo --seconds 110`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.ml_service.receiver import Alert, line, receiving
from obscode.artifacts.files import File
from obscode.findings.errors import ObscodeError
from obscode.project.pipeline import compile_folder
from obscode.toolchain import require
from obscode.verify import servers

DEFINITIONS = Path(__file__).parent / "demo"
REPOSITORY = Path(__file__).parents[2]

# At most 20 requests per second; from the tenth second on, every fifth request crashes.
_PAUSE = 0.05
_NORMAL_SECONDS = 10.0
_CRASH_EVERY = 5

_STOPPING = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]  # SIGHUP: the terminal was closed


@dataclass(frozen=True)
class Ports:
    """The loopback ports of the demo, which no other demo gets."""

    app: int
    prometheus: int
    alertmanager: int
    receiver: int

    @classmethod
    def free(cls) -> Ports:
        return cls(*(servers.free_port(port) for port in (18000, 19090, 19093, 15001)))

    def environment(self) -> dict[str, str]:
        """The environment variables that the demo's definitions read."""
        return {f"DEMO_{name.upper()}": f"{servers.LOOPBACK}:{port}" for name, port in vars(self).items()}


class EventLog:
    """Prints state changes, one line each, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._states: dict[str, str] = {}

    def seconds(self) -> float:
        return time.monotonic() - self._start

    def record(self, subject: str, state: str) -> None:
        """Print the state of a subject if it changed."""
        if self._states.get(subject) != state:
            self._states[subject] = state
            print(f"[{self.seconds():5.1f} s] {subject:<13} {state}", flush=True)


def main() -> int:
    """Run the demo; returns 0 after the notification, 1 if the time is up before, 2 for an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=110, help="time limit (default: %(default)s)")
    parser.add_argument("--stay", action="store_true", help="run until the limit or Ctrl-C, to look at the pages")
    arguments = parser.parse_args()
    for number in _STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # `nohup` ignores SIGHUP
            signal.signal(number, _interrupt)
    try:
        notified = demo(arguments.seconds, stay=arguments.stay)
    except KeyboardInterrupt:
        print("stopped", flush=True)
        return 0
    except ObscodeError as error:
        print(error, file=sys.stderr)
        return 2
    print("OK: the alert fired and its notification was received" if notified else "time is up", flush=True)
    return 0 if notified else 1


def _interrupt(number: int, frame: object) -> None:
    for other in _STOPPING:  # a closed terminal sends several; the servers are stopped once, in order
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def demo(seconds: float, *, stay: bool = False) -> bool:
    """Start everything, send requests until the notification arrives, stop everything; True if it arrived."""
    ports, log = Ports.free(), EventLog()
    os.environ |= ports.environment()
    prometheus, alertmanager = require("prometheus"), require("alertmanager")
    files = compile_folder(DEFINITIONS).files
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="obscode-demo-")))
        received = started.enter_context(receiving(servers.LOOPBACK, ports.receiver))
        app = started.enter_context(_app(ports.app, folder))
        built = folder / "build"
        servers.write_files(files, built)
        config = built / "alertmanager" / "alertmanager.yml"
        am = started.enter_context(servers.alertmanager(alertmanager, config, folder / "am", ports.alertmanager))
        config = built / "prometheus" / "prometheus.yml"
        prom = started.enter_context(servers.prometheus(prometheus, config, folder / "prom", ports.prometheus))
        _show(app, prom, am, built, files)
        started.enter_context(_traffic(app, log))
        return _watch(prom, received, log, seconds, stay)


def _show(app: str, prom: str, am: str, built: Path, files: Sequence[File]) -> None:
    print(f"{len(files)} files compiled from {DEFINITIONS.relative_to(REPOSITORY)} into {built}")
    for name, url in (("service", f"{app}/metrics"), ("Prometheus", f"{prom}/alerts"), ("Alertmanager", am)):
        print(f"  {name:<13} {url}", flush=True)


def _watch(prom: str, received: list[Alert], log: EventLog, seconds: float, stay: bool) -> bool:
    while log.seconds() < seconds:
        _look(prom, log)
        ours = [alert for alert in received if _is_ours(alert["labels"])]
        if ours:
            log.record("notification", f"received: {line(ours[-1])}")
            if not stay:
                return True
        time.sleep(0.5)
    return any(_is_ours(alert["labels"]) for alert in received)


def _look(prom: str, log: EventLog) -> None:
    up = servers.value(prom, 'up{job="ml-service"}')
    log.record("target", {None: "not scraped yet", 0.0: "down"}.get(up, "up"))
    rate = servers.value(prom, "sum(rate(http_requests_total[15s]))")
    if rate:
        failed = servers.value(prom, 'sum(rate(http_requests_total{status=~"5.."}[15s]))') or 0
        log.record("request rate", f"about {round(rate / 5) * 5} a second")
        log.record("error ratio", f"{'above' if failed / rate > 0.05 else 'below'} 5 %")
    states = {alert["state"] for alert in servers.get(f"{prom}/api/v1/alerts")["alerts"] if _is_ours(alert["labels"])}
    log.record("HighErrorRate", "firing" if "firing" in states else "pending" if states else "inactive")


def _is_ours(labels: dict[str, str]) -> bool:
    return labels["alertname"] == "HighErrorRate"


@contextmanager
def _app(port: int, folder: Path) -> Iterator[str]:
    url = f"http://{servers.LOOPBACK}:{port}"
    command = [sys.executable, "-m", "examples.ml_service.app", "--host", servers.LOOPBACK, "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    with servers.running(command, f"{url}/healthz", folder, environment=environment):
        yield url


@contextmanager
def _traffic(app: str, log: EventLog) -> Iterator[None]:
    """Send requests at a steady rate; after a while, some of them crash the handler."""
    stopped = threading.Event()

    def send() -> None:
        count = 0
        while not stopped.wait(_PAUSE):
            count += 1
            crash = log.seconds() > _NORMAL_SECONDS and count % _CRASH_EVERY == 0
            try:
                urllib.request.urlopen(f"{app}/predict?crash=true" if crash else f"{app}/predict", timeout=5).close()
            except OSError:  # HTTPError for the crashes, which are intended
                continue

    sender = threading.Thread(target=send, name="traffic", daemon=True)
    try:
        sender.start()  # in the block: a signal can arrive in here, and the thread must end then, too
        yield
    finally:
        stopped.set()
        if sender.is_alive():
            sender.join()


if __name__ == "__main__":
    sys.exit(main())
