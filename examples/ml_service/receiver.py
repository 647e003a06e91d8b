"""A webhook that prints Alertmanager's notifications; one file without dependencies, so that a container can run it.

`python receiver.py [HOST] PORT`
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Alert = dict[str, Any]


def server(host: str, port: int, received: Callable[[Alert], None]) -> ThreadingHTTPServer:
    """A server that calls `received` with every alert of every notification."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                received(alert)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            return

    return ThreadingHTTPServer((host, port), Handler)


def line(alert: Alert) -> str:
    """`HighErrorRate firing: 5xx error ratio exceeded 5 %`."""
    return f"{alert['labels']['alertname']} {alert['status']}: {alert['annotations'].get('summary', '')}"


@contextmanager
def receiving(host: str, port: int) -> Iterator[list[Alert]]:
    """Receive notifications in the background; yields the list of received alerts."""
    alerts: list[Alert] = []
    http = server(host, port, alerts.append)
    thread = threading.Thread(target=http.serve_forever, name="receiver", daemon=True)  # a signal can arrive here
    thread.start()
    try:
        yield alerts
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


if __name__ == "__main__":
    *hosts, port = sys.argv[1:]
    host = hosts[0] if hosts else "127.0.0.1"
    server(host, int(port), lambda alert: print(line(alert), flush=True)).serve_forever()
