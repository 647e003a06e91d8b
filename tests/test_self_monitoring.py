"""Every project monitors its Prometheus and its Alertmanagers, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from conftest import ProjectFolder

from obscode import (
    SLO,
    Alertmanagers,
    Definitions,
    Project,
    PrometheusServer,
    Route,
    Routing,
    ScrapeJob,
    Service,
    checks,
    compile,
    configs,
    discovery,
    load,
    presets,
    receivers,
    sli,
    targets,
)
from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.project.self_monitoring import with_self_monitoring

SHOP = Service("shop", scrape=ScrapeJob(["shop:80"]))
CHAT, PINGS = (receivers.Webhook(name, url=f"http://localhost:5001/{name}") for name in ("chat", "pings"))


def added(project: Project, *services: Service, configuration: Sequence[configs.Prometheus] = ()) -> list[Service]:
    """The services that are added to a project."""
    definitions = Definitions(project, services=services or [SHOP], configs=configuration)
    return [each for each in with_self_monitoring(definitions).services if each not in definitions.services]


def test_prometheus_and_alertmanager_are_services_at_the_addresses_of_the_project() -> None:
    project = Project(
        "team", prometheus_url="https://prometheus.example.com/metrics-ui", alertmanagers=["a:9093", "b:9093"]
    )

    prometheus, alertmanager = added(project)

    assert (prometheus.name, alertmanager.name) == ("prometheus", "alertmanager")
    (own,), (theirs,) = prometheus.scrape_jobs(), alertmanager.scrape_jobs()
    assert (own.static_targets(), own.path) == (("localhost:9090",), "/metrics-ui/metrics")
    assert (theirs.static_targets(), theirs.path) == (("a:9093", "b:9093"), "/metrics")


def test_alertmanagers_with_access_and_discovery_are_jobs_of_one_name() -> None:
    others = Alertmanagers(
        discovery=discovery.DNS(["am.example.com"], type="A", port=9093), path_prefix="/am", scheme="https"
    )
    definitions = with_self_monitoring(Definitions(Project("team", alertmanagers=["a:9093", others]), services=[SHOP]))

    (config,) = compile(definitions).prometheus_configs

    jobs = {job.job: job.settings for job in config.scrape_configs}
    assert set(jobs) == {"alertmanager", "alertmanager-2", "prometheus", "shop"}
    assert jobs["alertmanager-2"]["metrics_path"] == "/am/metrics"
    assert jobs["alertmanager-2"]["scheme"] == "https"
    assert jobs["alertmanager-2"]["relabel_configs"][-1] == {"target_label": "job", "replacement": "alertmanager"}


@pytest.mark.parametrize(
    ("project", "services", "names"),
    [
        (Project("team", self_monitoring=False), [SHOP], []),
        (Project("team", alertmanagers=[]), [SHOP], ["prometheus"]),
        (Project("team", targets=[targets.Kubernetes("monitoring")]), [SHOP], []),
        (Project("team", prometheus_url="prometheus"), [SHOP], []),
        (Project("team"), [Service("prometheus")], ["alertmanager"]),
        (Project("team"), [Service("own", scrape=ScrapeJob(["a:9093"], job="alertmanager"))], ["prometheus"]),
    ],
)
def test_what_a_project_has_itself_is_not_added(project: Project, services: list[Service], names: list[str]) -> None:
    assert [service.name for service in added(project, *services)] == names


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://prometheus:9091", "localhost:9091"),
        ("http://prometheus", "localhost:9090"),
        ("https://prometheus:443", "localhost:9090"),
        ("http://prometheus:80/", "localhost:9090"),
    ],
)
def test_prometheus_scrapes_itself_at_its_port_and_not_at_that_of_a_proxy(url: str, address: str) -> None:
    (job,) = added(Project("team", prometheus_url=url))[0].scrape_jobs()

    assert (job.static_targets(), job.path) == ((address,), "/metrics")


@pytest.mark.parametrize(
    "definitions",
    [
        'shop = Service("shop", scrape="a:80")',
        'shop = Service("shop", scrape=discovery.Static(["a:80"]))',
        'shop = Service("shop", scrape=[discovery.Static(["a:80"])])',
        'shop = Service("shop", scrape={"job_name": "x"})',
        'shop = Service("shop", scrape=None)',
        'shop = Service("shop", slos=7)',
        'project = Project("team", targets=targets.Thanos())\nshop = Service("shop")',
        'project = Project("team", prometheus=7)\nshop = Service("shop")',
        'project = Project("team", alertmanagers=7)\nshop = Service("shop")',
    ],
)
def test_arguments_of_another_type_are_reported(definitions: str, project_folder: ProjectFolder) -> None:
    source = definitions if "project =" in definitions else f'project = Project("team")\n{definitions}'
    project_folder.write(project=source)

    built = project_folder.run("build")

    assert built.exit == 1, built.err
    assert "error[argument-type]" in built.err


def test_a_server_with_some_targets_of_a_job_does_not_report_the_job_as_down() -> None:
    ratio = sli.Ratio(errors="errors_total", total="requests_total", by=["instance"])
    service = Service("shop", scrape=ScrapeJob(["a:80"]), slos=[SLO("up", 99, ratio)])

    def expressions(project: Project) -> list[str]:
        rules = compile(Definitions(project, services=[service])).rules()
        return [rule.expr for rule in rules if rule.name == "ShopTargetDown"]

    assert expressions(Project("team")) == ['absent(up{job="shop"} == 1)']
    assert expressions(Project("team", prometheus=PrometheusServer(shards=2))) == ['max by (job) (up{job="shop"}) == 0']
    ruled = PrometheusServer(shards=2, evaluates_rules=False)
    assert expressions(Project("team", prometheus=ruled)) == ['absent(up{job="shop"} == 1)']


def test_nothing_is_added_to_a_configuration_that_is_emitted_as_written() -> None:
    assert added(Project("team"), SHOP, configuration=[configs.Prometheus({})]) == []


def test_nothing_is_added_to_rules_without_a_service() -> None:
    definitions = Definitions(Project("team"))

    assert with_self_monitoring(definitions) is definitions


def test_the_services_of_an_environment_have_its_addresses(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""
        project = Project(
            "team",
            alertmanagers=["a:9093"],
            environments=[Environment("staging", alertmanagers=["b:9093"], prometheus_url="http://prometheus:9099")],
        )
        """,
        shop='shop = Service("shop")',
    )

    jobs = [
        each
        for service in load(project_folder.definitions, environment="staging").services
        for each in service.scrape_jobs()
    ]

    assert [job.static_targets() for job in jobs] == [("localhost:9099",), ("b:9093",)]


@pytest.mark.parametrize("alertmanagers", [["a:9093"], ["a:9093", "b:9093"]])
@pytest.mark.parametrize("server", [PrometheusServer(shards=2), PrometheusServer(shards=2, evaluates_rules=False)])
def test_a_project_with_shards_has_no_findings(alertmanagers: list[str], server: PrometheusServer) -> None:
    project = Project("team", alertmanagers=alertmanagers, prometheus=server, targets=[targets.Mimir()])

    artifacts = compile(with_self_monitoring(Definitions(project, services=[SHOP])))

    assert [str(finding) for finding in checks.lint(artifacts)] == []


def alertmanager_config(routing: Routing, *services: Service) -> AlertmanagerConfig:
    (config,) = compile(Definitions(Project("team"), services=services, routing=routing)).alertmanager_configs
    return config


def first_routes(config: AlertmanagerConfig) -> list[tuple[str, Sequence[str]]]:
    return [(route.receiver, route.matchers) for route in config.route.routes]


def test_the_watchdog_goes_to_the_heartbeat() -> None:
    config = alertmanager_config(Routing(CHAT, heartbeat=PINGS), presets.prometheus())

    assert first_routes(config) == [("pings", ['alertname="Watchdog"'])]
    assert [receiver.name for receiver in config.receivers] == ["chat", "pings"]


def test_without_a_heartbeat_the_watchdog_notifies_nobody() -> None:
    config = alertmanager_config(Routing(CHAT), presets.prometheus())

    assert first_routes(config) == [("nobody", ['alertname="Watchdog"'])]
    assert [(receiver.name, receiver.integrations) for receiver in config.receivers][-1] == ("nobody", {})


def test_a_route_of_the_user_for_the_watchdog_wins() -> None:
    config = alertmanager_config(
        Routing(CHAT, routes=[Route(PINGS, match={"alertname": "Watchdog"})]), presets.prometheus()
    )

    assert first_routes(config) == [("pings", ['alertname="Watchdog"'])]


def test_a_project_without_the_alert_has_no_route_for_it() -> None:
    assert first_routes(alertmanager_config(Routing(CHAT), SHOP)) == []


def test_a_folder_of_definitions_monitors_itself(project_folder: ProjectFolder) -> None:
    project_folder.write(project='project = Project("team")', shop='shop = Service("shop")')

    assert project_folder.run("build").exit == 0

    assert (project_folder.build / "prometheus" / "rules" / "prometheus.yml").exists()
    assert (project_folder.build / "grafana" / "dashboards" / "team" / "alertmanager.json").exists()
    first_line = (project_folder.build / "prometheus" / "rules" / "prometheus.yml").read_text().splitlines()[0]
    assert first_line == "# Written by obscode from definitions/project.py; change it there."
