"""What relabeling makes of a discovered target, step by step, as `obscode explain target` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.relabeling.apply import Effect, Labels
from obscode.relabeling.step import KEYS, Step
from obscode.relabeling.target import ADDRESS, RelabeledTarget, relabeled

_INDENT = "     "


def explain_target(artifacts: Artifacts, job: str, labels: Labels) -> str:
    """The text of `obscode explain target`; raises ObscodeError for an unknown job.

    A target without an address is the first one that is written in the job.
    """
    jobs = _jobs(artifacts, job)
    servers = artifacts.project.prometheus
    shards = servers.shards if artifacts.is_compiled and servers else 1
    reports = [(_relabeled(config, scrape, labels), scrape) for config, scrape in jobs[:shards]]
    scraping = [number for number, (target, _) in enumerate(reports) if target.labels is not None]
    target, scrape = reports[scraping[0] if scraping else 0]
    lines = [*report_lines(scrape.job, target, scrape.settings.get("relabel_configs") or ())]
    if scraping and len(reports) > 1:
        lines += ["", _shards_text(scraping)]
    return "\n".join(lines)


def _relabeled(config: PrometheusConfig, scrape: ScrapeConfig, labels: Labels) -> RelabeledTarget:
    settings = {"job_name": scrape.job, **scrape.settings}
    of_all = config.settings.get("global")
    return relabeled(settings, _with_written(settings, labels), of_all if isinstance(of_all, Mapping) else {})


def _shards_text(numbers: Sequence[int]) -> str:
    """Which servers scrape a target: one of them, or all where it is on the machine of each."""
    if len(numbers) == 1:
        return f"It is scraped by shard {numbers[0]}, whose steps these are."
    return f"It is scraped by the shards {', '.join(map(str, numbers))}."


def _jobs(artifacts: Artifacts, job: str) -> list[tuple[PrometheusConfig, ScrapeConfig]]:
    """The jobs with a name: one for each shard."""
    jobs = [(config, scrape) for config in artifacts.prometheus_configs for scrape in config.scrape_configs]
    if named := [each for each in jobs if each[1].job == job]:
        return named
    known = list(dict.fromkeys(scrape.job for _, scrape in jobs))
    hint = did_you_mean(job, known) or (f"the jobs are {', '.join(known)}" if known else "no job is configured")
    raise ObscodeError(f"there is no scrape job {job!r}", hint)


def _with_written(settings: Mapping[str, Any], labels: Labels) -> Labels:
    """The labels with those of the static targets that have the address, or of the first ones."""
    for static in settings.get("static_configs") or ():
        targets = [str(target) for target in static.get("targets") or ()]
        if targets and labels.get(ADDRESS, targets[0]) in targets:
            written = {str(name): str(value) for name, value in (static.get("labels") or {}).items()}
            return {ADDRESS: targets[0], **written, **labels}
    return labels


def report_lines(job: str, target: RelabeledTarget, steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of the report: labels, the effect of each step, and what is scraped."""
    yield f"A target of job {job}, before relabeling:"
    yield from _label_lines(target.discovered)
    if target.effects:
        yield "\nRelabeling:"
    for number, (effect, config) in enumerate(zip(target.effects, steps, strict=False), start=1):
        yield f"{number:>3}. {_step_text(config)}"
        yield from (f"{_INDENT}{line}" for line in _effect_lines(effect))
    yield ""
    yield from _result_lines(target)


def _result_lines(target: RelabeledTarget) -> Iterator[str]:
    if target.dropped_by is not None:
        yield f"Prometheus drops the target: step {target.dropped_by + 1} of relabeling does."
    elif target.error:
        hint = " Write __address__=HOST:PORT." if ADDRESS not in target.discovered else ""
        yield f"Prometheus drops the target: {target.error}.{hint}"
    else:
        yield f"Prometheus scrapes {target.url} every {target.interval}, with a timeout of {target.timeout}."
        yield "Its series have the labels:"
        yield from _label_lines(target.labels or {})


def _label_lines(labels: Labels) -> Iterator[str]:
    width = max(map(len, labels), default=0)
    yield from (f"  {name:{width}}  {value}" for name, value in sorted(labels.items()))


def _step_text(config: Mapping[str, Any]) -> str:
    """A step on one line: the action, then its other keys."""
    action = str(config.get("action") or "replace").lower()
    keys = [key for key in KEYS if key in config and key != "action"]
    return " ".join([action, *(f"{key}={_value_text(config[key])}" for key in keys)])


def _value_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]"
    return repr(value) if isinstance(value, str) and (not value or " " in value) else str(value)


def _effect_lines(effect: Effect) -> Iterator[str]:
    before, after = effect.before, effect.after
    step = effect.step
    if after is None:
        yield f"drops the target: {_condition(step, before)}"
        return
    changes = [f"{name}: {value}" for name, value in sorted(after.items()) if before.get(name) != value]
    removed = [f"removes {name}" for name in sorted(before.keys() - after.keys())]
    if changes or removed:
        yield from [*changes, *removed]
    elif step.action in ("keep", "drop", "keepequal", "dropequal"):
        yield f"keeps the target: {_condition(step, before)}"
    else:
        yield f"no change{_reason(step, before)}"


def _condition(step: Step, labels: Labels) -> str:
    """Why a step keeps or drops a target."""
    value = step.separator.join(labels.get(name, "") for name in step.source)
    if step.action.endswith("equal"):
        return f"{value!r} is compared with {step.target} {labels.get(step.target, '')!r}"
    return f"the value is {value!r}"


def _reason(step: Step, labels: Labels) -> str:
    """Why a step changes nothing, as far as it is about a value."""
    if not step.source:
        return ""
    value = step.separator.join(labels.get(name, "") for name in step.source)
    return f": the value is {value!r}"
