"""The alert about the drift of scores, which needs no labels: a first sign, hours or weeks before they arrive."""

from __future__ import annotations

from obscode.model.alert import Alert
from obscode.presets.quality import records
from obscode.presets.quality.names import Queries
from obscode.presets.quality.samples import Samples
from obscode.presets.quality.score_psi import HistogramPsi
from obscode.promql import duration

_FEWEST = 500


def score_alert(queries: Queries, psi: HistogramPsi, limit: float, severity: str) -> Alert:
    """Scores whose distribution is not that of the reference, for a quarter of the window."""
    wait = duration.format_duration(duration.milliseconds(queries.window) // 4)
    on = f"on ({', '.join(queries.names.by)})"
    return Alert(
        "ModelScoreDrift",
        f"{psi.psi} > {on} {limit:g} + {psi.chance}\nand {on}\n{psi.size} >= {_FEWEST}",
        group=records.group(queries),
        for_=wait,
        severity=severity,
        summary=f"The scores of {queries.whose} have drifted",
        description="Their distribution is not that of the reference (PSI {{ $value | humanize }}), and not by chance. "
        "Compare the input of the model with that of its training, and its quality when labels arrive.",
        tests=Samples(queries, queries.window).score_tests(psi.shares, _FEWEST),
    )
