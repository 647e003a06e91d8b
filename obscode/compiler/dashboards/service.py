"""The dashboard of a service: golden signals; rate, errors and durations; the service's own rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from obscode.compiler.dashboards.golden_signals import TITLE, golden_signals
from obscode.compiler.dashboards.red import red_rows, slo_rows
from obscode.compiler.dashboards.request_metrics import RequestMetrics, targets
from obscode.compiler.dashboards.saturation import INSTANCE, Resources
from obscode.compiler.inference.panels import rows_with_defaults
from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.inference.trees import without_windows
from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.model import naming, variables
from obscode.model.dashboard import Annotation, Dashboard, Link, Panel, Row, Variable
from obscode.model.service import Service
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_panel, parse_tree, substitute_variables
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import Node


def service_dashboard(
    service: Service,
    own: Dashboard | None,
    plans: Sequence[SloPlan],
    known: SeriesCatalog,
    exposed: Mapping[str, int],
) -> Dashboard | None:
    """The service's own dashboard with generated rows above its rows; None if it has no rows.

    ``exposed`` is the number of services that expose each series.
    """
    rows, instances = own.rows if own else (), _instances(service, own)
    requests = RequestMetrics(service, [_INSTANCES] if instances is not None else [])
    seen = _ServiceQueries(service_matchers(service), _series(service), exposed)
    part = own.generated if own else "all"
    red = [*seen.without_repeats(red_rows(requests, plans) if part == "all" else slo_rows(service, plans), rows)]
    if part == "none" or (not red and not plans):
        return own
    if part == "all":
        red += seen.without_repeats(Resources(requests).rows(), rows)
    top, rest = ((rows[0],), rows[1:]) if rows and not rows[0].title else ((), rows)
    generated = rows_with_defaults([golden_signals(requests, plans, TITLE if top else ""), *red], known)
    base = own or Dashboard(service.name).with_origin(service.origin)
    return base.derive(
        rows=[*top, *(row.located_at(service) for row in generated), *rest],
        description=base.description or service.description,
        tags=[*base.tags, "service"],
        variables=[*base.variables, *(each.located_at(service) for each in instances or () if _is_read(generated))],
        annotations=[*base.annotations, *_not_in(_annotations(service), base.annotations, service)],
        links=[*base.links, *_not_in(_links(service, plans), base.links, service)],
    )


# What a reader selects of the targets; a metric without the label is of all of them.
_INSTANCES = Matcher(INSTANCE, "=~", f"${INSTANCE}")


def _instances(service: Service, own: Dashboard | None) -> Sequence[Variable] | None:
    """The variable for the instances, or none if the dashboard has it; None if it has another one of that name."""
    for variable in own.variables if own else ():
        if variable.name == INSTANCE:
            return () if _has_values_of(variable, INSTANCE) else None
    series = [*filter(None, [targets(service)])]
    series += [Selector(metric.series()[0], service_matchers(service)) for metric in service.metrics]
    if not series:
        return None
    description = "Targets of the service. SLOs are of all targets."
    query = f"label_values({series[0]}, {INSTANCE})"
    return [variables.Query(INSTANCE, query, all_value=".*", description=description)]


@cache
def _any_instance() -> Sequence[Matcher]:
    """The matcher of the instances in an expression whose variables have values."""
    (selector,) = parse_panel(str(Selector("up", (_INSTANCES,)))).selectors
    return selector.matchers


def _is_read(rows: Iterable[Row]) -> bool:
    """Whether a query reads the instances."""
    return any(str(_INSTANCES) in query.expr for row in rows for panel in row.panels for query in panel.all_queries())


def _has_values_of(variable: Variable, label: str) -> bool:
    """Whether the values of a variable are those of a label, from which a matcher selects series."""
    query = variable.query if isinstance(variable, variables.Query) else ""
    return isinstance(query, str) and bool(re.search(rf"[(,]\s*{label}\s*\)\s*$", query))


# The suffix of the metric whose label is the version of a process.
_VERSIONED = "_build_info"

_N = TypeVar("_N", Annotation, Link)


def _not_in(generated: Iterable[_N], there: Sequence[_N], service: Service) -> Iterator[_N]:
    """The generated variables and annotations whose name is not in use."""
    taken = {_name(each) for each in there}
    yield from (each.located_at(service) for each in generated if _name(each) not in taken)


def _name(named: Annotation | Link) -> str:
    return named.name if isinstance(named, Annotation) else named.title


def _annotations(service: Service) -> Iterator[Annotation]:
    """Deployments, if the catalog has a metric with the version, and firing alerts."""
    for metric in service.metrics:
        if metric.name.endswith(_VERSIONED) and naming.VERSION in metric.labels:
            yield Annotation.deployments(str(Selector(metric.name, service_matchers(service))))
            break
    yield Annotation.firing_alerts({naming.SERVICE: service.name.replace(".", "\\.")})


def _links(service: Service, plans: Sequence[SloPlan]) -> Iterator[Link]:
    if plans:
        overview = naming.dashboard_uid(naming.slo_overview_title(plans[0].project.name))
        yield Link("SLOs", f"/d/{overview}?var-{naming.SERVICE}={service.name}", keep_variables=False)
    if service.runbook:
        yield Link("Runbook", service.runbook, keep_time=False, keep_variables=False, new_tab=True)


# --- the service's own panels ------------------------------------------------------------------------------------


def exposed_series(services: Iterable[Service]) -> Mapping[str, int]:
    """The number of services that expose each series."""
    return Counter(name for service in services for name in _series(service))


def _series(service: Service) -> Set[str]:
    return {name for metric in service.metrics for name in metric.series()}


@dataclass(frozen=True)
class _ServiceQueries:
    """Compares queries of a service. Its matchers are ignored, unless another service exposes the metric, too."""

    matchers: Sequence[Matcher]
    own: Set[str]
    exposed: Mapping[str, int]

    def without_repeats(self, rows: Iterable[Row], own: Sequence[Row]) -> Iterator[Row]:
        """Generated rows without the panels whose queries are in the service's own rows."""
        own_queries = {
            self._pattern(query.expr) for each in own for panel in each.panels for query in panel.all_queries()
        }
        for row in rows:
            if new := [panel for panel in row.panels if not self._is_repeated(panel, own_queries)]:
                yield row.with_panels(new)

    def _is_repeated(self, panel: Panel, own_queries: Set[Node | None]) -> bool:
        patterns = {self._pattern(query.expr) for query in panel.all_queries()}
        return None not in patterns and patterns <= own_queries

    def _pattern(self, expr: str) -> Node | None:
        """The expression without windows; None if it does not parse."""
        try:
            node = parse_tree(substitute_variables(expr))
            shared = any(self._is_shared(selector.metric) for selector in parse_panel(expr).selectors)
            return without_windows(node, [*_any_instance(), *(() if shared else self.matchers)])
        except PromQLError:
            return None

    def _is_shared(self, name: str) -> bool:
        """True if another service exposes the series."""
        return self.exposed.get(name, 0) > (name in self.own)
