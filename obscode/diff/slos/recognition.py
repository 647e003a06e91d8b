"""SLOs in the rules that obscode, Sloth and Pyrra write, by their labels and recorded series."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from obscode.diff.expressions.normal_form import COMPARISONS, Conditions, Operands
from obscode.diff.rules.located import LocatedRule
from obscode.diff.slos.slo import RecordedSlo, SloAlert, Tier
from obscode.model import naming
from obscode.promql.duration import milliseconds
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import BinaryOperation, Call, Node, NumberLiteral, VectorSelector

Key = tuple[str, str, str]
_WINDOW = re.compile(r"(?:rate|burnrate|increase|tile)(\d+(?:ms|[smhdwy])[\dsmhdwy]*)$")
_DAY = 86_400_000
# Pyrra generates alerts of these names beside those that burn.
_PYRRA_RECORD = re.compile(r".*:(?:burnrate|increase|count)\d+(?:[smhdw]\d*)+$|pyrra_\w+$")


def recorded_slos(rules: Sequence[LocatedRule]) -> dict[Key, RecordedSlo]:
    """Every SLO, by system, service and name."""
    grouped: dict[Key, list[LocatedRule]] = {}
    for rule in rules:
        if key := _record_key(rule):
            grouped.setdefault(key, []).append(rule)
    for rule in rules:
        if rule.is_alert and (key := _alert_key(rule)) in grouped and key:
            grouped[key].append(rule)
    slos = ((key, _slo(key, members)) for key, members in grouped.items())
    return {key: slo for key, slo in slos if slo.objective is not None}


def _record_key(rule: LocatedRule) -> Key | None:
    labels, name = rule.rule.labels, rule.rule.name
    if rule.is_alert:
        return None
    if "sloth_service" in labels and "sloth_slo" in labels:
        return "Sloth", labels["sloth_service"], labels["sloth_slo"]
    if name.startswith("slo:") and naming.SERVICE in labels and naming.SLO in labels:
        return "obscode", labels[naming.SERVICE], labels[naming.SLO]
    if naming.SLO in labels and _PYRRA_RECORD.fullmatch(name):
        return "Pyrra", "", labels[naming.SLO]
    return None


def _alert_key(rule: LocatedRule) -> Key | None:
    """The SLO whose series an alert reads, by its labels or matchers."""
    labels = dict(rule.rule.labels)
    for selector in _selectors(rule.tree):
        if selector.metric.startswith("slo:"):
            labels = {each.label: each.value for each in selector.matchers if each.op == "="} | labels
    if "sloth_service" in labels and "sloth_slo" in labels:
        return "Sloth", labels["sloth_service"], labels["sloth_slo"]
    if naming.SERVICE in labels and naming.SLO in labels:
        reads = any(selector.metric.startswith("slo:") for selector in _selectors(rule.tree))
        return ("obscode", labels[naming.SERVICE], labels[naming.SLO]) if reads else None
    return ("Pyrra", "", labels[naming.SLO]) if naming.SLO in labels else None


def _selectors(tree: Node | None) -> Iterator[Selector]:
    for node in tree.descendants() if tree else ():
        if isinstance(node, VectorSelector):
            yield node.selector


# --- one SLO -----------------------------------------------------------------------------------------------------


def _slo(key: Key, rules: Sequence[LocatedRule]) -> RecordedSlo:
    records = {each.rule.name: each for each in rules if not each.is_alert}
    burning = {name: each for name, each in records.items() if name.startswith(naming.BURN_RATE_ALERT)}
    alerts = [SloAlert(each, tuple(_tiers(_condition(each, burning), records))) for each in rules if each.is_alert]
    info = next((records[name] for name in (naming.INFO, "sloth_slo_info", "pyrra_objective") if name in records), None)
    labels = dict(info.rule.labels) if info else {}
    objective = _objective(labels, records, rules)
    return RecordedSlo(*key, objective, _period(labels, records), alerts, _events(records), labels, rules)


def _condition(alert: LocatedRule, burning: Mapping[str, LocatedRule]) -> Node | None:
    """The tree with the burn rates: of the record that an alert of obscode reads, else of the alert."""
    for selector in _selectors(alert.tree):
        if selector.metric in burning:
            return burning[selector.metric].tree
    return alert.tree


def _objective(
    labels: Mapping[str, str], records: Mapping[str, LocatedRule], rules: Sequence[LocatedRule]
) -> Decimal | None:
    """In percent, from a label, a recorded ratio, or the factors of Pyrra's alerts."""
    for label in ("objective", "sloth_objective"):
        try:
            if label in labels:
                return Decimal(labels[label])
        except InvalidOperation:
            continue
    for name in (naming.OBJECTIVE, "pyrra_objective"):
        if name in records and (value := _constant(records[name].tree)) is not None:
            return _percent(value)
    ratios = (ratio for each in rules if each.is_alert for ratio in _pyrra_ratios(each))
    return next((_percent(ratio) for ratio in ratios), None)


def _percent(ratio: float) -> Decimal:
    return Decimal(f"{ratio * 100:.9g}").normalize() + 0


def _pyrra_ratios(alert: LocatedRule) -> Iterator[float]:
    """`0.99` of `burnrate5m > (14 * (1-0.99))`, from the expression as it is written."""
    try:
        tree = parse_tree(alert.rule.expr)
    except PromQLError:
        return
    for node in tree.descendants():
        if isinstance(node, BinaryOperation) and node.operator == "-":
            left, right = node.left, node.right
            if left == NumberLiteral(1) and isinstance(right, NumberLiteral):
                yield right.value


def _constant(tree: Node | None) -> float | None:
    """The value of `0.99` or `vector(0.99)`."""
    if isinstance(tree, Call) and tree.function == "vector":
        tree = tree.arguments[0]
    return tree.value if isinstance(tree, NumberLiteral) else None


def _period(labels: Mapping[str, str], records: Mapping[str, LocatedRule]) -> int:
    try:
        if "period" in labels:
            return milliseconds(labels["period"])
    except ValueError:
        pass
    for name, unit in ((naming.PERIOD, 1000), ("slo:time_period:days", _DAY), ("pyrra_window", 1000)):
        if name in records and (value := _constant(records[name].tree)) is not None:
            return round(value * unit)
    return max((_window(name) for name in records if ":increase" in name), default=0)


def _window(name: str) -> int:
    """The window in the name of a recorded series, in milliseconds; 0 without one."""
    match = _WINDOW.search(name)
    try:
        return milliseconds(match[1]) if match else 0
    except ValueError:
        return 0


def _events(records: Mapping[str, LocatedRule]) -> Mapping[str, str]:
    """The expressions of the records of the shortest window that read raw series, by the name of the record."""
    shortest: dict[str, tuple[int, str]] = {}
    for name, each in records.items():
        if not (window := _window(name)):
            continue
        if any(metric in records or metric.startswith("slo:") for metric in each.metrics):
            continue
        stem = _WINDOW.sub("", name).removesuffix(":")
        if stem not in shortest or window < shortest[stem][0]:
            shortest[stem] = window, each.rule.expr
    return {stem: expr for stem, (_, expr) in shortest.items()}


# --- tiers -------------------------------------------------------------------------------------------------------


def _tiers(condition: Node | None, records: Mapping[str, LocatedRule]) -> Iterator[Tier]:
    """The pairs of windows of each alternative of a condition."""
    if condition is None:
        return
    alternatives = condition.operands if isinstance(condition, Operands) else (condition,)
    for alternative in alternatives:
        limits = dict(_limits(alternative))
        if len(limits) >= 2:
            yield Tier(max(limits), min(limits), limits[max(limits)])


def _limits(node: Node) -> Iterator[tuple[int, Decimal]]:
    """The windows of the error ratios that are compared, with the thresholds of these ratios."""
    if isinstance(node, Conditions):
        parts: Iterable[Node] = (node.filtered, *(each.condition for each in node.clauses if each.operator == "and"))
        for each in parts:
            yield from _limits(each)
        return
    for part in node.descendants():
        if isinstance(part, BinaryOperation) and part.operator in COMPARISONS and isinstance(part.right, NumberLiteral):
            selector, divisor = _ratio(part.left)
            if selector and (window := _window(selector.metric)) and _is_ratio(selector.metric):
                yield window, Decimal(f"{part.right.value * divisor:.9g}")


def _ratio(node: Node) -> tuple[Selector | None, float]:
    """The selector of a compared ratio, and the number that it is divided by."""
    divisor = 1.0
    if isinstance(node, BinaryOperation) and node.operator == "/" and isinstance(node.right, NumberLiteral):
        divisor = node.right.value
        node = node.left
    return (node.selector, divisor) if isinstance(node, VectorSelector) else (None, divisor)


def _is_ratio(metric: str) -> bool:
    return "ratio" in metric or "burnrate" in metric
