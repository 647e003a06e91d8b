"""What the rules about the variables `job` and `instance` share."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.model import Dashboard, Panel, Target, Variable
from obscode.reader.dashboards.variables import uses


def template(dashboard: Dashboard, asked: LintOptions, name: str) -> Iterator[LintResult]:
    """What is wrong with the variable; without one, only the profile mixin asks for it."""
    variable = dashboard.variable(name)
    if not any(dashboard.targets("promql")):
        return
    if variable is None:
        if asked.mixin:
            hint = f"add a query variable: label_values(up, {name})"
            where = dashboard.node.at("templating", "variables", "title")
            yield LintResult(f"the dashboard has no variable {name!r}", hint, where)
        return
    choices = [chooser.name for chooser in dashboard.datasource_variables()]
    chosen = variable.datasource.variable
    if choices and variable.type == "query" and chosen not in choices and chosen not in dashboard.inputs:
        message = f"variable {name!r} does not read the datasource that is chosen"
        hint = f'write "datasource": {{"type": "prometheus", "uid": "${{{choices[0]}}}"}}'
        yield LintResult(message, hint, variable.datasource.path, severity=asked.style_severity)
    if asked.mixin:
        yield from _strict(variable)


def _strict(variable: Variable) -> Iterator[LintResult]:
    name = variable.name
    demanded = {
        "type": (variable.type == "query", '"query"'),
        "label": (variable.label == name.title(), f'"{name.title()}"'),
        "multi": (variable.multi, "true"),
        "allValue": (variable.all_value == ".+", '".+"'),
    }
    for key, (fine, value) in demanded.items():
        if not fine:
            message = f"variable {name!r} has not {key} {value}"
            yield LintResult(message, f'write "{key}": {value}', variable.node.at(key, "name"))


def targets(dashboard: Dashboard, asked: LintOptions, name: str) -> Iterator[LintResult]:
    """Queries that do not heed the variable."""
    heeding = _heeding(dashboard, name) if dashboard.variable(name) else frozenset[str]()
    for panel, target in dashboard.targets("promql"):
        if asked.mixin:
            found = _unmatched(panel, target, name)
        else:
            found = _forgotten(panel, target, name, heeding) if heeding else None
        if found:
            yield found


def _unmatched(panel: Panel, target: Target, name: str) -> LintResult | None:
    """A selector without `job=~"$job"`."""
    for selector in scan(target.expr).selectors:
        if not _is_series(selector) or any(
            _matches(written.label, written.op, written.value, name) for written in selector.matchers
        ):
            continue
        message = f'{target.name} of {panel.name} reads {_shown(selector)} without {name}=~"${name}"'
        return LintResult(
            message, f'match {name}=~"${name}"', target.query.at("expr"), panel, target, span=selector.span
        )
    return None


def _is_series(selector: SelectorSpan) -> bool:
    return bool(selector.matchers) or not any(True for _ in uses(selector.metric))


def _shown(selector: SelectorSpan) -> str:
    return repr(selector.metric) if selector.metric else "a selector"


def _matches(label: str, op: str, value: str, name: str) -> bool:
    return label == name and op == "=~" and any(use.name == name for use in uses(value))


def _forgotten(panel: Panel, target: Target, name: str, heeding: frozenset[str]) -> LintResult | None:
    """The one query of a panel that does not read a variable that all others of the panel read."""
    others = [other for other in panel.targets if other is not target and other.language == "promql"]
    if len(others) < 2 or _reads(target, heeding) or not all(_reads(other, heeding) for other in others):
        return None
    if not _alike(target, others):
        return None
    message = f"{target.name} of {panel.name} does not read ${name}, as the {len(others)} other queries there do"
    hint = f'match {name}=~"${name}" there, too'
    return LintResult(message, hint, target.query.at("expr"), panel, target, severity="warning")


def _alike(target: Target, others: list[Target]) -> bool:
    """Whether all it reads comes of exporters that the other queries read, so that the label is there, too."""
    families = {_family(selector) for other in others for selector in scan(other.expr).selectors}
    own = {_family(selector) for selector in scan(target.expr).selectors}
    return bool(own) and "" not in own and own <= families


def _family(selector: SelectorSpan) -> str:
    """What the names of an exporter's series begin with; of recorded series, nothing is known."""
    return "" if ":" in selector.metric else selector.metric.partition("_")[0]


def _reads(target: Target, names: frozenset[str]) -> bool:
    return any(use.name in names for use in uses(target.expr))


def _heeding(dashboard: Dashboard, name: str) -> frozenset[str]:
    """The variable and those whose choices depend on it."""
    found = {name}
    while True:
        more = {v.name for v in dashboard.variables if any(use.name in found for use in uses(v.query))}
        if more <= found:
            return frozenset(found)
        found |= more
