"""Describe simple expressions in a sentence. Others stay without a description."""

from __future__ import annotations

from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.inference.trees import constant, innermost, without_selectors
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import VARIABLE_MARK, Matcher, Selector
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node, VectorSelector

_AGGREGATIONS = {"avg": "average of", "min": "lowest of", "max": "highest of", "count": "number of series of"}
_LONGEST = 300


def describe(expr: str, known: SeriesCatalog) -> str:
    """A sentence about an expression without variables, and the help of its metrics; empty if it is not simple."""
    try:
        node = parse_tree(expr)
    except PromQLError:
        return ""
    if isinstance(node, VectorSelector) and node.selector.metric.count(":") < 2:
        return " ".join(_help_texts(node, known))  # the metric's name adds nothing to the query
    phrase = _phrase(node, known)
    if not phrase:
        return ""
    text = " ".join([f"{phrase[0].upper()}{phrase[1:]}.", *_help_texts(node, known)])
    return text if len(text) <= _LONGEST else f"{phrase[0].upper()}{phrase[1:]}."


def quantile_name(node: Node) -> str:
    """`P90` for the 0.9 quantile of a histogram."""
    is_quantile = isinstance(node, Call) and node.function == "histogram_quantile"
    at = constant(node.children[0]) if is_quantile else None
    return f"P{at * 100:.6g}" if at is not None else ""


def _phrase(node: Node, known: SeriesCatalog) -> str:
    match node:
        case VectorSelector():
            return _selected(node.selector, known)
        case Call():
            return _called(node, known)
        case Aggregation():
            return _aggregated(node, known)
        case BinaryOperation(operator="/"):
            return _divided(node, known)
        case BinaryOperation(operator="or") if _is_zero(node.right):
            return _phrase(node.left, known)
    return ""


def _called(node: Call, known: SeriesCatalog) -> str:
    match node.function:
        case "rate" | "irate":
            return _after(_phrase(node.arguments[0], known), " per second")
        case "increase":
            return _before("increase of ", _phrase(node.arguments[0], known))
        case "histogram_quantile":
            return _quantile(node, known)
        case "label_replace" | "round" | "sort" | "sort_desc" | "clamp_min" | "clamp_max":
            return _phrase(node.arguments[0], known)
    return ""


def _is_zero(node: Node) -> bool:
    """True for `vector(0)` and `0 * total`, the defaults for a missing series."""
    match node:
        case Call(function="vector") | BinaryOperation(operator="*"):
            return any(constant(child) == 0 for child in node.children)
    return False


def _selected(selector: Selector, known: SeriesCatalog) -> str:
    if not selector.metric:
        return ""
    if (recorded := known.recorded.get(selector.metric)) and not selector.matchers:
        try:
            return _phrase(parse_tree(recorded), SeriesCatalog(known.metrics))
        except PromQLError:
            return ""
    if selector.metric.count(":") >= 2:
        return _by_name(selector.metric)
    return f"`{selector.metric}`{_with(selector.matchers)}"


def _with(matchers: tuple[Matcher, ...]) -> str:
    fixed = [f"`{matcher}`" for matcher in matchers if VARIABLE_MARK not in matcher.value]
    return f" with {' and '.join(fixed)}" if fixed else ""


def _by_name(name: str) -> str:
    """The phrase for a recorded series without a rule in the project, from its name."""
    _, metric, operations = name.split(":", 2)
    operation = operations.partition("_")[0]
    if operation.startswith("rate"):
        return f"`{metric}` per second"
    return f"{operation[0].upper()}{operation[1:]} of `{metric}`" if operation and metric else ""


def _quantile(node: Call, known: SeriesCatalog) -> str:
    buckets = innermost(node.arguments[1])
    if not (at := quantile_name(node)) or buckets is None:
        return ""
    by = [label for label in _by_labels(node.arguments[1]) if label != "le"]
    return f"{at} of `{known.series(buckets.metric).stem}`{_with(buckets.matchers)}{_by(by)}"


def _aggregated(node: Aggregation, known: SeriesCatalog) -> str:
    inner = _phrase(node.expr, known)
    if node.operator not in ("sum", *_AGGREGATIONS) or ", by " in inner or node.grouping == "without":
        return ""
    head = f"{_AGGREGATIONS[node.operator]} " if node.operator in _AGGREGATIONS else ""
    head = "sum of " if node.operator == "sum" and isinstance(node.expr, VectorSelector) else head
    return _after(_before(head, inner), _by(list(node.labels)))


def _by_labels(node: Node) -> tuple[str, ...]:
    return node.labels if isinstance(node, Aggregation) and node.grouping == "by" else ()


def _by(labels: list[str]) -> str:
    return f", by {' and '.join(labels)}" if labels else ""


def _divided(node: BinaryOperation, known: SeriesCatalog) -> str:
    left = node.left
    part, whole = innermost(left), innermost(node.right)
    if part is None or whole is None or node.matching or without_selectors(left) != without_selectors(node.right):
        return ""
    more = tuple(matcher for matcher in part.matchers if matcher not in whole.matchers)
    more = tuple(matcher for matcher in more if VARIABLE_MARK not in matcher.value)
    if part.metric == whole.metric and more:
        return f"share of `{whole.metric}`{_with(whole.matchers)} that has {_listed(more)}{_by(list(_by_labels(left)))}"
    stem = part.metric.removesuffix("_sum")
    if part.metric.endswith("_sum") and whole.metric == f"{stem}_count":
        return f"average of `{stem}`{_with(part.matchers)}{_by(list(_by_labels(left)))}"
    return ""


def _listed(matchers: tuple[Matcher, ...]) -> str:
    return " and ".join(f"`{matcher}`" for matcher in matchers)


def _after(phrase: str, more: str) -> str:
    return phrase + more if phrase else ""


def _before(more: str, phrase: str) -> str:
    return more + phrase if phrase else ""


def _help_texts(node: Node, known: SeriesCatalog) -> list[str]:
    """The help texts of the metrics, each once, as sentences."""
    texts = [known.series(name).help for name in _metrics(node)]
    return [text if text.endswith((".", "!", "?")) else f"{text}." for text in dict.fromkeys(texts) if text]


def _metrics(node: Node) -> list[str]:
    return [each.selector.metric for each in node.descendants() if isinstance(each, VectorSelector)]
