"""What may be a name: of a service, a metric, a label. Each function tells what is wrong, and what to write."""

from __future__ import annotations

import re
from unicodedata import normalize

from obscode.promql.tokens import is_plain_label, is_plain_metric

# Names become file names, group names and Kubernetes names, on case-insensitive disks too.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_LONGEST = 63
_ALERT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Invalid = tuple[str, str] | None


def validate_name(value: str) -> Invalid:
    """A name of ours (service, SLO, receiver): letters, digits, `-`, `_`, single dots; 63 characters at most."""
    if _NAME.fullmatch(value) and ".." not in value:
        return None
    if len(value) > _LONGEST:
        return f"{value[:20] + '...'!r} has {len(value)} characters", f"names end at {_LONGEST}"
    return f"{value!r} is not a valid name", f"use letters, digits, '-', '_' and '.', such as {suggestion(value)!r}"


def validate_metric_name(value: str) -> Invalid:
    """A metric name of Prometheus 3: any text; `validate_plain_metric_name` has the rule of Prometheus 2."""
    return None if value else ("a metric has no name", "write a name such as 'http_requests_total'")


def validate_plain_metric_name(value: str) -> Invalid:
    """A metric name that every Prometheus accepts."""
    if is_plain_metric(value):
        return None
    better = re.sub(r"[^a-zA-Z0-9_:]+", "_", value).strip("_") or "metric"
    better = better if not better[0].isdigit() else "_" + better
    return (
        f"{value!r} is not a metric name",
        f"use letters, digits, '_' and ':', such as {better!r}",
    )


def validate_label_name(value: str) -> Invalid:
    """A label name of Prometheus 3: any text that is not its own name (`__name__`, ...)."""
    if value.startswith("__"):
        return f"label {value!r} is reserved", "names that begin with '__' belong to Prometheus"
    return None if value else ("a label has no name", "write a name such as 'team'")


def validate_plain_label_name(value: str) -> Invalid:
    """A label name that every Prometheus accepts."""
    if is_plain_label(value):
        return None
    better = re.sub(r"[^a-zA-Z0-9_]+", "_", value).strip("_") or "label"
    better = better if not better[0].isdigit() else "_" + better
    return (
        f"{value!r} is not a label name",
        f"use letters, digits and '_', such as {better!r}",
    )


def validate_alert_name(value: str) -> Invalid:
    """An alert name: a word, so that it can be typed in routes, silences and inhibitions without quotes."""
    if _ALERT.fullmatch(value):
        return None
    phrase = re.findall(r"[A-Za-z0-9]+", value)
    better = "".join(w[0].upper() + w[1:] for w in phrase) or "HighErrorRate"
    better = better if not better[0].isdigit() else f"Http{better}"
    return f"{value!r} cannot be an alert's name", f"write it in camel case, such as {better!r}"


def suggestion(value: str) -> str:
    """The nearest good name."""
    return slug(value)[:_LONGEST].strip("-") or "ml-service"


def slug(title: str) -> str:
    """A title as part of a file name or an id: lower case, words joined by `-`; `Größe` is `grosse`."""
    without_accents = normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", without_accents).strip("-")
