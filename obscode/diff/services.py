"""Services that are renamed: what is generated from one has the same change everywhere, which is one change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule
from obscode.diff.change import Change, Edit, Risk
from obscode.diff.renaming import Renaming
from obscode.diff.rules.located import located_rules
from obscode.diff.sentences import counted, listed
from obscode.diff.slos.detection import period_text
from obscode.diff.slos.recognition import recorded_slos
from obscode.model import naming

_LABELS = (naming.SERVICE, "sloth_service")
#: The share of the rules of a service that another name explains.
_MOST = 0.6


def renamed_services(before: Artifacts, after: Artifacts) -> list[Renaming]:
    """Services of one side only whose rules are those of a service of the other side."""
    old, new = _by_service(before), _by_service(after)
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    others = {*old, *new}
    result: list[Renaming] = []
    for name in gone:
        renamings = [Renaming(name, each, others) for each in come]
        shares = [(_share(old[name], new[each.after], each), each) for each in renamings]
        share, renaming = max(shares, key=lambda pair: pair[0], default=(0.0, None))
        if renaming and share >= _MOST:
            come.remove(renaming.after)
            result.append(renaming)
    return result


def _by_service(artifacts: Artifacts) -> Mapping[str, Sequence[Rule]]:
    result: dict[str, list[Rule]] = {}
    for rule in artifacts.rules():
        if name := next((rule.labels[label] for label in _LABELS if label in rule.labels), ""):
            result.setdefault(name, []).append(rule)
    return result


def _share(before: Sequence[Rule], after: Sequence[Rule], renaming: Renaming) -> float:
    known = {_content(rule) for rule in after}
    return sum(_content(renaming.value(rule)) in known for rule in before) / max(len(before), len(after))


def _content(rule: Rule) -> tuple[object, ...]:
    return rule.name, rule.expr, tuple(sorted(rule.labels.items()))


def with_new_names(artifacts: Artifacts, renamings: Iterable[Renaming]) -> Artifacts:
    """Artifacts in which renamed services have their new names."""
    for renaming in renamings:
        artifacts = replace(
            artifacts,
            rule_files=renaming.value(artifacts.rule_files),
            prometheus_configs=renaming.value(artifacts.prometheus_configs),
            alertmanager_configs=renaming.value(artifacts.alertmanager_configs),
            dashboards=renaming.value(artifacts.dashboards),
            objects=renaming.value(artifacts.objects),
        )
    return artifacts


def rename_changes(before: Artifacts, renamings: Iterable[Renaming], after: Artifacts) -> Iterator[Change]:
    """A change for each renamed service."""
    for renaming in renamings:
        yield _change(before, renaming, after)


def _change(before: Artifacts, renaming: Renaming, after: Artifacts) -> Change:
    rules = {_content(rule): rule for rule in before.rules() if renaming.value(rule) is not rule}
    labelled = [rule for rule in rules.values() if any(rule.labels.get(label) == renaming.before for label in _LABELS)]
    parts = [counted(len(rules), "rule"), *_counts(before, renaming)]
    records = [rule for rule in labelled if not isinstance(rule, AlertingRule)]
    slos = recorded_slos(located_rules(before)).values()
    period = max((slo.period for slo in slos if slo.service == renaming.before), default=0)
    lost = f"{period_text(period)} of history are lost" if period else "their history is lost"
    reason = f"; {lost}, because recorded series get new labels" if records else ""
    sentence = f"Service {renaming.before} is renamed to {renaming.after}: {listed(parts)}{reason}."
    alerts = {rule.name for rule in labelled if isinstance(rule, AlertingRule)}
    effects = []
    if alerts:
        name = f'{naming.SERVICE}="{renaming.before}"'
        alerted = counted(len(alerts), "alert")
        effects.append(f"Silences, inhibitions and routes that match {name} no longer match its {alerted}.")
    source = next((rule.source for rule in after.rules() if renaming.after in rule.labels.values()), None)
    edits = [Edit("name", renaming.before, renaming.after, "history")]
    risk: Risk = "history"
    return Change("service", renaming.before, sentence, risk, "renamed", edits, source, effects, len(rules))


def _counts(before: Artifacts, renaming: Renaming) -> Iterator[str]:
    """How many other artifacts contain the name."""
    dashboards = {each.uid or each.title for each in before.dashboards if renaming.value(each) is not each}
    jobs = {
        job.job
        for config in before.prometheus_configs
        for job in config.scrape_configs
        if renaming.value(job.settings) is not job.settings or renaming.text(job.job) != job.job
    }
    objects = {(each.kind, each.name) for each in before.objects if renaming.value(each) is not each}
    for count, noun in ((len(dashboards), "dashboard"), (len(jobs), "scrape job"), (len(objects), "Kubernetes object")):
        if count:
            yield counted(count, noun)
