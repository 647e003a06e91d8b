"""Triton Inference Server: failures and times as SLOs, causes as alerts, means instead of percentiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from obscode.model import sli
from obscode.model.alert import Alert
from obscode.model.dashboard import Dashboard, Row
from obscode.model.metrics import Metric
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import check_limit, nearest_bound, seconds_text, snapping_text
from obscode.presets.exporter import Exporter
from obscode.presets.preset import preset
from obscode.presets.selection import any_of, further_matchers, job_matcher
from obscode.presets.triton_server import catalog
from obscode.presets.triton_server.alerts import alerts as cause_alerts
from obscode.presets.triton_server.queries import NOT_CANCELED, Queries
from obscode.presets.triton_server.rows import cache_row, first_response_row, gpu_row, rows, tensorrt_llm_row
from obscode.promql import duration
from obscode.promql.duration import Duration

_WINDOW = "5m"  # the base window of SLOs

_WHEN_MISSING = {catalog.GPU_USED: {"gpus": False}}
_WHEN_EXPOSED = {catalog.CACHE_HITS: {"response_cache": True}}

#: The backend TensorRT-LLM is recognised first: its server has the other metrics, too.
EXPORTERS = (
    Exporter(
        "Triton Inference Server with TensorRT-LLM",
        catalog.VERSION,
        preset="triton",
        arguments={"backend": "tensorrt-llm"},
        catalog=[*catalog.MODELS, *catalog.GPUS, *catalog.TENSORRT_LLM],
        marks=(catalog.EXECUTIONS, catalog.LLM_REQUESTS, catalog.LLM_CACHE),
        when_missing=_WHEN_MISSING,
        when_exposed=_WHEN_EXPOSED,
        source=catalog.SOURCE,
    ),
    Exporter(
        "Triton Inference Server",
        catalog.VERSION,
        preset="triton",
        catalog=[*catalog.MODELS, *catalog.GPUS],
        marks=(catalog.SUCCESS, catalog.EXECUTIONS, catalog.REQUEST_TIME),
        when_missing=_WHEN_MISSING,
        when_exposed=_WHEN_EXPOSED,
        source=catalog.SOURCE,
    ),
)


@preset
def triton(
    name: str,
    *,
    backend: Literal["", "tensorrt-llm"] = "",
    models: Sequence[str] = (),
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    availability: float = 99.9,
    first_response: Duration = "",
    buckets: Sequence[float] = (),
    objective: float = 99,
    max_pending: int = 50,
    gpus: bool = True,
    response_cache: bool = False,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """Triton Inference Server as a service: SLOs, alerts with unit tests, and a dashboard.

    By default Triton counts times in microseconds: the dashboard has their means, and there are no percentiles. An SLO
    of latency needs the histogram of a server that is started with `--metrics-config histogram_latencies=true`. Its
    limit is snapped to the nearest bound; the SLO's description says which way it errs, and how to add the bound.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        backend: `tensorrt-llm` adds the metrics of that backend.
        models: the models that clients call, whose requests the SLOs count; all by default. Name them if there are
            ensembles: the server also counts the requests of an ensemble to its models.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `cluster="a"`.
        availability: percent of the requests that do not fail.
        first_response: the limit of the time to the first response, a duration, if the server has the histogram.
        buckets: the bounds of the histogram in milliseconds, if `model_metrics` of the models sets them.
        objective: percent of the requests within the limit.
        max_pending: the number of pending requests of a model that is a long queue.
        gpus: False if the servers have no GPU, or do not show it.
        response_cache: True if models have `response_cache { enable: true }`.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    queries = Queries((job_matcher(name, jobs), *further_matchers(where)))
    users = Queries([any_of("model", models)] if models else [])
    llm = backend == "tensorrt-llm"
    own_rows = [
        *rows(queries),
        *([first_response_row(queries)] if first_response else []),
        *([tensorrt_llm_row(queries)] if llm else []),
        *([cache_row(queries)] if response_cache else []),
        *([gpu_row(queries)] if gpus else []),
    ]
    return Service(
        name,
        owner=owner,
        description=description or "Serves models with Triton Inference Server.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=list(_catalog(first_response, buckets, gpus=gpus, response_cache=response_cache, llm=llm)),
        slos=[_availability(users, availability), *_first_response(users, first_response, buckets, objective)],
        alerts=[*cause_alerts(queries, max_pending, tensorrt_llm=llm), *alerts],
        dashboard=Dashboard(name, [*own_rows, *dashboard], generated="signals"),
    )


def _catalog(
    first_response: Duration, buckets: Sequence[float], *, gpus: bool, response_cache: bool, llm: bool
) -> Iterator[Metric]:
    yield from catalog.MODELS
    if first_response:
        yield catalog.first_response(buckets)
    if response_cache:
        yield from catalog.RESPONSE_CACHE
    if gpus:
        yield from catalog.GPUS
    if llm:
        yield from catalog.TENSORRT_LLM


def _availability(queries: Queries, objective: float) -> SLO:
    """Both counters of a model are 0 when it is loaded, so that the sum has no gaps."""
    failed, success = (
        f"sum(increase({each}[{_WINDOW}]))"
        for each in (queries.select(catalog.FAILURE, NOT_CANCELED), queries.select(catalog.SUCCESS))
    )
    return SLO(
        "availability",
        objective,
        sli.FreeQuery(bad=failed, total=f"{success}\n+\n{failed}"),
        description=(
            "Requests that do not fail; those that clients cancel do not count."
            " Ensembles count a failure of their models up to twice."
        ),
    )


def _first_response(queries: Queries, limit: Duration, buckets: Sequence[float], objective: float) -> Iterator[SLO]:
    if not limit:
        return
    seconds = duration.seconds(limit)
    bounds = catalog.first_response(buckets).bounds()
    check_limit("first_response", seconds, catalog.FIRST_RESPONSE, [each / 1000 for each in bounds])
    bound = nearest_bound([each / 1000 for each in bounds], seconds)
    text = f"At most {seconds_text(bound)} until the first response. Requests that fail count, too."
    if bound != seconds:
        text += snapping_text(catalog.FIRST_RESPONSE, limit=seconds, bound=bound)
        text += f" A model has the bound with `{_with_bound(bounds, seconds * 1000)}` in its config.pbtxt."
    histogram = str(queries.select(catalog.FIRST_RESPONSE))
    under = f"{Decimal(repr(bound)):f}s"
    yield SLO("first-response", objective, sli.Latency(histogram, under=under), description=text)


def _with_bound(bounds: Sequence[float], bound: float) -> str:
    texts = ", ".join(f"{each:g}" for each in sorted({*bounds, bound}))
    return (
        f'model_metrics {{ metric_control: [ {{ metric_identifier: {{ family: "{catalog.FIRST_RESPONSE}" }}'
        f" histogram_options: {{ buckets: [ {texts} ] }} }} ] }}"
    )
