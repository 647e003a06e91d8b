"""The preview page treats data as Grafana does: transformations, calculations, mappings, thresholds and colours.

tests/grafana_data/results.json has what Grafana's own package makes of cases.json.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from page_scripts import evaluate

DATA = Path(__file__).parent / "grafana_data"
_COLORS = str.maketrans("", "", " ")


@cache
def _json(name: str) -> dict[str, Any]:
    return dict(json.loads((DATA / name).read_text(encoding="utf-8")))


_TRANSFORMED = """(clock.timeZone = "utc", cases.map(({ frames, transformations }) => {
    const result = transformedFrames(inputs[frames].map(decodedFrame), transformations).frames;
    const values = (field) => field.values.map((value) => value ?? null);
    const plain = (frame) => frame.fields.map((field) => (
        { name: fieldName(field, frame, result), type: field.type, values: values(field) }));
    return result.map(plain);
}))"""


def test_transformations_are_those_of_grafana() -> None:
    cases = _json("cases.json")
    results = evaluate(_TRANSFORMED, cases=cases["transformations"], inputs=cases["frames"])
    right = _json("results.json")["transformations"]
    for case, result, expected in zip(cases["transformations"], results, right, strict=True):
        assert result == expected, case


def test_calculations_are_those_of_grafana() -> None:
    script = """values.map((one, index) => Object.fromEntries(ids[index].map((id) => [id, reduceField(
        { type: one.some((value) => typeof value === "string") ? "string" : "number", values: one }, id)])))"""
    values, expected = _json("cases.json")["reductions"], _json("results.json")["reductions"]
    results = evaluate(script, values=values, ids=[list(reductions) for reductions in expected])
    wrong = [
        (one, id_, result[id_], right)
        for one, result, reductions in zip(values, results, expected, strict=True)
        for id_, right in reductions.items()
        if result[id_] != right
    ]
    assert wrong == []


def test_values_are_displayed_as_in_grafana() -> None:
    script = """(theme = THEMES.dark, clock.timeZone = "utc", cases.map(({ config, type, values }) => {
        const frame = { fields: [{ name: "x", type, config: {}, values }] };
        const [field] = configuredFrames([frame], { defaults: config })[0].fields;
        return values.map((value) => [valueText(field.display(value)), rgba(field.display(value).color)]);
    }))"""
    cases = _json("cases.json")["displays"]
    results = evaluate(script, cases=cases)
    for case, result, expected in zip(cases, results, _json("results.json")["displays"], strict=True):
        colors = evaluate("(theme = THEMES.dark, colors.map(rgba))", colors=[color for _, color in expected])
        assert [text for text, _ in result] == [text for text, _ in expected], case
        assert [color for _, color in result] == [pytest.approx(color, abs=1.01) for color in colors], case


def test_an_unknown_transformation_is_named_and_the_others_are_applied() -> None:
    frame = {"refId": "A", "fields": [{"name": "x", "type": "number", "values": [3, 1, 2]}]}
    script = (
        "(({frames, unknown}) => [unknown, frames[0].fields[0].values])(transformedFrames([decodedFrame(frame)], list))"
    )
    names = [("regression", {}), ("limit", {"limitField": 2}), ("heatmap", {})]
    transformations = [{"id": id_, "options": options} for id_, options in names]
    assert evaluate(script, frame=frame, list=transformations) == [["regression", "heatmap"], [3, 1]]


def test_a_disabled_transformation_is_not_applied() -> None:
    frame = {"refId": "A", "fields": [{"name": "x", "type": "number", "values": [3, 1, 2]}]}
    limit = {"id": "limit", "disabled": True, "options": {"limitField": 1}}
    script = "transformedFrames([decodedFrame(frame)], [limit]).frames[0].fields[0].values"
    assert evaluate(script, frame=frame, limit=limit) == [3, 1, 2]


def test_texts_for_numbers_that_json_has_not_become_numbers() -> None:
    script = "decodedFrame(frame).fields[0].values.map(String)"
    frame = {"fields": [{"name": "x", "type": "number", "values": ["NaN", "+Inf", "-Inf", 1.5, None]}]}
    assert evaluate(script, frame=frame) == ["NaN", "Infinity", "-Infinity", "1.5", "null"]


def test_times_in_steps_become_instants() -> None:
    frame = {"fields": [{"name": "Time", "type": "time", "values": {"from": 1000, "step": 500, "count": 3}}]}
    assert evaluate("expandedTimes(frame).fields[0].values", frame=frame) == [1000, 1500, 2000]


@pytest.mark.parametrize(
    ("matcher", "names"),
    [
        ({"id": "byName", "options": "b"}, ["b"]),
        ({"id": "byRegexp", "options": "/^[ab]$/"}, ["a", "b"]),
        ({"id": "byType", "options": "time"}, ["Time"]),
        ({"id": "byFrameRefID", "options": "B"}, ["c"]),
        ({"id": "byNames", "options": {"mode": "exclude", "names": ["a", "b"]}}, ["c"]),
        ({"id": "byValue", "options": {"reducer": "max", "op": ">", "value": 5}}, ["c"]),
        ({"id": "byMagic", "options": "?"}, []),
    ],
)
def test_an_override_changes_the_fields_that_it_names(matcher: dict[str, Any], names: list[str]) -> None:
    number = {"type": "number", "values": [1, 2]}
    frames = [
        {
            "refId": "A",
            "fields": [
                {"name": "Time", "type": "time", "values": [1, 2]},
                {"name": "a", **number},
                {"name": "b", **number},
            ],
        },
        {"refId": "B", "fields": [{"name": "c", "type": "number", "values": [9]}]},
    ]
    config = {"defaults": {}, "overrides": [{"matcher": matcher, "properties": [{"id": "custom.x.y", "value": 7}]}]}
    script = """configuredFrames(frames.map(decodedFrame), config).flatMap((frame) => frame.fields)
        .filter((field) => field.config.custom.x?.y === 7).map((field) => field.name)"""
    assert evaluate(script, frames=frames, config=config) == names


def test_an_override_cannot_reach_prototypes() -> None:
    frames = [{"fields": [{"name": "a", "type": "number", "values": [1]}]}]
    properties = [{"id": "__proto__.polluted", "value": 1}, {"id": "constructor.prototype.polluted", "value": 1}]
    config = {"overrides": [{"matcher": {"id": "byName", "options": "a"}, "properties": properties}]}
    assert (
        evaluate("(configuredFrames(frames, config), ({}).polluted ?? 'clean')", frames=frames, config=config)
        == "clean"
    )


def test_stacked_series_add_up_and_percent_fills_the_axis() -> None:
    script = """(() => { const series = columns.map((values, index) => ({ field: { values, config: { custom: {} } },
        custom: { drawStyle: "line", stacking: { mode } } }));
        return stackedData([[1, 2, 3], ...columns], series, stackingGroups(series)).slice(1); })()"""
    columns = [[1, 2, None], [3, 2, 1]]
    assert evaluate(script, columns=columns, mode="normal") == [[1, 2, 0], [4, 4, 1]]
    assert evaluate(script, columns=columns, mode="percent") == [[0.25, 0.5, 0], [1, 1, 1]]


def test_a_missing_step_is_a_gap() -> None:
    script = "withGaps({ field: { values: [1, 2, 3] }, time: { values: [0, 60, 240] }, interval: 60 })"
    assert evaluate(script) == {"times": [0, 60, 120, 240], "values": [1, 2, None, 3]}


@pytest.mark.parametrize(("threshold", "column"), [(120, [1, None, None, 3]), (180, [1, "joined", "joined", 3])])
def test_gaps_up_to_the_threshold_are_connected(threshold: int, column: list[Any]) -> None:
    spanned = "spannedGaps([1, null, null, 3], [0, 60, 120, 180], threshold)"
    script = f"{spanned}.map((value) => value === undefined ? 'joined' : value)"
    assert evaluate(script, threshold=threshold) == column


def test_equal_neighbours_of_a_state_timeline_are_one_box() -> None:
    script = """(() => {
        const frame = { fields: [{ name: "x", type: "string", values: ["a"] }] };
        const [field] = configuredFrames([frame], {})[0].fields;
        const lane = { field, times: [0, 10, 20, 30], values: ["a", "a", null, "b"] };
        return stateBoxes(lane, { to: 50, options: {} }).map(({ from, to, text }) => [from, to, text]);
    })()"""
    assert evaluate(script) == [[0, 20, "a"], [30, 50, "b"]]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title\n\ntext", "<h1>Title</h1>\n<p>text</p>"),
        ("**bold** and *thin* `a<b`", "<p><strong>bold</strong> and <em>thin</em> <code>a&lt;b</code></p>"),
        ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("|a|\n|---|\n|1|", "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"),
        ("[x](https://e.org)", '<p><a href="https://e.org">x</a></p>'),
        ("```\n<x>\n```", "<pre><code>&lt;x&gt;</code></pre>"),
        ("> quote", "<blockquote><p>quote</p></blockquote>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("---", "<hr>"),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert evaluate("markdownHtml(text)", text=text) == html


def test_a_variable_selects_the_view_with_its_value() -> None:
    views = [{"scenario": "day", "selects": {"service": name}} for name in ("cart", "checkout")]
    views.append({"scenario": "burst", "selects": {"service": "checkout"}})
    script = (
        "(doc.data = { views }, doc.view = view, [viewWith('service', 'checkout'), viewWith('service', 'unknown')])"
    )
    assert evaluate(script, views=views, view=0) == [1, None]
    assert evaluate(script, views=views, view=2) == [2, None]


def test_data_that_another_panel_has_are_found() -> None:
    frames = [{"refId": "A", "fields": []}]
    views = [{"panels": [{"key": "1", "frames": frames}]}, {"panels": [{"key": "1", "frames": {"ref": "0/1"}}]}]
    assert evaluate("(doc.data = { views }, framesOf(views[1].panels[0]))", views=views) == frames
