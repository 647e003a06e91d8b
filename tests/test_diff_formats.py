"""A report as text, Markdown, JSON and HTML."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from obscode.diff import Change, Edit
from obscode.diff.formats import FORMATS
from obscode.diff.formats.markdown import MOST_CHARACTERS, escaped
from obscode.diff.report import Report

REMOVED = Change("alert", "Down", "Alert Down is removed.", "lost", "removed")
CHANGED = Change(
    "alert",
    "Slow",
    'Alert Slow: threshold 1 -> 2 and label team "a" -> "b".',
    "history",
    edits=(Edit("threshold", "1", "2", "weaker"), Edit("label team", '"a"', '"b"', "history")),
    effects=('Silences, inhibitions and routes that match team="a" no longer match.',),
)
REPORT = Report("main", "the working tree", [REMOVED, CHANGED], ["1 rule less."], {"x.yml": "mapping values"})
EMPTY = Report("main", "the working tree", [])


def test_text_has_a_line_for_each_change() -> None:
    assert FORMATS["text"](REPORT) == (
        "lost:\n"
        "  Alert Down is removed.\n"
        "history:\n"
        '  Alert Slow: threshold 1 -> 2 and label team "a" -> "b".\n'
        '    Silences, inhibitions and routes that match team="a" no longer match.\n'
        "not compared: x.yml: mapping values\n"
        "1 rule less.\n"
        "2 changes from main to the working tree: 1 lost, 1 history\n"
    )


def test_markdown_has_a_section_for_each_class() -> None:
    assert FORMATS["markdown"](REPORT) == (
        "### Monitoring: 2 changes from main to the working tree: 1 lost, 1 history\n"
        "\n"
        "#### lost: no longer detected, or nobody is notified: an alert, a receiver or a target is removed or muted\n"
        "\n"
        "- Alert Down is removed.\n"
        "\n"
        "#### history: data or silences stay with an old name: recorded series, labels or uids are renamed\n"
        "\n"
        '- Alert Slow: threshold 1 -> 2 and label team "a" -> "b".\n'
        '  - Silences, inhibitions and routes that match team="a" no longer match.\n'
        "\n"
        "#### not compared\n"
        "\n"
        "- `x.yml`: mapping values\n"
        "\n"
        "#### cost\n"
        "\n"
        "- 1 rule less.\n"
    )


def test_json_has_all_values() -> None:
    value = json.loads(FORMATS["json"](REPORT))
    assert value["changes"][1] == {
        "risk": "history",
        "action": "changed",
        "kind": "alert",
        "name": "Slow",
        "sentence": 'Alert Slow: threshold 1 -> 2 and label team "a" -> "b".',
        "edits": [
            {"what": "threshold", "of": None, "before": "1", "after": "2", "risk": "weaker"},
            {"what": "label team", "of": None, "before": '"a"', "after": '"b"', "risk": "history"},
        ],
        "effects": ['Silences, inhibitions and routes that match team="a" no longer match.'],
        "count": 1,
        "file": None,
        "line": None,
    }
    assert {key: value[key] for key in ("base", "head", "cost", "not_compared")} == {
        "base": "main",
        "head": "the working tree",
        "cost": ["1 rule less."],
        "not_compared": {"x.yml": "mapping values"},
    }


class Tags(HTMLParser):
    """The tags of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_page_without_scripts_and_requests() -> None:
    page = Tags(FORMATS["html"](replace(REPORT, changes=[replace(REMOVED, sentence="Alert <b>Down</b> is removed.")])))
    assert "Alert <b>Down</b> is removed." in page.text
    assert not {"script", "link", "img", "b", "iframe"} & set(page.tags)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_no_change_is_no_output(form: str) -> None:
    assert FORMATS[form](EMPTY) == ""


def test_markdown_fits_into_a_comment_and_says_what_it_omits() -> None:
    text = FORMATS["markdown"](replace(REPORT, changes=[REMOVED, *[CHANGED] * 2_000]))
    assert MOST_CHARACTERS - 2_000 < len(text) < MOST_CHARACTERS
    displayed = text.count("Alert Slow")
    assert (
        f"**{2_000 - displayed:,} further changes omitted: {2_000 - displayed} history.** `obscode diff` prints all"
        in text
    )
    assert text.startswith("### Monitoring: 2,001 changes from main to the working tree: 1 lost, 2000 history\n")


def test_one_change_that_is_too_long_is_omitted() -> None:
    text = FORMATS["markdown"](replace(REPORT, changes=[replace(CHANGED, effects=["x" * 70_000])]))
    assert "**1 further change omitted: 1 history.**" in text
    assert len(text) < MOST_CHARACTERS


ESCAPES = {
    "<b> *a* _b_ [c] |": r"\<b> \*a\* \_b\_ \[c\] \|",
    "job:errors_total:rate5m": "job:errors_total:rate5m",
    "condition `and <x>` added": "condition `and <x>` added",
    "one ` alone": r"one \` alone",
    "@team": "&#64;team",
    "two\nlines": "two lines",
}


@pytest.mark.parametrize("text", ESCAPES)
def test_text_has_no_meaning_in_markdown(text: str) -> None:
    assert escaped(text) == ESCAPES[text]


def test_a_file_that_is_not_compared_fails_like_the_riskiest_class() -> None:
    assert replace(REPORT, changes=[]).fails("lost")
    assert not EMPTY.fails("layout")


@pytest.mark.parametrize(("risk", "fails"), [("weaker", False), ("broken", False), ("history", True), ("text", True)])
def test_a_report_fails_on_a_class_and_the_riskier_ones(risk: str, fails: bool) -> None:
    report = Report("a", "b", [CHANGED])
    assert report.fails(risk) == fails  # type: ignore[arg-type]
