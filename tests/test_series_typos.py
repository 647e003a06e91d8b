"""Which names are likely typos of known series, and which are other metrics."""

from __future__ import annotations

import pytest

from obscode.checks.series_typos import KnownNames

KNOWN = [
    "http_requests_total",
    "http_request_duration_seconds_bucket",
    "node_memory_MemFree_bytes",
    "node_load15",
    "node_network_rx_bytes_total",
    "jvm_threads_active",
    "queue_enqueue_total",
    "disk_read_retries_total",
    "server_max_latency_seconds",
    "vllm:num_requests_running",
    "lock_count_R",
]
TYPOS = {
    "http_reqests_total": "http_requests_total",  # a letter is missing
    "http_requetss_total": "http_requests_total",  # two are swapped
    "http_requests_totall": "http_requests_total",
    "htp_reqests_total": "http_requests_total",  # two letters
    "http_request_total": "http_requests_total",  # the singular
    "httprequests_total": "http_requests_total",
    "http_request_stotal": "http_requests_total",
    "HTTP_requests_total": "http_requests_total",
    "node_memory_memfree_bytes": "node_memory_MemFree_bytes",
    "vllm:num_requests_runing": "vllm:num_requests_running",
    "node_network_rz_bytes_total": "node_network_rx_bytes_total",
}
OTHER_METRICS = [
    "htp_reqests_totl",  # three letters
    "node_load5",
    "node_load1",
    "node_network_tx_bytes_total",
    "jvm_threads_inactive",
    "queue_dequeue_total",
    "disk_write_retries_total",
    "server_min_latency_seconds",
    "lock_count_w",
    "lock_count_r",
    "disk_a_read_retries_total",
    "",
    "up",
]


@pytest.mark.parametrize(("name", "known"), TYPOS.items())
def test_a_name_within_two_letters_is_a_typo(name: str, known: str) -> None:
    assert KnownNames(KNOWN).typo_of(name) == known


@pytest.mark.parametrize("name", OTHER_METRICS)
def test_a_name_that_can_be_real_is_no_typo(name: str) -> None:
    assert KnownNames(KNOWN).typo_of(name) == ""


def test_a_word_of_another_known_name_can_be_real() -> None:
    names = ["shop_carts_total", "shop_zards_open"]
    assert KnownNames(names[:1]).typo_of("shop_zards_total") == "shop_carts_total"
    assert KnownNames(names).typo_of("shop_zards_total") == ""


def test_the_closest_name_is_suggested() -> None:
    assert KnownNames(["a_boxxes_total", "a_boxxess_total"]).typo_of("a_boxes_total") == "a_boxxes_total"


def test_names_of_more_than_200_letters_are_not_compared() -> None:
    assert KnownNames(["x" * 199 + "a"]).typo_of("x" * 199 + "qq"[:1]) == "x" * 199 + "a"
    assert KnownNames(["x" * 200 + "a"]).typo_of("x" * 200 + "q") == ""
