"""A build that compiles only the services that changed has the result of a build of all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from test_unchanged_build import Pair, written

from obscode.artifacts.project import Artifacts
from obscode.checks import registry
from obscode.project import cache
from obscode.project.changed_services import ChangedServices, ServiceBuild, _subjects

FILES = {
    "definitions/project.py": """
from obscode import *

project = Project("team", severities={"page": "critical", "ticket": "warning"}, source_url="https://git.example.com/{file}")
routing = Routing(
    default=receivers.Webhook("all", url="http://localhost:5001/"),
    routes=[Route(receivers.Webhook("pager", url="http://localhost:5002/"), match={"severity": "page"})],
)
overview = Dashboard(
    "Overview",
    [Row("All", panels.TimeSeries("Shop errors", "job:shop_errors:rate5m", unit="short", description="Errors."))],
)
""",
    "definitions/_shared.py": """
from obscode import *

RUNBOOK = "https://runbooks.example/errors"
OBJECTIVE = 99.9


def requests():
    return metrics.Counter("http_requests_total", labels=["status", "model"])


def availability(objective=OBJECTIVE, **settings):
    errors = 'http_requests_total{status=~"5.."}'
    ratio = sli.Ratio(errors=errors, total="http_requests_total", **settings.pop("of", {}))
    return SLO("availability", objective, ratio, **settings)
""",
    "definitions/shop.py": """
from obscode import *
from . import _shared

shop = Service(
    "shop",
    owner="team-shop",
    description="Sells.",
    runbook=_shared.RUNBOOK,
    scrape=ScrapeJob(["localhost:8001"]),
    metrics=[_shared.requests(), metrics.Gauge("shop_queue_length", help="Orders that wait.")],
    recording_rules=[
        RecordingRule("job:shop_errors:rate5m", 'sum by (job) (rate(http_requests_total{status="500"}[5m]))')
    ],
    slos=[_shared.availability(99.9)],
    alerts=[
        Alert("QueueFull", "shop_queue_length > 100", severity="ticket", summary="the queue is long"),
        Alert("ShopErrors", "job:shop_errors:rate5m > 5", severity="page", summary="errors", panel="Queue/Errors"),
    ],
    dashboard=[
        Row(
            "Queue",
            panels.TimeSeries("Length", "shop_queue_length", unit="short", description="Orders."),
            panels.TimeSeries("Errors", "job:shop_errors:rate5m", unit="short", description="Errors."),
        )
    ],
)
""",
    "definitions/billing.py": """
from obscode import *
from . import _shared

billing = Service(
    "billing",
    scrape=ScrapeJob(["localhost:8002"]),
    metrics=[_shared.requests()],
    slos=[_shared.availability(99.9), SLO("up", 99, sli.Uptime("up"))],
    alerts=[
        Alert("ShopQueue", "shop_queue_length > 50", severity="ticket", summary="the shop is slow"),
        Alert("Invoices", "rate(http_requests_total[5m]) < 1", severity="page", summary="few", panel="Queue/Length"),
    ],
)
""",
    "definitions/models.py": """
from obscode import *
from . import _shared

limit = 5
services = [
    Service(
        f"model-{n}",
        alerts=[
            Alert(
                "ModelErrors",
                f'sum by (job) (rate(http_requests_total{{job="model-{n}",status="500"}}[5m])) * 100 > {limit}',
                severity="page",
                summary="errors",
            )
        ],
        scrape=ScrapeJob([f"localhost:900{n}"]),
        metrics=[_shared.requests()],
        slos=[_shared.availability({}.get(n, 99.5), of={"by": ["model"]})],
    )
    for n in range(3)
]
""",
    "pyproject.toml": '[tool.obscode.severity]\nrule-name = "off"\nalert-summary = "warning"\n',
}
SHOP, BILLING, MODELS, SHARED, PROJECT = (
    f"definitions/{name}.py" for name in ("shop", "billing", "models", "_shared", "project")
)
# An edit: the file, what is replaced, by what; and whether a build after it compiles only what changed.
EDITS: dict[str, tuple[str, str, str, bool]] = {
    "an objective": (SHOP, "availability(99.9)", "availability(99.95)", True),
    "an objective of the first of a shape": (BILLING, "availability(99.9)", "availability(99.8)", True),
    "an objective in a loop": (MODELS, "{}.get", "{1: 99.25}.get", True),
    "a description": (SHOP, '"Sells."', '"Sells shoes."', True),
    "a summary": (SHOP, "the queue is long", "the queue is too long", True),
    "a runbook": (SHOP, "runbook=_shared.RUNBOOK", 'runbook="https://runbooks.example/shop"', True),
    "a runbook of all": (SHARED, "runbooks.example/errors", "runbooks.example/all", True),
    "the time that an alert waits": (SHOP, 'the queue is long"', 'the queue is long", for_="5m"', False),
    "a template": (SHOP, "the queue is long", "the queue of {{ $labels.instance }} is long", False),
    "a template of an unknown label": (SHOP, "the queue is long", "the queue of {{ $labels.queue }} is long", False),
    "the unit of a panel": (SHOP, 'unit="short", description="Orders."', 'unit="s", description="Orders."', True),
    "a comment": (SHOP, "shop = Service(", "# the shop\nshop = Service(", True),
    "a comment in the project": (PROJECT, "project = ", "# all\nproject = ", True),
    "an objective that no alert reaches": (SHOP, "availability(99.9)", "availability(50)", False),
    "a condition": (SHOP, "shop_queue_length > 100", "shop_queue_length > 200", True),
    "a condition that another dashboard shows": (SHOP, "errors:rate5m > 5", "errors:rate5m > 6", False),
    "a condition that another service shows": (BILLING, "queue_length > 50", "queue_length > 60", False),
    "an expression of a condition": (BILLING, "[5m]) < 1", "[5m]) * 60 < 1", False),
    "a factor in a condition": (MODELS, "* 100 > {limit}", "* 1000 > {limit}", False),
    "a threshold in a loop": (MODELS, "limit = 5", "limit = 6", True),
    "a panel": (SHOP, '            panels.TimeSeries("Errors"', '            panels.Stat("Now", "shop_queue_length", '
                'unit="short", description="Now."),\n            panels.TimeSeries("Errors"', False),
    "the title of a panel that another service names": (SHOP, '"Length", ', '"Orders", ', False),
    "the expression of a panel": (SHOP, '"Length", "shop_queue_length"', '"Length", "shop_queue_length / 2"', False),
    "a metric": (SHOP, 'Gauge("shop_queue_length"', 'Gauge("shop_queue_size"', False),
    "the help of a metric": (SHOP, "Orders that wait.", "Orders that queue.", False),
    "a recording rule": (SHOP, "sum by (job) (rate(", "sum by (job) (irate(", False),
    "a recorded series that another file reads": (SHOP, 'Rule("job:shop_errors', 'Rule("job:errors', False),
    "a label": (SHOP, 'severity="ticket", summary', 'severity="ticket", labels={"area": "queue"}, summary', False),
    "a job": (BILLING, '["localhost:8002"]', '["localhost:8003"], job="bills"', False),
    "an owner": (SHOP, 'owner="team-shop"', 'owner="team-web"', False),
    "the name of a service": (BILLING, '"billing",', '"bills",', False),
    "a service more": (MODELS, "range(3)", "range(4)", False),
    "a warning": (BILLING, 'summary="the shop is slow"', 'summary=""', False),
    "an error of a check": (SHOP, 'unit="short", description="Orders."', 'unit="shorts", description="Orders."', False),
    "an error": (BILLING, "shop_queue_length > 50", "shop_queue_length > ", False),
    "an alert that another service has": (BILLING, '"ShopQueue"', '"QueueFull"', False),
    "an unused ignore": (SHOP, '"Sells."', '"Sells.", ignore={"slo-scope": "it has a job"}', False),
    "severities": (PROJECT, '"warning"', '"low"', False),
    "a setting": ("pyproject.toml", 'rule-name = "off"', 'rule-name = "warning"', False),
    "a description in a loop": (MODELS, "availability({", "availability(description=f'Of {n}.', objective={", True),
    "a folder": (SHOP, "    dashboard=[", '    dashboard=Dashboard("Shop", [', False),
}  # fmt: skip


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.delenv(cache.VARIABLE, raising=False)
    pair = Pair(tmp_path, monkeypatch)
    pair.write(**FILES)
    return pair


@pytest.fixture
def partial(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each build compiled only the services that changed."""
    result: list[bool] = []
    compile_changed = ChangedServices.compile

    def noted(self: ChangedServices, *arguments: object) -> ServiceBuild | None:
        build = compile_changed(self, *arguments)  # type: ignore[arg-type]
        result.append(build is not None)
        return build

    monkeypatch.setattr(ChangedServices, "compile", noted)
    return result


def edit(name: str) -> Callable[[Path], None]:
    """Make an edit, or take it back."""
    path, old, new, _ = EDITS[name]

    def change(root: Path) -> None:
        text = (root / path).read_text()
        text = text.replace(new, old) if new in text else text.replace(old, new)
        written(root / path, text)

    return change


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_has_the_result_of_a_build_without_the_cache(name: str, pair: Pair, partial: list[bool]) -> None:
    first, _ = pair.run()
    assert (first.exit, first.err) == (0, "")
    partial.clear()
    pair.edit(edit(name))
    pair.run()
    assert any(partial) is EDITS[name][3]


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_edits_has_the_result_of_builds_without_the_cache(
    seed: int, pair: Pair, partial: list[bool]
) -> None:
    random = Random(seed)
    if seed % 2:
        pair.edit(with_warnings)
    for _ in range(6):
        for _ in range(random.choice([1, 1, 2])):
            pair.edit(edit(random.choice([*EDITS])))
        if random.random() < 0.2:
            pair.edit(lambda root: written(root / "build/prometheus/rules/shop.yml", "groups: []\n"))
        pair.run(*random.choice([[], ["-v"], ["--check"]]))  # compares
    assert partial


def with_warnings(root: Path) -> None:
    """Two alerts without a summary, in the middle of their files."""
    for path, old in ((SHOP, 'summary="errors"'), (BILLING, 'summary="few"')):
        text = (root / path).read_text()
        assert old in text
        written(root / path, text.replace(old, "summary=str()"))


# In a project with warnings, edits of a service with a warning, and of another service; each with whether a build after
# it compiles only what changed, and the number of warnings.
WITH_WARNINGS = {
    "an objective": ("an objective", True, 2),
    "another warning": ("a warning", False, 3),
    "a line above a warning": ("a comment", False, 2),
    "a runbook of all": ("a runbook of all", True, 2),
    "a panel": ("a panel", False, 2),
}


@pytest.mark.parametrize("name", WITH_WARNINGS)
def test_warnings_of_services_that_did_not_change_stay(name: str, pair: Pair, partial: list[bool]) -> None:
    edited, is_partial, count = WITH_WARNINGS[name]
    pair.edit(with_warnings)
    first, _ = pair.run()
    assert first.err.count("warning[alert-summary]") == 2
    partial.clear()
    pair.edit(edit(edited))
    result, _ = pair.run()
    assert (any(partial), result.err.count("warning[alert-summary]")) == (is_partial, count)


def test_a_warning_that_moved_is_reported_at_its_line(pair: Pair, partial: list[bool]) -> None:
    """The edit changes another service, and adds a line above the warning."""
    pair.write(**{SHOP: FILES[SHOP] + '\nsmall = Service("small", description="Small.")\n'})
    pair.edit(with_warnings)
    pair.run()
    pair.edit(lambda root: written(root / SHOP, (root / SHOP).read_text().replace('"Small."', '"Tiny."')))
    below, _ = pair.run()
    pair.edit(lambda root: written(root / SHOP, "# a comment\n" + (root / SHOP).read_text().replace("Tiny", "Big")))
    above, _ = pair.run()
    assert partial == [False, True, False]
    assert "shop.py:18:" in below.err
    assert "shop.py:19:" in above.err


def test_checks_of_the_whole_project_read_only_what_services_export() -> None:
    """They do not run on a service that changed. A new one must read what `service_digests` compares, nothing else."""
    whole = {check.name for check in registry.checks() if Artifacts in _subjects(check.subject)}
    assert whole == {
        "configmap-size",  # a project with ConfigMaps is always compiled as a whole
        "cost-limit",  # a project with limits is always compiled as a whole
        "duplicate-alert",
        "duplicate-notification",
        "default-route",
        "duplicate-record",
        "grafana-contact-point",
        "grafana-template",
        "enforced-namespace",
        "group-by-label",
        "inhibition-equal",
        "kubernetes-field",  # a project with targets is always compiled as a whole
        "kubernetes-size",
        "metric-types",
        "mimir-group-parts",
        "mimir-limits",
        "missing-runbook",
        "no-ruler",  # reads settings of the project, and whether there are rules
        "not-in-catalog",
        "regex-in-equality",
        "unknown-alert-name",
        "unknown-recording-rule",
        "unknown-test-series",
        "unmatched-inhibition",
        "unmatched-port",
        "unmatched-route",
        "unmatched-test-series",
        "unrouted-alert",
        "unselected-object",
        "utf8-name",
    }


def test_a_file_that_was_edited_by_hand_is_restored(pair: Pair, partial: list[bool]) -> None:
    pair.run()
    pair.edit(edit("an objective"))
    pair.edit(lambda root: written(root / "build/prometheus/rules/billing.yml", "groups: []\n"))
    pair.run()
    assert partial == [False, False]
