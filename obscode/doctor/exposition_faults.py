"""Faults of what a target exposes, seen by scraping it several times, each time with a new connection."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from obscode.checks.unbounded_label import paths_with_ids
from obscode.doctor.finding_text import listed, warning
from obscode.doctor.scrapes import Scrape
from obscode.doctor.worker_faults import worker_faults
from obscode.findings.code import Code
from obscode.findings.finding import Finding

RAW_PATH = Code(
    "raw-path",
    "A label has the route of a request, not its path.",
    severity="warning",
    why="Each path is a series of its own, or twenty with a histogram. A scan for vulnerabilities requests thousands.",
    bad="labels(request.url.path, ...)",
    good='labels(request.scope["route"].path, ...), and one value for all paths without a route',
)
MISSING_ERROR_SERIES = Code(
    "missing-error-series",
    "The series of errors start at zero.",
    severity="warning",
    why="rate() and increase() ignore the first value of a series: a series that starts with 25 errors has none.",
    bad='requests.labels("/pay", "500").inc() in the handler of errors only',
    good='requests.labels("/pay", "500") at the start, for each route',
)
METRIC_WITHOUT_SERIES = Code(
    "metric-without-series",
    "Each metric has a series from the start.",
    severity="warning",
    why="The metric has a type and no sample, so its panels are empty, and the first events are not seen.",
    bad='jobs = Counter("jobs_total", "Jobs.", ["kind"])',
    good="for kind in KINDS:\n    jobs.labels(kind)",
)
COUNTED_SCRAPES = Code(
    "counted-scrapes",
    "Scrapes are not counted as requests.",
    severity="warning",
    why="A service without users has traffic, and the share of failed requests is too low.",
    bad="a middleware that counts /metrics",
    good='MetricsMiddleware(..., exclude=["/metrics"])',
)

#: The number of scrapes: if one of three workers answers by chance, all are the same in 6 of a million cases.
SCRAPES = 12

_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|xx|XX)")
# A client error that a path without a route has.
_NO_ROUTE = ("404", "405", "4xx", "4XX")
_SCANNED = 20

_Labels = Mapping[str, str]


def exposition_faults(url: str, scrapes: Sequence[Scrape]) -> Iterator[Finding]:
    """The faults of a target in scrapes that follow each other."""
    seen = Scrape(scrapes[-1].kinds, {series: value for each in scrapes for series, value in each.samples.items()})
    yield from worker_faults(url, scrapes, seen)
    raw = list(_raw_paths(url, seen))
    yield from raw
    if not raw:  # else the routes are not known
        yield from _missing_errors(url, seen)
    yield from _without_series(url, seen)
    yield from _counted_scrapes(url, seen)


# --- labels --------------------------------------------------------------------------------------------------------


def _raw_paths(url: str, seen: Scrape) -> Iterator[Finding]:
    statuses: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for series, labels in _counted(seen):
        status = labels.get(_status_label(labels), "")
        for label, value in labels.items():
            if value.startswith("/"):
                statuses[series, label][value].add(status)
    reported = set()
    for (name, label), paths in statuses.items():
        scanned = [path for path, of_path in paths.items() if of_path <= {*_NO_ROUTE}]
        raw = paths_with_ids([*paths]) or (scanned if len(scanned) >= _SCANNED else [])
        if raw and label not in reported:
            reported.add(label)
            message = f"{url} exposes paths in the label {label} of {name}: {listed(raw)}"
            hint = "expose the route, such as /users/{id}, and one value for all paths without a route"
            yield warning(RAW_PATH, message, hint)


def _missing_errors(url: str, seen: Scrape) -> Iterator[Finding]:
    """Of the first metric with routes and statuses; others of the same middleware have the same ones."""
    statuses: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, labels in _counted(seen):
        if status := _status_label(labels):
            for path in labels.values():
                if path.startswith("/") and path != urlsplit(url).path:
                    statuses[name][path].add(labels[status])
    for name, paths in statuses.items():
        routes = {path: each for path, each in paths.items() if not each <= {*_NO_ROUTE}}
        missing = [path for path, each in routes.items() if not any(status[0] == "5" for status in each)]
        if missing:
            which = f"{len(missing)} of {len(routes)} routes: {listed(missing)}"
            message = f"{url} exposes no series of {name} with a status of 500 or more for {which}"
            hint = "create the series at the start with labels(...), which sets them to 0, or use obscode.instrument"
            yield warning(MISSING_ERROR_SERIES, message, hint)
            return


def _counted(seen: Scrape) -> Iterator[tuple[str, dict[str, str]]]:
    """The counters that have a value, with their labels; of a histogram, the one of its observations."""
    return ((series.name, dict(series.labels)) for series, _ in seen.counters() if not series.name.endswith("_bucket"))


def _status_label(labels: _Labels) -> str:
    return next((label for label, value in labels.items() if _STATUS.fullmatch(value) and _is_status(label)), "")


def _is_status(label: str) -> bool:
    return any(word in label for word in ("status", "code"))


# --- metrics -------------------------------------------------------------------------------------------------------


def _without_series(url: str, seen: Scrape) -> Iterator[Finding]:
    names = seen.names()
    suffixes = ("", "_total", "_bucket", "_count", "_sum", "_info")
    empty = [
        family
        for family in seen.kinds
        if not family.endswith("_created") and not any(family + suffix in names for suffix in suffixes)
    ]
    if empty:
        message = f"{url} exposes the type and no series of {listed(empty)}"
        hint = "create the series at the start with labels(...), or remove the metric if nothing counts it"
        yield warning(METRIC_WITHOUT_SERIES, message, hint)


def _counted_scrapes(url: str, seen: Scrape) -> Iterator[Finding]:
    path = urlsplit(url).path
    names = [series.name for series, value in seen.counters() if value and path in dict(series.labels).values()]
    if path and names:
        message = f"{url} counts its scrapes in {listed([re.sub('_(bucket|count)$', '', name) for name in names])}"
        yield warning(COUNTED_SCRAPES, message, f"exclude {path} in the middleware")
