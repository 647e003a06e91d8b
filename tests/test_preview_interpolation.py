"""Values of variables in texts, in Grafana's formats."""

from __future__ import annotations

import pytest

from obscode.preview.interpolation import Value, formatted, in_query, in_text, interpolate, names, single

TWO = Value(("a.b", "c/d"), ("A", "C"), "host", is_list=True, is_multi_or_all=True)
ONE = Value(("a.b",), ("A",), "host", is_multi_or_all=True)
EVERY = Value(("a", "b"), ("A", "B"), "host", is_list=True, is_multi_or_all=True, is_all=True)
ANY = Value(("a", "b"), ("A", "B"), "host", is_list=True, is_multi_or_all=True, is_all=True, all_value=".+")
START = single("1750226400123", "__from", is_time=True)


@pytest.mark.parametrize(
    ("form", "two", "one"),
    [
        ("glob", "{a.b,c/d}", "a.b"),
        ("raw", "a.b,c/d", "a.b"),
        ("regex", r"(a\.b|c\/d)", r"a\.b"),
        ("pipe", "a.b|c/d", "a.b"),
        ("csv", "a.b,c/d", "a.b"),
        ("distributed", "a.b,host=c/d", "a.b"),
        ("json", '["a.b","c/d"]', '"a.b"'),
        ("html", "a.b, c/d", "a.b"),
        ("lucene", r'("a.b" OR "c\\/d")', "a.b"),
        ("percentencode", "%7Ba.b%2Cc%2Fd%7D", "a.b"),
        ("uriencode", "%7Ba.b,c/d%7D", "a.b"),
        ("singlequote", "'a.b','c/d'", "'a.b'"),
        ("doublequote", '"a.b","c/d"', '"a.b"'),
        ("sqlstring", "'a.b','c/d'", "'a.b'"),
        ("queryparam", "var-host=a.b&var-host=c%2Fd", "var-host=a.b"),
        ("text", "A + C", "A"),
        ("unknown", "{a.b,c/d}", "a.b"),
    ],
)
def test_each_format_writes_several_values_and_one_as_grafana_does(form: str, two: str, one: str) -> None:
    assert (formatted(TWO, form), formatted(ONE, form)) == (two, one)


def test_sqlstring_doubles_quotes_and_singlequote_escapes_them() -> None:
    value = single("it's")
    assert (formatted(value, "sqlstring"), formatted(value, "singlequote")) == ("'it''s'", r"'it\'s'")


def test_a_query_has_escaped_values_where_several_can_be_selected() -> None:
    assert interpolate('up{host=~"$host"}', {"host": TWO}, in_query) == r'up{host=~"(a\\.b|c/d)"}'
    assert interpolate('up{host=~"$host"}', {"host": ONE}, in_query) == r'up{host=~"a\\.b"}'
    assert interpolate('up{host="$host"}', {"host": single("a.b")}, in_query) == 'up{host="a.b"}'


def test_all_is_the_list_of_values_or_the_text_that_stands_for_all() -> None:
    assert interpolate("$host", {"host": EVERY}, in_query) == "(a|b)"
    assert interpolate("$host ${host:regex} ${host:text}", {"host": ANY}, in_query) == ".+ .+ All"
    assert interpolate("${host:queryparam}", {"host": ANY}, in_query) == "var-host=%24__all"


def test_all_forms_of_references_are_replaced_and_unknown_names_stay() -> None:
    text = "$host [[host]] [[host:csv]] ${host} ${host:pipe} ${host.text} $hosts ${other} $1"
    expected = "A + C A + C a.b,c/d A + C a.b|c/d A + C $hosts ${other} $1"
    assert interpolate(text, {"host": TWO}, in_text) == expected
    assert names(text) == {"host", "hosts", "other", "1"}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("date", "2025-06-18T06:00:00.123Z"),
        ("date:iso", "2025-06-18T06:00:00.123Z"),
        ("date:seconds", "1750226400"),
        ("date:YYYY-MM-DD HH:mm:ss.SSS", "2025-06-18 06:00:00.123"),
        ("date:D. MMM YY [at] h A", "18. Jun 25 at 6 AM"),
    ],
)
def test_the_start_of_the_range_has_formats_of_dates(form: str, text: str) -> None:
    assert formatted(START, form) == text


def test_the_start_of_the_range_is_a_number_in_ms_otherwise() -> None:
    assert interpolate("$__from ${__from}", {"__from": START}, in_query) == "1750226400123 1750226400123"
