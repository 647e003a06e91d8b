"""What the tests of the SLI kinds share: how the compiler records events."""

from __future__ import annotations

import re

from obscode.model.sli.base import SLI, aggregated
from obscode.promql.selector import Matcher

SERVICE = (Matcher("job", "=", "api"),)


def counts(text: str) -> str:
    """PromQL in which `<x>` stands for the count of a counter in five minutes."""
    return re.sub("<([^>]+)>", r"\1 - \1 offset 5m >= 0 unless resets(\1[6m]) > 0 or increase(\1[5m])", text)


def recorded(sli: SLI) -> tuple[str, str]:
    """Bad and total events as the compiler records them: a group that has a total has 0 bad ones at least."""
    events = sli.events("5m", SERVICE)
    return f"({events.bad}) or 0 * {aggregated('sum', sli.by, events.total)}", events.total
