"""The unit of a panel is that of its expression.

Why: Grafana does not convert values. Bytes with the unit seconds read "4.5 years", and a ratio of 0.5 with the unit
percent reads "0.5%". Units are compared if a catalog declares them; ratios are recognised by their structure, such as
`avg(up)` or a part of the requests divided by all of them.

Bad:
    metrics.Gauge("queue_bytes")
    ScrapeJob(["localhost:8000"])
    panels.TimeSeries("Queue", "queue_bytes", unit="s", description="Bytes in the queue")

Good:
    metrics.Gauge("queue_bytes")
    ScrapeJob(["localhost:8000"])
    panels.TimeSeries("Queue", "queue_bytes", unit="bytes", description="Bytes in the queue")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.types.interval import Interval
from obscode.promql.types.quantity import COUNT, PERCENT, RATIO, Quantity

# Panels of values; the unit of a heatmap is that of its buckets, and the columns of a table have different units.
_OF_VALUES = ("timeseries", "graph", "stat", "singlestat", "gauge", "bargauge")
_BYTES = ("bytes", "decbytes", "kbytes", "deckbytes", "mbytes", "decmbytes", "gbytes", "decgbytes", "tbytes")
_RATES = ("Bps", "binBps", "KBs", "MBs", "GBs", "bps", "binbps", "Kbits", "Mbits", "Gbits")
_EVENTS = ("reqps", "ops", "rps", "wps", "mps", "eps", "recps", "rowsps", "pps", "iops", "cps")

# Units of Grafana that display the same quantity; values of a length of time are converted only by the same unit.
_QUANTITIES: Mapping[str, str] = {
    **dict.fromkeys((*_BYTES, "bits", "decbits"), "bytes"),
    **dict.fromkeys(_RATES, "bytes per second"),
    **dict.fromkeys(("s", "dtdurations", "clocks"), "seconds"),
    **dict.fromkeys(("ms", "dtdurationms", "clockms"), "milliseconds"),
    **dict.fromkeys(("µs", "ns", "m", "h", "d"), "another length of time"),
    **dict.fromkeys(("celsius", "fahrenheit", "kelvin"), "degrees"),
    **dict.fromkeys(_EVENTS, "events per second"),
    RATIO: "a ratio",
    PERCENT: "percent",
}
_UNIT, _HUNDRED = Interval(0, 1), Interval(0, 100)


@check(TypedExpression)
def panel_unit_mismatch(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Panels whose unit is that of another quantity."""
    if expression.panel is None or expression.panel[0].type not in _OF_VALUES:
        return
    panel, target = expression.panel
    unit, result = panel.defaults.text("unit"), expression.types.result
    displayed = _QUANTITIES.get(unit, "")
    if not displayed or any(each.plain("id") == "unit" for each in panel.properties()):
        return
    actual = _quantity(result.unit) or {_UNIT: "a ratio", _HUNDRED: "percent"}.get(result.values, "")
    if actual and actual != displayed:
        message = f"{panel.name} displays {displayed} ({unit}), but {target.name} is {actual}"
        hint = "correct the unit of the panel, or convert the values"
        yield finding(panel_unit_mismatch, message, hint, panel.defaults.at("unit"), panel, target)


def _quantity(quantity: Quantity) -> str:
    """What an inferred unit is, in words; empty if it is unknown or a count, which any plain number may be."""
    if quantity.unit == COUNT:
        return "events per second" if quantity.per_second else ""
    if quantity.per_second:
        return "bytes per second" if quantity.unit in ("bytes", "bits") else ""
    return _QUANTITIES.get(quantity.unit, "")
