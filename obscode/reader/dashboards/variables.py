"""Grafana variables in strings: `$name`, `${name:format}`, `[[name]]`, and Grafana's global variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from obscode.reader.dashboards.json_cursor import Path, word_set
from obscode.reader.dashboards.json_positions import Span
from obscode.reader.dashboards.model import Dashboard, Panel, Target

_USE = re.compile(
    r"\$\{(\w+)(?:\.[^:{}]+)?(?::[^{}]*)?\}"
    r"|\[\[(\w+)(?::\w+)?\]\]"
    r"|\$(\w+)"
)

#: https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/add-template-variables/#global-variables
BUILT_IN = word_set(
    "__all __all_variables __auto __cell __dashboard __data __field __from __interval __interval_ms __name __org "
    "__range __range_ms __range_s __rate_interval __rate_interval_ms __series __timezone __to __url "
    "__searchFilter __url_time_range __user __value timeFilter"
)


@dataclass(frozen=True)
class Use:
    """A reference to a variable in a string."""

    name: str
    span: Span
    braces: bool


@dataclass(frozen=True)
class Text:
    """A string in which Grafana replaces variables."""

    value: str
    path: Path
    what: str  # the name in findings: "query A of panel 'Rate'"
    panel: Panel | None = None
    target: Target | None = None
    sql: bool = False
    is_datasource: bool = False


def uses(text: str) -> tuple[Use, ...]:
    """The variables in a string; `$1` is a group of a regular expression and not a variable."""
    return _uses(text) if _may_use(text) else ()


def _may_use(text: str) -> bool:
    return "$" in text or "[[" in text


@lru_cache(maxsize=4096)  # several checks read each query of a dashboard
def _uses(text: str) -> tuple[Use, ...]:
    matches = ((match[1] or match[2] or match[3], match) for match in _USE.finditer(text))
    return tuple(Use(name, match.span(), match[3] is None) for name, match in matches if not name[0].isdigit())


def queries(dashboard: Dashboard) -> Iterator[Text]:
    """The queries of panels, variables and annotations."""
    for panel, target in dashboard.targets():
        if target.expr:
            yield Text(target.expr, target.query.at("expr"), f"{target.name} of {panel.name}", panel, target)
        elif target.datasource.type in _SQL and target.query.has("rawSql"):
            sql = target.query.text("rawSql")
            yield Text(sql, target.query.at("rawSql"), f"{target.name} of {panel.name}", panel, target, True)
    for variable in dashboard.variables:
        if variable.type == "query" and variable.datasource.type in ("prometheus", "loki", ""):
            yield Text(variable.query, variable.query_path, f"variable {variable.name!r}")
    for annotation in dashboard.annotations:
        if annotation.expr:
            yield Text(annotation.expr, annotation.query.at("expr"), f"annotation {annotation.node.text('name')!r}")


# In other query languages, `$name` has a meaning: ClickHouse's `$table`, MongoDB's `$match`.
_SQL = ("mysql", "postgres", "grafana-postgresql-datasource", "mssql")


def labels(dashboard: Dashboard) -> Iterator[Text]:
    """Other strings with variables: titles, legends, intervals."""
    for row in dashboard.rows:
        if _may_use(row.title):
            yield Text(row.title, row.node.at("title"), f"row {row.title!r}")
    for panel in dashboard.panels:
        if _may_use(panel.title):
            yield Text(panel.title, panel.node.at("title"), panel.name, panel)
        if _may_use(panel.interval):
            yield Text(panel.interval, panel.node.at("interval"), panel.name, panel)
    for panel, target in dashboard.targets():
        what = f"{target.name} of {panel.name}"
        if _may_use(target.interval):
            yield Text(target.interval, target.query.at("interval"), what, panel, target)
        if target.language and _may_use(target.legend):
            yield Text(target.legend, target.query.at("legendFormat"), f"the legend of {what}", panel, target)
