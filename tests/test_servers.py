"""Servers get ports that no other process gets, and end with the process that started them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from obscode.toolchain import Tool
from obscode.verify import servers

REPOSITORY = Path(__file__).parents[1]
linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="ports are reserved, and processes bound, on Linux only"
)

_PORTS = "from obscode.verify.servers import free_port; print([free_port() for _ in range(50)], flush=True); input()"
_SERVER = """
import sys
from pathlib import Path
from obscode.verify import servers
port = servers.free_port()
command = [sys.executable, "-m", "http.server", str(port), "--bind", servers.LOOPBACK]
with servers.running(command, f"http://{servers.LOOPBACK}:{port}/", Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    input()
"""


def wait_until_gone(pid: int) -> bool:
    """True if the process ends within ten seconds; it is not a child of this process."""
    for _ in range(200):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@linux_only
def test_no_port_is_given_twice() -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", _PORTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        lines = list(pool.map(lambda process: process.stdout.readline() if process.stdout else "", processes))
    for process in processes:
        process.communicate("\n")
    ports = [port for line in lines for port in line.strip("[]\n").split(", ")]
    assert len(set(ports)) == len(ports) == 200


@linux_only
def test_a_reserved_port_is_given_to_no_other_call_and_a_server_can_listen_on_it() -> None:
    port = servers.free_port()
    assert servers.free_port(port) != port
    with socket.create_server((servers.LOOPBACK, port)):  # sets SO_REUSEADDR, as Go's and Python's servers do
        assert servers.free_port(port) != port
        socket.create_connection((servers.LOOPBACK, port)).close()


def test_a_preferred_port_that_is_free_is_taken() -> None:
    with socket.socket() as probe:
        probe.bind((servers.LOOPBACK, 0))
        port = probe.getsockname()[1]
    assert servers.free_port(port) == port


@linux_only
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_a_server_ends_with_the_process_that_started_it(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        parent.send_signal(number)
        parent.wait()
        assert wait_until_gone(server)


@linux_only
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_demo_that_is_stopped_leaves_no_server(
    number: signal.Signals, newest_prometheus: Tool, newest_alertmanager: Tool, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "OBSCODE_PROMETHEUS": str(newest_prometheus.path),
        "OBSCODE_ALERTMANAGER": str(newest_alertmanager.path),
    }
    command = [sys.executable, "-m", "examples.ml_service.run_demo", "--seconds", "60"]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "Alertmanager" in line:
                break
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        assert len(children) == 3
        demo.send_signal(number)
        try:
            output, _ = demo.communicate(timeout=60)
        finally:
            demo.kill()
    assert all(wait_until_gone(int(child)) for child in children)
    if number != signal.SIGKILL:
        assert (demo.returncode, output.splitlines()[-1]) == (0, "stopped")
        assert list(tmp_path.iterdir()) == []
