"""Why an expression is rejected."""

from __future__ import annotations


class PromQLError(ValueError):
    """PromQL that Prometheus would refuse; the message says why."""
