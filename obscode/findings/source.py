"""Where a value was written: the interface between findings and the files they point into."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding, SourceSpan


class Source(ABC):
    """A value with a position: a Python call (a definition), or a node of a YAML or JSON file.

    Artifacts have a source each, so a check reports at the right place without knowing where the artifact came from.

    Attributes:
        ignore: the codes that are ignored here, each with its reason.
    """

    ignore: Mapping[str, str]

    @property
    @abstractmethod
    def file(self) -> str:
        """The file's path; empty when the value was not written in a file."""

    @abstractmethod
    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        """The span of a part, such as `expr`, and of one item of it; of the whole when the part has no span."""

    def characters_span(self, part: str, start: int, end: int) -> SourceSpan | None:
        """The span of some characters of the string in a part; of the part where they cannot be located."""
        return self.span(part)

    def finding(
        self,
        code: Code,
        message: str,
        hint: str = "",
        *,
        at: str = "",
        item: int | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding with the caret at a part (and at one item of it), or at the whole; it can be ignored here."""
        return Finding(code, message, hint, self.span(at, item), severity or code.severity, self)
