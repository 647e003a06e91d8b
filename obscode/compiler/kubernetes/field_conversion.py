"""Settings of Prometheus and Alertmanager to the fields of the operator's objects.

The names differ by notation only (`tls_config`, `tlsConfig`), except where `_RENAMED` says so. A file with a secret
becomes a reference to the Secret that is mounted there; other files, and settings without a field, are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from obscode.artifacts.operator_fields import TYPES
from obscode.model.secrets import secret_of_path

# Fields with another name than the setting.
_RENAMED = {
    "webhookurl": ("apiURL",),  # of Discord
    "keyfile": ("keySecret",),
    "urlfile": ("urlSecret",),
    "images": ("pagerDutyImageConfigs",),
    "links": ("pagerDutyLinkConfigs",),
    "text": ("alt",),  # of the links of PagerDuty
    "relabelconfigs": ("relabelings",),
    "metricrelabelconfigs": ("metricRelabelings",),
    "alwaysscrapeclassichistograms": ("scrapeClassicHistograms",),
}
_NO_FILE = 'write Secret("name", "key"), which the object refers to'

#: Reports the path of a setting, what is wrong with it, and a hint.
Report = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Conversion:
    """The conversion of settings to the fields of a kind of object.

    Attributes:
        kind: the kind in findings, such as `a ScrapeConfig`.
        report: receives what has no field.
    """

    kind: str
    report: Report = field(repr=False)

    def fields(self, settings: Mapping[str, Any], types: Any, path: str = "") -> dict[str, Any]:
        """The fields for some settings; those without a field are reported."""
        types = resolved(types)
        result: dict[str, Any] = {}
        for key, value in settings.items():
            at = f"{path}.{key}" if path else key
            name = field_of(key, types, value)
            if name:
                converted = self.value(value, types[name], at)
                if converted is not None:
                    result[name] = converted
            elif field_of(key.removesuffix("_file"), types):
                self.report(at, f"{at} is a file, and {self.kind} has only {key.removesuffix('_file')}", "")
            else:
                self.report(at, f"{self.kind} has no field for {at}", "")
        return result

    def value(self, value: Any, kind: Any, at: str) -> Any:
        """A value in the type of its field; None if it cannot be converted, which is reported."""
        kind = resolved(kind)
        if kind in ("secret", "secret-or-configmap"):
            return self._secret(value, kind, at)
        if isinstance(kind, list) and isinstance(value, list | tuple):
            return [self.value(item, kind[0], f"{at}[{i}]") for i, item in enumerate(value)]
        if isinstance(kind, list) and isinstance(value, Mapping):  # headers, details
            names = list(resolved(kind[0]))
            if sorted(names) == ["key", "value"]:
                return [{"key": str(name), "value": str(item)} for name, item in value.items()]
        if isinstance(kind, dict) and isinstance(value, Mapping):
            if "*" in kind:
                return {name: self.value(item, kind["*"], f"{at}.{name}") for name, item in value.items()}
            return self.fields(value, kind, at)
        if isinstance(kind, dict) and "=" in kind:
            return self._choice(value, kind["="], at)
        if isinstance(value, Mapping) and kind != "any":
            self.report(at, f"{at} is a mapping, which {self.kind} does not take", "")
            return None
        return _scalar(value, kind)

    def _choice(self, value: Any, choices: list[str], at: str) -> Any:
        known = {choice.lower(): choice for choice in reversed(choices)}
        if str(value).lower() not in known:
            self.report(at, f"{at} is {value!r}, which {self.kind} does not have", f"it has {', '.join(choices)}")
            return None
        return value if value in choices else known[str(value).lower()]

    def _secret(self, value: Any, kind: str, at: str) -> Any:
        if isinstance(value, Mapping):  # a reference already
            return dict(value)
        secret = secret_of_path(str(value)) if at.endswith("_file") else None
        if secret is None:
            is_file = at.endswith("_file")
            what = f"{at} is the file {value!r}" if is_file else f"{at} is a text"
            hint = _NO_FILE if is_file else f'write {at.rpartition(".")[2]}_file=Secret("name", "key")'
            self.report(at, f"{what}, and {self.kind} takes it only from a Secret", hint)
            return None
        reference = {"name": secret[0], "key": secret[1]}
        return {"secret": reference} if kind == "secret-or-configmap" else reference


def resolved(kind: Any) -> Any:
    """A type, not the name of one."""
    while isinstance(kind, str) and kind.startswith("#"):
        kind = TYPES[kind[1:]]
    return kind


def plain_name(name: str) -> str:
    """A name without its notation: `tls_config` and `tlsConfig` are `tlsconfig`."""
    return name.replace("_", "").lower()


def field_of(key: str, types: Mapping[str, Any], value: Any = "") -> str:
    """The name of the field for a setting; empty if there is none. ``value`` decides between a file and a Secret."""
    names = {plain_name(name): name for name in types}
    fields = [names[each] for each in _candidates(plain_name(key)) if each in names]
    if not key.endswith("_file"):
        return next(iter(fields), "")
    without = plain_name(key).removesuffix("file")
    secrets = [names[each] for each in [*_candidates(plain_name(key)), *_candidates(without)] if each in names]
    secrets = [name for name in secrets if _is_secret(types[name])]
    first, other = (secrets, fields) if secret_of_path(str(value)) else (fields, secrets)
    return next(iter([*first, *other]), "")


def _candidates(plain: str) -> list[str]:
    return [plain, *map(plain_name, _RENAMED.get(plain, ()))]


def _is_secret(kind: Any) -> bool:
    return resolved(kind) in ("secret", "secret-or-configmap")


def _scalar(value: Any, kind: Any) -> Any:
    if kind == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _scalar(item, "any") for name, item in value.items()}
    return [_scalar(item, "any") for item in value] if isinstance(value, list | tuple) else value
