"""YAML with positions: values, spans inside scalars, duplicate keys, and texts that are not YAML."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.findings.finding import SourceSpan
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml

RULES = """\
groups:
- name: shop
  rules:
  - alert: Failing
    expr: |
      sum(rate(errors_total[5m]))
        > 5
    labels: {severity: page, tier: 1}
    annotations:
      folded: >-
        many orders
        fail: {{ $value }}
      quoted: "caf\\u00e9 {{ $value }}
        fails"
      single: 'it''s {{ $value }}'
      plain: orders fail
        at {{ $value }}
"""


def document(text: str) -> YamlNode:
    stream = parse_yaml(text, "absent.yml")
    assert stream.findings == ()
    return stream.documents[0]


def rule() -> YamlNode:
    groups = document(RULES).get("groups")
    assert groups
    rules = groups.items[0].get("rules")
    assert rules
    return rules.items[0]


def written(span: SourceSpan | None) -> str:
    """The text of the file at a span in one line."""
    assert span
    assert span.line == span.end_line
    return RULES.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("0.5", Decimal("0.5")),
        ("1e999999999", "1e999999999"),
        ("0x1F", "0x1F"),
        ("2024-01-01", "2024-01-01"),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("~", None),
        ("", None),
    ],
)
def test_a_bare_word_has_the_meaning_of_yaml_1_2(text: str, value: object) -> None:
    node = document(f"a: {text}").get("a")
    assert node
    assert node.content == value


def test_a_part_is_the_value_of_a_key() -> None:
    assert written(rule().span("alert")) == "Failing"
    assert written(rule().span("expr")) == "sum(rate(errors_total[5m]))"


def test_a_part_may_be_in_a_mapping_below() -> None:
    assert written(rule().span("severity")) == "page"
    assert written(rule().span("folded")) == "many orders"


def test_an_item_of_a_mapping_is_its_key_and_its_value() -> None:
    assert written(rule().span("labels", 1)) == "tier: 1"


def test_an_unknown_part_is_the_whole() -> None:
    assert written(rule().span("nothing")) == "alert"


@pytest.mark.parametrize("name", ["folded", "quoted", "single", "plain"])
def test_characters_of_a_scalar_are_located_in_the_file(name: str) -> None:
    annotations = rule().get("annotations")
    assert annotations
    node = annotations.get(name)
    assert node
    start = node.content.index("{{")
    assert written(node.characters(start, start + len("{{ $value }}"))) == "{{ $value }}"


def test_characters_of_a_block_are_located_in_their_line() -> None:
    expr = rule().get("expr")
    assert expr
    start = expr.content.index("> 5")
    assert str(expr.characters(start, start + 3)) == "absent.yml:7:9"


def test_a_file_inside_a_block_has_the_lines_and_columns_of_the_file() -> None:
    data = document("data:\n  rules.yml: |\n\n    groups:\n    - name: a\n").get("data")
    assert data
    value = data.get("rules.yml")
    assert value
    groups = parse_yaml(value.nested_text()).documents[0].get("groups")
    assert groups
    assert str(groups.items[0].span("name")) == "absent.yml:5:13"


def test_a_value_knows_its_last_line() -> None:
    assert (rule().place.line, rule().last_line) == (4, 17)


def test_an_alias_is_the_value_of_its_anchor() -> None:
    node = document("a: &x [1]\nb: *x\nc: {<<: {d: 2, e: 3}, d: 4}\n")
    assert node.get("b") is node.get("a")
    merged = node.get("c")
    assert merged
    assert {key: entry.value.raw for key, entry in merged.entries.items()} == {"d": "4", "e": "3"}


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))

INVALID = {
    "a duplicate key": (
        "a: 1\nb: 2\na: 3\n",
        "absent.yml:3:1: error[duplicate-yaml-key]: key 'a' is a duplicate of the one in line 1\n"
        "  hint: keep one of them",
    ),
    "a key that is a list": (
        "[a]: b\n",
        "absent.yml:1:2: error[invalid-value]: a key is a list\n  hint: write a string before the colon",
    ),
    "an open bracket": (
        "a: [\n",
        "absent.yml:2:1: error[yaml-syntax]: invalid YAML: did not find expected node content",
    ),
    "an unknown anchor": ("a: *b\n", "absent.yml:1:4: error[yaml-syntax]: invalid YAML: there is no anchor 'b'"),
    "an anchor that contains itself": (
        "a: &b [*b]\n",
        "absent.yml:1:8: error[yaml-syntax]: invalid YAML: the anchor 'b' contains itself",
    ),
    "a control character": (
        "a: \x07\n",
        "absent.yml:1:4: error[yaml-syntax]: invalid YAML: the character U+0007 is not allowed",
    ),
    "101 levels": (
        "[" * 102 + "]" * 102,
        "absent.yml:1:102: error[yaml-syntax]: invalid YAML: it is nested more than 100 levels deep",
    ),
    "aliases of aliases": (
        BOMB,
        "absent.yml:20:6: error[yaml-syntax]: invalid YAML: its aliases expand to more than 2000000 values",
    ),
}


@pytest.mark.parametrize(("text", "messages"), INVALID.values(), ids=INVALID)
def test_invalid_yaml_is_reported_at_its_position(text: str, messages: str) -> None:
    assert "\n".join(str(finding) for finding in parse_yaml(text, "absent.yml").findings) == messages


def test_100_levels_are_accepted() -> None:
    assert parse_yaml("[" * 101 + "]" * 101).is_valid


@given(st.text())
def test_any_text_is_read_or_reported(text: str) -> None:
    stream = parse_yaml(text, "absent.yml")
    assert stream.documents or stream.findings or not text.strip() or stream.is_valid


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30))
def test_a_double_quoted_string_maps_each_character_to_one_of_the_file(value: str) -> None:
    node = document("a: " + json.dumps(value, ensure_ascii=False)).get("a")
    assert node
    assert node.content == value
    columns = [node.characters(i, i + 1).column for i in range(len(value))]
    assert columns == sorted(columns)
