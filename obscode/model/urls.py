"""URLs as Go's `url.Parse` accepts them, since Alertmanager and Prometheus parse them with it.

https://github.com/golang/go/blob/master/src/net/url/url.go
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

from obscode.model.identifiers import Invalid

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]|[^\S ]")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%]*")
# What may stand in a host beside letters and digits of any alphabet.
_HOST = re.compile(r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=]|[^\x00-\x7f])+")
_LAST_PORT = 65_535
_EXAMPLE = 'write "http://host:port/path"'


def validate_url(value: str) -> Invalid:
    """A URL of the web: `http` or `https`, a host, a port if it is not the usual one."""
    if wrong := _problem(value):
        reason, hint = wrong
        return f"{value!r} is not a URL{': ' if reason else ''}{reason}", hint
    return None


def validate_url_template(value: str) -> Invalid:
    """A URL in which templates may stand: `https://x/{{ $labels.model }}`."""
    wrong = validate_url(_without_templates(value))
    return (f"{value!r} is not a URL", wrong[1]) if wrong else None


def validate_runbook_url(value: str, *, template: bool = False) -> Invalid:
    """A runbook's URL, or none; in an alert, templates may stand in it."""
    return (validate_url_template(value) if template else validate_url(value)) if value else None


def _without_templates(text: str) -> str:
    """The text with a letter in place of each template. Without a regular expression: its time would be quadratic."""
    parts, position = [], 0
    while (start := text.find("{{", position)) >= 0 and (end := text.find("}}", start + 2)) >= 0:
        parts += [text[position:start], "x"]
        position = end + 2
    return "".join([*parts, text[position:]])


def _problem(value: str) -> Invalid:
    """What is wrong with a URL, and what to write; the first is empty where the form is wrong."""
    if unsafe := _UNSAFE.search(value):
        if unsafe[0] == " ":
            return "it has a space", "write %20 for a space" if _SCHEME.match(value) else _EXAMPLE
        return f"it has the control character {unsafe[0]!r}", "remove it"
    scheme = _SCHEME.match(value)
    if scheme is None:
        bare = re.match(r"[\w-]+[.:][\w.:-]+(/|$)", value)
        return "", f'write "http://{value}"' if bare and not _problem(f"http://{value}") else _EXAMPLE
    rest, _, fragment = value[scheme.end() :].partition("#")
    rest = rest.partition("?")[0]
    authority, slash, path = rest.partition("/")
    if invalid := _ESCAPE.search(slash + path) or _ESCAPE.search(fragment):
        return f"{invalid[0]!r} is not an escape", f'write "%25{invalid[0][1:]}" for the character %'
    return _authority_problem(authority)


def _authority_problem(authority: str) -> Invalid:
    user, at, host = authority.rpartition("@")
    if at and (not _USER.fullmatch(user) or _ESCAPE.search(user)):
        return "the user or password has characters that need an escape", "write them as %40, for example"
    if host.startswith("["):
        address, bracket, port = host[1:].rpartition("]")
        if not bracket or not _is_ipv6(address):
            return f"{host!r} is not an IPv6 address", 'write it in brackets, such as "http://[::1]:8000/"'
        return _port_problem(port)
    name, colon, number = host.partition(":")
    if ":" in number and _is_ipv6(host):
        return "an IPv6 address needs brackets", f'write "http://[{host}]/"'
    if not _HOST.fullmatch(name):
        return "", _EXAMPLE
    return _port_problem(colon + number)


def _port_problem(port: str) -> Invalid:
    if port and not (re.fullmatch(":[0-9]{1,5}", port) and 0 < int(port[1:]) <= _LAST_PORT):
        return f"{port.removeprefix(':')!r} is not a port", f"write a port from 1 to {_LAST_PORT}, or none"
    return None


def _is_ipv6(text: str) -> bool:
    address, percent, zone = text.partition("%25")  # the zone of `fe80::1%25eth0`
    try:
        IPv6Address(address)
    except AddressValueError:
        return False
    return not percent or bool(_HOST.fullmatch(zone))
