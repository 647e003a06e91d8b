"""What an expression shows, in a sentence: of simple ones alone, where the words are sure to be right."""

from __future__ import annotations

from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.inference.units import constant, innermost, skeleton
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import Node

_AGGREGATIONS = {"avg": "average of", "min": "lowest of", "max": "highest of", "count": "number of series of"}
_LONGEST = 300


def sentence(expr: str, known: SeriesCatalog) -> str:
    """A sentence on an expression without variables, and the help of its metrics; empty where it is not simple."""
    try:
        node = parse_tree(expr)
    except PromQLError:
        return ""
    if node.selector and node.selector.metric.count(":") < 2:
        return " ".join(_helps(node, known))  # its name alone says nothing that the query does not
    words = _words(node, known)
    if not words:
        return ""
    said = " ".join([f"{words[0].upper()}{words[1:]}.", *_helps(node, known)])
    return said if len(said) <= _LONGEST else f"{words[0].upper()}{words[1:]}."


def quantile(node: Node) -> str:
    """`P90` for a quantile of a histogram."""
    at = constant(node.parts[0]) if node.name == "histogram_quantile" and node.parts else None
    return f"P{at * 100:.6g}" if at is not None else ""


def _words(node: Node, known: SeriesCatalog) -> str:
    match node.kind, node.name:
        case "selector", _:
            return _selected(node.selector, known)
        case "call", "rate" | "irate":
            return _after(_words(node.parts[0], known), " per second")
        case "call", "increase":
            return _before("increase of ", _words(node.parts[0], known))
        case "call", "histogram_quantile":
            return _observed(node, known)
        case "call", "label_replace" | "round" | "sort" | "sort_desc" | "clamp_min" | "clamp_max":
            return _words(node.parts[0], known)
        case "aggregation", _:
            return _aggregated(node, known)
        case "operation", "/":
            return _divided(node, known)
        case "operation", "or" if _is_zero(node.parts[1]):
            return _words(node.parts[0], known)
    return ""


def _is_zero(node: Node) -> bool:
    """`vector(0)`, or `0 * total`: what stands in for no series at all."""
    return node.name in ("vector", "*") and any(constant(part) == 0 for part in node.parts)


def _selected(selector: Selector | None, known: SeriesCatalog) -> str:
    if selector is None or not selector.metric:
        return ""
    if (recorded := known.recorded.get(selector.metric)) and not selector.matchers:
        try:
            return _words(parse_tree(recorded), SeriesCatalog(known.metrics))
        except PromQLError:
            return ""
    if selector.metric.count(":") >= 2:
        return _by_name(selector.metric)
    return f"`{selector.metric}`{_with(selector.matchers)}"


def _with(matchers: tuple[Matcher, ...]) -> str:
    return f" with {' and '.join(f'`{matcher}`' for matcher in matchers)}" if matchers else ""


def _by_name(name: str) -> str:
    """`p90_rate5m` of a metric, as the name of a recorded series tells it."""
    _, metric, operations = name.split(":", 2)
    operation = operations.partition("_")[0]
    if operation.startswith("rate"):
        return f"`{metric}` per second"
    return f"{operation[0].upper()}{operation[1:]} of `{metric}`" if operation and metric else ""


def _observed(node: Node, known: SeriesCatalog) -> str:
    buckets = innermost(node.parts[1])
    if not (at := quantile(node)) or buckets is None:
        return ""
    by = [label for label in _grouping(node.parts[1]) if label != "le"]
    return f"{at} of `{known.series(buckets.metric).stem}`{_with(buckets.matchers)}{_by(by)}"


def _aggregated(node: Node, known: SeriesCatalog) -> str:
    inner = _words(node.parts[-1], known)
    if node.name not in ("sum", *_AGGREGATIONS) or ", by " in inner:
        return ""
    if node.grouping[:1] == ("without",):
        return ""
    head = f"{_AGGREGATIONS[node.name]} " if node.name in _AGGREGATIONS else ""
    head = "sum of " if node.name == "sum" and node.parts[-1].kind == "selector" else head
    return _after(_before(head, inner), _by(list(node.grouping[1:])))


def _grouping(node: Node) -> tuple[str, ...]:
    return node.grouping[1:] if node.kind == "aggregation" and node.grouping[:1] == ("by",) else ()


def _by(labels: list[str]) -> str:
    return f", by {' and '.join(labels)}" if labels else ""


def _divided(node: Node, known: SeriesCatalog) -> str:
    left, right = node.parts
    part, whole = innermost(left), innermost(right)
    if part is None or whole is None or node.modifiers or skeleton(left) != skeleton(right):
        return ""
    more = tuple(matcher for matcher in part.matchers if matcher not in whole.matchers)
    if part.metric == whole.metric and more:
        return f"share of `{whole.metric}`{_with(whole.matchers)} that has {_listed(more)}{_by(list(_grouping(left)))}"
    stem = part.metric.removesuffix("_sum")
    if part.metric.endswith("_sum") and whole.metric == f"{stem}_count":
        return f"average of `{stem}`{_with(part.matchers)}{_by(list(_grouping(left)))}"
    return ""


def _listed(matchers: tuple[Matcher, ...]) -> str:
    return " and ".join(f"`{matcher}`" for matcher in matchers)


def _after(words: str, more: str) -> str:
    return words + more if words else ""


def _before(more: str, words: str) -> str:
    return more + words if words else ""


def _helps(node: Node, known: SeriesCatalog) -> list[str]:
    """The help texts of the metrics, each once, as sentences."""
    found = [known.series(name).help for name in _metrics(node)]
    return [text if text.endswith((".", "!", "?")) else f"{text}." for text in dict.fromkeys(found) if text]


def _metrics(node: Node) -> list[str]:
    own = [node.selector.metric] if node.selector else []
    return [*own, *(name for part in node.parts for name in _metrics(part))]
