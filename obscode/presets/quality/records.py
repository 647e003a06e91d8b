"""What the rules of `presets.model_quality` record: counts of a window, and the ratios of them.

The counts have the labels of the model and its version; those of a class have `class`, too. Ratios of counts can be
read for any window, and do not weigh an instance without traffic like a busy one.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from obscode.model.alert import RecordingRule
from obscode.model.rule_group import RuleGroup
from obscode.model.sli.base import aggregated
from obscode.model.sli.buckets import le_matcher
from obscode.presets.quality.confusion import CLASS, Confusion, f1, precision, recall
from obscode.presets.quality.names import Queries, Record

_CLASS = (CLASS,)
EVALUATED = Record("evaluated", "increase")
CORRECT = Record("correct", "increase", suffix="_correct")
ACCURACY = Record("correct", "ratio")
CELLS = Record("confusion", "increase", ("actual", "predicted"))
SUPPORT, PREDICTED = (Record("confusion", "increase", _CLASS, suffix=f"_{each}") for each in ("actual", "predicted"))
TRUE_POSITIVES = Record("confusion", "increase", _CLASS, suffix="_correct")
RECALL, PRECISION, F1 = (Record("confusion", each, _CLASS) for each in ("recall", "precision", "f1_score"))
MACRO = {each: Record("confusion", each.operation, suffix="_macro") for each in (RECALL, PRECISION, F1)}
DELAYED = Record("delay", "increase", part="_count")
IN_TIME = Record("delay", "in_time_ratio")
_INTERVAL = "4m"  # below the lookback of 5 minutes, as in the rules of SLOs


def group(queries: Queries) -> RuleGroup:
    """The group of the rules and their alerts: windows of days are not read at each evaluation interval."""
    return RuleGroup("model-quality", interval=_INTERVAL, labels={"service": queries.service})


def records(queries: Queries, in_time: float | None = None) -> Iterator[RecordingRule]:
    """The rules, in the order in which they read each other.

    Args:
        queries: the service's series.
        in_time: the bound of the bucket with labels that arrive in time, in seconds; None for none.
    """
    names, settings = queries.names, group(queries)

    def record(record: Record, expr: str) -> RecordingRule:
        return RecordingRule(queries.record_name(record), expr, group=settings)

    if names.confusion:
        yield record(CELLS, queries.counted(queries.select(names.confusion), names.actual, names.predicted))
    evaluated = queries.counted(queries.select(names.evaluated)) if names.evaluated else _sum_of_cells(queries)
    yield record(EVALUATED, evaluated)
    if names.correct:
        correct = queries.counted(queries.select(names.correct))
        yield record(CORRECT, f"{correct}\nor\n0 * {_plain(queries, EVALUATED)}")
    if names.confusion:
        yield from _of_classes(queries)
    if not names.correct:
        yield record(CORRECT, aggregated("sum", names.by, queries.recorded(TRUE_POSITIVES)))
    yield record(ACCURACY, f"{queries.recorded(CORRECT)}\n/\n({queries.recorded(EVALUATED)} > 0)")
    if in_time is not None:
        bucket = queries.part(names.delay, "bucket", le_matcher(Decimal(repr(in_time))))
        yield record(DELAYED, queries.counted(queries.part(names.delay, "count")))
        yield record(IN_TIME, f"{queries.counted(bucket)}\n/\n({_plain(queries, DELAYED)} > 0)")


def _plain(queries: Queries, record: Record) -> str:
    """A recorded series without the label of the service, which the rule adds again."""
    return aggregated("sum", queries.names.by, queries.recorded(record))


def _sum_of_cells(queries: Queries) -> str:
    return aggregated("sum", queries.names.by, queries.recorded(CELLS))


def _of_classes(queries: Queries) -> Iterator[RecordingRule]:
    names, settings = queries.names, group(queries)
    confusion = Confusion(queries.recorded(CELLS), names.by, names.actual, names.predicted)
    true_positives, support, predicted = map(queries.recorded, (TRUE_POSITIVES, SUPPORT, PREDICTED))
    exprs = {
        SUPPORT: confusion.support(),
        PREDICTED: confusion.predictions(),
        TRUE_POSITIVES: confusion.true_positives(),
        RECALL: recall(true_positives, support),
        PRECISION: precision(true_positives, predicted),
        F1: f1(true_positives, support, predicted),
        **{macro: aggregated("avg", names.by, queries.recorded(each)) for each, macro in MACRO.items()},
    }
    for record, expr in exprs.items():
        yield RecordingRule(queries.record_name(record), expr, group=settings)
