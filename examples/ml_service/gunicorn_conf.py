"""Settings of gunicorn for several workers whose counters are added up.

`gunicorn --config examples/ml_service/gunicorn_conf.py --bind 127.0.0.1:8000 examples.ml_service.app:app`

The workers write their counters into files of one folder. gunicorn reads these settings before they start, so that
prometheus_client finds the folder when they import it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

workers = 3
worker_class = "uvicorn.workers.UvicornWorker"

if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # set if these settings are read again, for a reload
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="ml-service-metrics-")
FOLDER = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def on_starting(server: Any) -> None:
    """Empty the folder: the counters of the last run are no part of this one.

    gunicorn does not call this in a reload (SIGHUP). In an upgrade (SIGUSR2) the old workers still use the folder.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not server.master_pid:
        for file in FOLDER.glob("*.db"):
            file.unlink()


def child_exit(server: Any, worker: Any) -> None:
    """Remove the gauges of a worker that ended, such as `model_workers`; its counters stay."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the folder, unless the other server of an upgrade runs on."""
    if not (server.master_pid or server.reexec_pid):
        shutil.rmtree(FOLDER, ignore_errors=True)
