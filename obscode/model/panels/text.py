"""The panel type `text`: Markdown or HTML."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class Text(Panel):
    """Markdown or HTML; the title may be empty.

    Attributes:
        content: the text; indentation that all lines share is removed.
        mode: "markdown" or "html".
    """

    content: str
    _: KW_ONLY
    mode: Literal["markdown", "html"] = "markdown"

    arguments = constraints.constraints(
        Panel.arguments,
        title=constraints.anything,
        content=constraints.non_empty,
    )

    kind = PanelKind("text", "Text", "content", has_fields=False)
    size = (24, 3)
