"""Labels with the status of a request, and which of their values are failures of the server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from obscode.presets.selection import literal
from obscode.promql.tokens import label_text, quote
from obscode.scaffold.name_words import plain

#: Labels with the status of a request. The most common come first.
STATUS_LABELS = (
    *("status", "status_code", "code", "http_status_code", "http_response_status_code", "http_response_code"),
    *("response_code", "http_status", "statuscode", "return_code", "envoy_response_code", "envoy_response_code_class"),
    *("response_code_class", "status_class", "code_class", "class", "grpc_code", "grpc_status", "grpc_status_code"),
    *("rpc_grpc_status_code", "grpc_response_status", "outcome", "result", "success"),
)
# The codes of gRPC with which a server fails: https://grpc.io/docs/guides/status-codes/
_GRPC = {"Unknown": 2, "DeadlineExceeded": 4, "Unimplemented": 12, "Internal": 13, "Unavailable": 14, "DataLoss": 15}
_GRPC_OTHERS = (
    *("OK", "Canceled", "Cancelled", "InvalidArgument", "NotFound", "AlreadyExists", "PermissionDenied"),
    *("ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unauthenticated"),
)
_GRPC_NUMBERS = 17
# Values of requests without a status, and series that are the sum of the others.
_NO_STATUS = frozenset({"", "unknown", "none", "other", "null"})
_SUMS = frozenset({"total", "all", "*"})
_GOOD = frozenset({"ok", "success", "successful", "succeeded", "true", "completed", "complete"})
_BAD = frozenset(
    {
        *("error", "errors", "err", "fail", "failed", "failure", "exception", "server_error", "internal_error"),
        *("timeout", "unavailable", "false", "error_server", "system_error"),
    }
)
# Mistakes of the client, and requests that it abandoned.
_OF_CLIENTS = frozenset(
    {
        *("client_error", "invalid", "cancelled", "canceled", "aborted", "not_found", "unauthorized", "forbidden"),
        *("redirection", "redirect", "informational", "bad_request", "denied"),
    }
)


class Outcome(NamedTuple):
    """Matchers of a label: of the requests that failed, and those that all counted requests have."""

    failed: str
    counted: tuple[str, ...] = ()


def error_matcher(label: str, values: Sequence[str]) -> Outcome | None:
    """The matcher of the server's failures, from the observed values; None if they are no status."""
    sums = [value for value in values if value.lower() in _SUMS]
    counted = tuple(f"{label_text(label)}!={quote(value)}" for value in sums)
    named = [value for value in values if value not in sums and value.lower() not in _NO_STATUS]
    known = plain(label)
    failed = (_http(known, named) or _grpc(known, named) or _named(known, named)) if named else ""
    return Outcome(label_text(label) + failed.removeprefix(known), counted) if failed else None


def _http(label: str, values: Sequence[str]) -> str:
    codes = [value for value in values if re.fullmatch("[1-5][0-9]{2}", value)]
    if codes and all(value in codes or value == "0" or not re.search("[0-9]", value) for value in values):
        return f'{label}=~"5.."'
    if all(re.fullmatch("[1-5](xx|XX)", value) for value in values):
        return f'{label}="5{values[0][1:]}"'
    if label.endswith("class") and all(re.fullmatch("[1-5]", value) for value in values):
        return f'{label}="5"'
    return ""


def _grpc(label: str, values: Sequence[str]) -> str:
    if "grpc" in label and all(value.isdigit() and int(value) < _GRPC_NUMBERS for value in values):
        return f'{label}=~"{"|".join(map(str, _GRPC.values()))}"'
    upper = {_upper(name): name for name in (*_GRPC, *_GRPC_OTHERS)}
    is_named = "grpc" in label or len(values) > 1
    if is_named and all(value in upper.values() for value in values):
        names = [*_GRPC] if label == "grpc_code" or set(values) != {"OK"} else [*_GRPC, *map(_upper, _GRPC)]
        return f'{label}=~"{"|".join(names)}"'
    if is_named and all(value in upper for value in values):
        return f'{label}=~"{"|".join(map(_upper, _GRPC))}"'
    return ""


def _upper(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _named(label: str, values: Sequence[str]) -> str:
    """Words: the bad ones that are observed, else all but the good ones."""
    kinds = {value: value.lower().replace("-", "_").replace(" ", "_") for value in values}
    if not _GOOD & set(kinds.values()) or not set(kinds.values()) <= _GOOD | _BAD | _OF_CLIENTS:
        return ""
    if label == "outcome" and "SUCCESS" in values:  # Micrometer
        return 'outcome="SERVER_ERROR"'
    bad = [value for value, kind in kinds.items() if kind in _BAD]
    return _any(label, "=", bad) if bad else _any(label, "!", values)


def _any(label: str, op: str, values: Sequence[str]) -> str:
    """A matcher of one of the values, or with `!` of none of them."""
    if len(values) == 1:
        return f"{label}{'=' if op == '=' else '!='}{quote(values[0])}"
    return f"{label}{op}~{quote('|'.join(map(literal, values)))}"
