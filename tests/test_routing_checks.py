"""Checks of routes and inhibition rules, in definitions and in files."""

from __future__ import annotations

from typing import Any

import pytest

from obscode import SLO, Alert, Project, Route, Routing, ScrapeJob, Service, configs, receivers, relabel
from obscode.checks import Severities, lint, lint_values
from obscode.compiler import Definitions, compile
from obscode.model.metrics import Gauge
from obscode.model.receivers import Webhook
from obscode.model.sli import Uptime
from obscode.reader.file_contents import read_text

CODES = {
    "default-route",
    "group-by-label",
    "ineffective-inhibition",
    "inhibition-equal",
    "regex-in-equality",
    "shadowed-route",
    "unmatched-inhibition",
    "unmatched-route",
    "unused-receiver",
}
CONFIG = """\
route:
  receiver: chat
  routes:
{routes}
receivers: [{{name: chat}}, {{name: pager}}, {{name: shop}}]
"""
RULES = """\
groups:
- name: shop
  rules:
  - {alert: Down, expr: up == 0, labels: {severity: page, team: search}}
  - {alert: Slow, expr: "sum by (job) (latency) > 1", labels: {severity: ticket, team: search}}
---
"""
TEAM, PAGER = Webhook("team", url="http://localhost:5001/"), Webhook("pager", url="http://localhost:5002/")


def reported(text: str, *, notes: bool = False) -> list[str]:
    """The findings of these checks in YAML documents: line, column, severity, code, message and hint."""
    contents = read_text(text, "files.yml")
    assert contents.findings == []
    return [
        f"{f.span.line}:{f.span.column} {f.severity}[{f.code.name}] {f.message}; {f.hint}"
        for f in lint_values(contents.values, None, Severities(notes=notes))
        if f.code.name in CODES and f.span and (notes or f.severity != "note")
    ]


def routes(*lines: str) -> str:
    """A configuration with routes; the first is in line 4."""
    return CONFIG.format(routes="\n".join(f"  - {line}" for line in lines))


def inhibition(source: str, target: str, equal: str) -> str:
    """A configuration with an inhibition rule."""
    rule = f"- {{source_matchers: ['{source}'], target_matchers: ['{target}'], equal: [{equal}]}}"
    return f"route: {{receiver: chat}}\nreceivers: [{{name: chat}}]\ninhibit_rules:\n{rule}\n"


def in_project(routing: Routing, *alerts: Alert) -> list[tuple[str, str, str]]:
    """The findings of these checks in a project with alerts: code, message and hint."""
    service = Service("shop", selector={"job": "shop"}, alerts=alerts)
    artifacts = compile(Definitions(Project("team"), [service], routing=routing))
    return [(f.code.name, f.message, f.hint) for f in lint(artifacts) if f.code.name in CODES]


def routed(**match: str) -> Routing:
    return Routing(default=TEAM, routes=[Route(PAGER, match=match)])


PAGE = Alert("Down", "sum by (job) (up) == 0", severity="page", summary="down")

# --- unmatched-route ---------------------------------------------------------------------------------------------


def test_a_declared_severity_that_no_alert_has_yet_is_accepted() -> None:
    assert in_project(routed(severity="ticket"), PAGE) == []


def test_a_route_behind_routes_that_take_all_its_alerts_is_reported() -> None:
    routes = [Route(PAGER, match={"severity": "page"}), Route(TEAM, match={"service": "shop"})]
    message = "the route receives no alert: the routes before it take all that it matches (Down)"
    assert in_project(Routing(default=TEAM, routes=routes), PAGE) == [
        ("unmatched-route", message, "move it before them")
    ]
    assert in_project(Routing(default=TEAM, routes=routes[::-1]), PAGE) == [
        ("unmatched-route", message, "move it before them")
    ]
    ticket = Alert("Slow", "sum by (job) (latency) > 1", severity="ticket", summary="slow")
    assert in_project(Routing(default=TEAM, routes=routes), PAGE, ticket) == []


def test_a_route_for_the_alert_of_another_service_is_reported() -> None:
    assert in_project(routed(alertname="Down", severity="ticket"), PAGE) == [
        (
            "unmatched-route",
            'no alert has the labels alertname="Down", severity="ticket" together',
            "correct one of them",
        )
    ]


QUEUE = 'sum by (job, team) (queue{job="shop"}) > 9'


@pytest.mark.parametrize(
    ("arguments", "expr", "is_known"),
    [
        ({}, 'queue{job="shop"} > 9', True),
        ({}, QUEUE, True),
        ({}, "queue > 9", False),
        ({}, 'queue{job=~"shop"} > 9', False),
        ({}, 'team:queue:sum{job="shop"} > 9', False),
        ({}, 'ALERTS{job="shop"} > 0', False),
        ({}, 'absent(queue{job="shop"})', True),
        ({"honor_labels": True}, QUEUE, False),
        ({"relabel": [relabel.Replace("team", ["__address__"])]}, QUEUE, False),
        ({"metric_relabel": [relabel.LabelDrop("te.*")]}, QUEUE, False),
        ({"metric_relabel": [relabel.LabelKeep("job|queue|__name__")]}, QUEUE, False),
        ({"metric_relabel": [relabel.LabelDrop("status"), relabel.LabelKeep("job|team")]}, QUEUE, True),
        ({"metric_relabel": [relabel.Replace("other", ["team"])]}, QUEUE, True),
    ],
)
def test_the_labels_that_a_job_gives_all_its_series_are_known(
    arguments: dict[str, Any], expr: str, is_known: bool
) -> None:
    alert = Alert("Full", expr, severity="page", summary="full")
    job = ScrapeJob(["a:80"], labels={"team": "edge"}, **arguments)
    service = Service("shop", scrape=job, alerts=[alert])
    artifacts = compile(Definitions(Project("team", self_monitoring=False), [service], routing=routed(team="data")))
    messages = [finding.message for finding in lint(artifacts) if finding.code.name in CODES]
    assert messages == (["no alert has the label team='data'"] if is_known else [])


@pytest.mark.parametrize(
    ("matcher", "is_reported"),
    [
        ('alertname=~"Sl.*"', True),
        ('alertname=~"Down|Slow"', False),
        ('alertname=~".+"', False),
        ('alertname!~"Slow|Down"', False),
    ],
)
def test_a_regular_expression_of_names_is_compared_with_the_alerts_of_the_route_above(
    matcher: str, is_reported: bool
) -> None:
    ticket = Alert("Slow", "sum by (job) (latency) > 1", severity="ticket", summary="slow")
    pages = Route(PAGER, match={"severity": "page"}, routes=[Route(TEAM, matchers=[matcher])])
    message = f'no alert has the labels severity="page", {matcher} together'
    expected = [("unmatched-route", message, "correct one of them")] if is_reported else []
    assert in_project(Routing(default=TEAM, routes=[pages]), PAGE, ticket) == expected


def test_labels_of_declared_and_recorded_series_are_known() -> None:
    """A label that neither a metric nor a target declares is no label of an alert."""
    length = Gauge("queue_length", labels=["queue"])
    alerts = [Alert("Full", "queue_length > 9", severity="page", summary="full"), PAGE.derive(expr="up == 0")]
    service = Service("shop", scrape=ScrapeJob(["a:80"]), metrics=[length], alerts=alerts)

    def reported_for(service: Service, label: str) -> list[str]:
        artifacts = compile(Definitions(Project("team"), [service], routing=routed(**{label: "x"})))
        return [finding.message for finding in lint(artifacts) if finding.code.name in CODES]

    assert [label for label in ("queue", "instance", "region") if reported_for(service, label)] == ["region"]
    assert reported_for(service.derive(scrape=(), selector={"job": "shop"}), "region") == []


@pytest.mark.parametrize(
    ("matcher", "finding"),
    [
        ('severity="pgae"', "no alert has the label severity='pgae'; did you mean 'page'?"),
        ('severity=~"page|tikcet"', "no alert has the label severity='tikcet'; did you mean 'ticket'?"),
        ('severity="tick"', "no alert has the label severity='tick'; did you mean 'ticket'?"),
        ('severity="pages"', "no alert has the label severity='pages'; did you mean 'page'?"),
        ('severity!="Page"', "no alert has the label severity='Page'; did you mean 'page'?"),
        ('alertname="Dwon"', "no alert has the label alertname='Dwon'; did you mean 'Down'?"),
        ('serverity="page"', "no alert has the label 'serverity'; did you mean 'severity'?"),
        ('severity="info"', ""),
        ('team="shop"', ""),
        ('region="eu"', ""),
    ],
)
def test_in_files_a_value_is_reported_if_it_is_a_likely_typo(matcher: str, finding: str) -> None:
    expected = [f"10:17 warning[unmatched-route] {finding}"] if finding else []
    assert reported(RULES + routes(f"{{matchers: ['{matcher}'], receiver: pager}}")) == expected


def test_a_configuration_without_rules_has_no_unknown_values() -> None:
    assert reported(routes("{match: {severity: pgae}, receiver: pager}")) == []


# --- regex-in-equality -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("page|ticket", 'write severity=~"page|ticket"'),
        ("p.*", 'write severity=~"p.*"'),
        ("^page$", 'write severity=~"^page$"'),
        ("~page", 'write severity=~"page"'),
        ("page", ""),
        ("a.b:80", ""),
        ("[::1]:80", ""),
        ("/api/*", ""),
        ("C:/x", ""),
    ],
)
def test_a_regular_expression_in_an_equality_matcher_is_reported(value: str, hint: str) -> None:
    message = f"{value!r} is a regular expression, but severity is compared with the whole text"
    expected = [f"4:14 warning[regex-in-equality] {message}; {hint}"] if hint else []
    assert reported(routes(f"{{match: {{severity: '{value}'}}, receiver: pager}}")) == expected


def test_a_value_that_an_alert_has_is_no_regular_expression() -> None:
    rules = "groups: [{name: a, rules: [{alert: A, expr: up, labels: {side: 'a|b'}}]}]\n---\n"
    assert reported(rules + routes("{match: {side: 'a|b'}, receiver: pager}")) == []


def test_a_regular_expression_in_a_route_of_a_project_is_reported_once() -> None:
    message = "'page|ticket' is a regular expression, but team is compared with the whole text"
    hint = "write the whole value, and a Route for each value: they are compared exactly"
    assert in_project(routed(team="page|ticket"), PAGE) == [("regex-in-equality", message, hint)]


# --- shadowed-route ----------------------------------------------------------------------------------------------

WIDE = "{matchers: ['severity=~\"page|ticket\"'], receiver: pager}"


@pytest.mark.parametrize(
    ("first", "second", "finding"),
    [
        (
            WIDE,
            "{matchers: ['severity=\"page\"'], receiver: shop}",
            "error[shadowed-route] the route receives no alert: the route in line 4 takes all that it matches; "
            "move it before that route, or add continue: true there",
        ),
        (
            "{receiver: pager}",
            "{matchers: ['severity=\"page\"'], receiver: shop}",
            "error[shadowed-route] the route receives no alert: the route in line 4 takes all that it matches; "
            "move it before that route, or add continue: true there",
        ),
        (
            WIDE,
            WIDE.replace("pager", "shop"),
            "error[shadowed-route] the route has the matchers of the route in line 4, which takes its alerts; "
            "move it before that route, or add continue: true there",
        ),
        (
            WIDE,
            WIDE,
            "warning[shadowed-route] the route has the matchers of the route in line 4, which takes its alerts; "
            "remove it",
        ),
        (
            WIDE,
            "{matchers: ['team=\"a\"', 'team=\"b\"'], receiver: shop}",
            'error[shadowed-route] no alert matches both team="a" and team="b"; '
            "write a regular expression, or another route",
        ),
        (WIDE.replace("}", ", continue: true}"), WIDE.replace("pager", "shop"), ""),
        (WIDE, "{matchers: ['severity=~\"page|info\"'], receiver: shop}", ""),
        (WIDE, "{matchers: ['severity!=\"info\"'], receiver: shop}", ""),
        ("{matchers: ['severity!=\"page\"'], receiver: pager}", "{match: {severity: page}, receiver: shop}", ""),
    ],
)
def test_a_route_that_can_receive_no_alert_is_reported(first: str, second: str, finding: str) -> None:
    expected = [f"5:17 {finding}"] if finding else []
    assert reported(routes(first, second)) == expected


def test_a_route_below_one_that_excludes_it_is_reported() -> None:
    below = "{matchers: ['severity=\"page\"'], routes: [{matchers: ['severity=\"ticket\"'], receiver: shop}]}"
    assert reported(routes(below)) == [
        '4:58 error[shadowed-route] no alert matches both severity="page" and severity="ticket"; '
        "write a regular expression, or another route"
    ]


# --- inhibition --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "equal", "finding"),
    [
        ('severity="page"', 'severity="ticket"', "job", ""),
        (
            'severity="page"',
            'severity="ticket"',
            "job, severity",
            '4:95 error[ineffective-inhibition] the rule mutes nothing: the source matches severity="page", '
            'the target severity="ticket", so they differ; remove severity from equal',
        ),
        (
            'severity="page"',
            'severity="page"',
            "job",
            "4:4 error[ineffective-inhibition] the rule mutes nothing: an alert that matches both sides is not muted "
            "by another one that does; write other matchers for the target",
        ),
        ('severity=~"page|ticket"', 'severity="ticket"', "job", ""),
        (
            'severity="page", severity="ticket"',
            'severity="info"',
            "job",
            '4:22 error[ineffective-inhibition] the rule mutes nothing: no source matches both severity="page" '
            'and severity="ticket"; write a regular expression, or another rule',
        ),
    ],
)
def test_an_inhibition_rule_that_can_mute_nothing_is_reported(
    source: str, target: str, equal: str, finding: str
) -> None:
    findings = reported(inhibition(source, target, equal))
    assert findings == ([finding] if finding else [])


def alerts(page: str, ticket: str) -> str:
    """Two alerts with these expressions."""
    return (
        "groups:\n- name: a\n  rules:\n"
        f"  - {{alert: P, expr: '{page}', labels: {{severity: page}}}}\n"
        f"  - {{alert: T, expr: '{ticket}', labels: {{severity: ticket}}}}\n---\n"
    )


PAGES_MUTE_TICKETS = ('severity="page"', 'severity="ticket"')
WITH, WITHOUT, OPEN = 'sum by (job) (up{job!=""}) == 0', "sum(up) == 0", "up == 0"


@pytest.mark.parametrize(
    ("page", "ticket", "equal", "finding"),
    [
        (
            WITHOUT,
            WITHOUT,
            "job",
            "10:90 warning[inhibition-equal] no alert that the rule matches has the label 'job', so all have the same "
            "value of it; write a label that the source and the target have",
        ),
        (
            WITH,
            WITHOUT,
            "job",
            "10:90 warning[inhibition-equal] the rule mutes nothing: its sources have the label 'job', its targets do "
            "not; write a label that the source and the target have",
        ),
        (
            WITHOUT,
            WITH,
            "job",
            "10:90 warning[inhibition-equal] the rule mutes nothing: its targets have the label 'job', its sources do "
            "not; write a label that the source and the target have",
        ),
        (WITH, WITH, "job", ""),
        (OPEN, OPEN, "job", ""),
        (OPEN, WITHOUT, "job", ""),
        (WITHOUT, WITHOUT, "cluster", ""),  # Prometheus may add it
        (WITHOUT, WITHOUT, "alertname", ""),
    ],
)
def test_a_label_of_equal_that_alerts_lack_is_reported(page: str, ticket: str, equal: str, finding: str) -> None:
    findings = reported(alerts(page, ticket) + inhibition(*PAGES_MUTE_TICKETS, equal))
    assert findings == ([finding] if finding else [])


def test_an_alert_that_mutes_all_alerts_of_another_rule_is_reported() -> None:
    more = "  - {alert: Q, expr: 'sum by (job) (up) == 0', labels: {severity: page}}\n---\n"
    rules = alerts(WITHOUT, WITHOUT).replace("---\n", more)
    assert reported(rules + inhibition(*PAGES_MUTE_TICKETS, "job")) == [
        "11:90 warning[inhibition-equal] alert P mutes every alert T: neither has the label job; "
        'add job=~".+" to the matchers of both sides, or the labels to the alerts'
    ]


@pytest.mark.parametrize(
    ("prometheus", "is_reported"),
    [
        ("global: {scrape_interval: 1m}", True),
        ("global: {external_labels: {cluster: eu}}", False),
        ("alerting: {alert_relabel_configs: [{action: labeldrop, regex: replica}]}", False),
    ],
)
def test_external_labels_are_labels_of_alerts(prometheus: str, is_reported: bool) -> None:
    text = f"{alerts(WITHOUT, WITHOUT)}{prometheus}\nscrape_configs: []\n---\n"
    findings = reported(text + inhibition(*PAGES_MUTE_TICKETS, "cluster"))
    assert [finding.split("] ")[0].split(" ")[1] for finding in findings] == (
        ["warning[inhibition-equal"] if is_reported else []
    )


def test_a_misspelt_value_of_an_inhibition_rule_is_reported() -> None:
    rules = alerts(WITH, WITH)
    assert reported(rules + inhibition('severity="page"', 'severity="tickets"', "job")) == [
        "10:60 warning[unmatched-inhibition] no alert has the label severity='tickets'; did you mean 'ticket'?"
    ]
    assert reported(rules + inhibition('alertname="Watchdog"', 'severity="ticket"', "job")) == []


# --- grouping, default route, receivers ----------------------------------------------------------------------------


def test_a_label_of_group_by_that_no_alert_has_is_reported() -> None:
    def grouped(*labels: str) -> list[tuple[str, str, str]]:
        return in_project(Routing(default=TEAM, group_by=labels), PAGE)

    message = "no alert has the label 'region', so group_by does not separate them by it"
    hint = "alerts have alertname, job, service, severity"
    assert grouped("alertname", "job", "service") == []
    assert grouped("...") == []
    assert grouped("region") == [("group-by-label", message, hint)]


def test_another_prometheus_than_that_of_the_project_may_add_labels() -> None:
    """Without scrape jobs, obscode's configuration of Prometheus, which adds none, is not in use."""
    slo = SLO("up", 99, Uptime("up"))
    routing = Routing(default=TEAM, group_by=["service", "cluster"])
    for service, codes in (
        (Service("shop", selector={"job": "shop"}, slos=[slo]), []),
        (Service("shop", scrape=ScrapeJob(["a:80"]), slos=[slo]), ["group-by-label"]),
    ):
        artifacts = compile(Definitions(Project("team"), [service], routing=routing))
        assert [finding.code.name for finding in lint(artifacts) if finding.code.name in CODES] == codes


def test_the_name_of_a_severity_in_a_matcher_is_reported_with_its_label_value() -> None:
    def in_team(*matchers: str, **match: str) -> list[tuple[str, str, str, str]]:
        severities = {"page": "critical", "ticket": "warning", "info": "info"}
        service = Service("shop", selector={"job": "shop"}, alerts=[PAGE])
        routing = Routing(TEAM, routes=[Route(PAGER, match=match, matchers=matchers)])
        result = lint(compile(Definitions(Project("team", severities=severities), [service], routing=routing)))
        return [(f.code.name, f.severity, f.message, f.hint) for f in result if f.code.name == "unmatched-route"]

    expected = (
        "unmatched-route",
        "warning",
        "no alert has the label severity='page'",
        "write 'critical', the label value of the severity 'page': matchers are emitted as written",
    )
    assert in_team('severity="page"') == [expected]
    assert in_team('severity!="page"') == [expected]
    assert in_team('severity=~"page|critical"') == []
    assert in_team('severity="critical"') == []
    assert in_team(severity="page") == []


@pytest.mark.parametrize(
    ("rules", "label", "finding"),
    [
        ("", "alertnmae", "'alertnmae' is a likely typo of 'alertname'; did you mean 'alertname'?"),
        ("", "region", ""),
        (RULES, "regoin", ""),
        (
            RULES,
            "Team",
            "no alert has the label 'Team', so group_by does not separate them by it; did you mean 'team'?",
        ),
    ],
)
def test_in_files_a_label_of_group_by_is_reported_if_it_is_a_likely_typo(rules: str, label: str, finding: str) -> None:
    text = f"{rules}route: {{receiver: chat, group_by: [job, {label}]}}\nreceivers: [{{name: chat}}]\n"
    expected = [f"{7 if rules else 1}:41 warning[group-by-label] {finding}"] if finding else []
    assert reported(text) == expected


def test_an_alert_whose_severity_no_route_selects_is_a_note() -> None:
    config = routes("{matchers: ['severity=\"page\"'], receiver: pager}", "{match: {severity: info}, receiver: shop}")
    assert [finding for finding in reported(RULES + config, notes=True) if "default-route" in finding] == [
        "5:74 note[default-route] alert Slow has severity='ticket', which no route selects: it reaches 'chat'; "
        "routes select info, page"
    ]
    assert reported(RULES.replace("ticket", "pages") + config) == [
        "5:74 warning[default-route] alert Slow has severity='pages', which no route selects: it reaches 'chat'; "
        "did you mean 'page'?"
    ]
    by_team = routes("{matchers: ['severity=\"page\"'], receiver: pager}", "{match: {team: x}, receiver: shop}")
    assert [finding for finding in reported(RULES + by_team, notes=True) if "default-route" in finding] == []


def test_a_receiver_that_no_route_names_is_a_note() -> None:
    text = routes("{match: {severity: page}, receiver: pager}")
    assert reported(text, notes=True) == [
        "5:49 note[unused-receiver] no route sends alerts to the receiver 'shop'; add a route, or remove the receiver"
    ]


# --- configurations that are emitted as written ------------------------------------------------------------------


def as_written(*routes: configs.Route, prometheus: configs.Prometheus | None = None) -> list[tuple[str, str, str]]:
    """The findings of these checks in a project with configurations as written: code, message and hint."""
    chat, pager = receivers.Raw("chat"), receivers.Raw("pager")
    config = configs.Alertmanager(
        configs.Route("chat", group_by=["cluster"], routes=routes),
        receivers=[chat, pager],
        inhibit_rules=[configs.InhibitRule(['severity="page"'], ['severity="ticket"'], equal=["severity"])],
    )
    service = Service("shop", scrape=ScrapeJob(["a:80"]), alerts=[PAGE])
    written: list[configs.Config] = [config, *([prometheus] if prometheus else [])]
    artifacts = compile(Definitions(Project("team"), [service], configs=written))
    return [(f.code.name, f.message, f.hint) for f in lint(artifacts) if f.code.name in CODES]


def test_a_configuration_as_written_is_checked_like_a_file() -> None:
    ineffective = (
        "ineffective-inhibition",
        'the rule mutes nothing: the source matches severity="page", the target severity="ticket", so they differ',
        "remove severity from equal",
    )
    assert as_written(configs.Route("pager", matchers=['team="search"'])) == [ineffective]
    typo = configs.Route("pager", matchers=['severity="pgae"'])
    message = ("unmatched-route", "no alert has the label severity='pgae'", "did you mean 'page'?")
    assert sorted(as_written(typo)) == [ineffective, message]
    page = configs.Route("pager", matchers=['severity="page"'])
    shadowed = as_written(page, configs.Route("chat", matchers=['severity="page"']))
    hint = "move it before that route, or add continue_=True there"
    assert [(code, hint) for code, _, hint in shadowed if code == "shadowed-route"] == [("shadowed-route", hint)]
    regex = as_written(configs.Route("pager", matchers=['severity="page|ticket"']))
    assert [hint for code, _, hint in regex if code == "regex-in-equality"] == ['write severity=~"page|ticket"']


def test_the_external_labels_of_a_configuration_as_written_are_known() -> None:
    prometheus = configs.Prometheus(
        {"global": {"external_labels": {"cluster": "eu"}}},
        scrape_configs=[configs.Scrape("node", {"static_configs": [{"targets": ["a:80"]}, {}]})],
    )
    matched = as_written(configs.Route("pager", matchers=['cluster="eu"']), prometheus=prometheus)
    assert [code for code, _, _ in matched] == ["ineffective-inhibition"]


def test_an_operator_that_is_written_twice_is_no_regular_expression() -> None:
    message = "the value '=page' begins with '=': the operator is written twice"
    assert reported(RULES + routes("{matchers: ['severity==page'], receiver: pager}")) == [
        f'10:17 warning[regex-in-equality] {message}; write severity="page"'
    ]


def test_a_severity_without_a_receiver_adds_no_route() -> None:
    tree = Routing(default=TEAM, by_severity={"page": PAGER, "ticket": None})
    root = compile(Definitions(Project("team"), routing=tree)).alertmanager_configs[0].route
    assert [route.receiver for route in root.routes] == ["pager"]
