"""JSON files are byte for byte those of the standard library with an indentation of two spaces."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.artifacts.json_text import json_text

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_KEYS = st.text() | st.integers() | st.booleans() | st.none()
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(_KEYS, inner),
    max_leaves=20,
)


class _Color(IntEnum):
    RED = 1


def _standard(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@given(st.dictionaries(_KEYS, _VALUES))
def test_every_value_is_written_as_the_standard_library_writes_it(value: dict[Any, Any]) -> None:
    assert json_text(value) == _standard(value)


def test_values_of_subclasses_and_keys_of_other_types_are_indented_with_the_rest() -> None:
    value = {"a": [{"color": _Color.RED, "in": {1: [True, {"b": 0.5}], None: ()}}]}

    assert json_text(value) == _standard(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_have_are_rejected(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        json_text({"panels": [{"max": number}]})
