"""What a rule is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Literal

from obscode.findings.code import Severity
from obscode.reader.dashboards.json_cursor import Path
from obscode.reader.dashboards.json_positions import Span
from obscode.reader.dashboards.model import Panel, Target

Profile = Literal["default", "mixin"]
PROFILES: tuple[Profile, ...] = ("default", "mixin")


@dataclass(frozen=True)
class LintOptions:
    """How strictly to look, and which series there are, where that is known.

    The profile `mixin` demands what grafana/dashboard-linter demands; `default` makes its matters of taste
    warnings, or lets them pass.
    """

    profile: Profile = "default"
    known: Set[str] | None = None

    @property
    def mixin(self) -> bool:
        """Whether everything that dashboard-linter demands is demanded."""
        return self.profile == "mixin"

    @property
    def style_severity(self) -> Severity:
        """How bad it is when a dashboard goes against a matter of taste."""
        return "error" if self.mixin else "warning"


@dataclass(frozen=True)
class LintResult:
    """One thing that a rule saw, and where.

    The span is of characters in the text at the path, or in the file where the path is empty.
    """

    message: str
    hint: str
    path: Path
    panel: Panel | None = None
    target: Target | None = None
    severity: Severity = "error"
    span: Span | None = None
    dashboard: str = ""  # its title

    def as_severe_as(self, severity: Severity) -> LintResult:
        """The same, as an error or as a warning."""
        return replace(self, severity=severity)
