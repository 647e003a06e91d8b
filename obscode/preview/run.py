"""`obscode preview`: the pages of dashboards, and what is wrong with their queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.diff.dashboards.v2_body import classic_body
from obscode.findings.errors import ObscodeError
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.preview.empty_queries import Diagnosis
from obscode.preview.findings import findings
from obscode.preview.ranges import Source
from obscode.preview.rendering import Preview, hrefs, index
from obscode.preview.view import Range, View, of_service, view
from obscode.project.progress import Progress, no_progress

# Views for other values of variables are added up to this number, and up to this many points.
_MOST_VIEWS = 12
_MOST_POINTS = 25_000
_MOST_OF_A_VIEW = 20_000
_LEAST_WIDTH = 150  # pixels
_VALUES_OF_A_VARIABLE = 6
_VARIABLE_KINDS = ("query", "custom", "interval")


@dataclass(frozen=True)
class Result:
    """The pages of dashboards with the index, and what is wrong with the dashboards."""

    previews: Sequence[Preview]
    files: Sequence[File]
    findings: Sequence[Finding]

    def summary(self) -> str:
        """`3 dashboards, 41 panels, 2 not drawable`."""
        entries = [preview.entry() for preview in self.previews]
        panels = sum(entry["panels"] for entry in entries)
        undrawable = sum(entry["undrawable"] for entry in entries)
        parts = [_counted(len(entries), "dashboard"), _counted(panels, "panel")]
        return ", ".join([*parts, *([f"{undrawable} not drawable"] if undrawable else [])])


@dataclass(frozen=True)
class Base:
    """What dashboards are compared with: those of another revision, evaluated on the results of its rules."""

    dashboards: Sequence[Dashboard]
    source: Source

    def same(self, dashboard: Dashboard) -> Dashboard | None:
        """The dashboard with the uid of another, else with its title."""
        by_name = {name: each for each in self.dashboards for name in (each.title, each.uid) if name}
        return by_name.get(dashboard.uid) or by_name.get(dashboard.title)

    def removed(self, dashboards: Sequence[Dashboard]) -> list[Dashboard]:
        """The dashboards of the base that none of these is."""
        present = {id(self.same(dashboard)) for dashboard in dashboards}
        return [each for each in self.dashboards if id(each) not in present]


def preview(
    dashboards: Sequence[Dashboard],
    source: Source,
    selects: Mapping[str, str],
    *,
    is_typed: bool,
    base: Base | None = None,
    progress: Progress = no_progress,
) -> Result:
    """Evaluate and draw dashboards; ``is_typed`` if the labels of generated series are those of real ones."""
    previews: list[Preview] = []
    reported: list[Finding] = []
    dashboards = [_as_classic(dashboard) for dashboard in dashboards]
    base = replace(base, dashboards=[_as_classic(each) for each in base.dashboards]) if base else None
    removed = base.removed(dashboards) if base else []
    every = [*dashboards, *removed]
    for number, (dashboard, href) in enumerate(zip(every, hrefs(every), strict=True)):
        progress("preview", dashboard.title, total=len(every))
        if base and number >= len(dashboards):
            views = [view(dashboard.body, base.source.client, each, selects) for each in base.source.ranges]
            previews.append(Preview(dashboard, href, views, note="removed"))
            continue
        drawn = _drawn(dashboard, href, source, selects, base)
        previews.append(drawn)
        reported += _findings(drawn, source, is_typed=is_typed)
    files = [each.file() for each in previews]
    return Result(previews, [*files, index([each.entry() for each in previews])], reported)


def _as_classic(dashboard: Dashboard) -> Dashboard:
    """The dashboard with the body that pages draw: of version 2, rows and tabs become rows."""
    if dashboard.form != "v2":
        return dashboard
    return replace(dashboard, body={**classic_body(dashboard.body), "uid": dashboard.uid})


def _drawn(dashboard: Dashboard, href: str, source: Source, selects: Mapping[str, str], base: Base | None) -> Preview:
    if base is None:
        return Preview(dashboard, href, list(_views(dashboard, source, selects)))
    ranges = [of_service(each, dashboard.service) for each in _fitted(dashboard, source, selects)]
    views = [view(dashboard.body, source.client, each, selects) for each in ranges]
    other = base.same(dashboard)
    old = [replace(of_service(each, dashboard.service), width=ranges[0].width) for each in base.source.ranges]
    before = [view(other.body, base.source.client, each, selects) for each in old] if other else []
    return Preview(dashboard, href, views, before)


def _findings(drawn: Preview, source: Source, *, is_typed: bool) -> list[Finding]:
    """Queries of a real Prometheus may be empty for any reason; generated series are there."""
    times = [view.time for view in drawn.views if not view.selects]
    diagnosis = Diagnosis(source.client, times, source.unknown, is_typed=is_typed) if source.is_generated else None
    return findings(drawn.dashboard, drawn.views, diagnosis, is_typed=is_typed or not source.is_generated)


def _views(dashboard: Dashboard, source: Source, selects: Mapping[str, str]) -> Iterator[View]:
    """A view for each range, and for other values of single variables in the first range."""
    ranges = [of_service(each, dashboard.service) for each in _fitted(dashboard, source, selects)]
    views = [view(dashboard.body, source.client, each, selects) for each in ranges]
    yield from views
    points = sum(each.points() for each in views)
    for more in list(_other_values(views[0]))[: _MOST_VIEWS - len(views)]:
        if points > _MOST_POINTS:
            return
        other = view(dashboard.body, source.client, _labelled(ranges[0], more), {**selects, **more})
        points += other.points()
        yield other


def _fitted(dashboard: Dashboard, source: Source, selects: Mapping[str, str]) -> list[Range]:
    """The ranges, with fewer points if a dashboard has very many series."""
    points = view(dashboard.body, source.client, source.ranges[0], selects).points()
    if points <= _MOST_OF_A_VIEW:
        return list(source.ranges)
    return [replace(each, width=max(_LEAST_WIDTH, each.width * _MOST_OF_A_VIEW // points)) for each in source.ranges]


def _other_values(first: View) -> Iterator[dict[str, str]]:
    """Other values of each variable that is visible, one variable at a time."""
    for variable in first.variables:
        if variable.kind not in _VARIABLE_KINDS or variable.body.get("hide") == 2:
            continue
        selected = {option.value for option in variable.selected}
        others = [option.value for option in variable.options if option.value not in selected]
        for value in others[:_VALUES_OF_A_VARIABLE]:
            yield {variable.name: value}


def _labelled(first: Range, selects: Mapping[str, str]) -> Range:
    chosen = ", ".join(f"{name}={value}" for name, value in selects.items())
    return replace(first, label=f"{first.label}, {chosen}")


def selected(dashboards: Sequence[Dashboard], names: Iterable[str]) -> list[Dashboard]:
    """The dashboards with these uids or titles; all without names. Raises ObscodeError for an unknown name."""
    by_name = {name: each for each in dashboards for name in (each.title, each.uid) if name}
    result = []
    for name in names:
        if name not in by_name:
            hint = (
                did_you_mean(name, by_name) or f"dashboards: {', '.join(each.uid or each.title for each in dashboards)}"
            )
            raise ObscodeError(f"there is no dashboard {name!r}", hint)
        result.append(by_name[name])
    return result or list(dashboards)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
