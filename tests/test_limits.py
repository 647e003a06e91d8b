"""Edges of limits: the last value accepted and the first rejected, so that no limit changes unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from obscode import SLO, Alert, BurnAlert, Project, ScrapeJob, Service, Tier
from obscode.checks import lint
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard.grafana_values import folder
from obscode.model.definition import Definition
from obscode.model.metrics import Summary
from obscode.model.scrape import validate_address
from obscode.model.sli import Ratio
from obscode.model.slo import validate_objective
from obscode.model.type_descriptions import short_repr
from obscode.model.urls import validate_url
from obscode.promql import duration
from obscode.verify.mutation import MutationScore

RATIO = Ratio(errors='http_requests_total{status=~"5.."}', total="http_requests_total")


def codes(definition: Definition) -> list[str]:
    """The codes of what is wrong with a definition by itself."""
    return [finding.code.name for finding in definition.problems()]


def tier(name: str = "a", **arguments: object) -> Tier:
    return Tier(name, **{"severity": "page", "budget": 2, "long": "1h", "short": "5m"} | arguments)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Limit:
    """A limit: `problem` gives None or nothing for what is accepted."""

    problem: Callable[..., object]
    accepted: object
    rejected: object


LIMITS = {
    "the first port": Limit(validate_address, "a:1", "a:0"),
    "the last port": Limit(validate_address, "a:65535", "a:65536"),
    "the first port of a URL": Limit(validate_url, "http://a:1/", "http://a:0/"),
    "the last port of a URL": Limit(validate_url, "http://a:65535/", "http://a:65536/"),
    "a folder's name": Limit(folder, "a" * 100, "a" * 101),
    "the least objective": Limit(validate_objective, 1, 0.999),
    "the greatest objective": Limit(validate_objective, Decimal("99.999999999"), 100),
    "an objective below zero": Limit(validate_objective, 0.5 + 0.5, 0),
    "the lowest quantile": Limit(lambda q: codes(Summary("a_seconds", quantiles=[q])), 0, -0.01),
    "the highest quantile": Limit(lambda q: codes(Summary("a_seconds", quantiles=[q])), 1, 1.01),
    "the longest duration": Limit(duration.validate_duration, "9223372036854ms", "9223372036855ms"),
    "the shortest duration": Limit(duration.validate_duration, "1ms", "0ms"),
    "the shortest interval": Limit(lambda i: codes(ScrapeJob(["a:1"], interval=i)), "1s", "999ms"),
    "the slowest rules": Limit(lambda i: codes(Project("a", evaluation_interval=i)), "4m", "4m1ms"),
    "the slowest rules of an SLO": Limit(lambda i: codes(Project("a", slo_interval=i)), "4m", "4m1ms"),
    "a tier's least budget": Limit(lambda b: codes(tier(budget=b)), 0.001, 0),
    "a tier's greatest budget": Limit(lambda b: codes(tier(budget=b)), Decimal("1e300"), float("inf")),
    "a tier's budget that is no number": Limit(lambda b: codes(tier(budget=b)), 1, Decimal("NaN")),
    "a tier's windows": Limit(lambda w: codes(tier(short=w)), "59m", "1h"),
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=list(LIMITS))
def test_the_last_value_inside_a_limit_is_accepted_and_the_next_one_is_rejected(limit: Limit) -> None:
    assert not limit.problem(limit.accepted)
    assert limit.problem(limit.rejected)


def compile_codes(slo: SLO) -> list[str]:
    """The codes of what is wrong with an SLO in its service and project."""
    service = Service("shop", scrape=ScrapeJob(["a:1"]), slos=[slo])
    try:
        compile(Definitions(Project("team", retention="90d"), [service]))
    except DefinitionError as error:
        return [finding.code.name for finding in error.findings]
    return []


COMPILED_LIMITS = {
    "a long window shorter than the period": Limit(
        lambda long: compile_codes(SLO("a", 99.9, RATIO, period="10d", policy=[tier(budget=100, long=long)])),
        "9d23h",
        "10d",
    ),
    "a factor of 1 unless it is the last": Limit(
        lambda budget: compile_codes(
            SLO(
                "a", 99.9, RATIO, period="10d", policy=[tier(budget=budget, long="1d"), tier("b", budget=50, long="5d")]
            )
        ),
        10,
        Decimal("9.9"),
    ),
    "a factor below 1 in the last tier": Limit(
        lambda long: compile_codes(
            SLO("a", 99.9, RATIO, period="10d", policy=[tier(budget=20, long=long), tier("b", budget=40, long="5d")])
        ),
        "2d",
        "2d1h",
    ),
}


@pytest.mark.parametrize("limit", COMPILED_LIMITS.values(), ids=list(COMPILED_LIMITS))
def test_an_slo_at_a_limit_compiles_and_beyond_it_does_not(limit: Limit) -> None:
    assert not limit.problem(limit.accepted)
    assert limit.problem(limit.rejected)


@pytest.mark.parametrize(("length", "text"), [(58, f"'{'a' * 58}'"), (59, f"'{'a' * 56}...")])
def test_a_value_in_a_message_has_60_characters(length: int, text: str) -> None:
    assert short_repr("a" * length) == text


def test_a_whole_number_up_to_2_to_the_63_is_accepted() -> None:
    assert short_repr(2**63) == "9223372036854775808"
    assert short_repr(2**63 + 1) == "an integer beyond 2**63"
    assert short_repr(-(2**63)) == "-9223372036854775808"


@pytest.mark.parametrize(("length", "end"), [(100, "a'"), (101, "...'")])
def test_an_expression_in_a_hint_has_100_characters(length: int, end: str) -> None:
    alert = Alert("C", "(" + "a" * (length - 1), severity="page", summary="d")
    (finding,) = lint(compile(Definitions(Project("a"), [Service("b", alerts=[alert])])))
    assert finding.hint.endswith(end)


def test_a_burn_alert_may_annotate_with_the_names_of_obscodes_labels_and_may_have_other_labels() -> None:
    assert codes(BurnAlert(annotations={"slo": "a"}, labels={"team": "b"})) == []
    assert codes(BurnAlert(labels={"slo": "a"})) == ["label-name"]


# --- windows of an SLO ---------------------------------------------------------------------------------------------


def groups_of(long: str) -> dict[str, list[str]]:
    """The series that each group of an SLO with one tier records."""
    slo = SLO("a", 99.9, RATIO, period="90d", policy=[tier(budget=2, long=long, short="5m")])
    service = Service("shop", scrape=ScrapeJob(["a:1"]), slos=[slo])
    [file] = compile(Definitions(Project("team", retention="90d"), [service])).rule_files
    return {group.name: [rule.name for rule in group.rules] for group in file.groups}


@pytest.mark.parametrize(("long", "group"), [("6h", "shop-slo-a"), ("6h1m", "shop-slo-a-long")])
def test_windows_up_to_72_base_windows_are_evaluated_at_the_short_interval(long: str, group: str) -> None:
    assert f"slo:events_total:increase{long}" in groups_of(long)[group]


# --- mutation testing of rules ------------------------------------------------------------------------------------


def test_the_tests_of_rules_pass_when_they_notice_95_of_100_changes() -> None:
    assert MutationScore("a", 100, ["survivor"] * 5).passes
    assert not MutationScore("a", 100, ["survivor"] * 6).passes
