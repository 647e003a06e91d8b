"""How much a metric says about the health of a service, by the words of its name."""

from __future__ import annotations

from obscode.model.metrics import Histogram, Metric, Summary
from obscode.scaffold.name_words import name_words

# What users notice, or what failed.
_MOST = frozenset(
    {
        *("request", "response", "inference", "prediction", "query", "job", "task", "error", "fail", "failure"),
        *("failed", "exception", "latency", "duration", "time", "token", "up", "command", "message", "rq"),
    }
)
# What fills up before users notice.
_MORE = frozenset(
    {
        *("queue", "queued", "waiting", "pending", "deferred", "reject", "rejected", "drop", "dropped", "timeout"),
        *("retry", "retries", "evicted", "eviction", "used", "usage", "utilization", "utilisation", "active", "busy"),
        *("running", "processing", "connection", "client", "memory", "hit", "miss", "misse", "cache", "lag", "healthy"),
        *("batch", "saturation", "backlog", "blocked", "lock", "replication"),
    }
)
# About the exporter, the process or its configuration.
_LEAST = frozenset(
    {
        *("exporter", "scrape", "collector", "build", "start", "uptime", "config", "info", "version", "created"),
        *("thread", "gc", "class", "buffer", "logback", "promhttp", "reload", "loaded", "limit", "max", "cert"),
    }
)


def telling(metric: Metric) -> int:
    """From -3 to 3: more is shown first."""
    own = {word.removesuffix("s") for word in name_words(metric.name)}
    rank = 2 if own & _MOST else 1 if own & _MORE else 0
    return rank + isinstance(metric, Histogram | Summary) - (3 if own & _LEAST else 0)
