"""Secrets that code of the user writes into the output, such as a kind of receiver: they are in no argument.

Definitions of obscode's own kinds write what is in their arguments, which `secret-in-output` reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.checks.secret_in_output import secret_in_output
from obscode.checks.secret_values import leaves, secret_of_key
from obscode.findings.finding import Finding
from obscode.findings.secret_text import has_marker, secret_texts
from obscode.model.definition import Definition

_HINT = "take it out of the code that writes it: definitions and output are committed"


def rendered_secrets(artifacts: Artifacts, files: Sequence[File], variables: Mapping[str, str]) -> Iterator[Finding]:
    """The secrets in files, and in the settings of receivers by their keys, that definitions do not ignore."""
    accepted = _accepted(artifacts)
    for receiver in (receiver for config in artifacts.alertmanager_configs for receiver in config.receivers):
        source = receiver.source
        if isinstance(source, Definition):
            for message, text in _in_settings(source, receiver.integrations):
                if text not in accepted:
                    yield Finding(secret_in_output, message, _HINT, source.span(), "error", source, hidden=[text])
    for file in files:
        for message, secret in dict.fromkeys(_in_text(file.text, variables)):
            if secret not in accepted:
                yield Finding(secret_in_output, f"{file.path}: {message}", _HINT, hidden=[secret])


def _in_settings(source: Definition, integrations: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for leaf in leaves(source, integrations):
        at_integrations = leaf._replace(argument="integrations", keys=(leaf.argument, *leaf.keys))
        if message := secret_of_key(at_integrations, source):
            yield message, leaf.text


def _in_text(text: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if has_marker(text):
        yield from ((secret.message, text[secret.start : secret.end]) for secret in secret_texts(text))
    for name, value in variables.items():
        if len(value) >= _SHORTEST and value in text:
            yield f"the value of the environment variable {name} is a secret", value


_SHORTEST = 8


def _accepted(artifacts: Artifacts) -> str:
    """The texts of definitions that ignore `secret-in-output` with a reason."""
    ignoring = (each for each in artifacts.definitions.walk() if secret_in_output.name in each.ignore)
    below = (each for definition in ignoring for each in definition.walk())
    return "\n".join(leaf.text for each in below for leaf in leaves(each, vars(each)))
