"""What `obscode test` prints: a summary, and each failure once for all promtools that agree on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.verify.unit_tests import Job, Outcome


def summary(outcomes: Sequence[Outcome], suites: Sequence[UnitTestSuite], planned: Sequence[Job] = ()) -> str:
    """`OK: 37 tests (30 cached) of 24 SLOs in 2 shapes and 3 alerts (promtool 2.42.0, 3.5.3)`.

    ``suites`` are those that the result is about, also those whose shape another one tests. With ``planned``, the run
    was interrupted.
    """
    versions = ", ".join(dict.fromkeys(o.job.tool.version for o in sorted(outcomes, key=_version)))
    tools = f" (promtool {versions})" if versions else ""
    failed, total = _tests(o for o in outcomes if not o.passed), _tests(outcomes)
    if planned:
        of = _count(len({id(job.test) for job in planned}), "test")
        return f"INTERRUPTED: {len(total)} of {of} ran, {len(failed)} failed{tools}"
    if failed:
        return f"FAILED: {len(failed)} of {_count(len(total), 'test')}{tools}"
    cached = len(total) - len(_tests(outcome for outcome in outcomes if not outcome.cached))
    return f"OK: {_count(len(total), 'test')}{f' ({cached} cached)' if cached else ''}{_subjects(suites)}{tools}"


def _subjects(suites: Sequence[UnitTestSuite]) -> str:
    shapes = {suite.subject: suite.shape for suite in suites if suite.shape}
    alerts = {suite.subject for suite in suites} - set(shapes)
    texts = []
    if shapes:
        number = len(set(shapes.values()))
        texts.append(f"{_count(len(shapes), 'SLO')} in {_count(number, 'shape')}")
    if alerts:
        texts.append(_count(len(alerts), "alert"))
    return f" of {' and '.join(texts)}" if texts else ""


def failure_reports(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """A headline and the details of each failed test; promtools with the same failures share a report."""
    reports: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in sorted((o for o in outcomes if not o.passed), key=_version):
        details = "\n".join(failure.text() for failure in outcome.failures)
        reports.setdefault((outcome.job.test.name, details), []).append(outcome)
    return [_report(name, details, group) for (name, details), group in sorted(reports.items())]


def _report(name: str, details: str, outcomes: Sequence[Outcome]) -> tuple[str, str]:
    versions = ", ".join(outcome.job.tool.version for outcome in outcomes)
    span = outcomes[0].job.suite.source.span()
    return f"FAILED {name} (promtool {versions})", "\n".join([*([f"  {span}"] if span else []), details])


def _version(outcome: Outcome) -> tuple[int, ...]:
    return outcome.job.tool.version_tuple


def _tests(outcomes: Iterable[Outcome]) -> set[int]:
    return {id(outcome.job.test) for outcome in outcomes}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
