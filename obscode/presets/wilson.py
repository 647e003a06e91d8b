"""Bounds of a share that is known from a sample: Wilson's score interval.

A share of 50 labels is far from the true one: at a true accuracy of 0.92, one evaluation in five is below 0.90. The
upper bound of the interval is below a target only if the sample is evidence for it.

Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927).
"""

from __future__ import annotations

import re
from statistics import NormalDist

# It needs no parentheses.
_SELECTOR = re.compile(r"[\w:]+(\{[^{}]*\})?")


def wilson_upper(share: str, size: str, confidence: float = 0.95) -> str:
    """PromQL of the upper bound of a share.

    Args:
        share: PromQL of the share, 0 to 1.
        size: PromQL of the size of the sample, with the labels of the share.
        confidence: the probability with which the true share is below the bound, 0.5 to 1.
    """
    return _bound(share, size, confidence, "+")


def wilson_lower(share: str, size: str, confidence: float = 0.95) -> str:
    """PromQL of the lower bound of a share; the arguments are those of `wilson_upper`."""
    return _bound(share, size, confidence, "-")


def _bound(share: str, size: str, confidence: float, sign: str) -> str:
    if not 0.5 < confidence < 1:
        raise ValueError(f"the confidence {confidence} is not between 0.5 and 1")
    z = NormalDist().inv_cdf(confidence)
    square = z * z
    p, n = (text if _SELECTOR.fullmatch(text) else f"({text.strip()})" for text in (share, size))
    return f"""(
  (
    {p} + {square / 2:.6g} / {n}
    {sign} {z:.6g} * sqrt({p} * (1 - {p}) / {n} + {square / 4:.6g} / {n} ^ 2)
  )
  / (1 + {square:.6g} / {n})
)"""
