"""The error of a server that does not answer as expected."""

from __future__ import annotations

from obscode.findings.code import Code
from obscode.findings.errors import ObscodeError

SERVER = Code(
    "server-error",
    "A server that a command reads answers, and its answer is valid.",
    why="`obscode preview --prometheus`, `drift`, `backtest` and `doctor` compare the project with what servers say.",
    bad="obscode drift --prometheus http://prometheus:9091",
    good="obscode drift --prometheus http://prometheus:9090",
)


class ServerError(ObscodeError):
    """A server does not answer, refuses access, or answers with an error.

    ``status`` is the status of HTTP, or 0 without an answer; ``kind`` is Prometheus' `errorType`, such as `bad_data`;
    ``detail`` is the server's own message.
    """

    code = SERVER

    def __init__(self, message: str, hint: str = "", *, status: int = 0, kind: str = "", detail: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.kind = kind
        self.detail = detail
