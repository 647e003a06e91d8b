"""docs/definitions.md: the reference of all definitions, from their signatures and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from textwrap import dedent, fill

from obscode.model.definition import Definition
from obscode.model.type_descriptions import public_names

#: The sections of the page, with the namespace of each; the everyday names have none.
SECTIONS = {
    "Everyday names": "",
    "Metrics": "metrics",
    "SLIs": "sli",
    "Discovery": "discovery",
    "Relabeling": "relabel",
    "Receivers": "receivers",
    "Access over HTTP": "http",
    "Targets": "targets",
    "Configurations as written": "configs",
    "Panels and their parts": "panels",
    "Variables": "variables",
}
INTRODUCTION = """\
# Definitions

The arguments of all definitions. This page is generated from their docstrings; `help(Service)` in a Python shell prints
the same.

- Arguments before `*` can be given by position, the others by name.
- Durations are written as in Prometheus: `30s`, `5m`, `1h30m`, `30d`.
- PromQL is written as in Prometheus and emitted as written. Only SLIs take selectors: obscode adds `rate()`, the window
  and the matchers of the service.
- Every definition takes `ignore={code: reason}`, which ignores findings of that code there.
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for title, namespace in SECTIONS.items():
        kinds = {kind: name for kind, name in public_names().items() if name.rpartition(".")[0] == namespace}
        parts.append(f"## {title}\n")
        parts += [entry(kind, name) for kind, name in sorted(kinds.items(), key=lambda item: item[1])]
    return "\n".join(parts)


def entry(kind: type[Definition], name: str) -> str:
    """A heading, the summary of the docstring and a list of the arguments."""
    text, described = documentation(kind)
    lines = [f"### {name}\n", f"`{signature(kind, name)}`\n", f"{text}\n"]
    for spec in arguments(kind):
        item = f"- `{spec.name}`: {described[spec.name]}"
        lines.append(fill(item, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
    return "\n".join(lines) + "\n"


def documentation(kind: type[Definition]) -> tuple[str, Mapping[str, str]]:
    """The docstring without its block of attributes, and the attributes of the class and its bases."""
    described: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        text, _, block = dedent(f"    {base.__doc__ or ''}").partition("Attributes:\n")
        for match in re.finditer(r"^    (\w+): (.+(?:\n {8,}.+)*)", block, re.MULTILINE):
            described[match[1]] = " ".join(match[2].split())
    return text.strip().replace("``", "`"), described


def arguments(kind: type[Definition]) -> Iterator[Field[object]]:
    """The arguments of a definition but `ignore`."""
    yield from (spec for spec in fields(kind) if spec.init and spec.name != "ignore")


def signature(kind: type[Definition], name: str) -> str:
    """`Service(name, *, owner="", ...)`."""
    kinds = inspect.signature(kind).parameters
    stars = {name: "*" for name, parameter in kinds.items() if parameter.kind is parameter.VAR_POSITIONAL}
    positional = [stars.get(spec.name, "") + written(spec) for spec in arguments(kind) if not spec.kw_only]
    by_name = [written(spec) for spec in arguments(kind) if spec.kw_only]
    return f"{name}({', '.join([*positional, *(['*'] if by_name and not stars else []), *by_name])})"


def written(spec: Field[object]) -> str:
    if spec.default is not MISSING:
        return f"{spec.name}={spec.default!r}".replace("'", '"')
    if spec.default_factory is not MISSING:
        return f"{spec.name}={spec.default_factory()!r}"
    return spec.name
