"""Which series a preset reads: matchers of its jobs, and unit tests whose series have labels that they accept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from obscode.model.alert import AlertTest
from obscode.model.metrics import Metric
from obscode.model.scrape.base import Job
from obscode.model.sli.sample_series import labels_for
from obscode.presets.fault_alerts import fault_tests
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher


def literal(text: str) -> str:
    """A text in a regular expression; `re.escape` escapes more than RE2 needs."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def any_of(label: str, values: Sequence[str]) -> Matcher:
    """A matcher of a label that has one of the values."""
    if len(values) == 1:
        return Matcher(label, "=", values[0])
    return Matcher(label, "=~", "|".join(map(literal, values)))


def job_matcher(name: str, jobs: Sequence[Job]) -> Matcher:
    """The matcher of a service's jobs; without one, of the job with the service's name."""
    return any_of("job", [job.name_in(name) for job in jobs] or [name])


def further_matchers(where: str) -> Sequence[Matcher]:
    """The matchers of a text such as `namespace="shop"`."""
    return parse_selector(f"up{{{where}}}").matchers


def with_target_labels(catalog: Sequence[Metric], matchers: Sequence[Matcher]) -> Sequence[Metric]:
    """The catalog with the labels of further matchers, which Prometheus adds to targets."""
    labels = dict.fromkeys(matcher.label for matcher in matchers)

    def labelled(metric: Metric) -> Metric:
        more = [label for label in labels if label not in metric.labels]
        if isinstance(metric.labels, Mapping):
            return metric.derive(labels={**metric.labels, **dict.fromkeys(more, ())})
        return metric.derive(labels=[*metric.labels, *more])

    return [labelled(metric) for metric in catalog] if labels else catalog


def scoped_tests(
    matchers: Sequence[Matcher], name: str, *, fires: Mapping[str, str], quiet: Mapping[str, str]
) -> Sequence[AlertTest]:
    """`fault_tests` whose series get labels that the matchers accept; none if no such labels are found."""
    return with_labels(fault_tests(name, fires=fires, quiet=quiet), matchers)


def with_labels(tests: Sequence[AlertTest], matchers: Sequence[Matcher]) -> Sequence[AlertTest]:
    """Tests whose series get labels that the matchers accept; none if no such labels are found."""
    labels = labels_for(matchers)
    if labels is None:
        return ()
    own = [Matcher(label, "=", value) for label, value in labels.items() if value]

    def labelled(series: Mapping[str, str]) -> Mapping[str, str]:
        return {str(parse_selector(each).with_matchers(*own)): values for each, values in series.items()}

    return [test.derive(series=labelled(test.series)) for test in tests]
