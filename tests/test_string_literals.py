"""The characters of a Python string have positions in its source: behind prefixes, quotes, escapes and line breaks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from conftest import ProjectFolder

from obscode.model.string_literals import character_offsets

LITERALS = [
    "'plain'",
    '"""three\nlines\n"""',
    r"r'raw \d+ \n'",
    r"'escapes \n \t \\ \' \x41 \u00e9 \U0001F600 \N{BULLET} \101'",
    '"one " "two"',
    '(\n    "one "\n    r"two \\s"\n)',
    "'joined \\\nlines'",
    "'ü 😀'",
    "''",
    'R"""a\\d""" \'b\'',
]


@pytest.mark.parametrize("source", LITERALS)
def test_each_character_has_the_offset_where_it_is_written(source: str) -> None:
    value = ast.literal_eval(source)
    offsets = character_offsets(source, value)
    assert len(offsets) == len(value) + 1
    for character, offset in zip(value, offsets, strict=False):
        assert source[offset] in (character, "\\")
    assert list(offsets) == sorted(set(offsets))


@pytest.mark.parametrize(("source", "value"), [("f'{x} b'", "a b"), ("'a", "a"), ("'a' + 'b'", "abc"), ("", "x")])
def test_other_expressions_have_none(source: str, value: str) -> None:
    assert character_offsets(source, value) == ()


@pytest.mark.parametrize(
    ("expr", "excerpt"),
    [
        ('"sum(up"', '    6 |     expr="sum(up",\n      |              ^\n'),
        ('"""\n    1 +\n\n      sum(up\n    """', "    9 |       sum(up\n      |          ^\n"),
        ('"""\n    sum(up\n    """', "    7 |     sum(up\n      |        ^\n"),
        ('"1 + " "sum(up"', '    6 |     expr="1 + " "sum(up",\n      |                     ^\n'),
        ('"{}".format("sum(up")', '    6 |     expr="{}".format("sum(up"),\n      |          ^^^^^^^^^^^^^^^^^^^^^\n'),
    ],
)
def test_a_finding_points_at_characters_of_an_expression(
    expr: str, excerpt: str, project_folder: ProjectFolder
) -> None:
    text = 'from obscode import *\n\nshop = Service("shop", recording_rules=[RecordingRule(\n'
    text += f'    "job:up:sum",\n    labels={{}},\n    expr={expr},\n)])\n'
    Path("definitions/shop.py").write_text(text)
    assert excerpt in project_folder.run("build").err
