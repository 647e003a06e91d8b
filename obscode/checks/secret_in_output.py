"""No string of the definitions is or contains a secret: a password, a token, a key, or a URL with one.

Why: the output is committed and read by many. Prometheus and Alertmanager read secrets from files that are not
committed: `routing_key_file` in place of `routing_key`. An argument for a file takes a path or `Secret("name", "key")`.
Secrets are recognised by the key of a setting, by the form of a token, by credentials in a URL, and by the value of an
environment variable with a name such as `X_TOKEN` that definitions read. Nothing is written while there is one.

Bad:
    Project("examples", prometheus_url="https://obscode:hunter2@prometheus.example.com")

Good:
    Project("examples", prometheus_url="https://prometheus.example.com")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType

from obscode.checks.check import Context, check
from obscode.checks.secret_places import is_named, may_be_stated, secret_of_place
from obscode.checks.secret_values import KEYS_WITH_FILE, Leaf, has_clients, is_free, leaves, secret_of_key
from obscode.findings.finding import Finding
from obscode.findings.secret_text import has_marker, secret_texts
from obscode.model.definition import Definition

_NOT_OUTPUT = ("ignore", "origin")
_WITHOUT_STRINGS = frozenset({bool, int, float, NoneType})
# A value that is shorter is no secret, but a word; one that is part of a text must be longer.
_SHORTEST, _SHORTEST_PART = 4, 6


@check(Definition, scope="compiled")
def secret_in_output(definition: Definition, context: Context) -> Iterator[Finding]:
    """Values of keys for secrets, tokens, URLs with credentials, and values of environment variables."""
    arguments = {
        at: value
        for at, value in vars(definition).items()
        if value and type(value) not in _WITHOUT_STRINGS and at not in _NOT_OUTPUT and not at.startswith("_")
    }
    texts = list(leaves(definition, arguments))
    together = "\n".join(leaf.text for leaf in texts)
    variables = {name: value for name, value in context.secrets.items() if value in together}
    of_keys, of_texts = has_clients(definition), has_marker(together)
    of_places = of_keys or any(map(is_named, texts)) or may_be_stated(together)
    if not (of_keys or of_texts or of_places or variables):
        return
    by_keys = {(leaf.argument, *leaf.keys): leaf.text for leaf in texts}
    for leaf in texts:
        if message := of_keys and secret_of_key(leaf, definition):
            yield _finding(definition, leaf, message, leaf.text)
        elif secret := of_texts and next(secret_texts(leaf.text), None):
            yield _finding(definition, leaf, secret.message, leaf.text[secret.start : secret.end])
        elif place := of_places and secret_of_place(leaf, definition, by_keys):
            yield _finding(definition, leaf, place.message, place.secret)
        elif name := _variable(leaf.text, variables):
            message = f"the value of the environment variable {name} is a secret"
            yield _finding(definition, leaf, message, variables[name])


def _variable(text: str, variables: Mapping[str, str]) -> str:
    """The environment variable whose value a text is or contains; empty for none."""
    for name, value in variables.items():
        if (text == value and len(value) >= _SHORTEST) or (value in text and len(value) >= _SHORTEST_PART):
            return name
    return ""


def _finding(definition: Definition, leaf: Leaf, message: str, secret: str) -> Finding:
    if leaf.keys:
        span = definition.origin.key_span(leaf.argument, leaf.keys, definition.positional())
    else:
        span = definition.span(leaf.argument)
    hint = _hint(definition, leaf)
    return Finding(secret_in_output, message, hint, span, "error", definition, hidden=[secret])


def _hint(definition: Definition, leaf: Leaf) -> str:
    """What to write in place of the secret."""
    key = leaf.key
    if key.endswith("_file"):
        return f'write the path of a file that holds it, such as "/run/secrets/{key.removesuffix("_file")}"'
    if not leaf.keys and f"{key}_file" in vars(definition):
        return f"write {key}_file=, the path of a file that holds it: definitions and output are committed"
    if leaf.keys and key in KEYS_WITH_FILE and has_clients(definition) and not is_free(leaf):
        return f"write {key}_file, the path of a file that holds it: definitions and output are committed"
    return 'take it out: definitions and output are committed; a deployment may replace "${NAME}"'
