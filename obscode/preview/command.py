"""What `obscode preview` does: the artifacts, a Prometheus with data, the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.clients.http_config import read_http_config
from obscode.clients.prometheus import PrometheusClient
from obscode.preview import ranges
from obscode.preview.captured_series import NamedCapture, by_service
from obscode.preview.ranges import Source
from obscode.preview.run import Base, Result, preview, selected
from obscode.preview.tested_alerts import linked_dashboards, tested_suites
from obscode.project.graph_report import artifacts_of
from obscode.project.progress import Progress, no_progress
from obscode.project.revisions import sides

_BUILD = "build"


@dataclass(frozen=True)
class Request:
    """What to draw.

    Attributes:
        paths: definitions, files and folders; the folder `definitions` without any.
        names: of dashboards, by uid or title; all without any.
        scenarios: names of scenarios; all without any.
        selects: values of variables, by name.
        environment: the environment of definitions.
        url: of a Prometheus whose data is displayed; empty for generated data.
        http_config: a file with its authentication.
        start: of the range of real data, such as `now-6h`.
        end: of it.
        test: the name of an alert or SLO whose test series are displayed, `service/alert`; empty for scenarios.
        captures: captured texts that services expose instead of generated series.
        base: a revision of git, or a folder, to compare with; empty for no comparison.
    """

    paths: Sequence[Path] = ()
    names: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    selects: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    url: str = ""
    http_config: Path | None = None
    start: str = ""
    end: str = ""
    test: str = ""
    captures: Sequence[NamedCapture] = ()
    base: str = ""


def run(request: Request, progress: Progress = no_progress) -> Result:
    """The pages, and what is wrong with the dashboards. Raises ObscodeError."""
    artifacts = artifacts_of(request.paths, progress, request.environment)
    if request.test:
        return _tested(artifacts, request, progress)
    dashboards = selected(artifacts.dashboards, request.names)
    before = _before(request, artifacts, progress) if request.base else None
    series_of = _combined(artifacts, before) if before else artifacts
    with ExitStack() as stack:
        source = _source(stack, request, artifacts, series_of)
        base = None
        if before:
            old = source if request.url else _source(stack, request, before, series_of)
            base = Base(_named(before, request.names), old)
        # A captured server lacks series of events that it never had.
        is_typed = artifacts.is_compiled and not request.captures
        return preview(dashboards, source, request.selects, is_typed=is_typed, base=base, progress=progress)


def _tested(artifacts: Artifacts, request: Request, progress: Progress) -> Result:
    """The pages with the test series of an alert or SLO; what other panels show is empty, and no finding."""
    suites = tested_suites(artifacts, request.test)
    linked = linked_dashboards(artifacts, suites)
    dashboards = selected(artifacts.dashboards, request.names) if request.names else linked
    with ranges.tested(artifacts, suites) as source:
        return preview(dashboards, source, request.selects, is_typed=False, progress=progress)


def _source(stack: ExitStack, request: Request, artifacts: Artifacts, series_of: Artifacts) -> Source:
    if not request.url:
        captures = by_service(series_of, request.captures)
        names = request.scenarios
        return stack.enter_context(ranges.generated(artifacts, names, series_of=series_of, captures=captures))
    config = read_http_config(request.http_config) if request.http_config else None
    scrape = artifacts.project.scrape_interval if artifacts.is_compiled else ""
    return ranges.live(PrometheusClient(request.url, config), request.start, request.end, scrape)


def _before(request: Request, artifacts: Artifacts, progress: Progress) -> Artifacts:
    """The artifacts of the base, with the settings of the project: a revision has the files of `build/`."""
    paths = [str(path) for path in request.paths] if not artifacts.is_compiled else [_BUILD]
    is_folder = Path(request.base).is_dir()
    side, _ = sides(request.base, request.base, () if is_folder else paths, progress=progress)
    return replace(side.artifacts(), definitions=artifacts.definitions)


def _combined(artifacts: Artifacts, before: Artifacts) -> Artifacts:
    """Both, so that series are generated for all rules and dashboards, and are the same for both."""
    return replace(
        artifacts,
        rule_files=[*artifacts.rule_files, *before.rule_files],
        dashboards=[*artifacts.dashboards, *before.dashboards],
    )


def _named(before: Artifacts, names: Sequence[str]) -> Sequence[Dashboard]:
    """The dashboards of the base; of those that are named, the ones that exist there."""
    if not names:
        return before.dashboards
    return [each for each in before.dashboards if {each.uid, each.title} & set(names)]
