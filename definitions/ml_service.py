"""The ml-service answers /predict over HTTP."""

from collections.abc import Sequence

from obscode import SLO, Alert, AlertTest, RecordingRule, Row, ScrapeJob, Service, env, metrics, panels, sli

# The service is on the same machine; a Prometheus in a container reaches it by its host.
SCRAPE = ScrapeJob([env.pick(container="host.docker.internal:8000", default="localhost:8000")])

_OK, _FAILED = (f'http_requests_total{{job="ml-service",path="/predict",status="{s}"}}' for s in (200, 500))
TESTS = (
    AlertTest("one request in ten fails", {_OK: "0+54x20", _FAILED: "0+6x20"}, fires=["15m"], quiet=["4m"]),
    AlertTest("one request in a hundred fails", {_OK: "0+99x20", _FAILED: "0+1x20"}, quiet=["15m"]),
)


def service(
    *, scrape: ScrapeJob = SCRAPE, window: str = "5m", for_: str = "5m", tests: Sequence[AlertTest] = TESTS
) -> Service:
    """The service; the demo shortens the window and `for_`, to be over in a minute."""
    errors = f'sum(rate(http_requests_total{{status=~"5.."}}[{window}]))'
    requests = f"sum(rate(http_requests_total[{window}]))"
    latency = f"histogram_quantile(0.90, sum by (le) (rate(http_request_latency_seconds_bucket[{window}])))"

    return Service(
        "ml-service",
        owner="ml-platform",
        description="Answers /predict over HTTP.",
        runbook="https://runbooks.example.com/ml-service",
        scrape=scrape,
        metrics=[
            metrics.Counter("http_requests_total", labels=["path", "method", "status"], help="HTTP requests answered."),
            metrics.Histogram("http_request_latency_seconds", labels=["path", "method"], help="Time to the last byte."),
        ],
        recording_rules=[
            RecordingRule(
                f"job:http_request_latency_seconds:p90_rate{window}",
                f"histogram_quantile(0.90, sum by (job, le) (rate(http_request_latency_seconds_bucket[{window}])))",
            ),
        ],
        slos=[
            SLO(
                "availability",
                99.9,
                sli.Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total"),
                description="Requests answered without a server error.",
            ),
            SLO(
                "latency",
                99,
                sli.Latency("http_request_latency_seconds", under="500ms"),
                description="Requests answered within 500 ms.",
            ),
        ],
        alerts=[
            Alert(
                "HighErrorRate",
                f"{errors}\n/\n{requests}\n> 0.05",
                for_=for_,
                severity="page",
                summary="5xx error ratio exceeded 5 %",
                panel="Requests/5xx error ratio",
                description=f"The share of 5xx answers over the last {window} crossed the threshold.",
                tests=tests,
            ),
        ],
        dashboard=[
            Row(
                "Requests",
                panels.TimeSeries(
                    "Request rate",
                    f"sum by (status) (rate(http_requests_total[{window}]))",
                    legend="{{status}}",
                    unit="reqps",
                    description="Requests per second, by HTTP status.",
                ),
                panels.TimeSeries(
                    "Latency P90", latency, legend="P90", unit="s", description="Nine of ten requests are faster."
                ),
                panels.TimeSeries(
                    "5xx error ratio",
                    f"{errors}\n/\n{requests}",
                    legend="5xx",
                    unit="percentunit",
                    minimum=0,
                    description="The share of requests that ended in a server error.",
                ),
            ),
        ],
    )


ml_service = service()
