"""The error of an expression that Prometheus rejects, or that obscode does not parse."""

from __future__ import annotations

from typing import Literal

#: ``opaque`` is valid in some Prometheus and has no syntax tree; ``range-vector`` and ``string`` parse, but are no
#: result of a rule or panel; ``too-long`` and ``too-deep`` may be valid PromQL, and are not parsed; ``selector`` is a
#: valid expression where a plain selector is required.
ErrorKind = Literal[
    "syntax",
    "opaque",
    "grafana-variable",
    "regex",
    "range-vector",
    "string",
    "selector",
    "too-long",
    "too-deep",
]


class PromQLError(ValueError):
    """An expression is rejected; the message says why, ``kind`` is for code that distinguishes the reasons.

    ``span`` are the first and the last character of the expression that are wrong, where they are known.
    """

    def __init__(self, message: str, kind: ErrorKind = "syntax", span: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.span = span

    @property
    def is_limit(self) -> bool:
        """The expression exceeds a limit of obscode; Prometheus may accept it."""
        return self.kind in ("too-long", "too-deep")
