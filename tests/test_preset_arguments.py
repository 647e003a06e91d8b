"""Wrong arguments of presets are reported at their place, and never end in an exception of Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from typing import Any, get_type_hints

import pytest
from conftest import ProjectFolder

from obscode import Definitions, Project, ScrapeJob, Service, metrics, presets, sli
from obscode.compiler import compile_sound
from obscode.findings.errors import DefinitionError
from obscode.model.slo import SLO

SHOP = Service(
    "shop",
    scrape=ScrapeJob(["shop:8000"]),
    metrics=[metrics.Counter("requests_total", labels=["status"])],
    slos=[SLO("errors", 99, sli.Ratio(errors='requests_total{status="500"}', total="requests_total"))],
)
# Values for required arguments.
REQUIRED: dict[str, Any] = {
    "name": "shop",
    "every": "1d",
    "max_duration": "2h",
    "targets": ["localhost:9091"],
    "engine": "vllm",
    "views": {"users": "1d"},
    "store": "feast",
    "gateway": "litellm",
    "service": SHOP,
    "scrape": ScrapeJob(["shop:8000"]),
}
# Of a wrong type, or texts that are no name, duration, matcher, label, or choice.
VALUES = [None, 7, 0.5, "x y", 'a="', "{{", ["x y"], {1: "a"}]


def functions() -> Iterator[Callable[..., Any]]:
    for value in vars(presets).values():
        if callable(value) and get_type_hints(value).get("return") is Service and hasattr(value, "__wrapped__"):
            yield value


FUNCTIONS = list(functions())


def test_each_function_that_returns_a_service_checks_its_arguments() -> None:
    public = [value for value in vars(presets).values() if callable(value) and not isinstance(value, type)]
    services = {each.__name__ for each in public if get_type_hints(each).get("return") is Service}

    assert services - {each.__name__ for each in FUNCTIONS} == {"without_metrics"}


def cases() -> Iterator[Any]:
    for function in FUNCTIONS:
        for name, parameter in signature(function).parameters.items():
            if parameter.kind is not Parameter.VAR_KEYWORD:
                yield pytest.param(function, name, id=f"{function.__name__}-{name}")


@pytest.mark.parametrize(("function", "name"), list(cases()))
def test_a_wrong_value_is_a_finding(function: Callable[..., Service], name: str) -> None:
    required = {
        each: REQUIRED[each]
        for each, parameter in signature(function).parameters.items()
        if parameter.default is Parameter.empty
    }
    for value in VALUES:
        try:
            service = function(**{**required, name: value})
        except DefinitionError:
            continue
        compile_sound(Definitions(Project("team"), services=[service]))


CALLS = {
    'presets.llm_serving("chat", engine="vlm")': (
        "3:43: error[argument-type]: 'vlm' is not 'vllm', 'sglang' or 'tgi'",
        "did you mean 'vllm'?",
    ),
    'presets.llm_serving("chat", engin="vllm")': (
        "3:42: error[unknown-argument]: presets.llm_serving has no argument 'engin'",
        "did you mean 'engine'?",
    ),
    'presets.llm_serving("chat")': (
        "3:8: error[missing-argument]: presets.llm_serving needs 'engine'",
        "write presets.llm_serving(name, engine)",
    ),
    'presets.http_service("shop", latency="5 s")': (
        "3:45: error[preset-argument]: '5 s' is not a duration",
        'write "5s"',
    ),
    'presets.http_service("shop", scrape="localhost:8000")': (
        "3:44: error[argument-type]: 'localhost:8000' is not a Job or a list of Jobs",
        "write ScrapeJob(...)",
    ),
    'presets.http_service("shop", where="a=b")': (
        "3:43: error[preset-argument]: 'a=b' is not a list of matchers: unexpected identifier \"b\" in label matching,"
        " expected string",
        'write matchers without braces, such as namespace="shop"',
    ),
    'presets.llm_serving("chat", engine="vllm", first_token="2h")': (
        "3:63: error[preset-argument]: 7200 s is far from each bound of vllm:time_to_first_token_seconds: the nearest"
        " is 2560 s",
        "write a limit near a bound, such as '10m40s' or '42m40s'",
    ),
    'presets.http_service("shop", latency="2ms")': (
        "3:45: error[preset-argument]: 2 ms is far from each bound of http_request_latency_seconds: the nearest is 5"
        " ms",
        "write a limit near a bound, such as '5ms' or '10ms'",
    ),
    'presets.llm_serving("chat", engine="vllm", buckets={"time_to_first_tokens": [1, 2]})': (
        "3:59: error[preset-argument]: vLLM has no histogram 'time_to_first_tokens' that the preset reads",
        "its histograms are vllm:time_to_first_token_seconds, vllm:request_time_per_output_token_seconds,"
        " vllm:inter_token_latency_seconds, vllm:iteration_tokens_total, vllm:e2e_request_latency_seconds,"
        " vllm:request_queue_time_seconds",
    ),
    'presets.llm_serving("Chat Service!", engine="vllm")': (
        "3:28: error[service-name]: 'Chat Service!' is not a valid name",
        "use letters, digits, '-', '_' and '.', such as 'chat-service'",
    ),
    'presets.batch_job("export", every="1d", max_duration="1h", results=[metrics.Counter("rows_total")])': (
        "3:75: error[preset-argument]: rows_total is a counter; a batch job pushes gauges",
        "push the value of the last run: metrics.Gauge(...)",
    ),
    'presets.model_quality("payments", accuracy=90)': (
        "3:51: error[preset-argument]: 90 is not a share between 0 and 1",
        "write a number such as 0.9",
    ),
    'presets.model_quality("payments", confidence=95)': (
        "3:8: error[preset-argument]: the confidence 95 is not between 0.5 and 1",
        "help(presets.model_quality) describes the arguments",
    ),
}


@pytest.mark.parametrize(("call", "expected"), CALLS.items(), ids=CALLS)
def test_a_finding_is_at_the_argument_with_a_hint(
    call: str, expected: tuple[str, str], project_folder: ProjectFolder
) -> None:
    project_folder.write(shop=f"chat = {call}\n")
    message, hint = expected

    lines = project_folder.run("build").err.splitlines()

    assert lines[0] == f"definitions/shop.py:{message}"
    assert lines[-1] == f"  hint: {hint}"


@pytest.mark.parametrize("name", ["time_to_first_token_seconds", "vllm:time_to_first_token_seconds"])
def test_histograms_of_servers_are_named_with_and_without_the_prefix(name: str) -> None:
    chat = presets.llm_serving("chat", engine="vllm", buckets={name: [1, 3, 9]}, first_token="3s")

    assert {metric.name: metric for metric in chat.metrics}["vllm:time_to_first_token_seconds"].bounds() == (1, 3, 9)  # type: ignore[attr-defined]


def test_a_limit_is_at_most_twice_its_nearest_bound() -> None:
    presets.http_service("shop", latency="20s", buckets=[1, 10])
    with pytest.raises(DefinitionError, match="20 s is far from each bound"):
        presets.http_service("shop", latency="20001ms", buckets=[1, 10])
