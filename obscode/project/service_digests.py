"""Digests of the services of a project: of all that is written there, and of what anything else may read of it.

A service can be compiled by itself if only the first one changed.
"""

from __future__ import annotations

import hashlib
import marshal
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.checks.missing_runbook import RUNBOOK
from obscode.checks.promql_expressions import expressions_of
from obscode.checks.template_label import texts_of
from obscode.compiler.alert_thresholds import condition_of
from obscode.model import naming
from obscode.model.alert import Alert, RecordingRule
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql.template_labels import labels_read

# Arguments that are read for the rules, the tests and the dashboard of their own service alone. What these export is
# compared after they are compiled. An objective is also read for the dashboards of all SLOs, which are compiled again.
_OWN: Mapping[type, frozenset[str]] = {
    Service: frozenset({"description", "runbook", "dashboard"}),
    SLO: frozenset({"objective", "description", "runbook"}),
    Alert: frozenset({"summary", "description", "runbook", "expr"}),
}
# A number by itself, such as an error budget; not one in a name, a window or a string. Parsing takes ten times as long.
_NUMBER = re.compile(r"(?<![\w.:\"'`\[])\d+(?:\.\d+)?(?![\w.:\"'`])")
_PLAIN = frozenset({str, bytes, int, float, bool, NoneType})


@dataclass(frozen=True)
class ServiceDigests:
    """Digests of a service: of its definition, of the part of it that anything else may read, and of each condition.

    Positions are in none: they matter for findings only. Files are, since the output names them. The conditions of
    alerts are thresholds on panels of any service that show their expressions.
    """

    definition: str
    exported: str
    conditions: Sequence[str]


class UnknownValueError(Exception):
    """A value has no digest, such as a function, or an object of another library."""


def service_digests(definitions: Definitions) -> Mapping[str, ServiceDigests] | None:
    """The digests by service; None if services cannot be compared one by one.

    A definition with `ignore=` that several services hold is such a reason: it is in use if one of them has a finding.
    """
    result: dict[str, ServiceDigests] = {}
    reader = _Reader()
    try:
        for service in definitions.services:
            reader.service = str(service.name)
            conditions = [_digest([alert.expr, alert.severity]) for alert in service.alerts]
            result[reader.service] = ServiceDigests(*reader.definition(service)[:2], conditions)
    except (UnknownValueError, RecursionError):
        return None
    is_unsure = reader.shares_ignore or reader.has_info or len(result) != len(definitions.services)
    return None if is_unsure else result


def frame_digest(definitions: Definitions, *settings: str) -> str:
    """The digest of all that is in no service; empty if a value has none."""
    reader = _Reader()
    ordered = definitions.in_output_order()
    roots = [definitions.project, definitions.routing, *ordered.rules, *ordered.configs, *ordered.dashboards]
    try:
        return _digest([definitions.root, *settings, *(reader.definition(root)[0] for root in roots if root)])
    except (UnknownValueError, RecursionError):
        return ""


@cache
def _arguments(kind: type[Definition]) -> tuple[Sequence[str], Callable[[Definition], Sequence[Any]], frozenset[str]]:
    """The names of its arguments, what reads these and the origin, and the names of those that nothing else reads.

    An instance has further values, which are computed from them when they are read.
    """
    names = [spec.name for spec in fields(kind) if spec.name != "origin"]
    return names, attrgetter(*names, "origin"), _OWN.get(kind, frozenset())


#: A value, or a digest in place of a definition; the same for what is exported; and the service that first held an
#: `ignore=` in it, empty without one.
_Both = tuple[Any, Any, str]


class _Reader:
    """Computes both digests of values; those of a definition once, however many services hold it."""

    def __init__(self) -> None:
        self.service = ""
        self.shares_ignore = False
        self.has_info = False  # a recording rule with the name of generated ones, and maybe the labels of one
        self._known: dict[int, tuple[str, str, str]] = {}

    def definition(self, definition: Definition) -> tuple[str, str, str]:
        """Both digests, and the service that first held an `ignore=` in it; empty without one."""
        known = self._known.get(id(definition))
        if known is not None:
            self.shares_ignore |= known[2] not in ("", self.service)
            return known
        kind = type(definition)
        self.has_info |= isinstance(definition, RecordingRule) and definition.name == naming.INFO
        names, values, own = _arguments(kind)
        whole: list[Any] = [kind.__module__, kind.__qualname__, definition.origin.file]
        exported, ignoring = whole.copy(), ""
        for name, value in zip(names, values(definition), strict=False):
            both = (value, value, "") if type(value) in _PLAIN else self._value(value)
            whole.append(both[0])
            exported.append(None if name in own else both[1])
            ignoring = ignoring or both[2]
        digest = _digest(whole)
        ignoring = self.service if definition.ignore else ignoring
        result = digest, digest if whole == exported else _digest(exported), ignoring
        self._known[id(definition)] = result
        return result

    def _value(self, value: Any) -> _Both:
        kind = type(value)
        if kind in _PLAIN:
            return value, value, ""
        if isinstance(value, Definition):
            return self.definition(value)
        if kind is dict:
            return self._items([*value.keys(), *value.values()], "dict")
        if kind in (tuple, list):
            return self._items(value, "list")
        if kind is Decimal:
            return (*(("decimal", str(value)),) * 2, "")
        raise UnknownValueError(kind.__name__)

    def _items(self, items: Sequence[Any], kind: str) -> _Both:
        every = [self._value(item) for item in items]
        ignoring = next((each[2] for each in every if each[2]), "")
        return (kind, *(each[0] for each in every)), (kind, *(each[1] for each in every)), ignoring


def _digest(values: Sequence[Any]) -> str:
    """A digest of strings, numbers and tuples of them; raises UnknownValueError if they are nested too deep.

    Version 2 of `marshal` writes equal values alike; since version 3, it refers to objects that it has written. It is
    ten times as fast as `repr` and `json`, and the record of another Python has another key.
    """
    try:
        return hashlib.sha256(marshal.dumps(list(values), 2)).hexdigest()
    except ValueError as error:
        raise UnknownValueError(str(error)) from None


# --- what the artifacts of a service export ----------------------------------------------------------------------


def artifact_digests(artifacts: Artifacts) -> Mapping[str, str]:
    """By service, the digest of what checks and alerts of other services read of its rules, tests and dashboards."""
    parts: dict[str, list[Any]] = {service.name: [] for service in artifacts.services}
    for file in (each for each in artifacts.rule_files if each.name in parts):
        parts[file.name] += [(group.name, [_rule(rule) for rule in group.rules]) for group in file.groups]
    for suite in artifacts.test_suites:
        parts[suite.rule_file].append(_suite(suite))
    for dashboard in artifacts.dashboards:
        if dashboard.service:
            parts[dashboard.service].append(list(_dashboard(dashboard)))
    return {name: _digest([repr(values)]) for name, values in parts.items()}


def _rule(rule: Rule) -> tuple[Any, ...]:
    """A rule without numbers and texts, but with the labels that these read."""
    head: tuple[Any, ...] = type(rule).__name__, rule.name, sorted(_compared_labels(rule).items())
    if isinstance(rule, AlertingRule):
        read = [(name, sorted(names)) for name, text in texts_of(rule) if (names := labels_read(text))]
        # Alerts are compared with panels by the expression that they compare with a number.
        condition = condition_of(rule.source) if isinstance(rule.source, Alert) else None
        compared = condition and (_plain(condition.expression), condition.above, condition.value is None)
        head += (rule.for_, rule.keep_firing_for, read, RUNBOOK in rule.annotations, compared)
    return *head, _NUMBER.sub("0", rule.expr)


def _plain(value: Any) -> Any:
    """A part of a syntax tree as tuples; sets have another order in each process."""
    if is_dataclass(value):
        return type(value).__name__, *(_plain(getattr(value, spec.name)) for spec in fields(value))
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _compared_labels(rule: Rule) -> Mapping[str, str]:
    """Its labels, without the objective in the information about an SLO: those of service and SLO are unique."""
    if rule.name == naming.INFO and isinstance(rule.source, SLO):
        return {name: value for name, value in rule.labels.items() if name != "objective"}
    return rule.labels


def _suite(suite: UnitTestSuite) -> tuple[Any, ...]:
    return suite.name, suite.subject, suite.shape, suite.slow, list(suite.under_test)


def _dashboard(dashboard: Dashboard) -> Iterator[Any]:
    yield dashboard.uid, dashboard.title, dashboard.folder
    if dashboard.existing:
        yield dashboard.body
    if dashboard.definition:
        yield [variable.name for variable in dashboard.definition.variables]
        yield [(panel["id"], [below["id"] for below in panel.get("panels", ())]) for panel in dashboard.body["panels"]]
        yield [(row.title, [(p.title, p.key) for p in row.panels]) for row in dashboard.definition.rows]
        yield [(each.text, each.owner, each.at) for each in expressions_of(dashboard)]
