"""Queries in the templates of alerts are checked as expressions are, with the caret in the template."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode import Alert, ScrapeJob, Service, metrics
from obscode.checks import lint
from obscode.compiler import compile
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.project.check_files import check_files
from obscode.promql.template_queries import template_queries

QUERIES = {
    '{{ query "up" | first | value }}': [("up", 10)],
    '{{ with query "sum(up)" }}{{ . }}{{ end }} and {{ query `x` | len }}': [("sum(up)", 15), ("x", 57)],
    '{{ "up" | query | first }}': [("up", 4)],
    '{{ range "up" | query }}{{ .Value }}{{ end }}{{ ("up" | query) | len }}': [("up", 10), ("up", 50)],
    r'{{ query "up{job=\"a\"}" | len }}': [('up{job="a"}', None)],
    '{{ printf "up{job=%q}" $labels.job | query | first | value }}': [],
    '{{ printf "up" | query }}': [],
    '{{ title "up" | query }}': [],
    '{{ $labels.query }} query "up"': [],
}


@pytest.mark.parametrize("text", QUERIES)
def test_constant_queries_of_a_text_have_positions(text: str) -> None:
    queries = list(template_queries(text))
    assert [tuple(query) for query in queries] == QUERIES[text]
    assert all(text.startswith(query.text, query.start) for query in queries if query.start is not None)


def in_file(tmp_path: Path, summary: str) -> list[str]:
    rules = (
        f"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n    annotations:\n      summary: '{summary}'\n"
    )
    (tmp_path / "rules.yml").write_text(rules)
    return [f"{f.span.column if f.span else 0} {f.code.name}: {f.message}" for f in check_files([tmp_path]).findings]


def test_a_query_in_a_file_has_the_typed_checks_with_the_caret_in_it(tmp_path: Path) -> None:
    assert in_file(tmp_path, '{{ with query "sum by (job) (sum by (pod) (up))" }}{{ . }}{{ end }}') == [
        "40 missing-label: the query in the summary of alert A groups by 'job', which `sum by (pod) (up)` does not have"
    ]
    assert in_file(tmp_path, r'{{ with query "up{a=\"1\",a=\"2\"}" }}{{ . }}{{ end }}') == [
        "16 empty-selector: up in the query in the summary of alert A matches no series: "
        'no value matches a="1" and a="2"'
    ]
    assert in_file(tmp_path, '{{ with query "sum by (job) (up)" }}{{ . }}{{ end }}') == []


def test_a_query_in_a_definition_reads_known_series_and_labels() -> None:
    def messages(query: str) -> list[str]:
        summary = f"{{{{ with query `{query}` }}}}{{{{ . | first | value }}}}{{{{ end }}}}"
        alert = Alert("A", "queue_length > 5", severity="page", summary=summary)
        queue = metrics.Gauge("queue_length", labels=["queue"])
        service = Service("shop", metrics=[queue], scrape=ScrapeJob(["a:1"]), alerts=[alert])
        return [f"{f.code.name}: {f.message}" for f in lint(compile(Definitions(Project("p"), [service])))]

    assert messages("sum(queue_lenght)") == [
        "not-in-catalog: the summary of alert A reads the unknown series 'queue_lenght'"
    ]
    assert messages("rate(queue_length[5m])") == [
        "sample-type: rate in the query in the summary of alert A reads `queue_length[5m]`, a gauge"
    ]
    assert messages('queue_length{quee="a"}') == [
        "empty-selector: queue_length in the query in the summary of alert A matches no series: its series have no "
        "label 'quee'"
    ]
    assert messages("sum(queue_length)") == []
