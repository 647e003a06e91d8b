"""YAML as a reviewer reads it: insertion order, literal blocks, no anchors, no wrapping, one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]  # the C dumper has no stub; ten times as fast
    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def document(content: Mapping[str, Any], sources: Sequence[str]) -> str:
    """The text of a YAML file; its first line names the files that it comes from."""
    head = f"# Written by obscode from {', '.join(sources)}; change it there.\n" if sources else ""
    body: str = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 30, default_flow_style=False
    )
    return head + body
