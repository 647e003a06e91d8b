"""YAML as a reviewer reads it: insertion order, literal blocks, no anchors, no wrapping, one document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

# PyYAML writes these outside of double quotes, too, where other readers take them for ends of lines.
_UNUSUAL = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff]")


# Not CSafeDumper: it indents and escapes otherwise, and not every installation has it. Same bytes everywhere.
class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = str.__str__(text)  # of a StrEnum, too
    style = '"' if _UNUSUAL.search(plain) else "|" if "\n" in plain else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", plain, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_multi_representer(str, _text)


def document(content: Mapping[str, Any], sources: Sequence[str]) -> str:
    """The text of a YAML file; its first line names the files that it comes from."""
    head = f"# Written by obscode from {', '.join(sources)}; change it there.\n" if sources else ""
    body: str = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 30, default_flow_style=False
    )
    return head + body
