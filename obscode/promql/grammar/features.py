"""Syntax that not every Prometheus since 2.42 has, with the first version that has it.

https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_VERSION = re.compile(r"\b\d+\.\d+\b")


@dataclass(frozen=True)
class Feature:
    """A feature that an expression uses; ``since`` is a version, with the flag that enables it, if it needs one.

    ``is_parsed`` is false for what obscode keeps as text, without a tree for its checks.
    """

    name: str
    since: str
    span: tuple[int, int]
    is_parsed: bool = False

    @property
    def first(self) -> str:
        """The first version that has it, if need be with a flag; empty for all."""
        return min(_VERSION.findall(self.since), key=lambda version: [*map(int, version.split("."))], default="")


_FLAG = "--enable-feature="
_EXPERIMENTAL = f"{_FLAG}promql-experimental-functions"

DURATION_EXPRESSION = ("a duration expression", f"Prometheus 3.14, or 3.6 with {_FLAG}promql-duration-expr")
EXTENDED_RANGE = ("the modifier {}", f"Prometheus 3.7 with {_FLAG}promql-extended-range-selectors")
TRIM = ("the operator {}", "Prometheus 3.11")
FILL = ("the modifier {}()", f"Prometheus 3.10 with {_FLAG}promql-binop-fill-modifiers")
GROUPING = ("grouping by {}", "Prometheus 3.0")
INFO = ("info() without matchers", f"Prometheus 2.55 with {_EXPERIMENTAL}")
HOLT_WINTERS = ("holt_winters()", "Prometheus 2; Prometheus 3 calls it double_exponential_smoothing()")
METRIC_NAME = ("the name {}", "")
TIMESTAMP = ("a duration as a timestamp", "Prometheus 3.0")
DURATION = ("a duration as a number", "Prometheus 3.0")
UTF8_NAME = ("a name in quotes", "Prometheus 3.0")
SEPARATORS = ("a number with `_`", "Prometheus 2.54")
FUNCTION = "the function {}()"

#: The functions and aggregations that are newer than Prometheus 2.42.
FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("histogram_stddev", "histogram_stdvar"), "Prometheus 2.47"),
    "histogram_avg": "Prometheus 2.51",
    "mad_over_time": f"Prometheus 2.49 with {_EXPERIMENTAL}",
    **dict.fromkeys(("sort_by_label", "sort_by_label_desc"), f"Prometheus 2.49 with {_EXPERIMENTAL}"),
    **dict.fromkeys(("limitk", "limit_ratio"), f"Prometheus 2.54 with {_EXPERIMENTAL}"),
    "info": f"Prometheus 2.55 with {_EXPERIMENTAL}",
    "double_exponential_smoothing": f"Prometheus 3.0 with {_EXPERIMENTAL}",
    **dict.fromkeys(
        ("ts_of_max_over_time", "ts_of_min_over_time", "ts_of_last_over_time"), f"Prometheus 3.5 with {_EXPERIMENTAL}"
    ),
    "first_over_time": f"Prometheus 3.14, or 3.7 with {_EXPERIMENTAL}",
    "ts_of_first_over_time": f"Prometheus 3.7 with {_EXPERIMENTAL}",
    "histogram_quantiles": f"Prometheus 3.11 with {_EXPERIMENTAL}",
    **dict.fromkeys(("start", "end", "step", "range"), f"Prometheus 3.12 with {_EXPERIMENTAL}"),
    **dict.fromkeys(("min_of", "max_of"), f"Prometheus 3.13 with {_EXPERIMENTAL}"),
    "start_timestamp": f"Prometheus 3.14 with {_FLAG}use-start-timestamps",
}

_OTHER = r"fill(?:_left|_right)?\s*\(|\d_\d|(?<![\w.:\[@-])\d[\d.]*(?:ms|[smhdwy])\b|[{,(]\s*[\"']"
_NEWER = re.compile(rf"\b(?:{'|'.join(FUNCTIONS)})\s*\(|limit(?:k|_ratio)\b|{_OTHER}", re.IGNORECASE)


def may_have_features(text: str) -> bool:
    """Whether an expression that has a tree may use a feature; a quick search."""
    return _NEWER.search(text) is not None


def unknown_features(features: Iterable[Feature]) -> Sequence[Feature]:
    """The features of which obscode's parser has no tree, in the order of the text."""
    return sorted((feature for feature in features if not feature.is_parsed), key=lambda feature: feature.span)
