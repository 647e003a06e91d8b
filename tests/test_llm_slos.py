"""SLOs of `presets.llm_serving` on real series: which requests are failures, and which meet both limits."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from promql_cases import Case, check

from obscode import Service, presets
from obscode.presets.llm.vllm import VLLM
from obscode.toolchain import Tool

ENDED = 'vllm:request_success_total{{job="chat",instance="a",model_name="m",finished_reason="{}"}}'
HTTP = 'http_requests_total{{job="chat",instance="a",handler="none",method="POST",status="{}"}}'
SGLANG = 'sglang:http_{}{{job="chat",instance="{}",endpoint="/v1/chat/completions",method="POST"{}}}'


def share(service: Service, slo: str) -> str:
    events = next(each for each in service.slos if each.name == slo).sli.events("5m")
    return f"({events.bad}) / ({events.total})"


def growing(per_minute: float, start: float = 0) -> str:
    return f"{start}+{per_minute}x20"


@pytest.mark.parametrize(
    ("stop", "error", "abort", "good", "bad", "expected"),
    [
        pytest.param(100, 0, 20, 100, None, 0, id="abandoned requests are no failures"),
        pytest.param(90, 10, 0, 100, None, 0.1, id="an answer that fails after its begin has the status 200"),
        pytest.param(90, 10, 0, 90, 10, 0.1, id="a failure with the status 500 is counted once"),
        pytest.param(0, 0, 0, 0, 30, 1, id="an engine that crashed counts nothing"),
        pytest.param(70, 0, 0, 70, 30, 0.3, id="one of several engines crashed"),
    ],
)
def test_a_request_of_vllm_that_fails_is_counted_once(
    stop: float, error: float, abort: float, good: float, bad: float | None, expected: float, newest_promtool: Tool
) -> None:
    series = {
        ENDED.format("stop"): growing(stop),
        ENDED.format("error"): growing(error),
        ENDED.format("abort"): growing(abort),
        HTTP.format("2xx"): growing(good),
    }
    if bad is not None:
        series[HTTP.format("5xx")] = growing(bad)
    expr = share(presets.llm_serving("chat", engine="vllm"), "availability")
    check(newest_promtool, series, [Case(expr, "15m", {"{}": expected})])


def test_without_http_metrics_the_engine_counts_the_failures_of_vllm(newest_promtool: Tool) -> None:
    series = {ENDED.format("stop"): growing(90), ENDED.format("error"): growing(10)}
    for arguments in ({"http_metrics": False}, {}):
        expr = share(presets.llm_serving("chat", engine="vllm", **arguments), "availability")  # type: ignore[arg-type]
        check(newest_promtool, series, [Case(expr, "15m", {"{}": 0.1})])


def answers(instance: str, requests: str, responses: Mapping[str, str], active: str) -> Mapping[str, str]:
    return {
        SGLANG.format("requests_total", instance, ""): requests,
        SGLANG.format("requests_active", instance, ""): active,
        **{
            SGLANG.format("responses_total", instance, f',status_code="{status}"'): values
            for status, values in responses.items()
        },
    }


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param(
            answers("a", growing(100), {"200": growing(90), "500": growing(10)}, "0x20"), 0.1, id="status 500"
        ),
        pytest.param(answers("a", growing(100), {"200": growing(90)}, "0x20"), 0.1, id="handlers that raise"),
        pytest.param(answers("a", growing(100), {"200": growing(90)}, growing(10)), 0, id="requests in progress"),
        pytest.param(
            answers("a", "100+100x20", {"200": "100+100x20", "400": f"{'_ ' * 12}50x9"}, "0x11 0x9"),
            0,
            id="the first responses with a status are no failures",
        ),
    ],
)
def test_a_request_of_sglang_without_a_response_failed(
    series: Mapping[str, str], expected: float, newest_promtool: Tool
) -> None:
    expr = share(presets.llm_serving("chat", engine="sglang"), "availability")
    check(newest_promtool, series, [Case(expr, "15m", {"{}": expected})])


def test_requests_that_clients_of_tgi_abandon_are_no_failures(newest_promtool: Tool) -> None:
    series = {
        'tgi_request_count{job="chat"}': growing(100),
        'tgi_request_failure{job="chat",err="dropped"}': growing(20),
        'tgi_request_failure{job="chat",err="generation"}': growing(10),
    }
    expr = share(presets.llm_serving("chat", engine="tgi"), "availability")
    check(newest_promtool, series, [Case(expr, "15m", {"{}": 0.1})])


def histogram(name: str, bound: str, fast: float) -> Mapping[str, str]:
    labels = 'job="chat",instance="a",model_name="m"'
    return {
        f'vllm:{name}_bucket{{{labels},le="{bound}"}}': growing(fast),
        f'vllm:{name}_bucket{{{labels},le="+Inf"}}': growing(100),
        f"vllm:{name}_count{{{labels}}}": growing(100),
    }


@pytest.mark.parametrize(("first", "token", "expected"), [(95, 90, 0.15), (100, 100, 0), (30, 20, 1)])
def test_goodput_is_at_least_the_share_that_misses_no_limit(
    first: float, token: float, expected: float, newest_promtool: Tool
) -> None:
    series = {
        **histogram("time_to_first_token_seconds", "0.5", first),
        **histogram("request_time_per_output_token_seconds", "0.03", token),
    }
    service = presets.llm_serving("chat", engine="vllm", tier="interactive", goodput=95, added_bounds=True)
    check(newest_promtool, series, [Case(share(service, "goodput"), "15m", {"{}": expected})])


def test_the_flag_of_added_bounds_has_those_of_all_limits() -> None:
    flag = VLLM.flag({"vllm:time_to_first_token_seconds": 2, "vllm:request_time_per_output_token_seconds": 0.03})

    assert flag == (
        '--custom-histogram-buckets \'{"time_to_first_token": [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25,'
        ' 0.5, 0.75, 1, 2, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560], "inter_token_latency": [0.01, 0.025, 0.03,'
        " 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80]}'"
    )
    service = presets.llm_serving("chat", engine="vllm", first_token="2s", per_token="30ms")
    assert all(flag in slo.description for slo in service.slos[:2])


def test_limits_that_are_added_bounds_are_kept() -> None:
    for engine in ("vllm", "sglang"):
        service = presets.llm_serving("chat", engine=engine, first_token="3s", per_token="33ms", added_bounds=True)

        assert [slo.description for slo in service.slos[:2]] == [
            "At most 3 s until the first token.",
            "At most 33 ms until each further token.",
        ]
        assert [float(bound) for slo in service.slos[:2] for _, bound in slo.sli.latency_bounds()] == [3, 0.033]
