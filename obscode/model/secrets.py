"""Secrets: files on the machine that reads a configuration, or keys of Kubernetes Secrets. Never their content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definition import Definition

SECRET_NAME = Code(
    "secret-name",
    "The name of a Kubernetes Secret has lower-case letters, digits, `-` and `.`; a key has letters, digits, `-`, `_` "
    "and `.`.",
    why="Kubernetes has no Secret and no key of another name.",
    bad='http.Bearer(Secret("Api_Token", "token"))',
    good='http.Bearer(Secret("api-token", "token"))',
)

#: The program that reads a secret.
Program = Literal["prometheus", "alertmanager", "grafana"]

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}")
# Where prometheus-operator mounts the Secrets that `spec.secrets` of its Prometheus and Alertmanager objects list.
_MOUNTED = re.compile(rf"/etc/(?:prometheus|alertmanager)/secrets/({_NAME.pattern})/({_KEY.pattern})")


@dataclass(frozen=True)
class Secret(Definition):
    """A key of a Kubernetes Secret, where an argument takes the path of a file with a secret.

    Kubernetes objects refer to the Secret. In configuration files it is the path where prometheus-operator mounts it,
    such as `/etc/prometheus/secrets/api-token/token`.

    Attributes:
        name: the name of the Secret, in the namespace of the object that refers to it.
        key: the key of its data.
    """

    name: str
    key: str

    def path(self, program: Program) -> str:
        """The path of the mounted file."""
        return f"/etc/{program}/secrets/{self.name}/{self.key}"

    def problems(self) -> Iterator[Finding]:
        if not _NAME.fullmatch(self.name):
            hint = 'write lower-case letters, digits and "-", such as "api-token"'
            yield self.finding(SECRET_NAME, f"{self.name!r} is not the name of a Secret", hint, at="name")
        if not _KEY.fullmatch(self.key) or self.key in (".", ".."):
            hint = 'write letters, digits, "-", "_" and ".", such as "token"'
            yield self.finding(SECRET_NAME, f"{self.key!r} is not a key of a Secret", hint, at="key")


#: What an argument for a file with a secret takes.
SecretFile = str | Secret


def secret_path(file: SecretFile, program: Program) -> str:
    """The path of a file with a secret, where a program reads it."""
    return file.path(program) if isinstance(file, Secret) else file


def secret_of_path(path: str) -> tuple[str, str] | None:
    """The name and the key of the Secret that is mounted at a path; None for another file."""
    mounted = _MOUNTED.fullmatch(path)
    return (mounted[1], mounted[mounted.lastindex or 0]) if mounted else None
