"""`obscode init`: a repository that builds, and a first service from its metrics."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY, ProjectFolder
from exposition_texts import exposition_text
from metrics_server import served
from tool_fixtures import missing

from obscode import metrics
from obscode.model.metrics import Metric
from obscode.presets.llm import ENGINES
from obscode.reader.exposition import read_exposition
from obscode.scaffold.observations import bucket_counts
from obscode.scaffold.repository_files import repository_files
from obscode.scaffold.request_counts import find_requests
from obscode.scaffold.request_times import Latency, find_latency, latency_bound

WEB = """\
# TYPE http_requests_total counter
http_requests_total{handler="/items",status="200"} 990
http_requests_total{handler="/items",status="500"} 10
http_requests_total{handler="/metrics",status="200"} 7
http_requests_total{handler="/healthz",status="200"} 7
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.1"} 600
http_request_duration_seconds_bucket{le="0.3"} 995
http_request_duration_seconds_bucket{le="1"} 999
http_request_duration_seconds_bucket{le="+Inf"} 1000
http_request_duration_seconds_sum 100
http_request_duration_seconds_count 1000
"""
QUEUE = """\
# HELP queue_jobs_total Jobs that ended.
# TYPE queue_jobs_total counter
queue_jobs_total{kind="mail"} 1
queue_jobs_total{kind="report"} 1
# TYPE queue_length gauge
queue_length 3
# TYPE queue_build_info gauge
queue_build_info{version="1"} 1
"""
WEB_SERVICE = '''\
"""The service shop, recognised in the metrics of a file."""

from obscode import SLO, Service, exposition, sli

service = Service(
    "shop",
    # The series of the service are those of the job with this name. To scrape it from here, write
    # scrape=ScrapeJob(["HOST:PORT"]), instead, and add ScrapeJob to the import.
    selector={"job": "shop"},
    # All metrics of the service. To renew them after a release:
    # curl -o definitions/snapshots/shop.prom http://HOST:PORT/metrics
    metrics=exposition("snapshots/shop.prom"),
    slos=[
        SLO(
            "availability",
            99.9,
            sli.Ratio(
                errors='http_requests_total{status=~"5..", handler!~"/healthz|/metrics"}',
                total='http_requests_total{handler!~"/healthz|/metrics"}',
            ),
            description="Requests that are answered without a server error.",
        ),
        SLO(
            "latency",
            99,
            sli.Latency("http_request_duration_seconds", under="300ms"),
            description="Requests that are answered within 300ms.",
        ),
    ],
)
'''
QUEUE_SERVICE = """\
from obscode import SLO, Row, ScrapeJob, Service, exposition, panels, sli

service = Service(
    "queue",
    scrape=ScrapeJob(["HOST:PORT"], path="/stats"),
    # All metrics of the service. To renew them after a release:
    # curl -o definitions/snapshots/queue.prom http://HOST:PORT/stats
    metrics=exposition("snapshots/queue.prom"),
    slos=[
        SLO("uptime", 99.5, sli.Uptime("up"), description="Scrapes that succeed."),
        # No metric was recognised that counts failed requests. If one does, write, with its names:
        # SLO("availability", 99.9, sli.Ratio(errors='x_total{status=~"5.."}', total="x_total")),
        # No histogram was recognised that has the time of requests. If one does, write, with its name:
        # SLO("latency", 99, sli.Latency("request_duration_seconds", under="500ms")),
    ],
    # obscode adds rows of requests, times and resources. These are of other metrics:
    dashboard=[
        Row(
            "Metrics",
            panels.TimeSeries(
                "Queue jobs",
                'sum by (kind) (rate(queue_jobs_total{job="queue"}[$__rate_interval]))',
                legend="{{kind}}",
                description="Jobs that ended.",
            ),
        ),
    ],
)
"""


@pytest.fixture
def empty(project_folder: ProjectFolder) -> ProjectFolder:
    """A folder without definitions, which is the current one."""
    (project_folder.definitions / "project.py").unlink()
    project_folder.definitions.rmdir()
    return project_folder


def test_a_service_from_a_file_has_slos_of_its_requests_and_builds(empty: ProjectFolder) -> None:
    (empty.root / "shop.prom").write_text(WEB)

    initialised = empty.run("init", "--from", "shop.prom")

    assert (initialised.exit, initialised.err) == (0, "")
    assert initialised.out.splitlines() == [
        "wrote definitions/project.py",
        "wrote definitions/shop.py",
        "wrote definitions/snapshots/shop.prom",
        "wrote Makefile",
        "wrote .gitignore",
        "wrote .github/workflows/monitoring.yml",
        "wrote .gitlab-ci.yml",
        "wrote .pre-commit-config.yaml",
        "next: obscode build; then: make check, which downloads promtool and amtool first",
    ]
    assert (empty.definitions / "shop.py").read_text() == WEB_SERVICE
    assert (empty.definitions / "snapshots" / "shop.prom").read_text() == WEB
    built = empty.run("build")
    assert (built.exit, built.err) == (0, "")


def test_a_service_from_a_url_is_scraped_there_and_has_panels(empty: ProjectFolder) -> None:
    with served({"/stats": (200, {}, QUEUE.encode())}) as (url, _):
        address = url.removeprefix("http://")
        source_url = f"http://user:secret@{address}/stats"
        assert empty.run("init", "-q", "--from", source_url, "--name", "queue").exit == 0

    source = (empty.definitions / "queue.py").read_text()
    assert source.partition("\n\n")[2].replace(address, "HOST:PORT") == QUEUE_SERVICE
    assert "secret" not in source
    built = empty.run("build")
    assert (built.exit, built.err) == (0, "")


@pytest.mark.parametrize(
    ("text", "gauge"),
    [
        ("# TYPE redis_up gauge\nredis_up 1\n", "redis_up"),
        ("# TYPE nginx_up gauge\nnginx_up 1\n# TYPE other_up gauge\nother_up 1\n", "nginx_up"),
        ('# TYPE node_network_up gauge\nnode_network_up{device="a"} 1\n', "up"),
        ("# TYPE set_up counter\nset_up 1\n", "up"),
        ("# TYPE llamacpp:requests_deferred gauge\nllamacpp:requests_deferred 0\n", "up"),
    ],
)
def test_a_service_without_requests_has_an_uptime_and_says_what_to_write(
    empty: ProjectFolder, text: str, gauge: str
) -> None:
    (empty.root / "shop.prom").write_text(text)

    assert empty.run("init", "-q", "--from", "shop.prom").exit == 0

    source = (empty.definitions / "shop.py").read_text()
    assert f'sli.Uptime("{gauge}")' in source
    assert "# No metric was recognised that counts failed requests." in source
    (empty.definitions / "shop.py").write_text(re.sub("# (SLO.*)", r"\1", source))
    written = empty.run("build")
    assert "x_total" in written.err  # what the comments say is a definition; its metrics are not those of the service
    (empty.definitions / "shop.py").write_text(source)
    assert (empty.run("build").exit, empty.run("build").err) == (0, "")


def test_what_to_write_to_scrape_a_recognised_program_is_in_its_definition(empty: ProjectFolder) -> None:
    (empty.root / "chat.prom").write_text(exposition_text(ENGINES["vllm"].catalog))

    assert empty.run("init", "-q", "--from", "chat.prom").exit == 0

    source = (empty.definitions / "chat.py").read_text()
    assert '    # scrape=ScrapeJob(["HOST:PORT"]), and ScrapeJob to the import.\n    "chat",\n' in source
    scraped = source.replace("import presets", "import ScrapeJob, presets")
    scraped = scraped.replace('    "chat",\n', '    "chat",\n    scrape=ScrapeJob(["HOST:8000"]),\n')
    (empty.definitions / "chat.py").write_text(scraped)
    built = empty.run("build")
    assert (built.exit, built.err) == (0, "")
    assert "HOST:8000" in (empty.root / "build/prometheus/prometheus.yml").read_text()


UTF8 = """\
# TYPE "http.requests" counter
{"http.requests_total", "http.status"="200", "http.route"="/a"} 5
{"http.requests_total", "http.status"="200", "http.route"="/healthz"} 5
# TYPE "http.duration.seconds" histogram
{"http.duration.seconds_bucket", le="0.1"} 1
{"http.duration.seconds_bucket", le="+Inf"} 1
{"http.duration.seconds_sum"} 1
{"http.duration.seconds_count"} 1
# TYPE "queue.größe" gauge
{"queue.größe"} 1
"""


def test_names_with_dots_need_prometheus_3(empty: ProjectFolder) -> None:
    (empty.root / "shop.prom").write_text(UTF8)

    assert empty.run("init", "-q", "--from", "shop.prom").exit == 0

    source = (empty.definitions / "shop.py").read_text()
    assert """errors='{"http.requests_total", "http.status"=~"5..", "http.route"!="/healthz"}',""" in source
    assert """sli.Latency('{"http.duration.seconds"}', under="100ms"),""" in source
    assert """'{"queue.größe", job="shop"}',""" in source
    assert ', oldest_prometheus="3.0")' in (empty.definitions / "project.py").read_text()
    built = empty.run("build")
    assert (built.exit, built.err) == (0, "")


def test_a_server_that_compresses_its_answers_is_read(empty: ProjectFolder) -> None:
    with served({"/stats": (200, {"Content-Encoding": "gzip"}, gzip.compress(QUEUE.encode()))}) as (url, _):
        assert empty.run("init", "-q", "--from", f"{url}/stats", "--name", "queue").exit == 0

    assert (empty.definitions / "snapshots" / "queue.prom").read_text() == QUEUE


def test_a_compressed_answer_that_is_cut_off_is_an_error(empty: ProjectFolder) -> None:
    with served({"/stats": (200, {}, gzip.compress(b"a 1")[:-1])}) as (url, _):
        initialised = empty.run("init", "-q", "--from", f"{url}/stats")

    assert initialised.err == f"error[import-file]: {url}/stats cannot be read: the compressed text is cut off\n"


def test_a_project_without_a_service_builds(empty: ProjectFolder) -> None:
    assert empty.run("init", "--ci", "none", "-q").exit == 0

    assert sorted(path.name for path in empty.root.iterdir()) == [".gitignore", "Makefile", "definitions"]
    assert empty.run("build").exit == 0


def test_files_that_exist_stay(empty: ProjectFolder) -> None:
    (empty.root / "Makefile").write_text("all:\n")

    initialised = empty.run("init", "--ci", "gitlab")

    assert (empty.root / "Makefile").read_text() == "all:\n"
    assert "kept Makefile: it exists" in initialised.out.splitlines()


def test_definitions_that_exist_are_an_error(project_folder: ProjectFolder) -> None:
    initialised = project_folder.run("init")

    assert initialised.exit == 2
    assert initialised.err == (
        "error[output-error]: definitions/ already has definitions\n"
        "  hint: to add a service, write it there; obscode metrics URL prints its catalog\n"
    )


def test_a_file_that_cannot_be_written_leaves_nothing(empty: ProjectFolder) -> None:
    (empty.root / ".github").write_text("a file\n")

    initialised = empty.run("init")

    assert initialised.exit == 2
    assert sorted(path.name for path in empty.root.rglob("*") if path.is_file()) == [".github"]


def test_metrics_that_cannot_be_read_leave_nothing(empty: ProjectFolder) -> None:
    (empty.root / "shop.prom").write_text("<html>\n")

    assert empty.run("init", "--from", "shop.prom").exit == 1
    assert [path.name for path in empty.root.iterdir()] == ["shop.prom"]


@pytest.mark.parametrize(
    ("text", "errors", "total"),
    [
        ('a_requests_total{status="5xx"} 1', 'a_requests_total{status="5xx"}', "a_requests_total"),
        ('a_requests_total{code="2XX"} 1', 'a_requests_total{code="5XX"}', "a_requests_total"),
        (
            'grpc_server_handled_total{grpc_code="OK"} 1',
            'grpc_server_handled_total{grpc_code=~"Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"}',
            "grpc_server_handled_total",
        ),
        (
            ':tensorflow:serving:request_count{status="OK"} 1\n:tensorflow:serving:request_count{status="ABORTED"} 1',
            ':tensorflow:serving:request_count{status=~"UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE'
            '|DATA_LOSS"}',
            ":tensorflow:serving:request_count",
        ),
        (
            'envoy_cluster_upstream_rq_xx{envoy_response_code_class="2"} 1',
            'envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}',
            "envoy_cluster_upstream_rq_xx",
        ),
        ('kong_http_requests_total{code="200"} 1', 'kong_http_requests_total{code=~"5.."}', "kong_http_requests_total"),
        (
            'istio_requests_total{reporter="destination",response_code="200"} 1',
            'istio_requests_total{response_code=~"5..", reporter="destination"}',
            'istio_requests_total{reporter="destination"}',
        ),
        (
            'haproxy_frontend_http_responses_total{code="1xx"} 1',
            'haproxy_frontend_http_responses_total{code="5xx"}',
            "haproxy_frontend_http_responses_total",
        ),
        (
            'requests_total{status="200",path="/metrics"} 1',
            'requests_total{status=~"5..", path!="/metrics"}',
            'requests_total{path!="/metrics"}',
        ),
    ],
)
def test_counters_of_requests_are_recognised(text: str, errors: str, total: str) -> None:
    name = text.partition("{")[0]
    requests = find_requests(read_exposition(f"# TYPE {name} counter\n{text}\n", "").metrics)

    assert requests is not None
    assert (requests.kind, requests.arguments) == ("Ratio", {"errors": errors, "total": total})


@pytest.mark.parametrize(
    "metric",
    [
        metrics.Counter("requests_total", labels=["status"], observed={"status": ["queued", "failed"]}),
        metrics.Counter("http_client_requests_total", labels=["status"], observed={"status": ["200"]}),
        metrics.Counter("promhttp_metric_handler_requests_total", labels=["code"], observed={"code": ["200"]}),
        metrics.Counter("requests_total", labels=["status"], observed={"status": ["600"]}),
        metrics.Gauge("requests", labels=["status"], observed={"status": ["200"]}),
        metrics.Histogram("response_size_bytes", labels=["status"], observed={"status": ["200"]}),
        metrics.Histogram("request_seconds", labels=["status"], observed={"status": ["200"]}, native=True),
    ],
)
def test_other_metrics_are_no_requests(metric: Metric) -> None:
    assert find_requests([metric]) is None


def test_a_histogram_with_a_status_counts_requests() -> None:
    histogram = metrics.Histogram(
        "http_server_duration_milliseconds", labels=["http_status_code"], observed={"http_status_code": ["200"]}
    )

    requests = find_requests([histogram])
    assert requests is not None
    assert requests.arguments["total"] == "http_server_duration_milliseconds_count"


@pytest.mark.parametrize(
    ("name", "is_latency"),
    [
        ("http_request_duration_seconds", True),
        ("http_server_duration_milliseconds", True),
        ("starlette_request_duration_seconds", True),
        ("vllm:e2e_request_latency_seconds", True),
        ("grpc_server_handling_seconds", True),
        ("vllm:request_queue_time_seconds", False),
        ("vllm:request_time_per_output_token_seconds", False),
        ("http_client_request_duration_seconds", False),
        ("http_request_size_bytes", False),
        ("db_query_duration_seconds", False),
    ],
)
def test_histograms_of_the_time_of_requests_are_recognised(name: str, is_latency: bool) -> None:
    assert (find_latency([metrics.Histogram(name)], None) is not None) == is_latency


LATENCY = Latency(metrics.Histogram("request_duration_seconds", buckets=[0.01, 0.1, 0.4, 1]), (), 1.0)


@pytest.mark.parametrize(
    ("counts", "bound"),
    [
        ({0.01: 100.0, 0.1: 100.0, 0.4: 100.0, 1.0: 100.0}, 0.1),
        ({0.01: 0.0, 0.1: 98.9, 0.4: 99.0, 1.0: 100.0}, 0.4),
        ({0.01: 0.0, 0.1: 99.0, 0.4: 99.0, 1.0: 100.0}, 0.1),
        ({0.01: 99.0, 0.1: 99.0, 0.4: 99.0, 1.0: 99.0}, 0.4),
        ({}, 0.4),
    ],
)
def test_the_bound_is_that_of_99_percent_of_enough_requests(counts: dict[float, float], bound: float) -> None:
    assert latency_bound(LATENCY, counts) == bound


def test_the_series_of_a_histogram_are_summed() -> None:
    text = 'h_bucket{a="1",le="1"} 2\nh_bucket{a="2",le="1"} 3\nh_bucket{le="+Inf"} 9\nother 1\n'

    assert bucket_counts(text) == {"h": {1.0: 5.0, float("inf"): 9.0}}
    assert bucket_counts("h_bucket{") == {}


def test_the_files_for_continuous_integration_are_yaml() -> None:
    files = repository_files(("github", "gitlab", "pre-commit"), "1.2.3")
    parsed = {path: yaml.safe_load(text) for path, text in files.items() if path.endswith((".yml", ".yaml"))}

    assert len(parsed) == 3
    assert "obscode[re2]==1.2.3" in str(parsed[".gitlab-ci.yml"]["monitoring"]["script"])
    assert all("{version}" not in text for text in files.values())


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.usefixtures("newest_promtool", "newest_amtool")
def test_an_installed_wheel_initialises_builds_checks_and_tests_a_service(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    install = [str(environment / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
    constraints = ["-c", str(REPOSITORY / "constraints.txt")]
    ended = subprocess.run([*install, *constraints, _wheel(tmp_path)], capture_output=True, text=True, check=False)
    if ended.returncode:
        missing(f"the wheel's dependencies cannot be downloaded: {ended.stderr.splitlines()[-1]}")
    folder = tmp_path / "repository"
    folder.mkdir()
    (tmp_path / "shop.prom").write_text(WEB)
    tools = {
        f"OBSCODE_{name.upper()}": os.environ.get(f"OBSCODE_{name.upper()}", "") for name in ("promtool", "amtool")
    }
    (folder / ".tools").symlink_to(REPOSITORY / ".tools")
    variables = {"PATH": f"{environment / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path / "home")}
    variables |= {name: value for name, value in tools.items() if value}
    for arguments in (
        ["init", "--from", str(tmp_path / "shop.prom")],
        ["build"],
        ["build", "--check"],
        ["check"],
        ["test"],
    ):
        command = [str(environment / "bin" / "obscode"), *arguments]
        ended = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"{arguments}: {ended.stdout}{ended.stderr}"


def _wheel(folder: Path) -> str:
    """The path of a wheel of this repository."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(folder), str(REPOSITORY)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode and "hatchling" in ended.stderr:
        missing(f"the build backend cannot be downloaded: {ended.stderr.splitlines()[-1]}")
    assert ended.returncode == 0, ended.stderr
    (wheel,) = folder.glob("*.whl")
    return str(wheel)
