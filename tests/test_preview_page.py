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
from preview_samples import NAMED, SERIES, STATES, document, every_panel, panel, series, table, wave

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
    pattern = r"default-src 'none'; script-src( 'sha256-[\w+/=]+'){2}; style-src 'unsafe-inline'; img-src data:"
    assert re.fullmatch(pattern, alone)
    assert watched.count("sha256-") == 3
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


def test_copies_of_a_repeated_panel_move_as_one_block() -> None:
    # Three copies in a line of two, and below them a panel that would fit beside the third.
    positions = {"1": [0, 2, 12, 4], "1-clone-1": [12, 2, 12, 4], "1-clone-2": [0, 6, 12, 4], "2": [12, 10, 12, 4]}
    panels = [
        {"key": key, "panel": {"gridPos": dict(zip("xywh", position, strict=True))}}
        for key, position in positions.items()
    ]
    places = evaluate("panelPlaces(panels).map(({x, y}) => [x, y])", panels=panels)
    assert places == [[0, 0], [12, 0], [0, 4], [12, 8]]


def test_a_column_is_a_24th_of_the_page_less_the_gaps() -> None:
    assert evaluate("gridPixels({x: 12, y: 8, w: 12, h: 8}, 1568)") == {
        "left": 788,
        "top": 304,
        "width": 780,
        "height": 296,
    }


# Writes the boxes of all panels into the page when it is drawn.
_MEASURE = """
const wait = setInterval(() => {
  if (document.documentElement.dataset.ready !== "true") return;
  clearInterval(wait);
  const boxes = [...document.querySelectorAll(".panel, .row")].map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    const drawings = node.querySelectorAll("canvas, svg:not(.sparkline), table").length;
    const { type, state } = node.dataset;
    return { id: node.id, type, state, left, top, right, bottom, drawings, text: node.innerText };
  });
  const result = document.createElement("pre");
  result.id = "boxes";
  result.textContent = JSON.stringify({ boxes, width: document.documentElement.scrollWidth });
  document.body.append(result);
}, 20);
"""


def _drawn(
    sample: dict[str, Any], folder: Path, *, width: int = 1600, fragment: str = ""
) -> tuple[dict[str, Any], str, str]:
    """The measured boxes of a page in a browser, its DOM and the console."""
    page = folder / "page.html"
    page.write_text(render(sample, extra_script=_MEASURE), encoding="utf-8")
    dom, log = dumped_dom(page, folder / "profile", width=width, fragment=fragment)
    match = re.search(r'<pre id="boxes">(.*?)</pre>', dom, re.DOTALL)
    assert match, log
    return json.loads(html.unescape(match[1])), dom, log


def _overlaps(boxes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["id"], other["id"])
        for index, one in enumerate(boxes)
        for other in boxes[index + 1 :]
        if one["left"] < other["right"] - 0.5
        and other["left"] < one["right"] - 0.5
        and one["top"] < other["bottom"] - 0.5
        and other["top"] < one["bottom"] - 0.5
    ]


@browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [1600, 1000])
def test_a_browser_draws_every_type_of_panel(width: int, tmp_path: Path) -> None:
    panels = every_panel()
    measured, _, log = _drawn(document(panels), tmp_path, width=width)
    boxes = measured["boxes"]
    assert "CONSOLE" not in log
    states = {box["id"]: (box["type"], box["state"]) for box in boxes}
    types = {f"panel-{entry['key']}": entry["panel"]["type"] for entry in panels}
    assert states == {key: (type_, "undrawable" if type_ in NAMED else "drawn") for key, type_ in types.items()}
    without_drawing = {box["type"] for box in boxes if box["state"] == "drawn" and not box["drawings"]}
    assert without_drawing == {"row", "text", "logs", "bargauge", "stat"}
    assert all(box["text"].strip() for box in boxes)
    assert _overlaps(boxes) == []
    assert measured["width"] <= width


@browser
@pytest.mark.slow
def test_a_browser_shows_errors_missing_data_and_unknown_transformations(tmp_path: Path) -> None:
    broken = {"errors": [{"refId": "A", "expr": "x[", "message": "1:3: parse error"}]}
    unknown = [{"id": "regression", "options": {}}]
    panels = [
        panel("1", "timeseries", "Broken", [], entry=broken),
        panel("2", "timeseries", "Half broken", [series("a", wave(1, 1))], entry=broken),
        panel("3", "stat", "Empty", [], defaults={"noValue": "Nothing yet"}),
        panel("4", "timeseries", "Without samples", [table({"Time": [], "Value": []})]),
        panel("5", "timeseries", "Transformed", [series("a", wave(1, 1))], transformations=unknown),
        panel("6", "timeseries", "Impossible", [], entry={"undrawable": "the data source is Loki"}),
    ]
    measured, _, log = _drawn(document(panels), tmp_path)
    texts = {box["id"]: (box["state"], " ".join(box["text"].split())) for box in measured["boxes"]}
    assert texts == {
        "panel-1": ("failure", "Broken A: 1:3: parse error 1:3: parse error"),
        "panel-2": ("drawn", "Half broken A: 1:3: parse error a"),
        "panel-3": ("no-data", "Empty Nothing yet"),
        "panel-4": ("no-data", "Without samples No data"),
        "panel-5": ("drawn", "Transformed transformation regression is not applied a"),
        "panel-6": ("undrawable", "Impossible timeseries: not drawable in the preview the data source is Loki"),
    }
    assert "CONSOLE" not in log


@browser
@pytest.mark.slow
def test_a_browser_shows_changed_panels_side_by_side(tmp_path: Path) -> None:
    same = panel("1", "stat", "Same", SERIES)
    old, new = (panel("2", "timeseries", title, SERIES) for title in ("Requests", "Requests per second"))
    before = document([same, old, panel("3", "text", "Gone", [])])["views"]
    sample = document([same, new, panel("4", "text", "Fresh", [])], before=before)
    _, dom, log = _drawn(sample, tmp_path)
    assert re.findall(r'<div class="pair" data-change="(\w+)">', dom) == ["removed", "changed", "added"]
    assert "1 unchanged panel" in dom
    assert dom.count('<div class="absent">not in the base revision</div>') == 1
    assert "CONSOLE" not in log


@browser
@pytest.mark.slow
def test_text_panels_hold_no_script(tmp_path: Path) -> None:
    scripts = '<b onclick="x()">bold</b><script>document.title = "changed"</script><a href="javascript:x()">link</a>'
    content = f'{scripts}<img src="http://x/y.png" alt="logo">'
    panels = [panel("1", "text", "", [], options={"mode": "html", "content": content})]
    _, dom, log = _drawn(document(panels), tmp_path)
    text = re.search(r'<div class="[^"]*text-panel"[^>]*>(.*?)</div>', dom, re.DOTALL)
    assert text is not None
    assert text[1] == '<b>bold</b><a>link</a><span class="note" title="http://x/y.png">(image: logo)</span>'
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


# Moves the mouse over each plot, then shows one series alone, switches the theme and the view.
_USE = """
const ready = setInterval(() => {
  if (document.documentElement.dataset.ready !== "true") return;
  clearInterval(ready);
  setTimeout(() => {
    const tips = [...document.querySelectorAll(".u-over")].map((over) => {
      const { left, top, width, height } = over.getBoundingClientRect();
      const place = { bubbles: true, clientX: left + width / 2, clientY: top + height / 2 };
      for (const type of ["mouseenter", "mousemove"]) over.dispatchEvent(new MouseEvent(type, place));
      return document.querySelector(".tooltip")?.innerText ?? "";
    });
    document.querySelector(".legend-label").click();
    document.querySelector(".theme").click();
    const theme = document.documentElement.dataset.theme;
    const select = document.querySelector("select[name=view]");
    select.value = "1";
    select.dispatchEvent(new Event("change"));
    const result = document.createElement("pre");
    result.id = "result";
    result.textContent = JSON.stringify([tips, theme, document.querySelector(".panel-title").textContent]);
    document.body.append(result);
  }, 50);
}, 20);
"""


@browser
@pytest.mark.slow
def test_the_mouse_and_the_switches_of_a_page_work(tmp_path: Path) -> None:
    tooltip = {"tooltip": {"mode": "multi", "sort": "desc"}}
    panels = [
        panel("1", "timeseries", "Lines", SERIES, options=tooltip),
        panel("2", "state-timeline", "States", STATES, grid={"x": 12, "y": 0, "w": 12, "h": 8}),
    ]
    sample = document(panels)
    sample["views"].append({**sample["views"][0], "label": "burst", "panels": [panel("1", "text", "Second view", [])]})
    page = tmp_path / "page.html"
    page.write_text(render(sample, extra_script=_USE), encoding="utf-8")
    dom, log = dumped_dom(page, tmp_path / "profile", fragment="#theme=dark")
    match = re.search(r'<pre id="result">(.*?)</pre>', dom, re.DOTALL)
    assert match, log
    (lines, states), theme, title = json.loads(html.unescape(match[1]))
    assert lines.split("\n")[1::2] == ["checkout", "cart", "search"]
    assert states.split("\n")[1:4] == ["a", "1", "Duration"]
    assert (theme, title) == ("light", "Second view")
    assert "CONSOLE" not in log
