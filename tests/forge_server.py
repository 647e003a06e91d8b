"""The comments API of GitHub and of GitLab on loopback, with what it received."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class ForgeServer:
    """Comments of one request: the lists of both forges have the same items."""

    list_path: str
    item_path: str
    token: tuple[str, str]
    url: str = ""
    may_write: bool = True
    comments: dict[int, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)

    def answer(self, method: str, target: str, headers: dict[str, str], content: bytes) -> tuple[int, object]:
        parts = urlsplit(target)
        name, value = self.token
        if headers.get(name.lower()) != value:
            return 401, {"message": "Bad credentials"}
        if method == "GET" and parts.path == self.list_path:
            query = parse_qs(parts.query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            items = [{"id": number, "body": text} for number, text in self.comments.items()]
            return 200, items[(page - 1) * size : page * size]
        if not self.may_write:
            return 403, {"message": "Resource not accessible by integration"}
        return self._write(method, parts.path, json.loads(content)["body"])

    def _write(self, method: str, path: str, text: str) -> tuple[int, object]:
        self.writes.append(method)
        if len(text) > 65_536:
            return 422, {"message": "body is too long"}
        if method == "POST" and path == self.list_path:
            self.comments[len(self.comments) + 1] = text
            return 201, {"id": len(self.comments)}
        number = int(path.removeprefix(f"{self.item_path}/"))
        if method in ("PATCH", "PUT") and number in self.comments:
            self.comments[number] = text
            return 200, {"id": number}
        return 404, {"message": "Not Found"}


@contextmanager
def running(server: ForgeServer) -> Iterator[ForgeServer]:
    """Serve the comments; the address is in ``url``."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, value = server.answer(
                self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, content
            )
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815  # names of the base class

        def log_message(self, format: str, *args: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{listener.server_port}"
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
