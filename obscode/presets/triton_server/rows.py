"""The dashboard of Triton Inference Server: requests, times, batches, and what the server is started with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override
from obscode.model.panels import Heatmap, Query, Table, TimeSeries
from obscode.presets.triton_server import catalog
from obscode.presets.triton_server.queries import Queries
from obscode.promql.selector import Matcher

_MODEL = "{{model}}"
_GPU = "{{instance}} {{gpu_uuid}}"


def rows(queries: Queries) -> Iterator[Row]:
    """The rows that each server has."""
    yield Row("Requests", *_request_panels(queries))
    yield Row("Times", *_time_panels(queries))
    yield Row("Models", _models(queries))


def _request_panels(queries: Queries) -> Iterator[TimeSeries]:
    yield TimeSeries(
        "Requests",
        queries.ended(),
        legend=_MODEL,
        unit="reqps",
        description="Requests that end each second, without those that clients cancel.",
    )
    yield TimeSeries(
        "Failed requests",
        queries.failed_share(),
        legend=_MODEL,
        unit="percentunit",
        minimum=0,
        description="The share of requests that fail. An ensemble counts a failure of its models up to twice.",
    )
    yield TimeSeries(
        "Failures by reason",
        queries.rate(catalog.FAILURE, by="model, reason"),
        legend="{{model}} {{reason}}",
        unit="reqps",
        description="REJECTED: they wait too long. BACKEND: the model fails. CANCELED: by clients. OTHER: ensembles.",
    )
    yield TimeSeries(
        "Pending requests",
        queries.gauge(catalog.PENDING),
        legend=_MODEL,
        unit="short",
        minimum=0,
        description="Requests that no instance of the model works on yet.",
    )


def _time_panels(queries: Queries) -> Iterator[TimeSeries]:
    yield TimeSeries(
        "Mean request time",
        queries.mean_time(catalog.REQUEST_TIME),
        legend=_MODEL,
        unit="s",
        minimum=0,
        description="The mean of successful requests: counters of time have no percentiles.",
    )
    yield TimeSeries(
        "Queue",
        queries.ratio(catalog.QUEUE_TIME, catalog.REQUEST_TIME),
        legend=_MODEL,
        unit="percentunit",
        minimum=0,
        description="The share of the request time that requests wait for an instance of the model.",
    )
    yield TimeSeries(
        "Mean compute time",
        queries.mean_time(catalog.INFER_TIME),
        legend=_MODEL,
        unit="s",
        minimum=0,
        description="The mean time in the model, of successful requests; 0 for those that the response cache answers.",
    )
    yield TimeSeries(
        "Batch size",
        queries.ratio(catalog.INFERENCES, catalog.EXECUTIONS),
        legend=_MODEL,
        unit="short",
        minimum=0,
        description="The mean number of inferences that a model executes together.",
    )


def _models(queries: Queries) -> Table:
    return Table(
        "Models",
        [
            Query(queries.ended()),
            Query(queries.failed_share()),
            *(
                Query(queries.mean_time(counter))
                for counter in (
                    catalog.REQUEST_TIME,
                    catalog.QUEUE_TIME,
                    catalog.INPUT_TIME,
                    catalog.INFER_TIME,
                    catalog.OUTPUT_TIME,
                )
            ),
        ],
        columns={
            "model": "Model",
            "Value #A": "Requests",
            "Value #B": "Failed",
            "Value #C": "Mean time",
            "Value #D": "Queue",
            "Value #E": "Input",
            "Value #F": "Compute",
            "Value #G": "Output",
        },
        sort_by="Requests",
        descending=True,
        overrides=[
            Override("Requests", unit="reqps"),
            Override("Failed", unit="percentunit"),
            *(Override(name, unit="s") for name in ("Mean time", "Queue", "Input", "Compute", "Output")),
        ],
        description="Requests and failures of each model, and the mean time of its successful requests with its parts.",
    )


def first_response_row(queries: Queries) -> Row:
    """The row of servers with histograms."""
    buckets = queries.select(f"{catalog.FIRST_RESPONSE}_bucket")
    by_bound = f"sum by (le) (rate({buckets}[$__rate_interval]))"
    return Row(
        "First response",
        Heatmap(
            "Times to first response",
            by_bound,
            unit="ms",
            cell_unit="reqps",
            description="Requests each second, by the time to their first response.",
        ),
    )


def cache_row(queries: Queries) -> Row:
    """The row of servers with a response cache."""
    hits, misses = queries.rate(catalog.CACHE_HITS), queries.rate(catalog.CACHE_MISSES)
    return Row(
        "Response cache",
        TimeSeries(
            "Cache hits",
            f"{hits}\n/\n({hits}\n+\n{misses})",
            legend=_MODEL,
            unit="percentunit",
            minimum=0,
            maximum=1,
            description="The share of look-ups that the response cache answers.",
        ),
        TimeSeries(
            "Mean time of a hit",
            queries.mean_time(catalog.CACHE_HIT_TIME, of=catalog.CACHE_HITS),
            legend=_MODEL,
            unit="s",
            minimum=0,
            description="The mean time to look up a response that the cache has.",
        ),
    )


def gpu_row(queries: Queries) -> Row:
    """The row of servers with GPUs. Two servers with the same GPU both show it: nothing is summed."""
    by = "instance, gpu_uuid"

    def share(used: str, most: str) -> str:
        return f"max by ({by}) ({queries.select(used)})\n/\nmax by ({by}) ({queries.select(most)})"

    panels = (
        ("GPU", f"max by ({by}) ({queries.select(catalog.GPU_USED)})", "The share of time in which a kernel runs."),
        ("GPU memory", share(catalog.GPU_MEMORY_USED, catalog.GPU_MEMORY), "The used share of the memory."),
        ("GPU power", share(catalog.GPU_POWER, catalog.GPU_POWER_LIMIT), "The power, as a share of its limit."),
    )
    return Row("GPUs", *(_share(title, expr, text) for title, expr, text in panels))


def _share(title: str, expr: str, description: str) -> TimeSeries:
    return TimeSeries(title, expr, legend=_GPU, unit="percentunit", minimum=0, soft_maximum=1, description=description)


def tensorrt_llm_row(queries: Queries) -> Row:
    """The row of the backend TensorRT-LLM. A label says what a value means: each query reads one of them."""

    def requests(kind: str) -> Query:
        return Query(queries.gauge(catalog.LLM_REQUESTS, Matcher("request_type", "=", kind)), legend=f"{_MODEL} {kind}")

    def blocks(kind: str) -> str:
        return queries.gauge(catalog.LLM_CACHE, Matcher("kv_cache_block_type", "=", kind), by="model, instance")

    tokens: Sequence[tuple[str, str]] = (
        (catalog.LLM_INPUT_TOKENS, "prompt"),
        (catalog.LLM_OUTPUT_TOKENS, "generated"),
    )
    return Row(
        "TensorRT-LLM",
        TimeSeries(
            "Requests in the engine",
            [requests(kind) for kind in ("active", "scheduled", "waiting", "max")],
            unit="short",
            minimum=0,
            description="Requests that the engine has, works on, lets wait, and can have.",
        ),
        TimeSeries(
            "KV cache",
            f"max by (model) ({blocks('used')} / {blocks('max')})",
            legend=_MODEL,
            unit="percentunit",
            minimum=0,
            maximum=1,
            description="The used share of the KV cache of the fullest server.",
        ),
        TimeSeries(
            "Tokens per second",
            [Query(queries.rate(f"{metric}_sum"), legend=f"{_MODEL} {kind}") for metric, kind in tokens],
            unit="short",
            minimum=0,
            description="Tokens read and written each second.",
        ),
    )
