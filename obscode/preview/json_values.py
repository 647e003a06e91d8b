"""Values of JSON that someone else wrote: of the expected type, or empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Any) -> Sequence[Any]:
    """The value if it is a list."""
    return value if isinstance(value, list | tuple) else ()


def as_text(value: Any) -> str:
    """The value if it is a string; a number as text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_number(value: Any, default: float) -> float:
    """The value if it is a number, or a string with one."""
    if isinstance(value, bool):
        return default
    try:
        return float(value)
    except (TypeError, ValueError):
        return default
