"""`obscode handbook`: a page per service for people on call, from definitions and from existing files."""

from __future__ import annotations

import json

import pytest
from conftest import ProjectFolder

from obscode.handbook import html, markdown
from obscode.handbook.alert_text import without_templates
from obscode.handbook.blocks import Block, Code, Heading, Line, Paragraph, code, line, link, table

DEFINITIONS = """\
pager = receivers.Webhook("pager", url="http://localhost:1/")
chat = receivers.Webhook("chat", url="http://localhost:2/")
routing = Routing(default=chat, routes=[Route(pager, match={"severity": "page"}), Route(pager, match={"queue": "pay"})])
shop = Service(
    "shop",
    owner="team",
    description="Sells things.",
    runbook="https://runbooks.example.com/shop",
    scrape=ScrapeJob(["shop:8000"], interval="30s"),
    metrics=[metrics.Counter("orders_total", labels=["status"]), metrics.Gauge("jobs", labels=["queue"])],
    slos=[SLO("orders", 99.5, sli.Ratio(errors='orders_total{status="5"}', total="orders_total"), alerts={
        "page": None, "ticket": None})],
    alerts=[Alert("JobsWait", "jobs > 5", severity="ticket", for_="5m", summary="{{ $labels.queue }} waits",
                  description="The workers are too slow.", panel="Jobs/Waiting")],
    dashboard=[Row("Jobs", panels.TimeSeries("Waiting", "jobs", description="Jobs that wait."))],
)
"""
RULES = """\
groups:
- name: g
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total[5m]))
  - alert: ManyErrors
    expr: job:errors:rate5m > 1
    labels: {severity: page, team: red, service: web}
    annotations: {summary: "many | errors", runbook_url: "javascript:alert(1)"}
  - alert: Other
    expr: up == 0
"""
ALERTMANAGER = """\
route: {receiver: chat, routes: [{matchers: [severity="page"], receiver: pager}]}
receivers:
- name: chat
- name: pager
  pagerduty_configs: [{routing_key: never-shown}]
"""
PROMETHEUS = """\
scrape_configs:
- job_name: web
  basic_auth: {username: a, password: never-shown}
  static_configs: [{targets: [web:80]}]
- job_name: nodes
  metrics_path: /m
  dns_sd_configs: [{names: [nodes.example.com]}]
"""
INDEX = """\
<!-- Written by obscode handbook. -->

# Monitoring: on call

## Services

| Service | Owner | SLOs | Alerts |
| --- | --- | --- | --- |
| [rules.yml](services/rules-yml.md) |  | 0 | 1 |
| [web](services/web.md) | red | 0 | 1 |

## Alerts

| Alert | Service | Severity | Notifies | What |
| --- | --- | --- | --- | --- |
| [ManyErrors](services/web.md#alert-ManyErrors) | web | page | `pager` (pagerduty) | many \\| errors |
| [Other](services/rules-yml.md#alert-Other) | rules.yml |  | perhaps `pager` (pagerduty), perhaps `chat` |  |

## Dashboards

Errors

- **At the top**: Rate

## Other scrape jobs

| Job | Targets | Path |
| --- | --- | --- |
| `nodes` | by dns discovery | `/m` |
"""
WEB = """\
<!-- Written by obscode handbook. -->

# web

[All services](../README.md)

- **Owner**: red

## Alerts

<a id="alert-ManyErrors"></a>

### ManyErrors

- **What**: many \\| errors
- **Severity**: page
- **Notifies**: `pager` (pagerduty)
- **Fires**: as soon as the condition holds
- **Links**: Runbook

```promql
job:errors:rate5m > 1
```

## Scrape jobs

| Job | Targets | Path |
| --- | --- | --- |
| `web` | `web:80` | `/metrics` |
"""


@pytest.fixture
def files(project_folder: ProjectFolder) -> ProjectFolder:
    dashboard = {"title": "Errors", "uid": "e", "schemaVersion": 42, "panels": [{"type": "text", "title": "Rate"}]}
    texts = {"rules.yml": RULES, "am.yml": ALERTMANAGER, "prometheus.yml": PROMETHEUS, "d.json": json.dumps(dashboard)}
    for name, text in texts.items():
        (project_folder.root / name).write_text(text)
    return project_folder


def read(folder: ProjectFolder, name: str) -> str:
    return (folder.root / "out" / name).read_text()


def test_files_have_a_page_for_each_service_and_file(files: ProjectFolder) -> None:
    result = files.run("handbook", "rules.yml", "am.yml", "prometheus.yml", "d.json", "--out", "out")

    assert (result.exit, result.out) == (0, "handbook: 3 pages\n")
    assert read(files, "README.md") == INDEX
    assert read(files, "services/web.md") == WEB


def test_a_page_of_a_definition_has_slos_alerts_dashboards_and_jobs(project_folder: ProjectFolder) -> None:
    folder = project_folder.write(shop=DEFINITIONS)
    assert folder.run("handbook", "--out", "out").exit == 0

    page = read(folder, "services/shop.md")
    for part in (
        "Sells things.\n\n- **Owner**: team\n- **Runbook**: [https://runbooks.example.com/shop](https://",
        "| orders | 99.5 % | 30d | 0.5 % of events, or 3h36m of an outage |",
        "- **What**: \\<queue\\> waits\n- **Why**: The workers are too slow.\n- **Severity**: ticket\n",
        "- **Notifies**: perhaps `pager` (webhook), perhaps `chat` (webhook)\n- **Fires**: after 5m of the condition\n",
        "[Dashboard](http://localhost:3000/d/shop?viewPanel=",
        "- **Jobs**: Waiting\n",
        "detail 30d, without alerts](http://localhost:3000/d/",
        "| Job | Targets | Path | Interval |\n| --- | --- | --- | --- |\n| `shop` | `shop:8000` | `/metrics` | 30s |\n",
    ):
        assert part in page, part
    assert "never-shown" not in page


def test_pages_of_the_same_definitions_are_equal(files: ProjectFolder) -> None:
    first, second = ({}, {})  # type: dict[str, str], dict[str, str]
    for texts in (first, second):
        files.run("handbook", "rules.yml", "am.yml", "--out", "out", "--format", "html")
        texts.update({path.name: path.read_text() for path in (files.root / "out").rglob("*.html")})
    assert first == second
    assert sorted(first) == ["index.html", "rules-yml.html", "web.html"]


def test_pages_that_are_not_written_again_are_removed_and_others_stay(files: ProjectFolder) -> None:
    files.run("handbook", "rules.yml", "--out", "out")
    (files.root / "out" / "services" / "mine.md").write_text("# Mine\n")
    (files.root / "rules.yml").write_text(RULES.replace("service: web", "service: shop"))

    result = files.run("handbook", "rules.yml", "--out", "out")

    assert result.out == "handbook: 3 pages, 1 removed\n"
    names = sorted(path.name for path in (files.root / "out" / "services").iterdir())
    assert names == ["mine.md", "rules-yml.md", "shop.md"]


def test_a_file_of_somebody_else_is_not_replaced(files: ProjectFolder) -> None:
    (files.root / "README.md").write_text("# Mine\n")

    result = files.run("handbook", "rules.yml", "--out", ".")

    assert (result.exit, (files.root / "README.md").read_text()) == (2, "# Mine\n")
    assert "README.md is not a page of obscode handbook" in result.err
    assert not (files.root / "services").exists()


# --- text --------------------------------------------------------------------------------------------------------

TEMPLATES = {
    "no template": ("90 % of $x", "90 % of $x"),
    "a label": ("{{ $labels.queue }} and {{.Labels.pod | urlquery}}", "<queue> and <pod>"),
    "a value": ("{{ $value | humanizePercentage }}", "<value>"),
    "a query": ('{{ with query "up" }}{{ . | first | value }}{{ else }}nothing{{ end }}!', "<...>!"),
    "a condition": ("{{ if eq $labels.a 1 }}x{{ end }}y", "xy"),
    "an open brace": ("a {{ b", "a {{ b"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_names_of_values(name: str) -> None:
    text, expected = TEMPLATES[name]
    assert without_templates(text) == expected


INLINE: list[tuple[Line, str, str]] = [
    (line("a_b *c* <d> _e_ #"), "a_b \\*c\\* \\<d\\> \\_e\\_ \\#", "a_b *c* &lt;d&gt; _e_ #"),
    (line("1. a\n- b"), "\\1. a\n\\- b", "1. a\n- b"),
    (code("a`b"), "``a`b``", "<code>a`b</code>"),
    ([link("a", "https://x/(1)")], "[a](<https://x/(1)>)", '<a href="https://x/(1)">a</a>'),
    ([link("a", "../b.md#c")], "[a](../b.md#c)", '<a href="../b.md#c">a</a>'),
    ([link("a", "javascript:x")], "a", "a"),
    ([link("a", 'https://x/"><b>')], '[a](https://x/"><b>)', '<a href="https://x/&quot;&gt;&lt;b&gt;">a</a>'),
]


@pytest.mark.parametrize(("spans", "as_markdown", "as_html"), INLINE, ids=lambda value: str(value)[:20])
def test_text_is_escaped(spans: Line, as_markdown: str, as_html: str) -> None:
    paragraph = [Paragraph(spans)]
    assert markdown.render("T", paragraph, "M") == f"<!-- M -->\n\n# T\n\n{as_markdown}\n"
    assert f"<h1>T</h1>\n<p>{as_html}</p>\n</body>" in html.render("T", paragraph, "M")


def test_blocks_are_written_in_both_formats() -> None:
    blocks: list[Block] = [
        Heading(2, "H", "x"),
        Code("a\n```b"),
        table(["A", "B"], [[line("1\n2"), []], [code("|"), []]]),
    ]
    assert markdown.render("T", blocks, "M") == (
        '<!-- M -->\n\n# T\n\n<a id="x"></a>\n\n## H\n\n'
        "````promql\na\n```b\n````\n\n| A |\n| --- |\n| 1 2 |\n| `\\|` |\n"
    )
    page = html.render("T", blocks, "M")
    assert '<h2 id="x">H</h2>\n<pre><code>a\n```b</code></pre>\n<table>\n<tr><th>A</th></tr>\n' in page
