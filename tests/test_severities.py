"""Severities: one vocabulary for the alerts and the routes of a project."""

from __future__ import annotations

import linecache
from collections.abc import Mapping

import pytest
import yaml
from finding_text import finding_text

from obscode import SLO, Alert, BurnAlert, NoData, Project, Route, Routing, ScrapeJob, Service, Tier, receivers
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model.sli import Ratio
from obscode.renderers import render

DOWN = Alert("Down", "up == 0", severity="page", summary="down")
RATIO = Ratio(errors='hits_total{code="500"}', total="hits_total")
NAMES = {"page": "critical", "ticket": "warning", "info": "none"}
TEAM = receivers.Webhook("team", url="http://localhost:5001/")


def shop(*slos: SLO, severity: str = "page", alert: Alert = DOWN, no_data: NoData | None = None) -> Service:
    job = ScrapeJob(["localhost:8000"])
    return Service("shop", severity=severity, scrape=job, alerts=[alert], slos=slos, no_data=no_data or NoData())


def output(service: Service, severities: Mapping[str, str], routing: Routing | None = None) -> dict[str, str]:
    definitions = Definitions(Project("team", severities=severities), [service], routing=routing)
    return {file.path: file.text for file in render(compile(definitions))}


def severities_of(service: Service, severities: Mapping[str, str]) -> dict[str, str]:
    """The severity of each alert of the service."""
    text = output(service, severities)["prometheus/rules/shop.yml"]
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"] if "alert" in rule]
    return {rule["alert"]: rule["labels"]["severity"] for rule in rules}


def findings(service: Service, project: Project | None = None, routing: Routing | None = None) -> list[Finding]:
    with pytest.raises(DefinitionError) as error:
        compile(Definitions(project or Project("team"), [service], routing=routing))
    return list(error.value.findings)


def marked(finding: Finding) -> str:
    """The source that the caret is below."""
    assert finding.span
    line = linecache.getline(finding.span.file, finding.span.line)
    return line[finding.span.column - 1 : finding.span.end_column - 1]


# --- label values ------------------------------------------------------------------------------------------------


def test_by_default_the_label_has_the_name_of_the_severity() -> None:
    values = severities_of(shop(SLO("a", 99.9, RATIO)), Project("team").severities)
    assert set(values.values()) == {"page", "ticket"}
    assert Project("team").severity_order() == ("page", "ticket")


def test_every_alert_of_a_project_has_a_label_value_of_its_severities() -> None:
    values = severities_of(shop(SLO("a", 99.9, RATIO), no_data=NoData(severity="info")), NAMES)
    assert {value for name, value in values.items() if "Burn" in name} == {"critical", "warning"}
    assert (values["Down"], values["ShopTargetDown"], values["ShopANoTraffic"]) == ("critical", "none", "none")


def test_a_severity_is_written_as_its_name_or_its_label_value() -> None:
    for ticket in ("ticket", "warning"):
        table = [Tier("slow", severity=ticket, budget=10, long="1h", short="5m")]
        slo = SLO("a", 99.9, RATIO, policy=table, no_data=NoData(severity=ticket))
        changed = SLO("b", 99.9, RATIO, policy=[table[0].derive(severity="page")])
        changed = changed.derive(alerts={"slow": BurnAlert(severity=ticket)}, no_data=NoData(severity=ticket))
        alert = Alert("Low", "up < 2", summary="low")
        values = severities_of(shop(slo, changed, severity=ticket, alert=alert, no_data=NoData(severity=ticket)), NAMES)
        assert set(values.values()) == {"warning"}


def test_routes_and_inhibition_have_the_label_values() -> None:
    routing = Routing(default=TEAM, routes=[Route(TEAM, match={"severity": "page"})])
    config = yaml.safe_load(output(shop(SLO("a", 99.9, RATIO)), NAMES, routing)["alertmanager/alertmanager.yml"])
    assert config["route"]["routes"][0]["matchers"] == ['severity="critical"']
    muting = [(rule["source_matchers"][0], rule["target_matchers"][0]) for rule in config["inhibit_rules"]]
    assert [pair for pair in muting if pair[0].startswith("severity")] == [
        ('severity="critical"', 'severity="warning"'),
        ('severity="critical"', 'severity="none"'),
        ('severity="warning"', 'severity="none"'),
    ]


def test_the_order_of_urgency_is_that_of_the_mapping() -> None:
    project = Project("team", severities={"wake": "sev1", "page": "sev2", "ticket": "sev3"})
    assert project.severity_order() == ("sev1", "sev2", "sev3")
    assert [project.severity_label(name) for name in ("page", "sev2", "other")] == ["sev2", "sev2", "other"]
    assert [project.severity_name(value) for value in ("sev1", "page")] == ["wake", "page"]


# --- findings ----------------------------------------------------------------------------------------------------


def test_an_unknown_severity_is_reported_wherever_it_is_written() -> None:
    table = [Tier("fast", severity="crit", budget=2, long="1h", short="5m")]
    slo = SLO("a", 99.9, RATIO, policy=table, alerts={"fast": BurnAlert(severity="tickets")})
    low = Alert("Low", "up < 2", severity="Page", summary="low")
    job = ScrapeJob(["localhost:8000"])
    service = Service("shop", severity="pgae", scrape=job, slos=[slo], alerts=[low], no_data=NoData(severity="sev 1"))
    routing = Routing(default=TEAM, routes=[Route(TEAM, match={"team": "shop", "severity": "pgae"})])
    assert [
        (marked(finding), finding.message, finding.hint[:22]) for finding in findings(service, routing=routing)
    ] == [
        ('"crit"', "the project has no severity 'crit'", "write 'page' or 'ticke"),
        ('"tickets"', "the project has no severity 'tickets'", "did you mean 'ticket'?"),
        ('"Page"', "the project has no severity 'Page'", "did you mean 'page'?"),
        ('"pgae"', "the project has no severity 'pgae'", "did you mean 'page'?"),
        ('"sev 1"', "the project has no severity 'sev 1'", "write 'page' or 'ticke"),
        ('"severity": "pgae"', "the project has no severity 'pgae'", "did you mean 'page'?"),
    ]


def test_the_hint_has_the_whole_mapping_for_a_severity_that_is_like_no_other() -> None:
    service = Service("shop", alerts=[Alert("Low", "up < 2", severity="info", summary="low")])
    assert finding_text(findings(service)) == (
        "error[unknown-severity]: the project has no severity 'info'\n  hint: write 'page' or 'ticket', or "
        'Project(severities={"page": "page", "ticket": "ticket", "info": "info"})'
    )


def test_a_severity_that_several_services_share_is_reported_once() -> None:
    no_data = NoData(severity="critical")
    services = [Service(name, no_data=no_data) for name in ("a", "b")]
    with pytest.raises(DefinitionError) as error:
        compile(Definitions(Project("team"), services))
    assert len(error.value.findings) == 1


INVALID = {
    "{}": "the project has no severity 'page', which generated alerts have",
    '{"page": "critical"}': "the project has no severity 'ticket', which generated alerts have",
    '{"ticket": "warning", "page": "critical"}': "'page' comes after 'ticket'",
    '{"page": "critical", "ticket": "critical"}': "'page' and 'ticket' have the same label value 'critical'",
    '{"page": "", "ticket": "warning"}': "'' is not a valid name",
    '{"page": "{{ $value }}", "ticket": "warning"}': "'{{ $value }}' is not a valid name",
    '{"page": "critical", "ticket": "warning", "for info": "info"}': "'for info' is not a valid name",
    '{"wake": "page", "page": "critical", "ticket": "warning"}': (
        "'wake' has the label value 'page', which is another severity with the value 'critical'"
    ),
}


@pytest.mark.parametrize("severities", INVALID)
def test_severities_of_a_project_are_unambiguous(severities: str) -> None:
    """The service's severity is not reported again."""
    result = findings(Service("shop", severity="pgae"), Project("team", severities=yaml.safe_load(severities)))
    assert {finding.code.name for finding in result} == {"project-severities"}
    assert result[0].message == INVALID[severities]


def test_a_severity_may_have_the_label_value_of_its_own_name() -> None:
    service = Service("shop", alerts=[DOWN])
    assert severities_of(service, {"page": "page", "ticket": "warning"}) == {"Down": "page"}
