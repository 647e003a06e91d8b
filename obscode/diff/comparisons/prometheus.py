"""Prometheus' configuration: jobs, targets, rule files, Alertmanagers, remote storage, external labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.artifacts.rules import AlertingRule
from obscode.diff.change import RISKS, Change, Edit, Risk
from obscode.diff.json_differences import frozen
from obscode.diff.pairs import pairs
from obscode.diff.plain_settings import setting_edits
from obscode.diff.prometheus.jobs import discovery_edits, job_edits, target_edits, targets
from obscode.diff.prometheus.relabeling import step_edits
from obscode.diff.sentences import counted, double_quoted, listed, quoted, sentence
from obscode.diff.several_configurations import changes_of_all
from obscode.findings.secret_text import masked
from obscode.reader.dashboards.document import model_of

Settings = Mapping[str, Any]

_NAMED = 4
_GLOBAL: Settings = {"scrape_interval": "1m", "scrape_timeout": "10s", "evaluation_interval": "1m"}
_FILES = {"rule_files": "rule file", "scrape_config_files": "scrape file"}
_REMOTE = {"remote_write": "Remote write to", "remote_read": "Remote read from"}
_REMOTE_DEFAULTS: Settings = {
    "remote_timeout": "30s",
    "follow_redirects": True,
    "enable_http2": True,
    "filter_external_labels": True,
    "metadata_config": {"send": True, "send_interval": "1m"},
}
_COMPARED = ("global", "alerting", *_FILES, *_REMOTE)


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of Prometheus' configurations."""
    old, new = before.prometheus_configs, after.prometheus_configs
    same = pairs(old, new, [lambda each: each.name, lambda each: each.name.rpartition("/")[2], _jobs, lambda each: 0])

    def of_pair(a: PrometheusConfig, b: PrometheusConfig, place: str) -> Iterator[Change]:
        return _Pair(a, b, after, place).changes()

    yield from changes_of_all(same.both, of_pair, lambda each: f" in {each.name}" if each.name else "")
    for a in same.removed:
        text = f"The configuration of Prometheus{_of(a)} is removed."
        yield Change("Prometheus", a.name, text, "lost", "removed", source=a.source)
    for b in same.added:
        text = f"The configuration of Prometheus{_of(b)} is added."
        yield Change("Prometheus", b.name, text, "stricter", "added", source=b.source)


def _of(config: PrometheusConfig) -> str:
    """`prometheus.yml with 3 scrape jobs`."""
    return f"{config.name and ' '}{config.name} with {counted(len(config.scrape_configs), 'scrape job')}"


def _jobs(config: PrometheusConfig) -> frozenset[str] | None:
    return frozenset(job.job for job in config.scrape_configs) or None


class _Pair:
    """Two versions of a configuration; ``artifacts`` are those after."""

    def __init__(self, before: PrometheusConfig, after: PrometheusConfig, artifacts: Artifacts, place: str) -> None:
        self.before, self.after, self.artifacts, self.place = before, after, artifacts, place

    def changes(self) -> Iterator[Change]:
        """All changes."""
        yield from self._global()
        yield from self._external_labels()
        yield from self._scrape_jobs()
        yield from self._alerting()
        for key in _REMOTE:
            yield from self._remote(key)
        yield from self._others()

    def _change(self, kind: str, name: str, subject: str, edits: Sequence[Edit], effects: Sequence[str] = ()) -> Change:
        text = sentence(f"{subject}{self.place}", edits)
        return Change(kind, name, text, _riskiest(edits), edits=edits, source=self.after.source, effects=effects)

    # --- global settings -----------------------------------------------------------------------------------------

    def _global(self) -> Iterator[Change]:
        old, new = (_mapping(each.settings.get("global")) for each in (self.before, self.after))
        plain = [{key: value for key, value in each.items() if key != "external_labels"} for each in (old, new)]
        for edit in setting_edits(plain[0], plain[1], _GLOBAL):
            effects = [text] if (text := self._users(edit.what)) else []
            named = replace(edit, what=f"global {edit.what}")
            yield self._change("Prometheus", named.what, "Prometheus", [named], effects)

    def _users(self, key: str) -> str:
        """The jobs for which a global setting matters."""
        if key == "evaluation_interval":
            return "It is the interval of all rule groups without one."
        own = [job.job for job in self.after.scrape_configs if key in job.settings]
        using = [job.job for job in self.after.scrape_configs if key not in job.settings]
        if not using:
            return "No job uses it: all have a value of their own." if own else ""
        if not own:
            return "It is the value of all jobs."
        return (
            f"It is the value of {listed(map(quoted, using), _NAMED)}, and not of {listed(map(quoted, own), _NAMED)}."
        )

    def _external_labels(self) -> Iterator[Change]:
        old, new = (_mapping(_mapping(each.settings.get("global")).get("external_labels")) for each in self._both())
        edits = [Edit(f"external label {e.what}", e.before, e.after, "history") for e in setting_edits(old, new)]
        if edits:
            effects = ["All alerts and series in remote storage have other labels: silences and routes may not match."]
            yield self._change("Prometheus", "external labels", "Prometheus", edits, effects)

    def _both(self) -> tuple[PrometheusConfig, PrometheusConfig]:
        return self.before, self.after

    # --- jobs ----------------------------------------------------------------------------------------------------

    def _scrape_jobs(self) -> Iterator[Change]:
        same = pairs(
            self.before.scrape_configs,
            self.after.scrape_configs,
            [lambda job: job.job, lambda job: frozen(job.settings)],
            _similarity,
            0.5,
        )
        of_all = {k: v for k, v in _mapping(self.after.settings.get("global")).items() if k != "external_labels"}
        for old, new in (*same.both, *same.renamed):
            edits = list(job_edits(old, new, of_all))
            effects: Sequence[str] = ()
            if old.job != new.job:
                edits.insert(0, Edit("job_name", quoted(old.job), quoted(new.job), "history"))
                effects = [f"Series have another job label.{self._readers(old.job)}"]
            if edits:
                text = sentence(f"Scrape job {quoted(new.job)}{self.place}", edits)
                risk = _riskiest(edits)
                yield Change("scrape job", new.job, text, risk, edits=edits, source=new.source, effects=effects)
        for job in same.removed:
            text = f"Scrape job {quoted(job.job)}{self.place}{_targets(job)} is removed."
            effects = [readers] if (readers := self._readers(job.job).strip()) else []
            yield Change("scrape job", job.job, text, "lost", "removed", source=job.source, effects=effects)
        for job in same.added:
            text = f"Scrape job {quoted(job.job)}{self.place}{_targets(job)} is added."
            yield Change("scrape job", job.job, text, "stricter", "added", source=job.source)

    def _readers(self, job: str) -> str:
        """What selects a job by its name."""
        matcher = f'job="{job}"'
        rules = [
            f"{'alert' if isinstance(rule, AlertingRule) else 'record'} {rule.name}"
            for rule in self.artifacts.rules()
            if matcher in rule.expr
        ]
        panels = [
            double_quoted(panel.name)
            for dashboard in self.artifacts.dashboards
            for panel, target in model_of(dashboard).targets()
            if matcher in target.expr
        ]
        names = list(dict.fromkeys([*rules, *panels]))
        text = listed(names, _NAMED)
        return f" {text[0].upper()}{text[1:]} still select{'s' if len(names) == 1 else ''} {matcher}." if names else ""

    # --- alerting and remote storage -----------------------------------------------------------------------------

    def _alerting(self) -> Iterator[Change]:
        old, new = (_mapping(each.settings.get("alerting")) for each in self._both())
        key = "alert_relabel_configs"
        edits = list(step_edits(old.get(key), new.get(key), key))
        same = pairs(
            _items(old.get("alertmanagers")),
            _items(new.get("alertmanagers")),
            [frozen, lambda each: tuple(targets(each.get("static_configs"))) or None, lambda each: 0],
        )
        for a, b in same.both:
            edits += _alertmanager_edits(a, b)
        edits += [Edit("Alertmanager", _address(each), None, "lost") for each in same.removed]
        edits += [Edit("Alertmanager", None, _address(each), "stricter") for each in same.added]
        if edits:
            yield self._change("Prometheus", "alerting", "Prometheus", edits)

    def _remote(self, key: str) -> Iterator[Change]:
        same = pairs(
            _items(self.before.settings.get(key)),
            _items(self.after.settings.get(key)),
            [lambda each: (each.get("name"), each.get("url")), lambda each: each.get("url"), _remote_name],
        )
        for a, b in same.both:
            steps = [each.get("write_relabel_configs") for each in (a, b)]
            edits = list(step_edits(steps[0], steps[1], "write_relabel_configs"))
            rest = [{k: v for k, v in each.items() if k != "write_relabel_configs"} for each in (a, b)]
            edits += setting_edits(rest[0], rest[1], _REMOTE_DEFAULTS)
            if edits:
                yield self._change("remote storage", _url(b), f"{_REMOTE[key]} {_url(b)}", edits)
        for each in same.removed:
            text = f"{_REMOTE[key]} {_url(each)}{self.place} is removed."
            yield Change("remote storage", _url(each), text, "lost", "removed", source=self.before.source)
        for each in same.added:
            text = f"{_REMOTE[key]} {_url(each)}{self.place} is added."
            yield Change("remote storage", _url(each), text, "stricter", "added", source=self.after.source)

    def _others(self) -> Iterator[Change]:
        edits: list[Edit] = []
        for key, noun in _FILES.items():
            old, new = (list(map(str, each.settings.get(key) or ())) for each in self._both())
            edits += [Edit(noun, quoted(name), None, "lost") for name in old if name not in new]
            edits += [Edit(noun, None, quoted(name), "stricter") for name in new if name not in old]
        rest = [{k: v for k, v in each.settings.items() if k not in _COMPARED} for each in self._both()]
        edits += setting_edits(rest[0], rest[1])
        if edits:
            yield self._change("Prometheus", "settings", "Prometheus", edits)


def _remote_name(each: Settings) -> str | None:
    return str(each.get("name") or "") or None


def _similarity(before: ScrapeConfig, after: ScrapeConfig) -> float:
    """The share of settings that are equal; 0 without a common target or discovery."""
    old, new = ({(key, frozen(value)) for key, value in each.settings.items()} for each in (before, after))
    common = {*targets(before.settings.get("static_configs"))} & {*targets(after.settings.get("static_configs"))}
    is_same = bool(common) or any(key.endswith("_sd_configs") for key, _ in old & new)
    return len(old & new) / max(len(old | new), 1) if is_same else 0


def _targets(job: ScrapeConfig) -> str:
    static = targets(job.settings.get("static_configs"))
    kinds = [key.removesuffix("_sd_configs") for key in job.settings if key.endswith("_sd_configs")]
    texts = [*([counted(len(static), "target")] if static else []), *(f"discovery by {kind}" for kind in kinds)]
    return f" with {listed(texts)}" if texts else ""


def _alertmanager_edits(before: Settings, after: Settings) -> Iterator[Edit]:
    yield from target_edits(before.get("static_configs"), after.get("static_configs"), "Alertmanager")
    yield from discovery_edits(before, after)
    for key in ("relabel_configs", "alert_relabel_configs"):
        yield from step_edits(before.get(key), after.get(key), key)
    done = ("static_configs", "relabel_configs", "alert_relabel_configs")
    rest = [{k: v for k, v in e.items() if k not in done and not k.endswith("_sd_configs")} for e in (before, after)]
    defaults = {"api_version": "v2", "scheme": "http", "timeout": "10s", "follow_redirects": True}
    yield from setting_edits(rest[0], rest[1], defaults, "alertmanagers")


def _address(each: Settings) -> str:
    names = list(targets(each.get("static_configs")))
    kinds = [key.removesuffix("_sd_configs") for key in each if key.endswith("_sd_configs")]
    return listed([*map(quoted, names), *(f"by {kind}" for kind in kinds)], _NAMED) or "without targets"


def _url(each: Settings) -> str:
    """The URL without a user, a password and a query."""
    parts = urlsplit(str(each.get("url", "")))
    return masked(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else parts.path)


def _riskiest(edits: Sequence[Edit]) -> Risk:
    order = list(RISKS)
    return min((edit.risk for edit in edits), key=order.index)


def _mapping(value: Any) -> Settings:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Settings]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
