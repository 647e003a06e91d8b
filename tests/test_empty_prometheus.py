"""Samples of remote write, and the Prometheus that takes them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from obscode.clients.empty_prometheus import empty_prometheus
from obscode.clients.remote_write import STALE, SampleEncoder, TimeGrid, encode_series, request_bodies
from obscode.toolchain import Tool

NOW = 1_795_000_020_000


def test_samples_are_requests_of_remote_write() -> None:
    samples = SampleEncoder().encode([(NOW, 1.0), (NOW + 60_000, STALE)])
    (content,) = request_bodies([encode_series({"__name__": "x"}, samples)])

    # Snappy: the length, a literal with a length of 4 bytes. Then labels, a sample, a staleness marker.
    assert content.hex() == (
        "35fc34000000" + "0a33" + "0a0d" + "0a085f5f6e616d655f5f" + "120178"
        "1210" + "09000000000000f03f" + "10a0d8daf29e34"
        "1210" + "09020000000000f07f" + "1080addef29e34"
    )


def test_samples_on_a_grid_are_the_same_bytes() -> None:
    pairs = [(NOW + 15_000 * n, n / 3) for n in range(100)]

    assert TimeGrid([at for at, _ in pairs]).encode([value for _, value in pairs]) == SampleEncoder().encode(pairs)


def test_large_requests_are_divided() -> None:
    assert [len(body) for body in request_bodies([b"x" * 3_000_000] * 3)] == [6_000_009, 3_000_009]


def test_a_connection_that_prometheus_closed_is_opened_again(newest_prometheus: Tool) -> None:
    series = encode_series({"__name__": "x"}, TimeGrid([NOW]).encode([7]))
    with empty_prometheus(newest_prometheus, flags=["--web.read-timeout=100ms"]) as server:
        assert server.query("x", NOW / 1000) == []
        time.sleep(1)  # Prometheus closes connections that are idle for its read timeout, by default 5 minutes
        server.write([series])
        time.sleep(1)
        (result,) = server.query("x", NOW / 1000)

    assert [value for _, value in result.samples] == [7]


def test_threads_query_at_the_same_time(newest_prometheus: Tool) -> None:
    with empty_prometheus(newest_prometheus) as server, ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda number: server.query(f"vector({number})", NOW / 1000), range(200)))

    assert [series.samples[0][1] for (series,) in results] == list(range(200))
