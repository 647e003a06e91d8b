"""`obscode metrics`: the metrics that a service exposes as Python, and compared with its definition."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from conftest import ProjectFolder

from obscode import metrics
from obscode.importers.catalog_comparison import differences
from obscode.importers.catalog_source import catalog_source, joined
from obscode.importers.exposition import ExpositionError
from obscode.model.metrics import DEFAULT_BUCKETS, Counter, Gauge, Histogram, Metric, Summary
from obscode.reader.exposition import read_exposition

EXPOSED = """\
# HELP shop_orders_total Orders of all "customers"
# TYPE shop_orders_total counter
shop_orders_total{status="200",path="/"} 5
# TYPE shop_wait_seconds histogram
shop_wait_seconds_bucket{le="0.1"} 1
shop_wait_seconds_bucket{le="1.0"} 1
shop_wait_seconds_bucket{le="+Inf"} 1
shop_wait_seconds_sum 1
shop_wait_seconds_count 1
# TYPE shop_size summary
shop_size{quantile="0.5"} 1
# TYPE shop_later gauge
shop_other 1
# TYPE process_open_fds gauge
process_open_fds 9
# TYPE process_max_fds gauge
process_max_fds 9
"""
SOURCE = """\
from obscode import metrics

# obscode knows process_open_fds and 1 other standard metric.
METRICS = [
    metrics.Counter(
        "shop_orders_total",
        labels=["status", "path"],
        help='Orders of all "customers"',
    ),
    metrics.Histogram("shop_wait_seconds", buckets=[0.1, 1]),
    metrics.Summary("shop_size", quantiles=[0.5]),
    metrics.Gauge("shop_later", more_labels=True),
    metrics.Metric("shop_other"),
]
"""


def test_the_metrics_of_a_file_are_printed_as_python(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.prom").write_text(EXPOSED)
    printed = project_folder.run("metrics", "shop.prom")
    assert (printed.exit, printed.out, printed.err) == (0, SOURCE, "")


EVERY: list[Metric] = [
    Counter("a_total", labels={"code": ("200", "500"), "path": ()}, unit="x"),
    Gauge("g", help="long " * 40 + "\n'\""),
    Histogram("n", native=True),
    Histogram("h", buckets=DEFAULT_BUCKETS),
    Histogram("i", buckets=(), more_labels=True),
    Histogram("j", buckets=(-1.5, 1e-9, 5.0, 1e30), labels=("a",)),
    Summary("s", quantiles=(0.0, 0.999, 1.0)),
    Metric("a.b", labels=("c.d",)),
]


def test_the_source_declares_the_metrics_and_ruff_leaves_it() -> None:
    source = catalog_source(EVERY)
    names: dict[str, Any] = {}
    exec(source, names)
    assert names["METRICS"] == EVERY
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    assert subprocess.run(ruff, input=source, capture_output=True, text=True, check=True).stdout == source


def test_without_standard_metrics_there_is_no_comment() -> None:
    assert catalog_source([Gauge("a")]) == 'from obscode import metrics\n\nMETRICS = [\n    metrics.Gauge("a"),\n]\n'
    assert "# obscode knows up, a standard metric.\n" in catalog_source([Gauge("up")])


# --- several processes -------------------------------------------------------------------------------------------


def read(text: str) -> list[Metric]:
    return list(read_exposition(text, "x.prom").metrics)


def test_metrics_of_several_processes_have_the_labels_and_buckets_of_all() -> None:
    first = '# TYPE h histogram\nh_bucket{a="1",le="1"} 1\n# TYPE c counter\n# TYPE s summary\ns{quantile="0.5"} 1\n'
    second = '# TYPE h histogram\nh_bucket{b="2",le="2"} 1\n# TYPE c counter\nc{x="y"} 1\n'
    second += '# TYPE s summary\ns{quantile="1"} 1\n'
    assert joined([read(first), read(second)]) == [
        Histogram("h", labels=["a", "b"], buckets=[1, 2], observed={"a": ("1",), "b": ("2",)}),
        Counter("c", labels=["x"], observed={"x": ("y",)}),
        Summary("s", quantiles=[0.5, 1]),
    ]
    native = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\n'
    classic = '# TYPE h histogram\nh_bucket{le="1"} 1\n'
    assert joined([read(native), read(classic)]) == joined([read(classic), read(native)]) == read(classic)
    states = [read(f'# TYPE m stateset\nm{{m="{state}"}} 1\n# EOF\n') for state in ("on", "off")]
    assert [metric.labels for metric in joined(states)] == [{"m": ("on", "off")}]


def test_a_metric_with_two_types_in_two_processes_is_an_error() -> None:
    with pytest.raises(ExpositionError) as error:
        joined([read("# TYPE a gauge\na 1\n"), read("# TYPE a counter\na 1\n")])
    assert [each.message for each in error.value.findings] == ["metric a is a counter and a gauge at x.prom:1:1"]


# --- comparison --------------------------------------------------------------------------------------------------

SAME: list[tuple[Metric, Metric]] = [
    (Counter("a_total", labels=["x", "y"]), Counter("a_total", labels=["y", "x"])),
    (Counter("a"), Counter("a_total")),
    (Counter("a"), Counter("a")),
    (Gauge("a"), Metric("a")),
    (Metric("a"), Gauge("a")),
    (Histogram("a", buckets=[1]), Histogram("a", buckets=(), more_labels=True)),
    (Gauge("a", labels=["x"]), Gauge("a", more_labels=True)),
    (Gauge("a", more_labels=True), Gauge("a", labels=["x"])),
    (Histogram("a", buckets=[1, float("inf")]), Histogram("a", buckets=[1.0])),
    (Gauge("a", labels={"x": ["1", "2"]}), Gauge("a", labels=["x"], observed={"x": ["1"]})),
]


@pytest.mark.parametrize(("declared", "exposed"), SAME)
def test_metrics_that_are_as_declared_have_no_difference(declared: Metric, exposed: Metric) -> None:
    assert differences([declared], [exposed]) == []


DIFFERENT: list[tuple[Metric, Metric, str, str]] = [
    (Gauge("a"), Counter("a"), "type", "declared as gauge, exposed as counter"),
    (Counter("a_total"), Gauge("a_total"), "type", "declared as counter, exposed as gauge"),
    (Histogram("a"), Histogram("a", native=True), "type", "declared as histogram, exposed as native histogram"),
    (Gauge("a", labels=["x", "y"]), Gauge("a", labels=["x", "z"]), "labels", "not exposed: y; not declared: z"),
    (Gauge("a", labels=["x"], more_labels=True), Gauge("a", labels=["z"]), "labels", "not exposed: x"),
    (
        Histogram("a", buckets=[0.1, 1]),
        Histogram("a", buckets=[1, 2, 3]),
        "buckets",
        "not exposed: 0.1; not declared: 2, 3",
    ),
    (Summary("a", quantiles=[0.5]), Summary("a"), "quantiles", "not exposed: 0.5"),
    (
        Gauge("a", labels={"x": ["1"]}),
        Gauge("a", labels=["x"], observed={"x": ["1", "2", "3"]}),
        "values",
        "x: not declared: 2, 3",
    ),
]


@pytest.mark.parametrize(("declared", "exposed", "kind", "detail"), DIFFERENT)
def test_a_difference_is_listed(declared: Metric, exposed: Metric, kind: str, detail: str) -> None:
    assert [each[:3] for each in differences([declared], [exposed])] == [(kind, declared.name, detail)]


SHOP = """
shop = Service("shop", metrics=[metrics.Counter("shop_orders_total", labels=["status"]), metrics.Gauge("shop_carts")])
"""


def test_the_metrics_of_a_file_are_compared_with_a_definition(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)
    snapshot = project_folder.root / "shop.prom"
    orders = '# TYPE shop_orders_total counter\nshop_orders_total{status="200"} 1\n'
    snapshot.write_text(f"# TYPE shop_carts gauge\nshop_carts 1\n{orders}")
    compared = project_folder.run("metrics", "shop.prom", "--compare", "shop")
    assert (compared.exit, compared.out) == (0, "OK: 2 metrics of service shop as declared\n")
    snapshot.write_text(EXPOSED.partition("# TYPE shop_wait")[0] + "# TYPE shop_stock gauge\nshop_stock 1\n")
    compared = project_folder.run("metrics", "shop.prom", "--compare", "shop")
    assert compared.out.splitlines() == [
        "KIND     METRIC             DIFFERENCE                    SOURCE",
        "labels   shop_orders_total  not declared: path            definitions/shop.py:4:33",
        "missing  shop_carts         a gauge that is not exposed   definitions/shop.py:4:90",
        "extra    shop_stock         a gauge that is not declared  shop.prom:4:1",
    ]
    assert compared.exit == 1


def test_an_unknown_service_is_an_error(project_folder: ProjectFolder) -> None:
    project_folder.write(shop=SHOP)
    (project_folder.root / "shop.prom").write_text("a 1\n")
    compared = project_folder.run("metrics", "shop.prom", "--compare", "shp")
    message = "error[invalid-argument]: there is no service 'shp' in definitions"
    assert (compared.exit, compared.err.splitlines()) == (2, [message, "  hint: did you mean 'shop'?"])


def test_the_namespace_has_every_kind() -> None:
    assert {kind.__name__ for kind in (Counter, Gauge, Histogram, Metric, Summary)} <= set(metrics.__all__)
