"""The table of versions: each field is accepted by exactly the versions of the tools that the table names."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder

from obscode.findings.finding import SourceSpan
from obscode.model.compatibility import ALERTMANAGER, PROMETHEUS, Field, Program
from obscode.project.pipeline import inspect_folder
from obscode.toolchain import Tool

# Where a field that many sections have is tried, and keys that hold lists.
_PLACES = {"Prometheus": "scrape_configs", "Alertmanager": "receivers.webhook_configs.http_config"}
_LISTS = {"alertmanagers", "remote_write", "remote_read", "receivers", "groups", "rules", "inhibit_rules", "routes"}
# Debian's packages lack some kinds of discovery, and link a newer prometheus/common, which has the HTTP client.
_OF_DEBIAN = [
    "azuread",
    "google_iam",
    "consul",
    "kuma",
    "linode",
    "stackit",
    ".sigv4.",
    "**.oauth2.",
    "**.proxy_connect_header",
]


def example(program: Program, field: Field) -> str:
    """One path of a field."""
    place = "route.routes" if field.path.startswith("route.") else _PLACES[program.name]
    path = field.path.replace("route.**", place) if place == "route.routes" else field.path.replace("**", place)
    return path.replace("*_sd_configs", "ec2_sd_configs")


def content(path: str, value: Any) -> Any:
    """A document with a value below the keys of a path."""
    key, _, rest = path.partition(".")
    inner = content(rest, value) if rest else value
    is_list = rest and (key in _LISTS or (key.endswith(("_configs", "_outputs"))))
    return {key: [inner] if is_list else inner}


def rejected(program: Program, tool: Tool, command: str, fields: dict[Path, Field]) -> set[Path]:
    """The files whose field, or the value of it, a tool does not know; other errors in them do not count."""
    result = subprocess.run(
        [tool.path, *command.split(), *fields], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    _, *outputs = re.split(r"^Checking '?", result.stdout, flags=re.MULTILINE)
    assert len(outputs) == len(fields)
    return {
        file
        for (file, field), output in zip(fields.items(), outputs, strict=True)
        if reports(output.replace(str(file), ""), field, example(program, field))
    }


def reports(output: str, field: Field, path: str) -> bool:
    """Whether the output names the value, or the field or one above it as unknown."""
    return (
        field.value in output
        if field.value and "not found in type" not in output
        else any(f"field {key} not found in type" in output for key in path.split("."))
    )


def written(program: Program, folder: Path) -> Iterator[tuple[Path, Field]]:
    for i, field in enumerate(program.fields):
        path = example(program, field)
        value = [field.value] if path.endswith("protocols") else field.value or None
        file = folder / f"{i}.yml"
        file.write_text(yaml.safe_dump(content(path, value)))
        yield file, field


def assert_exact(program: Program, tool: Tool, files: dict[Path, Field], unknown: set[Path]) -> None:
    """The tool does not know exactly the fields that the table says it rejects."""
    version = ".".join(map(str, tool.version_tuple))
    expected = {field for field in files.values() if not field.is_in(version)}
    differences = {field.path for field in expected ^ {files[file] for file in unknown}}
    assert sorted(path for path in differences if not any(part in path for part in _OF_DEBIAN)) == []


def test_prometheus_reads_exactly_the_fields_of_its_version(promtool: Tool, tmp_path: Path) -> None:
    files = dict(written(PROMETHEUS, tmp_path))
    rules = {file: field for file, field in files.items() if field.path.startswith("groups.")}
    config = {file: field for file, field in files.items() if file not in rules}
    unknown = rejected(PROMETHEUS, promtool, "check rules", rules) | rejected(
        PROMETHEUS, promtool, "check config", config
    )
    assert_exact(PROMETHEUS, promtool, files, unknown)


def test_alertmanager_reads_exactly_the_fields_of_its_version(amtool: Tool, tmp_path: Path) -> None:
    files = dict(written(ALERTMANAGER, tmp_path))
    assert_exact(ALERTMANAGER, amtool, files, rejected(ALERTMANAGER, amtool, "check-config", files))


# Definitions, with the part that the finding points at in double angle brackets.
NEWER_FIELDS = {
    "an argument": (
        'routing = Routing(default=receivers.Webhook("duty", url_file=<<"/run/url">>))',
        "receivers.webhook_configs.url_file needs Alertmanager 0.26, but oldest_alertmanager is 0.25",
        'oldest_alertmanager="0.26"',
    ),
    "a receiver as plain data": (
        'routing = Routing(default=receivers.Raw("duty", {"pagerduty_configs": [{"routing_key_file": "/a"}, '
        '{"routing_key_file": "/run/key", <<"timeout">>: "3s"}]}))',
        "receivers.pagerduty_configs.timeout needs Alertmanager 0.30, but oldest_alertmanager is 0.25",
        'oldest_alertmanager="0.30"',
    ),
    "a route as it is written": (
        'alertmanager = configs.Alertmanager(configs.Route("a", settings={<<"labels">>: {"a": "b"}}), '
        'receivers=[receivers.Raw("a")])',
        "route.labels needs Alertmanager 0.34, but oldest_alertmanager is 0.25",
        'oldest_alertmanager="0.34"',
    ),
    "a setting of Alertmanager": (
        'alertmanager = configs.Alertmanager(configs.Route("a"), receivers=[receivers.Raw("a")], '
        'settings={<<"tracing">>: {"endpoint": "localhost:4317"}})',
        "tracing needs Alertmanager 0.30, but oldest_alertmanager is 0.25",
        'oldest_alertmanager="0.30"',
    ),
    "an argument of a group": (
        'shop = RuleGroup("shop", query_offset=<<"1m">>, rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])',
        "groups.query_offset needs Prometheus 2.53, but oldest_prometheus is 2.42",
        'oldest_prometheus="2.53"',
    ),
    "a scrape job as it is written": (
        'prometheus = configs.Prometheus(scrape_configs=[configs.Scrape("a", '
        '{"http_sd_configs": [{"url": "http://localhost", "tls_config": {<<"ca">>: "a"}}]})])',
        "scrape_configs.http_sd_configs.tls_config.ca needs Prometheus 2.45, but oldest_prometheus is 2.42",
        'oldest_prometheus="2.45"',
    ),
    "an argument of the server, and its settings": (
        'project = Project("x", prometheus=PrometheusServer(remote_write=[RemoteWrite("http://a/"), '
        'RemoteWrite("http://b/", name="a", settings={<<"round_robin_dns">>: True})]))',
        "remote_write.round_robin_dns needs Prometheus 3.1, but oldest_prometheus is 2.42",
        'oldest_prometheus="3.1"',
    ),
    "a setting of Prometheus": (
        'prometheus = configs.Prometheus({"global": {<<"scrape_protocols">>: ["PrometheusText1.0.0"]}})',
        "global.scrape_protocols: PrometheusText1.0.0 needs Prometheus 3.0, but oldest_prometheus is 2.42",
        'oldest_prometheus="3.0"',
    ),
}


@pytest.mark.parametrize(("definition", "message", "setting"), NEWER_FIELDS.values(), ids=NEWER_FIELDS)
def test_a_newer_field_is_reported_at_its_place(
    definition: str, message: str, setting: str, project_folder: ProjectFolder
) -> None:
    name = "project" if "Project(" in definition else "case"
    text = re.sub("<<(.*)>>", r"\1", definition)
    project_folder.write(**{name: text})
    inspected = inspect_folder(project_folder.definitions)
    errors = [finding for finding in inspected.compilation.findings if finding.severity == "error"]
    assert [(each.code.name, each.message) for each in errors] == [("newer-field", message)]
    assert errors[0].hint == f"write {setting} in the Project, if no older one loads the output"
    start = definition.index("<<")
    end = definition.index(">>") - len("<<")
    assert errors[0].span == SourceSpan(str(project_folder.definitions / f"{name}.py"), 3, start + 1, 3, end + 1)
    newer = text.replace('Project("x"', f'Project("x", {setting}') if name == "project" else ""
    project_folder.write(project=newer or f'project = Project("team", {setting})')
    accepted = inspect_folder(project_folder.definitions).compilation.findings
    assert [finding for finding in accepted if finding.severity == "error"] == []


def test_a_field_that_was_removed_is_reported_only_where_no_version_has_it() -> None:
    settings = {"alerting": {"alertmanagers": [{"api_version": "v1"}, {"api_version": "v2"}]}}
    assert [each.text for each in PROMETHEUS.unsupported(settings, "3.0")] == ["alerting.alertmanagers.api_version: v1"]
    assert list(PROMETHEUS.unsupported(settings, "2.55")) == []


def test_names_that_users_choose_are_no_fields() -> None:
    settings = {"labels": {"http_headers": "a"}, "params": {"no_proxy": ["b"]}, "http_headers": {"no_proxy": {}}}
    fields = [each.text for each in PROMETHEUS.unsupported(settings, "2.42", "scrape_configs")]
    assert fields == ["http_headers"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"scrape_configs": [{"job_name": "a"}]}, ""),
        ({"scrape_configs": [{"sample_limit": 3, "enable_compression": False}]}, "2.49"),
        ({"scrape_configs": [{"enable_compression": False}], "otlp": {}}, "2.55"),
        ({"scrape_configs": [{"consul_sd_configs": [{"health_filter": "a"}, {"filter": "a"}]}]}, "3.11.2"),
    ],
)
def test_the_oldest_version_that_reads_a_file_is_known(settings: dict[str, Any], expected: str) -> None:
    assert PROMETHEUS.needed(settings) == expected


def table(program: Program) -> str:
    """The versions of a program, each with the fields that are new in it, for readers."""

    def number(item: tuple[str, list[str]]) -> list[int]:
        return [int(part) for part in item[0].split(".") if part]

    by_version: dict[str, list[str]] = {}
    for field in program.fields:
        name = f"`{field.path}: {field.value}`" if field.value else f"`{field.path}`"
        by_version.setdefault(field.since, []).extend([name] if field.since else [])
        if field.removed:
            by_version.setdefault(field.removed, []).append(f"without {name}")
    rows = [
        f"| {version} | {', '.join(names)} |" for version, names in sorted(by_version.items(), key=number) if version
    ]
    return "\n".join([f"| {program.name} | reads |", "|---|---|", *rows])


@pytest.mark.parametrize("program", [PROMETHEUS, ALERTMANAGER], ids=lambda program: program.name)
def test_the_page_lists_the_versions(program: Program, request: pytest.FixtureRequest) -> None:
    """`pytest --write-goldens tests/test_compatibility.py` writes it."""
    page = Path(__file__).parents[1] / "docs/engines.md"
    before, start, rest = page.read_text().partition(f"<!-- {program.name}, from tests/test_compatibility.py -->\n")
    written_table, end, after = rest.partition("\n<!-- end -->")
    if request.config.getoption("--write-goldens"):
        page.write_text(f"{before}{start}{table(program)}{end}{after}")
    else:
        assert written_table == table(program)
