"""Scrape jobs: targets, discovery, relabeling, and everything else of their configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from obscode.artifacts.prometheus import ScrapeConfig
from obscode.diff.change import Edit
from obscode.diff.json_differences import frozen
from obscode.diff.pairs import pairs
from obscode.diff.plain_settings import plain_text, setting_edits
from obscode.diff.prometheus.relabeling import step_edits
from obscode.diff.sentences import listed, quoted

Settings = Mapping[str, Any]

_RELABELING = ("relabel_configs", "metric_relabel_configs")
_DISCOVERY = "_sd_configs"
_NAMED = 4
_LISTED = 6  # targets that are edits of their own
#: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
_DEFAULTS: Settings = {
    "metrics_path": "/metrics",
    "scheme": "http",
    "honor_timestamps": True,
    "follow_redirects": True,
    "enable_http2": True,
    "enable_compression": True,
}


def job_edits(before: ScrapeConfig, after: ScrapeConfig, of_all: Settings) -> Iterator[Edit]:
    """The edits of a job; ``of_all`` are the global settings, which a job has by default."""
    old, new = before.settings, after.settings
    yield from target_edits(old.get("static_configs"), new.get("static_configs"))
    yield from discovery_edits(old, new)
    for key in _RELABELING:
        yield from step_edits(old.get(key), new.get(key), key)
    defaults = {**_DEFAULTS, "scrape_interval": "1m", "scrape_timeout": "10s", **of_all}
    for each in setting_edits(_rest(old), _rest(new), defaults):
        texts = [text and text.replace("(default)", "(of all jobs)") for text in (each.before, each.after)]
        yield replace(each, before=texts[0], after=texts[1]) if each.what in of_all else each


def _rest(settings: Settings) -> dict[str, Any]:
    return {
        key: value
        for key, value in settings.items()
        if key not in (*_RELABELING, "static_configs") and not key.endswith(_DISCOVERY)
    }


# --- targets -----------------------------------------------------------------------------------------------------


def target_edits(before: Any, after: Any, noun: str = "target") -> Iterator[Edit]:
    """The edits of static targets and of their labels."""
    old, new = (targets(value) for value in (before, after))
    yield from _listed(noun, [each for each in old if each not in new], [each for each in new if each not in old])
    labels: dict[Edit, list[str]] = {}
    for each in (target for target in old if target in new):
        for edit in setting_edits(old[each], new[each], prefix="label"):
            labels.setdefault(edit, []).append(each)
    for edit, names in labels.items():
        what = edit.what.replace("label.", "label ", 1)
        of = "" if len(names) == len(new) else f" of {listed(map(quoted, names), _NAMED)}"
        yield Edit(f"{what}{of}", edit.before, edit.after, "history")


def targets(configs: Any) -> dict[str, dict[str, str]]:
    """The static targets with their labels."""
    result: dict[str, dict[str, str]] = {}
    for config in configs if isinstance(configs, list) else ():
        if isinstance(config, Mapping):
            labels = config.get("labels") if isinstance(config.get("labels"), Mapping) else {}
            for target in config.get("targets") or ():
                result.setdefault(str(target), {}).update({str(k): str(v) for k, v in (labels or {}).items()})
    return result


def _listed(noun: str, removed: Sequence[str], added: Sequence[str]) -> Iterator[Edit]:
    if len(removed) == len(added) == 1:
        yield Edit(noun, quoted(removed[0]), quoted(added[0]), "changed")
        return
    for names, is_removed in ((removed, True), (added, False)):
        texts = [quoted(name) for name in names]
        if len(texts) > _LISTED:
            texts = [listed(texts, _NAMED)]
        for text in texts:
            what = noun if len(names) <= _LISTED else f"{noun}s"
            yield Edit(what, text, None, "lost") if is_removed else Edit(what, None, text, "stricter")


# --- discovery ---------------------------------------------------------------------------------------------------


def discovery_edits(before: Settings, after: Settings) -> Iterator[Edit]:
    """The edits of service discovery, of every kind."""
    old, new = (_discoveries(each) for each in (before, after))
    same = pairs(old, new, [lambda each: (each[0], frozen(each[1])), lambda each: each[0]])
    for (kind, a), (_, b) in same.both:
        yield from setting_edits(a, b, prefix=kind)
    for kind, config in same.removed:
        yield Edit("discovery", f"{kind} {plain_text(config)}", None, "lost")
    for kind, config in same.added:
        yield Edit("discovery", None, f"{kind} {plain_text(config)}", "stricter")


def _discoveries(settings: Settings) -> list[tuple[str, Any]]:
    return [
        (key, config)
        for key, configs in settings.items()
        if key.endswith(_DISCOVERY) and isinstance(configs, list)
        for config in configs
    ]
