"""`obscode init` recognises requests, failures and times by the names, labels and units of real servers."""

from __future__ import annotations

import pytest

from obscode import metrics
from obscode.reader.exposition import read_exposition
from obscode.scaffold.request_counts import Requests, find_requests
from obscode.scaffold.request_times import Latency, find_latencies, latency_bound, latency_sli, seconds_of

_GO_ERRORS = "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"
_ERRORS = "UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS"


def _requests(*series: str) -> Requests | None:
    """What is recognised in series, written as `counter name{label="value"}`."""
    lines = []
    for each in series:
        kind, _, text = each.partition(" ")
        name = text.partition("{")[0]
        lines.append(f"# TYPE {name} {kind}")
        if kind == "counter" or kind == "gauge":
            lines.append(f"{text} 5")
        else:
            lines += [f"{text.replace(name, f'{name}_{part}', 1)} 5" for part in ("sum", "count")]
    lines = sorted(set(lines), key=lines.index)  # one TYPE for several series
    return find_requests(read_exposition("\n".join(lines) + "\n", "").metrics)


@pytest.mark.parametrize(
    ("series", "errors", "total"),
    [
        # Spring Boot
        (
            ['summary http_server_requests_seconds{uri="/a",status="200"}'],
            'http_server_requests_seconds_count{status=~"5.."}',
            "http_server_requests_seconds_count",
        ),
        (
            [
                'summary http_server_requests_seconds{uri="/a",status="200"}',
                'summary http_server_requests_seconds{uri="/actuator/prometheus",status="200"}',
            ],
            'http_server_requests_seconds_count{status=~"5..", uri!="/actuator/prometheus"}',
            'http_server_requests_seconds_count{uri!="/actuator/prometheus"}',
        ),
        # Django
        (
            ['counter django_http_responses_total_by_status_total{status="200"}'],
            'django_http_responses_total_by_status_total{status=~"5.."}',
            "django_http_responses_total_by_status_total",
        ),
        # Envoy
        (
            [
                'counter envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="admin",'
                'envoy_response_code_class="2"}',
                'counter envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="web",'
                'envoy_response_code_class="2"}',
                'counter envoy_cluster_external_upstream_rq_xx{envoy_response_code_class="2"}',
            ],
            'envoy_http_downstream_rq_xx{envoy_response_code_class="5", envoy_http_conn_manager_prefix!="admin"}',
            'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix!="admin"}',
        ),
        # Istio
        (
            [
                'counter istio_requests_total{reporter="source",response_code="200"}',
                'counter istio_requests_total{reporter="destination",response_code="0"}',
            ],
            'istio_requests_total{response_code=~"5..", reporter="destination"}',
            'istio_requests_total{reporter="destination"}',
        ),
        # nginx-module-vts
        (
            [
                'counter nginx_vts_server_requests_total{host="a",code="2xx"}',
                'counter nginx_vts_server_requests_total{host="a",code="total"}',
            ],
            'nginx_vts_server_requests_total{code="5xx"}',
            'nginx_vts_server_requests_total{code!="total"}',
        ),
        # gRPC: Go, Java, numbers
        (
            ['counter grpc_server_handled_total{grpc_code="OK",grpc_service="grpc.health.v1.Health"}'],
            f'grpc_server_handled_total{{grpc_code=~"{_GO_ERRORS}", grpc_service!="grpc.health.v1.Health"}}',
            'grpc_server_handled_total{grpc_service!="grpc.health.v1.Health"}',
        ),
        (
            ['counter grpc_server_calls{grpc_status="OK"}', 'counter grpc_server_calls{grpc_status="NOT_FOUND"}'],
            f'grpc_server_calls{{grpc_status=~"{_ERRORS}"}}',
            "grpc_server_calls",
        ),
        (
            ['counter rpc_server_requests_total{rpc_grpc_status_code="0"}'],
            'rpc_server_requests_total{rpc_grpc_status_code=~"2|4|12|13|14|15"}',
            "rpc_server_requests_total",
        ),
        # TensorFlow Serving
        (
            [
                'counter :tensorflow:serving:request_count{model_name="m",status="OK"}',
                'counter :tensorflow:serving:request_count{model_name="m",status="INVALID_ARGUMENT"}',
            ],
            f':tensorflow:serving:request_count{{status=~"{_ERRORS}"}}',
            ":tensorflow:serving:request_count",
        ),
        # words
        (
            ['counter app_requests_total{status="success"}'],
            'app_requests_total{status!="success"}',
            "app_requests_total",
        ),
        (
            ['counter app_requests_total{status="success"}', 'counter app_requests_total{status="error"}'],
            'app_requests_total{status="error"}',
            "app_requests_total",
        ),
        # HTTP codes, and requests without one
        (
            ['counter http_requests_total{status="200"}', 'counter http_requests_total{status="UNKNOWN"}'],
            'http_requests_total{status=~"5.."}',
            "http_requests_total",
        ),
        # a server's own requests come before those of a part of it
        (
            [
                'counter controller_webhook_requests_total{code="200"}',
                'counter api_http_requests_total{code="200"}',
                'counter rest_client_requests_total{code="200"}',
            ],
            'api_http_requests_total{code=~"5.."}',
            "api_http_requests_total",
        ),
        # pairs of counters
        (["counter shop_errors_total", "counter shop_requests_total"], "shop_errors_total", "shop_requests_total"),
        (
            ['counter te_request_failure{err="overloaded"}', "counter te_request_count", "counter te_request_success"],
            "te_request_failure",
            "te_request_count",
        ),
        (
            ["counter http_requests_failed_total", "counter http_requests_total"],
            "http_requests_failed_total",
            "http_requests_total",
        ),
    ],
)
def test_requests_with_their_failures_are_recognised(series: list[str], errors: str, total: str) -> None:
    requests = _requests(*series)

    assert requests
    assert (requests.kind, requests.arguments) == ("Ratio", {"errors": errors, "total": total})


def test_successful_requests_beside_all() -> None:
    requests = _requests("counter te_request_count", "counter te_request_success")

    assert requests
    assert requests.arguments == {"good": "te_request_success", "total": "te_request_count"}


@pytest.mark.parametrize(
    ("series", "bad", "total"),
    [
        (
            ["counter nv_inference_request_success", "counter nv_inference_request_failure"],
            "sum(increase(nv_inference_request_failure[5m])) or 0 * sum(increase(nv_inference_request_success[5m]))",
            "sum(increase(nv_inference_request_success[5m])) + (sum(increase(nv_inference_request_failure[5m]))"
            " or 0 * sum(increase(nv_inference_request_success[5m])))",
        ),
        # TorchServe
        (
            ["counter Requests4XX", "counter Requests2XX", "counter Requests5XX"],
            "sum(increase(Requests5XX[5m])) or 0 * sum(increase(Requests2XX[5m]))",
            "sum(increase(Requests2XX[5m])) + (sum(increase(Requests4XX[5m])) or 0 * sum(increase(Requests2XX[5m])))"
            " + (sum(increase(Requests5XX[5m])) or 0 * sum(increase(Requests2XX[5m])))",
        ),
    ],
)
def test_requests_that_no_counter_counts_all_of(series: list[str], bad: str, total: str) -> None:
    requests = _requests(*series)

    assert requests
    assert (requests.kind, requests.arguments) == ("FreeQuery", {"bad": bad, "total": total})


@pytest.mark.parametrize(
    "series",
    [
        ['counter rest_client_requests_total{code="200"}'],
        ['counter envoy_cluster_external_upstream_rq_xx{envoy_response_code_class="2"}'],
        ['counter apiserver_admission_webhook_request_total{code="200"}'],
        ['counter response_total{direction="outbound",status_code="200"}'],
        ['counter istio_requests_total{reporter="source",response_code="200"}'],
        # The handler of an old Go client counts the scrapes only.
        ['counter http_requests_total{handler="prometheus",code="200"}'],
        ['gauge http_requests{code="200"}'],
        ['summary http_response_size_bytes{code="200"}'],
        ['counter jobs_total{status="success"}'],
        ['counter requests_total{status="queued"}', 'counter requests_total{status="success"}'],
        ["counter shop_errors_total", "counter shop_orders_total"],
        ["counter http_client_errors_total", "counter http_client_requests_total"],
        ["counter Requests4XX", "counter Requests2XX"],
        ["counter request_success_total"],
    ],
)
def test_other_metrics_are_no_requests(series: list[str]) -> None:
    assert _requests(*series) is None


# --- times ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "seconds"),
    [
        ("http_request_duration_seconds", {}, 1),
        ("http_server_requests_seconds", {}, 1),
        ("response_latency_ms", {"buckets": [1, 10]}, 0.001),
        ("http_server_duration_milliseconds", {"buckets": [1, 10]}, 0.001),
        ("envoy_http_downstream_rq_time", {"buckets": [0.5, 10]}, 0.001),
        (
            ":tensorflow:serving:request_latency",
            {"buckets": [10, 18], "help": "Total time spent on processing request in microseconds."},
            1e-6,
        ),
        ("te_request_duration", {"buckets": [0.0001, 0.5]}, 1),
        ("app_request_duration", {}, 1),
        ("app_request_duration", {"unit": "milliseconds", "buckets": [1, 2]}, 0.001),
        ("app_request_duration", {"buckets": [1, 10, 100]}, 0),
        ("app_request_duration", {"buckets": [0.09, 999]}, 1),
        ("app_request_duration", {"buckets": [0.1, 999]}, 0),
        ("app_request_duration", {"buckets": [0.09, 1000]}, 0),
    ],
)
def test_the_unit_of_a_histogram(name: str, arguments: dict[str, object], seconds: float) -> None:
    assert seconds_of(metrics.Histogram(name, **arguments)) == seconds  # type: ignore[arg-type]


def test_the_times_of_tokens_come_before_those_of_requests() -> None:
    catalog = [
        metrics.Histogram("lmdeploy:e2e_request_latency_seconds"),
        metrics.Histogram("lmdeploy:time_to_first_token_seconds"),
        metrics.Histogram("lmdeploy:inter_token_latency_seconds"),
    ]

    assert [(each.name, each.metric.name) for each in find_latencies(catalog, None)] == [
        ("first-token", "lmdeploy:time_to_first_token_seconds"),
        ("per-token", "lmdeploy:inter_token_latency_seconds"),
    ]


def test_a_histogram_whose_name_has_another_unit_names_it() -> None:
    latency = Latency(metrics.Histogram("x_latency", buckets=[100, 200_000]), ['a="b"'], 1e-6)

    assert latency_sli(latency, latency_bound(latency, {})) == (
        "Latency",
        {"": 'x_latency{a="b"}', "under": "200ms", "histogram_unit": "microseconds"},
        "200ms",
    )
