"""The fields of an object: endpoints and relabeling of monitors, the rest in general terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from obscode.artifacts.kubernetes import KubernetesObject
from obscode.diff.change import Edit
from obscode.diff.json_differences import frozen
from obscode.diff.pairs import pairs
from obscode.diff.plain_settings import setting_edits
from obscode.diff.prometheus.jobs import target_edits
from obscode.diff.prometheus.relabeling import step_edits
from obscode.diff.sentences import counted, edit, mapping_edits, quoted

Spec = Mapping[str, Any]

#: By kind, the fields of the spec that are compared as rules, dashboards and configurations.
CONTENT: Mapping[str, Sequence[str]] = {
    "AlertmanagerConfig": ("route", "receivers", "inhibitRules"),
    "GlobalRuleGroup": ("groups",),
    "GrafanaDashboard": ("json",),
    "PrometheusRule": ("groups",),
    "VMRule": ("groups",),
}
_ENDPOINTS = ("endpoints", "podMetricsEndpoints")
_RELABELING = ("relabelings", "metricRelabelings")
_ENDPOINT: Spec = {"path": "/metrics", "scheme": "http", "followRedirects": True, "honorTimestamps": True}
# Lists of Kubernetes whose items have names.
_LISTS = dict.fromkeys(
    ("containers", "initContainers", "env", "ephemeralContainers", "imagePullSecrets", "ports", "volumes"), "name"
) | {"volumeMounts": "mountPath", "muteTimeIntervals": "name", "timeIntervals": "name"}
_STATE = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")
# Labels that say what an object is, and by which nothing is selected.
_DESCRIPTIONS = ("app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart", "chart", "heritage")
_SECRETS = ("data", "stringData")
_LINE = 80  # characters of a value that is displayed


def object_edits(before: KubernetesObject, after: KubernetesObject) -> Iterator[Edit]:
    """The edits of an object."""
    for key in ("version", "kind", "namespace", "name"):
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            what = "apiVersion" if key == "version" else key
            yield edit(what, (quoted(text) if text else None for text in (old, new)))
    for each in mapping_edits(before.labels, after.labels, "label"):
        yield replace(each, risk="text") if each.what.removeprefix("label ") in _DESCRIPTIONS else each
    for each in mapping_edits(_without(before.annotations, _STATE), _without(after.annotations, _STATE), "annotation"):
        yield replace(each, risk="text")
    yield from spec_edits(before.spec, after.spec, after.kind)
    yield from _rest(before, after)


def _without(value: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in keys}


def spec_edits(before: Spec, after: Spec, kind: str) -> Iterator[Edit]:
    """The edits of a spec, beside what is compared as rules, dashboards and configurations."""
    old, new = (_without(spec, CONTENT.get(kind, ())) for spec in (before, after))
    for key in _ENDPOINTS:
        yield from _endpoints(old.pop(key, None), new.pop(key, None))
    for key in _RELABELING:
        yield from step_edits(old.pop(key, None), new.pop(key, None), key)
    if kind == "ScrapeConfig":
        yield from target_edits(old.pop("staticConfigs", None), new.pop("staticConfigs", None))
    if kind == "Probe":
        yield from target_edits(_probe_targets(old), _probe_targets(new))
    for each in setting_edits(old, new, lists=_LISTS):
        if each.what.startswith("externalLabels."):
            yield replace(each, risk="history")
        elif "annotations.checksum/" not in each.what:  # of a ConfigMap or Secret, which is compared by itself
            yield replace(each, risk="text") if each.what.partition("etadata.labels.")[2] in _DESCRIPTIONS else each


def _probe_targets(spec: dict[str, Any]) -> list[Spec]:
    """The static targets of a Probe, in the form of a scrape job; they are removed from the spec."""
    targets = spec.get("targets")
    static = targets.get("staticConfig") if isinstance(targets, Mapping) else None
    if not isinstance(static, Mapping) or not isinstance(targets, Mapping):
        return []
    spec["targets"] = {**targets, "staticConfig": _without(static, ("static", "labels"))}
    return [{"targets": static.get("static") or (), "labels": static.get("labels")}]


# --- endpoints ---------------------------------------------------------------------------------------------------


def _endpoints(before: Any, after: Any) -> Iterator[Edit]:
    same = pairs(
        _items(before),
        _items(after),
        [frozen, lambda each: (_port(each), each.get("path")), _port, lambda each: each.get("path")],
    )
    several = len(_items(before)) > 1 or len(_items(after)) > 1
    for old, new in same.both:
        prefix = f"{_name(new)}: " if several else ""
        for key in _RELABELING:
            yield from (replace(e, what=prefix + e.what) for e in step_edits(old.get(key), new.get(key), key))
        rest = setting_edits(_without(old, _RELABELING), _without(new, _RELABELING), _ENDPOINT)
        yield from (replace(each, what=prefix + each.what) for each in rest)
    yield from (Edit("endpoint", quoted(_port(each)), None, "lost") for each in same.removed)
    yield from (Edit("endpoint", None, quoted(_port(each)), "stricter") for each in same.added)


def _items(value: Any) -> list[Spec]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _port(endpoint: Spec) -> str:
    return str(endpoint.get("port") or endpoint.get("targetPort") or endpoint.get("portNumber") or "")


def _name(endpoint: Spec) -> str:
    return f"endpoint {quoted(_port(endpoint))}"


# --- other keys --------------------------------------------------------------------------------------------------


def _rest(before: KubernetesObject, after: KubernetesObject) -> Iterator[Edit]:
    """The keys beside the spec: files and secrets of a ConfigMap and of a Secret, roles, webhooks."""
    old, new = before.rest, after.rest
    for key in _SECRETS:
        yield from _texts(key, old.get(key), new.get(key), is_secret=after.kind == "Secret")
    yield from setting_edits(_without(old, _SECRETS), _without(new, _SECRETS), lists=_LISTS)


def _texts(key: str, before: Any, after: Any, *, is_secret: bool) -> Iterator[Edit]:
    old, new = (value if isinstance(value, Mapping) else {} for value in (before, after))
    for name in [*old, *(name for name in new if name not in old)]:
        a, b = old.get(name), new.get(name)
        if a == b:
            continue
        if is_secret:
            yield Edit(f"{key}.{name}", a and "a secret", b and ("another secret" if a else "a secret"))
        elif _is_long(a) and _is_long(b):
            yield Edit(f"{key}.{name}", *_line_counts(str(a), str(b)))
        else:
            yield from setting_edits(_short(a), _short(b), prefix=f"{key}.{name}")


def _is_long(text: Any) -> bool:
    return isinstance(text, str) and (len(text) > _LINE or "\n" in text)


def _short(text: Any) -> Any:
    """The number of lines of a text of several, or the text itself."""
    return counted(len(text.splitlines()), "line") if _is_long(text) else text


def _line_counts(before: str, after: str) -> tuple[str, str]:
    old, new = before.splitlines(), after.splitlines()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    other = max(len(old), len(new)) - sum(block.size for block in blocks)
    return counted(len(old), "line"), f"{counted(len(new), 'line')}, of which {other} differ{'s' if other == 1 else ''}"
