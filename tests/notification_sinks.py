"""Local servers that accept notifications: over HTTP, as Slack, Teams, PagerDuty and webhooks, and over SMTP."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from obscode.verify import servers

#: What each service answers: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
#: https://developer.pagerduty.com/docs/events-api-v2-overview
_ANSWERS = {"slack": (200, "text/plain", "ok"), "pagerduty": (202, "application/json", '{"status": "success"}')}


@dataclass
class Sinks:
    """The notifications that have arrived: JSON by the first part of the path, and e-mails."""

    url: str = ""
    smarthost: str = ""
    received: dict[str, list[Any]] = field(default_factory=dict)
    emails: list[EmailMessage] = field(default_factory=list)

    def of(self, path: str) -> list[Any]:
        """What has arrived at a path."""
        return self.received.get(path, [])


@contextmanager
def sinks() -> Iterator[Sinks]:
    """Servers on loopback that collect notifications until the end of the block."""
    result = Sinks()

    class Http(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            path = self.path.strip("/")
            result.received.setdefault(path, []).append(body)
            status, kind, text = _ANSWERS.get(path, (200, "text/plain", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    class Smtp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            while line := self.rfile.readline():
                command = line.strip().upper()
                if command == b"DATA":
                    self.wfile.write(b"354 go\r\n")
                    self._read_data()
                self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
                if command == b"QUIT":
                    return

        def _read_data(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b"."))
            message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            result.emails.append(message)

    with _serving(ThreadingHTTPServer((servers.LOOPBACK, 0), Http)) as port:
        result.url = f"http://{servers.LOOPBACK}:{port}"
        with _serving(socketserver.ThreadingTCPServer((servers.LOOPBACK, 0), Smtp)) as smtp_port:
            result.smarthost = f"{servers.LOOPBACK}:{smtp_port}"
            yield result


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    """Serve in a thread; yields the port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
