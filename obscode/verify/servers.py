"""Prometheus and Alertmanager on loopback with the files of a build, for a limited time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from obscode.artifacts.files import File
from obscode.findings.errors import ToolError
from obscode.toolchain import Tool

LOOPBACK = "127.0.0.1"
_READY_WITHIN = 30.0
_STOPPED_WITHIN = 10.0

# PR_SET_PDEATHSIG (1) stays in force through exec. A parent that ended before the call is no longer the parent.
_LAUNCHER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent ended")
os.execvp(sys.argv[2], sys.argv[2:])
"""


def free_port(preferred: int = 0) -> int:
    """The preferred port if it is free on loopback, else any free port; no other call in any process returns it.

    On Linux, the port stays reserved until this process ends. A server that this process starts can listen on it, since
    servers set SO_REUSEADDR; a process that looks for a free port is refused. Elsewhere, another process can take the
    port before the server listens.
    """
    for port in (preferred, 0):
        reservation = socket.socket()
        try:
            reservation.bind((LOOPBACK, port))  # without SO_REUSEADDR: fails for a port that another process reserved
        except OSError:
            reservation.close()
            continue
        number = int(reservation.getsockname()[1])
        if sys.platform == "linux":
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reservation.detach()  # open until the process ends, and not inherited by its children
        else:
            reservation.close()
        return number
    raise ToolError("no port is free on loopback")


def write_files(files: Sequence[File], folder: Path) -> None:
    """Write the files of a build into a temporary folder."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


@contextmanager
def running(
    command: Sequence[str], ready: str, folder: Path, *, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server; the block starts when the ``ready`` URL answers. Raises ToolError with the server's log.

    On Linux, the server ends with the thread that entered the block, also when this process is killed.
    """
    name = Path(command[0]).name
    log = folder / f"{name}-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _ends_with_this_process(command),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only this process, which stops the servers in order
        )
    try:
        _await_ready(process, ready, name, log)
        yield process
    finally:
        stop(process)


def _ends_with_this_process(command: Sequence[str]) -> Sequence[str]:
    """The command, started by a program that first asks Linux to kill it when its parent ends.

    A ``preexec_fn`` could do this too, but can deadlock in a process with threads.
    """
    if sys.platform != "linux":
        return command
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command]


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process: SIGTERM, then SIGKILL after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def _await_ready(process: subprocess.Popen[bytes], url: str, name: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            tail = " | ".join(log.read_text(errors="replace").splitlines()[-3:])
            raise ToolError(f"{name} ended with code {process.returncode}: {tail}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise ToolError(f"{name} was not ready within {_READY_WITHIN:g} s; {url} does not answer")


@contextmanager
def prometheus(tool: Tool, config: Path, data: Path, port: int, *flags: str) -> Iterator[str]:
    """Run Prometheus with a configuration file; yields its URL."""
    url = f"http://{LOOPBACK}:{port}"
    data.mkdir(parents=True, exist_ok=True)
    command = [
        str(tool.path.absolute()),
        f"--config.file={config.absolute()}",
        f"--storage.tsdb.path={data.absolute()}",
        f"--web.listen-address={LOOPBACK}:{port}",
        *flags,
    ]
    with running(command, f"{url}/-/ready", data):
        yield url


@contextmanager
def alertmanager(tool: Tool, config: Path, data: Path, port: int) -> Iterator[str]:
    """Run Alertmanager with a configuration file, without a cluster port; yields its URL."""
    url = f"http://{LOOPBACK}:{port}"
    data.mkdir(parents=True, exist_ok=True)
    command = [
        str(tool.path.absolute()),
        f"--config.file={config.absolute()}",
        f"--storage.path={data.absolute()}",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, f"{url}/-/ready", data):
        yield url


def get(url: str, **parameters: str) -> Any:
    """The `data` of a Prometheus API response, or the whole of another JSON response."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    with urllib.request.urlopen(url + query, timeout=10) as answer:
        content = json.load(answer)
    return content["data"] if isinstance(content, dict) and "data" in content else content


def metric(url: str, name: str) -> float:
    """A sample from a server's `/metrics`, by its exact name and labels."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def value(prometheus_url: str, expr: str, **parameters: str) -> float | None:
    """The first sample of an instant query; None for an empty result."""
    result = get(f"{prometheus_url}/api/v1/query", query=expr, **parameters)["result"]
    return float(result[0]["value"][1]) if result else None
