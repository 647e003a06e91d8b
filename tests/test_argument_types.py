"""Arguments are checked against the annotations of a definition, with readable messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Literal, get_type_hints

import pytest

from obscode import SLO, Alert, RecordingRule, Row, ScrapeJob, Service, configs, layout
from obscode.model.argument_types import matches_type, problems, type_mismatches
from obscode.model.dashboard import Panel, Variable
from obscode.model.definition import Definition
from obscode.model.metrics import Counter, Metric
from obscode.model.receivers import Receiver, Webhook
from obscode.model.sli import SLI, Ratio
from obscode.model.type_descriptions import describe_type, public_names, short_repr


class Level(StrEnum):
    PAGE = "page"


class Mixed(str, Enum):  # noqa: UP042  the form of older code
    PAGE = "page"


FITS: list[tuple[Any, Any]] = [
    ("", str),
    (Level.PAGE, str),
    (Mixed.PAGE, str),
    (5, int),
    (5, float),
    (0.5, float),
    (Decimal("0.5"), float | Decimal),
    (True, bool),
    (None, int | None),
    ((), Sequence[str]),
    (["a"], Sequence[str]),
    (range(3), Sequence[float]),
    ({"a": ["b"]}, Mapping[str, Sequence[str]]),
    ("a", Literal["a", "b"]),
    (Counter("a"), Metric),
    ([Counter("a")], Sequence[Metric]),
    (object(), Any),
]

TYPE_ERRORS: list[tuple[Any, Any]] = [
    (5, str),
    (b"a", str),
    ("\ud800", str),
    (True, int),
    (True, float),
    ("5", float),
    (0.5, int),
    (Decimal("0.5"), float),
    (1, bool),
    (None, str),
    ("a", Sequence[str]),
    (b"a", Sequence[int]),
    ({"a"}, Sequence[str]),
    (iter("a"), Sequence[str]),
    ([5], Sequence[str]),
    (["a"], Mapping[str, str]),
    ({"a": 5}, Mapping[str, str]),
    ({5: "a"}, Mapping[str, str]),
    ("c", Literal["a", "b"]),
    (Counter, Metric),
    (Counter("a"), Alert),
]

PHRASE = {
    "a string": str,
    "an integer or None": int | None,
    "a number": float | Decimal,
    "a list of strings": Sequence[str],
    "a dict of strings to lists of strings": Mapping[str, Sequence[str]],
    "a ScrapeJob or a list of ScrapeJobs": ScrapeJob | Sequence[ScrapeJob],
    "an SLO": SLO,
    "an Alert": Alert,
    "a metric": Metric,
    "'a' or 'b'": Literal["a", "b"],
}

TEXT = {
    "None": None,
    "'a'": "a",
    "[1, 'a', ...]": (1, "a", [2]),
    "{'a': ...}": {"a": 5},
    "SLO('errors')": SLO("errors", 99.9, Ratio(errors="a", total="b")),
    "Row('Requests')": Row("Requests"),
    "ScrapeJob(...)": ScrapeJob(["localhost:8000"]),
    "the class Alert": Alert,
    "the function print": print,
    "an object": object(),
    f"'{'a' * 56}...": "a" * 100,
}


@pytest.mark.parametrize(("value", "kind"), FITS)
def test_a_value_of_the_type_is_accepted(value: Any, kind: Any) -> None:
    assert matches_type(value, kind)


@pytest.mark.parametrize(("value", "kind"), TYPE_ERRORS)
def test_a_value_of_another_type_is_reported(value: Any, kind: Any) -> None:
    assert not matches_type(value, kind)


@pytest.mark.parametrize(("text", "kind"), PHRASE.items())
def test_types_are_described(text: str, kind: Any) -> None:
    assert describe_type(kind) == text


@pytest.mark.parametrize(("text", "value"), TEXT.items())
def test_values_are_formatted_for_messages(text: str, value: Any) -> None:
    assert short_repr(value) == text


@pytest.mark.parametrize("kind", public_names(), ids=public_names().values())
def test_annotations_of_public_definitions_can_be_evaluated(kind: type[Definition]) -> None:
    assert get_type_hints(kind)


def test_a_valid_definition_has_no_problems() -> None:
    service = Service(
        "shop",
        slos=[SLO("errors", 99.9, Ratio(errors="errors_total", total="requests_total"))],
        alerts=[Alert("Down", "up == 0", severity=Level.PAGE)],
    )
    assert list(problems(service)) == []


def test_an_internal_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(self: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(RecordingRule, "problems", stumbles)
    with pytest.raises(ZeroDivisionError):
        list(problems(RecordingRule("a", "up")))


def test_a_definition_keeps_its_arguments() -> None:
    labels, targets = {"a": "b"}, ["localhost:8000"]
    alert, job = Alert("Down", "up == 0", labels=labels), ScrapeJob(targets)
    labels["a"] = "c"
    targets.append("localhost:8001")
    assert alert.labels == {"a": "b"}
    assert job.targets == ("localhost:8000",)


#: A valid value for each argument without a default.
REQUIRED: Mapping[str, Any] = {
    "start": "1h",
    "name": "shop",
    "title": "Shop",
    "key": "token",
    "password_file": "/run/secrets/password",
    "credentials_file": "/run/secrets/token",
    "client_id": "obscode",
    "client_secret_file": "/run/secrets/client",
    "token_url": "https://login.example.com/token",
    "expr": "up",
    "queries": "up",
    "path": "rules.yml",
    "variable": "region",
    "duration": "7d",
    "conditions": layout.HasData(),
    "type": "loki",
    "job_name": "shop",
    "route": configs.Route("team"),
    "source_matchers": ['severity="page"'],
    "target_matchers": ['severity="ticket"'],
    "query": "label_values(up, job)",
    "pattern": "5..",
    "text": "Down",
    "low": 0,
    "high": 1,
    "value": 1,
    "color": "red",
    "match": "null",
    "content": "text",
    "values": ["a"],
    "json": {"type": "text"},
    "sli": Ratio(errors="errors_total", total="requests_total"),
    "objective": 99.9,
    "targets": ["localhost:8000"],
    "selector": {"app": "shop"},
    "port": "metrics",
    "series": {"up": "1x5"},
    "default": Webhook("team", url="http://localhost:5001"),
    "receivers": [Webhook("team", url="http://localhost:5001")],
    "receiver": Webhook("team", url="http://localhost:5001"),
    "severity": "page",
    "budget": 2,
    "long": "1h",
    "short": "5m",
    "under": "500ms",
    "histogram": "latency_seconds",
    "gauge": "up",
    "errors": "errors_total",
    "total": "requests_total",
    "bad": "errors_total",
    "max_age": "1d",
    "module": "http_2xx",
    "target": "app",
    "server": "localhost:8500",
    "source": "__meta_consul_service",
    "regex": "shop",
    "role": "pod",
    "url": "http://localhost:8080/targets",
    "names": "tasks.shop",
    "paths": "targets/*.json",
    "kind": "azure_sd_configs",
    "configs": [{"port": 9100}],
    "modulus": 2,
}
WRONG = [None, 5, -1.5, True, "", "\ud800", b"x", [], [None], {}, {1: None}, object(), 10**400, float("nan"), Alert]


def arguments() -> list[tuple[type[Definition], str]]:
    kinds = [kind for kind in public_names() if kind not in (Metric, Panel, Receiver, SLI, Variable, Row)]
    return [(kind, spec.name) for kind in kinds for spec in fields(kind) if spec.init]


@pytest.mark.parametrize(("kind", "argument"), arguments(), ids=lambda value: getattr(value, "__name__", value))
def test_invalid_arguments_raise_no_exception(kind: type[Definition], argument: str) -> None:
    required = [spec.name for spec in fields(kind) if spec.init and spec.default is spec.default_factory is MISSING]
    for value in WRONG:
        definition = kind(**{name: REQUIRED[name] for name in required} | {argument: value})
        assert set(type_mismatches(definition)) <= set(problems(definition))
