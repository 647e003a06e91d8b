"""Catalogs that are read from expositions: the formats of Prometheus and OpenMetrics, and what is wrong with a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ProjectFolder
from finding_text import finding_text
from hypothesis import given
from hypothesis import strategies as st

from obscode import exposition
from obscode.findings.errors import LoadError
from obscode.importers.exposition import MAX_BYTES, ExpositionError, read_content
from obscode.model.metrics import Counter, Exposition, Gauge, Histogram, Metric, Summary
from obscode.reader.exposition import read_exposition


def metrics_in(text: str) -> list[Metric]:
    """The metrics of a valid text."""
    result = read_exposition(text, "x.prom")
    assert finding_text(result.findings) == ""
    return list(result.metrics)


# --- Prometheus' text format -------------------------------------------------------------------------------------

TEXT: dict[str, tuple[str, list[Metric]]] = {
    "a counter with its help": (
        '# HELP c_total Requests\\nof all\n# TYPE c_total counter\nc_total{code="200"} 5\n',
        [Counter("c_total", labels=["code"], help="Requests\nof all", observed={"code": ("200",)})],
    ),
    "a counter without a suffix": ("# TYPE errors counter\nerrors 5\n", [Counter("errors")]),
    "labels in the order of the text": (
        '# TYPE g gauge\ng{b="1",a="x"} 5\ng{b="0",c="y"} 5\n',
        [Gauge("g", labels=["b", "a", "c"], observed={"b": ("0", "1"), "a": ("x",), "c": ("y",)})],
    ),
    "a histogram": (
        '# TYPE h histogram\nh_bucket{p="/",le="0.5"} 1\nh_bucket{p="/",le="0.1"} 1\nh_bucket{p="/",le="+Inf"} 1\n'
        'h_sum{p="/"} 1\nh_count{p="/"} 1\n# TYPE h_created gauge\nh_created{p="/"} 1e9\n',
        [Histogram("h", labels=["p"], buckets=[0.1, 0.5], observed={"p": ("/",)})],
    ),
    "a native histogram has no finite bucket": (
        '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
        [Histogram("h", native=True)],
    ),
    "the buckets of a histogram without observations and finite buckets are unknown": (
        '# TYPE h histogram\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n',
        [Histogram("h", buckets=[], more_labels=True)],
    ),
    "a summary": (
        '# TYPE s summary\ns{quantile="0.9"} 1\ns{quantile="0.5"} 1\ns_sum 1\ns_count 1\n',
        [Summary("s", quantiles=[0.5, 0.9])],
    ),
    "no type": ("a 1\n# TYPE b untyped\nb 2\n", [Metric("a"), Metric("b")]),
    "families whose samples are apart": (
        '# TYPE h histogram\nh_bucket{le="1"} 1\n# TYPE g gauge\ng 1\nh_bucket{le="+Inf"} 1\nh_sum 1\n'
        'h_count 1\ng{x="1"} 2\n',
        [Histogram("h", buckets=[1]), Gauge("g", labels=["x"], observed={"x": ("1",)})],
    ),
    "metrics without samples have unknown labels": (
        "# TYPE c counter\n# TYPE h histogram\n# HELP g x\n",
        [Counter("c", more_labels=True), Histogram("h", buckets=[], more_labels=True)],
    ),
    "names in UTF-8": (
        '# TYPE "a.b" gauge\n{"a.b","c.d"="1"} 1\n',
        [Gauge("a.b", labels=["c.d"], observed={"c.d": ("1",)})],
    ),
    "timestamps, spaces and Windows' line ends": ("# TYPE g gauge\r\n\r\n  g \t 1 1700000000000\r\n", [Gauge("g")]),
    "escapes": ('g{a="\\"\\n{,}"} NaN\n', [Metric("g", labels=["a"], observed={"a": ('"\n{,}',)})]),
    "a label with many values": (
        "".join(f'g{{a="{i}",b="{i % 30:02}"}} 1\n' for i in range(31)),
        [Metric("g", labels=["a", "b"], observed={"b": tuple(f"{i:02}" for i in range(30))})],
    ),
    "a label of a gauge that is named as that of a summary": (
        '# TYPE g gauge\ng{quantile="high",le="x"} 1\n',
        [Gauge("g", labels=["quantile", "le"], observed={"quantile": ("high",), "le": ("x",)})],
    ),
}


@pytest.mark.parametrize("case", TEXT)
def test_the_text_format_of_prometheus_is_read(case: str) -> None:
    text, expected = TEXT[case]
    assert metrics_in(text) == expected


# --- OpenMetrics -------------------------------------------------------------------------------------------------

NATIVE = "{count:24,sum:100,schema:0,zero_threshold:0.001,zero_count:4,positive_spans:[0:2],positive_deltas:[2,1]}"
OPEN: dict[str, tuple[str, list[Metric]]] = {
    "a counter": ("# TYPE c counter\nc_total 1\nc_created 1\n", [Counter("c_total")]),
    "a unit": ("# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n", [Gauge("a_seconds", unit="seconds")]),
    "info": (
        '# TYPE build info\nbuild_info{version="1"} 1\n',
        [Gauge("build_info", labels=["version"], observed={"version": ("1",)})],
    ),
    "the states of a state set are all values": (
        '# TYPE mode stateset\nmode{h="a",mode="on"} 1\nmode{h="a",mode="off"} 0\n',
        [Gauge("mode", labels={"h": (), "mode": ("on", "off")}, observed={"h": ("a",), "mode": ("off", "on")})],
    ),
    "a gauge histogram": (
        '# TYPE q gaugehistogram\nq_bucket{le="1.0"} 1\nq_bucket{le="+Inf"} 1\nq_gcount 1\nq_gsum 1\n',
        [Gauge("q_bucket", labels=["le"]), Gauge("q_gcount"), Gauge("q_gsum")],
    ),
    "a native histogram": (f"# TYPE n histogram\nn {NATIVE}\n", [Histogram("n", native=True)]),
    "unknown": ("# TYPE u unknown\nu 1\n", [Metric("u")]),
    "an exemplar": ('# TYPE c counter\nc_total 1 # {trace="1"} 1\n', [Counter("c_total")]),
}


@pytest.mark.parametrize("case", OPEN)
def test_openmetrics_is_read(case: str) -> None:
    text, expected = OPEN[case]
    assert metrics_in(f"{text}# EOF\n") == expected


# What the library's parser of OpenMetrics rejects, and Prometheus scrapes.
SCRAPED = {
    "a counter without a suffix": ("# TYPE a counter\na 1\n", [Counter("a")]),
    "a type twice": ("# TYPE a gauge\n# TYPE a gauge\na 1\n", [Gauge("a")]),
    "Prometheus' format with a comment at its end": ("# TYPE a gauge\n\na 1\n", [Gauge("a")]),
    "names that clash": (
        "# TYPE a counter\na_total 1\n# TYPE a_total gauge\n# TYPE b info\nb_info 1\n",
        [Counter("a_total"), Gauge("a_total", more_labels=True), Gauge("b_info")],
    ),
    "a negative sum, and an exemplar": (
        '# TYPE h histogram\nh_bucket{le="1"} 1 # {t="a"} 1\nh_bucket{le="+Inf"} 1\nh_sum -1\nh_count 1\n',
        [Histogram("h", buckets=[1])],
    ),
}


@pytest.mark.parametrize("case", SCRAPED)
def test_openmetrics_that_prometheus_scrapes_is_read(case: str) -> None:
    text, expected = SCRAPED[case]
    assert metrics_in(f"{text}# EOF\n") == expected


def test_a_counter_of_prometheus_format_has_the_name_of_its_samples() -> None:
    assert metrics_in("# TYPE a counter\na_total 1\n") == [Counter("a_total")]


# --- what is wrong -----------------------------------------------------------------------------------------------

SAMPLE = 'hint: a sample is written as name{label="value"} 1'
WRONG = {
    "a 1\nx{ 1\nb 2\nb{c} 2 3 x\n": [
        "2:1: error[exposition]: the line 'x{ 1' is invalid: not a number: '{'",
        "4:1: error[exposition]: the line 'b{c} 2 3 x' is invalid: Invalid labels: c",
    ],
    "# TYPE a counter\na 1\n# TYPE a gauge\na 2\n": [
        "3:1: error[exposition]: metric a is a gauge here and a counter in line 1",
    ],
    "# TYPE a info\na_info 1\n": ["1:1: error[exposition]: 'info' is no type of a metric"],
    "<!DOCTYPE html>\n<p>hi</p>\n": ["1:1: error[exposition]: this is HTML, not an exposition"],
    "": ["1:1: error[exposition]: the exposition contains no metric"],
    "# nothing\n": ["1:1: error[exposition]: the exposition contains no metric"],
    '# TYPE h histogram\nh_bucket{le="x"} 1\n': ["1:1: error[exposition]: le='x' of h is no number"],
    "# TYPE a info\n\na_info 1\n# EOF\n": ["2:1: error[exposition]: the line '' is invalid: Received blank line"],
    "# TYPE a info\na_info{ 1\n# EOF\n": [
        "2:1: error[exposition]: the line 'a_info{ 1' is invalid: Invalid value: '_info{'"
    ],
}


@pytest.mark.parametrize("text", WRONG)
def test_an_invalid_text_is_reported_at_its_lines(text: str) -> None:
    findings = read_exposition(text, "x.prom").findings
    heads = [str(finding).splitlines()[0] for finding in findings]
    assert [head.removeprefix("x.prom:") for head in heads] == WRONG[text]


def test_at_most_20_errors_of_a_text_are_reported() -> None:
    assert [len(read_exposition("x{ 1\n" * count, "x.prom").findings) for count in (19, 20, 21)] == [19, 20, 20]


@given(st.text(alphabet='ab_#{}=",\\ \n1.+eTYPEHLgauntcoris', max_size=80))
def test_any_text_is_read_or_reported(text: str) -> None:
    for each in (text, f"{text}\n# EOF\n"):
        result = read_exposition(each, "x.prom")
        assert result.metrics or result.findings


# --- files -------------------------------------------------------------------------------------------------------


def written(folder: Path, content: bytes) -> str:
    (folder / "x.prom").write_bytes(content)
    return str(folder / "x.prom")


def test_the_metrics_of_a_file_are_a_complete_catalog_at_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf# HELP a b\n# TYPE a gauge\na 1\nb 2\n")
    result = exposition(path)
    assert isinstance(result, Exposition)
    assert [str(metric.span()) for metric in result] == [f"{path}:1:1", f"{path}:4:1"]
    assert exposition(Path(path)) == result


CASES: dict[str, tuple[Any, str]] = {
    "snap.prom": ("snap.prom", "{folder}/snap.prom does not exist"),
    ".": (".", "{folder} is no file"),
    "a number": (5, "the path is 5, which is no text"),
    "a null character": ("a\0b", "{folder}/a\0b does not exist"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_read_is_reported(case: str, tmp_path: Path) -> None:
    path, message = CASES[case]
    with pytest.raises(LoadError) as error:
        exposition(tmp_path / path if isinstance(path, str) else path)
    assert [each.message for each in error.value.findings] == [message.format(folder=tmp_path)]


def test_invalid_content_is_reported() -> None:
    with pytest.raises(LoadError) as error:
        read_content(b"\x1f\x8b\xff", "x", "x.gz")
    assert [(each.message, each.hint) for each in error.value.findings] == [("x.gz is not UTF-8", "decompress it")]
    with pytest.raises(LoadError) as error:
        read_content(b"#" * (MAX_BYTES + 1), "x", "x.prom")
    assert [each.message for each in error.value.findings] == ["x.prom has more than 20,000,000 bytes"]
    assert read_content(b"#" * (MAX_BYTES - 4) + b"\na 1", "x", "x.prom") == (Metric("a"),)


def test_errors_in_a_file_stop_the_catalog(tmp_path: Path) -> None:
    with pytest.raises(ExpositionError, match="the line 'a' is invalid"):
        exposition(written(tmp_path, b"a\n"))


SHOP = """
from obscode import *
shop = Service("shop", metrics=exposition("snapshots/shop.prom"), alerts=[
    Alert("Errors", "rate(shop_errors_total[5m]) > 1", severity="page", summary="errors"),
])
"""


def test_a_path_starts_at_the_folder_of_the_definitions_file(project_folder: ProjectFolder) -> None:
    """The build notices a change of the file, and is unchanged without one."""
    project_folder.write(shop=SHOP)
    assert project_folder.run("build").err.splitlines()[0] == (
        "definitions/shop.py:5:43: error[import-file]: definitions/snapshots/shop.prom does not exist"
    )
    snapshot = project_folder.definitions / "snapshots/shop.prom"
    snapshot.parent.mkdir()
    snapshot.write_text("# TYPE shop_errors_total counter\nshop_errors_total 1\n")
    assert project_folder.run("build").err == ""
    assert project_folder.run("build", "--verbose").out.endswith("up to date\n")
    snapshot.write_text("# TYPE shop_failures_total counter\nshop_failures_total 1\n")
    assert "not-in-catalog" in project_folder.run("build").err
    snapshot.write_text("shop_failures_total\n")
    assert project_folder.run("build").err.splitlines()[0] == (
        "definitions/snapshots/shop.prom:1:1: error[exposition]: the line 'shop_failures_total' is invalid: "
        "Invalid value: 'shop_failures_total'"
    )
