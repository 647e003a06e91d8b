"""Secrets in places that are for other texts: labels, details, relabeling, addresses, paths of webhooks, sentences.

Names of labels and details are the user's, so a name such as `token` says less than a key of a configuration: the value
must look like a secret, too. `token="oauth"`, `secret="shop-tls"` and `password="rotation"` are labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from obscode.checks.secret_values import FREE_KEYS, REPLACED, Leaf, is_public_url
from obscode.findings.random_text import is_mixed, is_random
from obscode.model.definition import Definition

# Names whose values are secrets, unless they are words, and names that may be those of kinds, objects or files.
_CLEAR = re.compile(
    r"(?i)(?:.*[-_.])?(?:password|passwd|passphrase|pwd|api[-_]?key|api[-_]?token|access[-_]?key|access[-_]?token|"
    r"auth[-_]?token|bearer[-_]?token|client[-_]?secret|private[-_]?key|secret[-_]?key|routing[-_]?key|authorization)"
)
_UNCLEAR = re.compile(r"(?i)(?:.*[-_.])?(?:token|secret|credentials?|apikey|auth)")
_ADDRESS = re.compile(r"([^\s:/@]+:[^\s/@]+)@(?!sha\d+:)[\w.-]+(?::\d+)?(?:/\S*)?")
_STATED = re.compile(
    r"(?i)(?<![\w.-])(?:password|passwd|passphrase|api[-_ ]?key|access[-_ ]?token|auth[-_ ]?token|client[-_ ]?secret|"
    r"secret[-_ ]key|token)[\"']?\s*[:=]\s*[\"']?([^\s\"'`{}<>()|,;\\]{6,})"
)
_STATED_PARTS = ("passw", "passphrase", "key", "token", "secret")
_CHAT_WEBHOOK = re.compile(r"/services/T\w+/(?:B\w+/)?\w{6,}")
# Values of labels with names of secrets that are none: `rotation`, `oauth-proxy`, `1.2`.
_PLAIN_TEXT = re.compile(r"[A-Za-z]{,15}|[\d.]+|[a-z]+(?:[-_][a-z]+)?")
_SHORTEST, _SHORTEST_KEY, _SHORTEST_TOKEN, _SHORTEST_PATH = 5, 8, 12, 16


class Place(NamedTuple):
    """A secret in a text, and a message without it."""

    secret: str
    message: str


def secret_of_place(leaf: Leaf, definition: Definition, others: Mapping[tuple[str | int, ...], str]) -> Place | None:
    """The secret in a text by its place; ``others`` are the texts of the definition by argument and keys."""
    text, key = leaf.text, leaf.key
    if REPLACED.search(text):
        return None
    path = [leaf.argument, *(key for key in leaf.keys if isinstance(key, str))]
    if len(path) > 1 and path[-2] in FREE_KEYS and _is_secret_of_name(key, text):
        return Place(text, f"the value of {key} looks like a secret")
    target = _target(leaf, others) if key == "replacement" else ""
    parameter = target.removeprefix("__param_")
    if parameter != target and _is_secret_of_parameter(parameter, text):
        return Place(text, f"the value of {target} looks like a secret")
    if (key == "targets" or "__address__" in (key, target)) and (address := _ADDRESS.fullmatch(text)):
        return Place(address[1], "an address contains a user and a password")
    if key == "url" and "webhook_configs" in (*path, getattr(definition, "integration", "")) and _has_secret_path(text):
        return Place(text[text.index("://") + 3 :].partition("/")[2], "the path of the URL looks like a secret")
    return _stated(text)


def may_be_stated(texts: str) -> bool:
    """Whether texts may have a sentence with a password: fast, and true for every text that has one."""
    lower = texts.lower()
    return any(word in lower for word in _STATED_PARTS) and _STATED.search(texts) is not None


def is_named(leaf: Leaf) -> bool:
    """Whether a text is the value of a label with the name of a secret."""
    key = leaf.key
    return bool(leaf.keys) and (_CLEAR.fullmatch(key) or _UNCLEAR.fullmatch(key)) is not None


def _stated(text: str) -> Place | None:
    for match in _STATED.finditer(text):
        if is_mixed(match[1]):
            return Place(match[1], "the value contains a password or a token")
    return None


def _is_secret_of_name(name: str, text: str) -> bool:
    """Whether a value is a secret because of the name of its label."""
    if re.search(r"\s", text) or text.startswith(("/", "./", "~")) or "://" in text:
        return False
    if _CLEAR.fullmatch(name):
        return len(text) >= _SHORTEST and _PLAIN_TEXT.fullmatch(text) is None
    return _UNCLEAR.fullmatch(name) is not None and is_mixed(text, _SHORTEST_TOKEN)


def _is_secret_of_parameter(name: str, text: str) -> bool:
    """Whether the value of a parameter is a secret: a token is one, but `auth` names a module of the SNMP exporter."""
    if name in ("token", "secret"):
        return len(text) >= _SHORTEST and _PLAIN_TEXT.fullmatch(text) is None
    return _is_secret_of_name(name, text) or (name == "key" and is_mixed(text, _SHORTEST_KEY))


def _target(leaf: Leaf, others: Mapping[tuple[str | int, ...], str]) -> str:
    """The label that a step of relabeling sets."""
    return (
        others.get((leaf.argument, *leaf.keys[:-1], "target_label"), "") if leaf.keys else others.get(("target",), "")
    )


def _has_secret_path(url: str) -> bool:
    if not is_public_url(url):
        return False
    path = urlsplit(url).path
    return _CHAT_WEBHOOK.search(path) is not None or any(is_random(part, _SHORTEST_PATH) for part in path.split("/"))
