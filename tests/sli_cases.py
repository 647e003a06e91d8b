"""What the tests of the SLI kinds share: how the compiler records events."""

from __future__ import annotations

from obscode.model.sli.base import SLI, aggregated
from obscode.promql.selector import Matcher

SERVICE = (Matcher("job", "=", "api"),)


def recorded(sli: SLI) -> tuple[str, str]:
    """Bad and total events as the compiler records them: a group that has a total has 0 bad ones at least."""
    events = sli.events("5m", SERVICE)
    return f"({events.bad}) or 0 * {aggregated('sum', sli.by, events.total)}", events.total
