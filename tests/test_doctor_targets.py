"""`obscode doctor --target`: what the text of a target says after several scrapes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from conftest import ProjectFolder
from metrics_server import served

from obscode.doctor.exposition_faults import SCRAPES, exposition_faults
from obscode.doctor.scrapes import scrape
from obscode.findings.errors import Exit
from obscode.verify import servers

URL = "http://shop/metrics"
ROUTES = """\
# TYPE http_requests_total counter
http_requests_total{path="/pay",status="200"} 3
http_requests_total{path="/pay",status="500"} 0
"""


def worker(requests: int, start: float | None = None) -> str:
    started = f"# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {start}\n" if start else ""
    return f"# TYPE requests_total counter\nrequests_total {requests}\n{started}"


def messages(*texts: str) -> list[str]:
    return [f"{each.severity}: {each.message}" for each in exposition_faults(URL, [scrape(text) for text in texts])]


def in_turn(times: str, scrapes: int, example: str) -> list[str]:
    return [
        f"error: {URL} exposes the counters of several processes in turn: they went back {times} in {scrapes} scrapes,"
        f" such as {example}"
    ]


# --- several workers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scrapes", "expected"),
    [
        ([(156, 1), (107, 2), (156, 1), (37, 3)], in_turn("3 times", 4, "requests_total from 156 to 107")),
        ([(156, 1), (107, 1)], in_turn("once", 2, "requests_total from 156 to 107")),
        ([(5, 2.02), (5, 2.01)], in_turn("once", 2, "process_start_time_seconds from 2.02 to 2.01")),
        ([(5, 1), (6, 1), (6, 1)], []),
        ([(156, 1), (3, 2), (4, 2), (1, 3)], []),
        ([(156, None), (107, None), (156, None), (37, None)], in_turn("twice", 4, "requests_total from 156 to 107")),
        ([(156, None), (3, None), (4, None)], []),
    ],
    ids=[
        "workers that started one after the other",
        "workers that started at the same time",
        "workers without requests",
        "one worker",
        "a worker that restarts between scrapes",
        "workers without a start",
        "a restart without a start",
    ],
)
def test_several_workers_are_no_restarts(scrapes: Sequence[tuple[int, float | None]], expected: Sequence[str]) -> None:
    assert messages(*(worker(*each) for each in scrapes)) == [each.replace("twice", "2 times") for each in expected]


def test_gauges_of_each_worker_are_reported() -> None:
    gauge = '# TYPE queue gauge\nqueue{pid="7"} 1\nqueue{pid="8"} 1\n# TYPE threads gauge\nthreads 1\n'
    assert messages(gauge) == [f"warning: {URL} exposes a series for each worker, with the label pid, of queue"]


# --- labels --------------------------------------------------------------------------------------------------------


def requests(*paths: str, status: str) -> str:
    return ROUTES + "".join(f'http_requests_total{{path="{path}",status="{status}"}} 1\n' for path in paths)


@pytest.mark.parametrize(
    ("paths", "status", "listed"),
    [
        ([f"/items/{i}" for i in range(3)], "500", "/items/0, /items/1, /items/2"),
        ([f"/items/{i}" for i in range(2)], "500", ""),
        ([f"/wp-{chr(97 + i)}.php" for i in range(20)], "404", "/wp-a.php, /wp-b.php, /wp-c.php, ..."),
        ([f"/wp-{chr(97 + i)}.php" for i in range(19)], "404", ""),
        ([f"/{chr(97 + i)}" for i in range(20)], "500", ""),
    ],
    ids=["ids", "versions", "a scan", "some missing pages", "routes"],
)
def test_paths_in_a_label_are_reported(paths: Sequence[str], status: str, listed: str) -> None:
    message = f"warning: {URL} exposes paths in the label path of http_requests_total: {listed}"
    assert messages(requests(*paths, status=status)) == ([message] if listed else [])


def test_routes_without_a_series_of_errors_are_reported() -> None:
    text = requests("/a", "/b", status="200") + 'http_requests_total{path="/gone",status="404"} 1\n'
    assert messages(text) == [
        f"warning: {URL} exposes no series of http_requests_total with a status of 500 or more for 2 of 3 routes:"
        " /a, /b"
    ]


def test_classes_of_statuses_are_statuses() -> None:
    assert messages(requests("/a", status="2xx")) == [
        f"warning: {URL} exposes no series of http_requests_total with a status of 500 or more for 1 of 2 routes: /a"
    ]


# --- metrics -------------------------------------------------------------------------------------------------------


def test_metrics_without_series_are_reported() -> None:
    text = "# TYPE jobs_total counter\n# TYPE jobs_created gauge\n# TYPE times histogram\n# TYPE a gauge\na 1\n"
    assert messages(text) == [f"warning: {URL} exposes the type and no series of jobs_total, times"]


def test_scrapes_that_are_counted_are_reported() -> None:
    histogram = '# TYPE times histogram\ntimes_bucket{path="/metrics",le="+Inf"} 2\ntimes_count{path="/metrics"} 2\n'
    text = requests("/metrics", status="200") + histogram
    assert messages(text) == [f"warning: {URL} counts its scrapes in http_requests_total, times"]


def test_counters_of_open_metrics_have_their_suffix() -> None:
    text = "# TYPE requests counter\nrequests_total {}\n# EOF\n"
    assert messages(text.format(9), text.format(3), text.format(9), text.format(3)) == in_turn(
        "2 times", 4, "requests_total from 9 to 3"
    )


# --- the command ---------------------------------------------------------------------------------------------------


def test_a_target_is_scraped_several_times_without_definitions(project_folder: ProjectFolder) -> None:
    answer = (200, {"Content-Type": "text/plain; version=0.0.4"}, ROUTES.encode())
    with served({"/metrics": answer}) as (url, requested):
        result = project_folder.run("doctor", "--target", f"{url}/metrics")
    assert (result.exit, result.out, result.err) == (Exit.OK, "OK: no faults\n", "")
    assert len(requested) == SCRAPES
    assert {headers["Connection"] for headers in requested} == {"close"}


def test_a_target_that_does_not_answer_is_a_fault(project_folder: ProjectFolder) -> None:
    url = f"http://127.0.0.1:{servers.free_port()}/metrics"
    result = project_folder.run("doctor", "--target", url)
    assert result.exit == Exit.FINDINGS
    assert result.err.startswith(f"error[import-file]: {url} cannot be read: Connection refused\n")
