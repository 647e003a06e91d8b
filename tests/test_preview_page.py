"""The preview page: one self-contained file, and what a browser draws of it."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from page_scripts import CHROMIUM, dumped_dom, evaluate
from preview_samples import document, panel, series, wave

from obscode.preview.page import render, render_index
from obscode.preview.page.scripts import MODULES, page_scripts

browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


def _data(page: str) -> str:
    match = re.search(r'<script type="application/octet-stream" id="document">([^<]+)</script>', page)
    assert match
    return gzip.decompress(base64.b64decode(match[1])).decode()


def test_a_page_holds_its_document() -> None:
    sample = document([panel("1", "timeseries", "Requests", [series("a", wave(10, 5))])])
    assert json.loads(_data(render(sample))) == sample


def test_the_same_document_gives_the_same_bytes() -> None:
    sample = document([panel("1", "stat", "Requests", [series("a", wave(10, 5))])])
    assert render(sample) == render(json.loads(json.dumps(sample)))


def test_a_text_cannot_close_the_element_that_holds_it() -> None:
    sample = document([panel("1", "text", "</script><script>alert(1)</script>", [])])
    sample["dashboard"]["title"] = "</title><script>alert(2)</script>"
    for compress in (True, False):
        page = render(sample, compress=compress)
        assert "<script>alert" not in page
    text = re.search(r'<script type="application/json" id="document">(.*?)</script>', page, re.DOTALL)
    assert text is not None
    assert json.loads(text[1]) == sample


def test_the_policy_of_a_page_allows_its_scripts_and_no_request() -> None:
    policies = [
        re.search(r'Policy" content="([^"]*)"', page)
        for page in (render(document([])), render(document([]), extra_script="x()"))
    ]
    alone, watched = (match[1] for match in policies if match)
    alone = html.unescape(alone)
    pattern = r"default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'unsafe-inline'; img-src data:"
    assert re.fullmatch(pattern, alone)
    assert watched.count("sha256-") == 2
    assert watched.endswith("; connect-src &#x27;self&#x27;")


def test_an_index_links_each_dashboard_with_its_counts() -> None:
    entries: list[dict[str, Any]] = [
        {
            "title": "B & C",
            "href": "b.html",
            "folder": "x",
            "tags": ["slo"],
            "panels": 3,
            "undrawable": 1,
            "errors": 0,
            "changed": 2,
        },
        {
            "title": "A",
            "href": "a.html",
            "folder": None,
            "tags": [],
            "panels": 1,
            "undrawable": 0,
            "errors": 0,
            "changed": None,
        },
    ]
    body = re.search(r"<tbody>\n(.*)\n</tbody>", render_index(entries), re.DOTALL)
    assert body is not None
    assert body[1].splitlines() == [
        '<tr><td><a href="a.html">A</a></td><td></td><td></td><td class="number">1</td><td class="number">0</td>'
        '<td class="number">0</td><td class="number"></td></tr>',
        '<tr><td><a href="b.html">B &amp; C</a></td><td>x</td><td>slo</td><td class="number">3</td>'
        '<td class="number">0</td><td class="number">1</td><td class="number">2</td></tr>',
    ]


@pytest.mark.parametrize(
    ("positions", "places"),
    [
        ([[0, 0, 12, 8], [12, 0, 12, 8]], [[0, 0], [12, 0]]),
        ([[0, 5, 24, 4]], [[0, 0]]),  # nothing above: it moves up
        ([[0, 0, 24, 4], [0, 2, 12, 4]], [[0, 0], [0, 4]]),  # the second moves below the first
        ([[20, 0, 12, 4]], [[12, 0]]),  # it does not leave the 24 columns
    ],
)
def test_panels_are_placed_as_grafana_places_them(positions: list[list[int]], places: list[list[int]]) -> None:
    script = "compactGrid(positions.map(([x, y, w, h]) => ({x, y, w, h}))).map(({x, y}) => [x, y])"
    assert evaluate(script, positions=positions) == places


def test_a_column_is_a_24th_of_the_page_less_the_gaps() -> None:
    assert evaluate("gridPixels({x: 12, y: 8, w: 12, h: 8}, 1568)") == {
        "left": 788,
        "top": 304,
        "width": 780,
        "height": 296,
    }


@browser
@pytest.mark.slow
def test_a_browser_draws_a_panel_without_errors(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        render(document([panel("1", "timeseries", "Requests", [series("a", wave(10, 5))])])), encoding="utf-8"
    )
    dom, log = dumped_dom(page, tmp_path / "profile")
    assert 'data-state="drawn"' in dom
    assert "CONSOLE" not in log


def test_the_plotting_library_is_the_release_that_make_uplot_names() -> None:
    released = json.loads((Path(__file__).parent / "uplot" / "package.json").read_text())["dependencies"]["uplot"]
    assert page_scripts().splitlines()[1] == f"/*! https://github.com/leeoniya/uPlot (v{released}) */"


def test_the_licence_of_the_plotting_library_is_in_the_package() -> None:
    licence = files("obscode.preview.page").joinpath("vendor/LICENSE.uPlot").read_text(encoding="utf-8")
    assert licence.startswith("The MIT License (MIT)")


def test_every_script_of_the_package_is_on_the_page() -> None:
    folder = Path(str(files("obscode.preview.page"))) / "js"
    assert {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.js")} == set(MODULES)
