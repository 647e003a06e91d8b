"""Addresses and paths of targets, as Prometheus requests them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"


def validate_address(value: str, *, port: int = 8000) -> tuple[str, str] | None:
    """The message and the hint for an invalid `host:port` address; the hint has the example ``port``."""
    user, at, bare = value.rpartition("@")
    if at and "://" not in value:
        what = f"{'*' * len(user)}@{bare}"
        hint = f"write {bare.partition('/')[0]!r}, and auth=http.BasicAuth(...)"
        return f"{what!r} is not an address: it has a user{' and a password' if ':' in user else ''}", hint
    if "://" in value or "/" in value:
        bare = re.sub(r"^\w+://", "", value).partition("/")[0].rpartition("@")[2]
        return f"{value!r} is a URL, not an address", f"write {bare!r} here, and use scheme= and path= for the rest"
    host, _, number = value.rpartition(":")
    if re.fullmatch(_HOST, value):
        return f"target {value!r} has no port", f"write {f'{value}:{port}'!r}"
    if value.count(":") > 1 and "[" not in value:
        return f"{value!r} is not an address", 'write IPv6 in brackets, such as "[::1]:8000"'
    if not re.fullmatch(_HOST, host) or not re.fullmatch("[0-9]{1,5}", number) or not 0 < int(number) < 65536:
        return f"{value!r} is not an address", 'write a host and a port, such as "localhost:8000"'
    return None


def validate_path(value: str) -> tuple[str, str] | None:
    """The message and the hint for an invalid path: Prometheus escapes `?`, `#` and `%`, and requests another one."""
    if control := re.search(r"[\x00-\x1f\x7f]", value):
        return f"{value!r} has the control character {control[0]!r}", "remove it"
    if "://" in value:
        return f"{value!r} is a URL, not a path", f"write {'/' + value.split('://')[1].partition('/')[2]!r}"
    if not value.startswith("/"):
        return f"{value!r} is not a path", f"write {'/' + value!r}"
    path, mark, query = value.partition("?")
    if mark:
        return f"{value!r} has parameters, which Prometheus would escape", _parameters_hint(path, query)
    if "#" in value:
        return f"{value!r} has a fragment, which no server gets", f"write {value.partition('#')[0]!r}"
    if re.search("%[0-9A-Fa-f]{2}", value):
        return f"{value!r} has an escape, which Prometheus would escape again", f"write {unquote(value)!r}"
    return None


def _parameters_hint(path: str, query: str) -> str:
    parameters = {name: list(values) for name, values in parse_qs(query, keep_blank_values=True).items()}
    return f"write path={path!r}" + (f", params={parameters!r}" if parameters else "")
