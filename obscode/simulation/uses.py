"""What an expression needs of the series that it reads: labels, values of labels, types, and joins that match.

A query says much about series of which nothing else is known. `rate()` reads counters; `by (pod)` needs a label `pod`;
in `a * on (pod) group_left (node) b`, `b` has one series for each `pod`, with a label `node`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Matching,
    Negation,
    Node,
    StringLiteral,
    Subquery,
    VectorSelector,
    value_type,
)
from obscode.simulation.conditions import Condition, of_absolute, operands, requires_true
from obscode.simulation.expression_parts import constant, metric_names, subquery_samples, window_seconds
from obscode.simulation.label_values import usual_values
from obscode.simulation.matchers import contradicts, split_name, without_labels

#: How an expression reads a metric.
Hint = Literal["counter", "gauge", "buckets", "quantiles", "info", "timestamp", "present"]

_COUNTER_FUNCTIONS = frozenset(("rate", "irate", "increase", "resets"))
_GAUGE_FUNCTIONS = frozenset(
    [
        "delta",
        "idelta",
        "deriv",
        "predict_linear",
        "holt_winters",
        "double_exponential_smoothing",
        "avg_over_time",
        "max_over_time",
        "min_over_time",
        "quantile_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "sum_over_time",
        "mad_over_time",
    ]
)
_SET_OPERATORS = frozenset(("and", "or", "unless"))
_COMPARISONS = frozenset(("==", "!=", ">", "<", ">=", "<="))
_SELECTING = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_GROUPS = ("(.*)", "(.+)", "(.*?)", "(.+?)", "([^:]+)", "([^:]*)")
_COMPLETE = ("(.*)", "(.+)", ".*", "^(.*)$", "^(.+)$")


@dataclass(frozen=True)
class Use:
    """A selector in an expression.

    Attributes:
        matchers: those of the selector, and those that the other side of a join requires.
        labels: labels that the series have.
        hint: how the values are read; empty if the expression does not say it.
        one: labels of which each combination has one series; None if there may be several.
        only: the only labels that the series may have, if the other side of an operator has no others.
        conditions: comparisons that values must pass for a result.
        reach: seconds before the evaluation at which the oldest sample is read.
        window: the seconds of its window; 0 without one.
        among: the labels that an aggregation leaves, in which series with the same labels of ``one`` may not differ;
            None for all.
    """

    metric: str
    matchers: tuple[Matcher, ...] = ()
    labels: frozenset[str] = frozenset()
    hint: Hint | Literal[""] = ""
    one: frozenset[str] | None = None
    only: frozenset[str] | None = None
    conditions: tuple[Condition, ...] = ()
    reach: float = 0
    window: float = 0
    among: frozenset[str] | None = None


@dataclass(frozen=True)
class Link:
    """Metrics whose series have the same labels, except for some: an operator matches them by all labels."""

    metrics: frozenset[str]
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Analysis:
    """The uses of an expression, and the metrics that it matches by all labels."""

    uses: tuple[Use, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class _Result:
    """The labels of a result: ``closed`` are the only ones, ``matchers`` what they match, ``raw`` metrics behind it."""

    closed: frozenset[str] | None = None
    matchers: tuple[Matcher, ...] = ()
    raw: frozenset[str] = frozenset()

    def without(self, labels: frozenset[str]) -> _Result:
        matchers = tuple(m for m in self.matchers if m.label not in labels)
        return replace(self, closed=None if self.closed is None else self.closed - labels, matchers=matchers)


@dataclass(frozen=True)
class _Need:
    """What the parts around a part need of it."""

    labels: frozenset[str] = frozenset()
    matchers: tuple[Matcher, ...] = ()
    hint: Hint | Literal[""] = ""
    one: frozenset[str] | None = None
    only: frozenset[str] | None = None
    conditions: tuple[Condition, ...] = ()
    reach: float = 0
    among: frozenset[str] | None = None


def analyse(
    tree: Node,
    labels: frozenset[str] = frozenset(),
    matchers: Sequence[Matcher] = (),
    conditions: Sequence[Condition] = (),
) -> Analysis:
    """The uses in an expression whose result needs some labels, values that match, and values that pass."""
    visitor = _Visitor()
    visitor.visit(tree, _Need(labels, tuple(matchers), conditions=tuple(conditions)))
    return Analysis(tuple(visitor.uses), tuple(dict.fromkeys(visitor.links)))


@dataclass
class _Visitor:
    uses: list[Use] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    _results: dict[int, _Result] = field(default_factory=dict)

    def visit(self, node: Node, need: _Need) -> None:
        match node:
            case VectorSelector():
                self._selector(node, need)
            case Subquery():
                self.visit(node.expr, replace(need, reach=need.reach + node.range + node.offset))
            case Call():
                self._call(node, need)
            case Aggregation():
                self._aggregation(node, need)
            case BinaryOperation():
                self._operation(node, need)
            case Negation():
                self.visit(node.expr, replace(need, conditions=()))

    # --- parts -------------------------------------------------------------------------------------------------------

    def _selector(self, node: VectorSelector, need: _Need) -> None:
        selector = node.selector
        more = tuple(m for m in need.matchers if not contradicts(m, selector.matchers))
        reach = need.reach + selector.window + max(node.offset, 0)
        matchers = tuple(dict.fromkeys((*selector.matchers, *more)))
        names, rest = split_name(matchers)
        for name in [selector.metric] if selector.metric else names:
            own = (need.labels, need.hint, need.one, need.only, need.conditions, reach, selector.window, need.among)
            use = Use(name, rest, *own)
            self.uses.append(use)

    def _call(self, node: Call, need: _Need) -> None:
        vectors = [a for a in node.arguments if value_type(a) in ("vector", "matrix")]
        if node.function == "label_replace":
            self._label_replace(node, need)
            return
        if node.function == "label_join":
            added = frozenset(a.value for a in node.arguments[1:2] if isinstance(a, StringLiteral))
            sources = frozenset(a.value for a in node.arguments[3:] if isinstance(a, StringLiteral))
            self.visit(node.arguments[0], _without(need, added, sources))
            return
        for argument in vectors:
            self.visit(argument, self._of_argument(node, need))

    def _of_argument(self, node: Call, need: _Need) -> _Need:
        function, hint = node.function, need.hint
        conditions = need.conditions
        if function in _COUNTER_FUNCTIONS:
            hint = "buckets" if hint == "buckets" else "counter"
            if function in ("increase", "resets"):
                conditions = tuple((op, bound / window_seconds(node)) for op, bound in conditions)
        elif function in _GAUGE_FUNCTIONS:
            hint = hint or "gauge"
            if function == "sum_over_time":
                count = subquery_samples(node)
                conditions = tuple((op, bound / count) for op, bound in conditions) if count else ()
        elif function in ("histogram_quantile", "histogram_fraction"):
            return replace(need, labels=need.labels | {"le"}, hint="buckets", conditions=())
        elif function in ("absent", "absent_over_time"):
            return _Need(reach=need.reach, hint="present")
        elif function == "abs":
            conditions = tuple(each for op, bound in conditions for each in of_absolute(op, bound))
        elif function not in ("last_over_time", "sort", "sort_desc", "clamp_min", "clamp_max", "round"):
            conditions = ()
        return replace(need, hint=hint, conditions=conditions)

    def _label_replace(self, node: Call, need: _Need) -> None:
        texts = [a.value if isinstance(a, StringLiteral) else "" for a in node.arguments[1:]]
        if len(texts) < 4:
            return
        target, template, source, pattern = texts[:4]
        inherited = _without(need, frozenset({target}), frozenset({source} - {""}))
        more = [] if pattern in _COMPLETE or not source else [Matcher(source, "=~", pattern)]
        if template in ("$1", "${1}") and source and target in need.labels:
            own = [m for m in need.matchers if m.label == target]
            more = [Matcher(source, m.op, m.value) for m in own] if pattern in _COMPLETE else more
            group = next((group for group in _GROUPS if pattern.count(group) == 1), "")
            if group and pattern not in _COMPLETE and not own:
                values = "|".join(usual_values(target))
                more = [Matcher(source, "=~", pattern.replace(group, f"({values})"))]
        self.visit(node.arguments[0], replace(inherited, matchers=(*inherited.matchers, *more)))

    def _aggregation(self, node: Aggregation, need: _Need) -> None:
        labels, has = frozenset(node.labels), node.grouping
        if node.parameter is not None and value_type(node.parameter) != "scalar":
            self.visit(node.parameter, _Need(reach=need.reach))
        if node.operator in _SELECTING or node.operator in ("sort",):
            inner = replace(need, labels=need.labels | labels)
        elif has == "without":
            inner = replace(need, labels=need.labels - labels, matchers=without_labels(need.matchers, labels), one=None)
        else:
            matchers = tuple(m for m in need.matchers if m.label in labels)
            is_one = need.one is not None and not labels <= need.one
            one, among = (need.one, labels) if is_one else (None, None)
            inner = _Need(labels, matchers, need.hint, one, None, need.conditions, need.reach, among)
        if node.operator in ("count", "group", "count_values", "stddev", "stdvar"):
            inner = replace(inner, conditions=())
        if node.operator == "count_values":
            inner = replace(inner, labels=labels)
        self.visit(node.expr, inner)

    # --- operators ---------------------------------------------------------------------------------------------------

    def _operation(self, node: BinaryOperation, need: _Need) -> None:
        left, right = value_type(node.left), value_type(node.right)
        if left == "scalar" or right == "scalar":
            vector, scalar = (node.right, node.left) if left == "scalar" else (node.left, node.right)
            self.visit(vector, self._of_scalar(node, need, scalar, is_left=left != "scalar"))
            self.visit(scalar, _Need(reach=need.reach))
            return
        if node.operator == "or":
            for side in node.children:
                self.visit(side, need)
            return
        matching = node.matching or Matching()
        sides = [self._side(node, need, matching, is_left) for is_left in (True, False)]
        self._link(node, matching)
        for side, inner in zip(node.children, sides, strict=True):
            self.visit(side, inner)

    def _of_scalar(self, node: BinaryOperation, need: _Need, scalar: Node, *, is_left: bool) -> _Need:
        value = constant(scalar)
        if node.operator in _COMPARISONS and value is not None:
            operator = node.operator if is_left else _MIRRORED.get(node.operator, node.operator)
            outer = need.conditions if not node.returns_bool else ()
            is_required = not node.returns_bool or requires_true(need.conditions)
            return replace(need, conditions=(*outer, *(((operator, value),) if is_required else ())))
        if isinstance(scalar, Call) and scalar.function == "time" and node.operator == "-" and not is_left:
            return replace(need, conditions=(), hint=need.hint or "timestamp")
        if node.operator in _COMPARISONS:
            return need
        return replace(need, conditions=operands(need.conditions, node.operator, value, is_left=is_left))

    def _side(self, node: BinaryOperation, need: _Need, matching: Matching, is_left: bool) -> _Need:
        """What one side of an operator between vectors needs."""
        other = self.result(node.right if is_left else node.left)
        included, conditions = frozenset(matching.include), need.conditions
        is_one = matching.cardinality == ("many-to-one" if is_left is False else "one-to-many")
        if matching.on:
            shared = matching.labels
            matchers = tuple(m for m in other.matchers if m.label in shared)
        else:
            shared = frozenset()
            matchers = without_labels(other.matchers, matching.labels)
        if not is_left and node.operator in _SET_OPERATORS:
            need = _Need(reach=need.reach)
        if node.operator == "unless" and not is_left:
            return _Need(shared, (), reach=need.reach)
        own = need.labels - included if not is_one else (need.labels & shared) | included
        inherited = tuple(m for m in need.matchers if (m.label in included) == is_one or m.label in shared)
        hint = "info" if is_one and node.operator == "*" and included else need.hint
        if node.operator == "+":
            conditions = tuple((op, bound / 2) for op, bound in conditions if op in (">", ">="))
        elif node.operator == "-" and is_left and len(metric_names(node)) == 1:  # how much a series grew
            conditions = tuple((op, bound) for op, bound in conditions if op == ">" and bound == 0)
        elif node.operator not in _SET_OPERATORS and not (node.operator in _COMPARISONS and is_left):
            conditions = ()
        one = shared if matching.on and (is_one or matching.cardinality == "one-to-one") else None
        if node.operator in _SET_OPERATORS:
            one = None
        only = (
            other.closed if not matching.on and not matching.labels and matching.cardinality == "one-to-one" else None
        )
        labels = own | shared | (frozenset() if matching.on else (other.closed or frozenset()) - matching.labels)
        return _Need(labels, (*inherited, *matchers), hint, one, only, conditions, need.reach)

    def _link(self, node: BinaryOperation, matching: Matching) -> None:
        if matching.on or node.operator in _SET_OPERATORS:
            return
        raw = self.result(node.left).raw | self.result(node.right).raw
        if self.result(node.left).raw and self.result(node.right).raw and len(raw) > 1:
            self.links.append(Link(raw, matching.labels | matching.include))

    # --- results -----------------------------------------------------------------------------------------------------

    def result(self, node: Node) -> _Result:
        """What is known of the labels of a part's result."""
        if id(node) not in self._results:
            self._results[id(node)] = self._compute(node)
        return self._results[id(node)]

    def _compute(self, node: Node) -> _Result:
        match node:
            case VectorSelector():
                return _Result(None, split_name(node.selector.matchers)[1], frozenset({node.selector.metric} - {""}))
            case Aggregation():
                return self._aggregated(node)
            case BinaryOperation():
                return self._operated(node)
            case Call():
                return self._called(node)
        for child in node.children:
            if value_type(child) in ("vector", "matrix"):
                return self.result(child)
        return _Result(frozenset())

    def _called(self, node: Call) -> _Result:
        if node.function in ("vector", "absent", "absent_over_time", "scalar", "time"):
            return _Result(frozenset())
        inner = next((self.result(a) for a in node.arguments if value_type(a) in ("vector", "matrix")), _Result())
        if node.function in ("label_replace", "label_join") and len(node.arguments) > 1:
            target = node.arguments[1]
            added = frozenset({target.value}) if isinstance(target, StringLiteral) else frozenset()
            result = inner.without(added)
            return replace(result, closed=None if result.closed is None else result.closed | added, raw=frozenset())
        return inner.without(frozenset({"le"})) if node.function == "histogram_quantile" else inner

    def _aggregated(self, node: Aggregation) -> _Result:
        inner, labels = self.result(node.expr), frozenset(node.labels)
        if node.operator in _SELECTING:
            return inner
        if node.grouping == "without":
            return replace(inner.without(labels), raw=frozenset())
        return _Result(labels, tuple(m for m in inner.matchers if m.label in labels))

    def _operated(self, node: BinaryOperation) -> _Result:
        left, right = value_type(node.left), value_type(node.right)
        if left == "scalar" or right == "scalar":
            return self.result(node.right if left == "scalar" else node.left)
        one, other = self.result(node.left), self.result(node.right)
        if node.operator in _SET_OPERATORS:
            return one
        matching = node.matching or Matching()
        if matching.cardinality == "one-to-many":
            one, other = other, one
        if matching.on and matching.cardinality == "one-to-one":
            both = (*one.matchers, *other.matchers)
            return _Result(matching.labels, tuple(m for m in both if m.label in matching.labels))
        included = frozenset(matching.include)
        matchers = (*without_labels(one.matchers, included), *(m for m in other.matchers if m.label in included))
        return _Result(None if one.closed is None else one.closed | included, matchers, one.raw)


def _without(need: _Need, gone: frozenset[str], more: frozenset[str]) -> _Need:
    one = None if need.one is None else (need.one - gone) | more
    labels = (need.labels - gone) | more
    return replace(need, labels=labels, matchers=without_labels(need.matchers, gone), one=one, only=None)
