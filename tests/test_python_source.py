"""The Python that `obscode import` writes: each value is written as itself, in the layout of ruff."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from obscode.importers.existing.python_source import Call, Item, Promql, list_of, statement, text_literal

PIECES = [
    "rate(x[5m])",
    "sum by (job)",
    "{{ $labels.a }}",
    "is",
    r"a\.b",
    '"q"',
    "it's",
    "\n",
    "  x",
    "é",
    "日本",
    "(",
    ")",
]


def sample(chance: random.Random, depth: int = 0) -> Any:
    """A text, a number, or a list or dict of such values."""
    kind = chance.random()
    if depth < 3 and kind < 0.2:
        return {f"{text(chance)[:30]}{i}": sample(chance, depth + 1) for i in range(chance.randint(0, 4))}
    if depth < 3 and kind < 0.4:
        return [sample(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    return chance.choice([1, 2.5, True, None]) if kind < 0.5 else text(chance)


def text(chance: random.Random) -> str:
    return " ".join(chance.choice(PIECES) for _ in range(chance.choice([1, 3, 8, 20, 40])))


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ('up{job="a"}', "'up{job=\"a\"}'"),
        ("it's", '"it\'s"'),
        ('"it\'s"', "'\"it\\'s\"'"),
        (r"a\.b", r'r"a\.b"'),
        ('"\\d"', "r'\"\\d\"'"),
        (r"\"a\"", r'r"\"a\""'),
        ("a\\", '"a\\\\"'),
        ("a\nb\t\x07\u2028", '"a\\nb\\t\\x07\\u2028"'),
    ],
)
def test_a_text_is_written_in_the_quotes_that_ruff_prefers(value: str, literal: str) -> None:
    assert text_literal(value) == literal
    assert ast.literal_eval(literal) == value


def test_each_value_is_written_as_itself() -> None:
    chance = random.Random(7)
    for _ in range(500):
        value = sample(chance)
        call = ast.parse(statement("x", Call("f", [Item(value, "a=")]))).body[0]
        assert isinstance(call, ast.Assign)
        assert isinstance(call.value, ast.Call)
        assert ast.literal_eval(call.value.keywords[0].value) == value


def test_ruff_leaves_what_is_written(tmp_path: Path) -> None:
    chance = random.Random(3)
    items = [[Item(chance.choice([sample(chance), Promql(text(chance))])) for _ in range(3)] for _ in range(300)]
    statements = [statement(f"x{i}", Call("f", each, is_open=i % 2 == 0), ["why"]) for i, each in enumerate(items)]
    statements.append(statement("y", list_of([Item(1, "", ["one"])], comments=["the end"])))
    (tmp_path / "written.py").write_text("\n\n".join(statements) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "written.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.stdout, result.returncode) == ("", 0), result.stderr


def test_promql_in_several_lines_is_indented_in_triple_quotes() -> None:
    call = Call("f", [Item(Promql('sum(\n  x{a=~"\\\\d"}\n)'))])
    assert statement("x", call) == 'x = f(\n    r"""\n    sum(\n      x{a=~"\\\\d"}\n    )\n    """,\n)'


def test_promql_that_an_indentation_would_change_is_escaped() -> None:
    assert statement("x", Call("f", [Item(Promql("a{b=`\n  c`}"))])) == 'x = f(\n    "a{b=`\\n  c`}",\n)'
