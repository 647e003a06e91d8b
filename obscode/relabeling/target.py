"""What Prometheus scrapes of a discovered target: its URL and its labels, after relabeling.

The reference is `PopulateLabels` and `Target.URL` in Prometheus' scrape/target.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from obscode.promql import duration
from obscode.relabeling.apply import Effect, Generation, Labels, effects
from obscode.relabeling.step import Step

ADDRESS = "__address__"
INSTANCE = "instance"
INTERVAL = "__scrape_interval__"
TIMEOUT = "__scrape_timeout__"
PATH = "__metrics_path__"
SCHEME = "__scheme__"
PARAMETER = "__param_"
META = "__meta_"

_INTERVAL = "1m"
_TIMEOUT = "10s"
_PORTS = {"http": "80", "": "80", "https": "443"}
# The characters that Go's url.URL leaves in a path and in a host, beside letters, digits, `-`, `_`, `.` and `~`.
_IN_PATHS = "/$&+,:;=@"
_IN_HOSTS = "!$&'()*+,;=:[]<>\""


@dataclass(frozen=True)
class RelabeledTarget:
    """What relabeling makes of a target.

    Attributes:
        discovered: the labels before relabeling.
        effects: what each step does.
        error: why Prometheus drops the target though no step does; empty if it does not.
        url: the URL that is scraped; empty for a target that is dropped.
        labels: the labels of the target's series.
        interval: the time between scrapes.
        timeout: the time after which a scrape fails.
    """

    discovered: Labels
    effects: Sequence[Effect]
    error: str = ""
    url: str = ""
    labels: Labels | None = None
    interval: str = ""
    timeout: str = ""

    @property
    def dropped_by(self) -> int | None:
        """The index of the step that drops it; None if no step does."""
        is_dropped = bool(self.effects) and self.effects[-1].after is None
        return len(self.effects) - 1 if is_dropped else None


def relabeled(
    config: Mapping[str, Any], target: Labels, defaults: Mapping[str, Any] | None = None, *, generation: Generation = 3
) -> RelabeledTarget:
    """What Prometheus makes of a target with the labels that a discovery gives it.

    ``config`` is an item of `scrape_configs`, ``defaults`` the section `global`.
    """
    discovered = discovered_labels(config, target, defaults or {}, generation=generation)
    steps = [Step.of(each) for each in config.get("relabel_configs") or ()]
    done = list(effects(discovered, steps, generation=generation))
    labels = done[-1].after if done else discovered
    if labels is None:
        return RelabeledTarget(discovered, done)
    error = ""
    if generation == 2:
        scheme = labels.get(SCHEME, "")
        error = f"{scheme!r} is not a scheme" if scheme not in _PORTS and _lacks_port(labels.get(ADDRESS, "")) else ""
        labels = _with_port(labels)
    if error := error or _error(labels):
        return RelabeledTarget(discovered, done, error)
    public = {name: value for name, value in labels.items() if not name.startswith("__")}
    public.setdefault(INSTANCE, labels[ADDRESS])
    url = _url(labels, config.get("params") or {})
    return RelabeledTarget(discovered, done, "", url, public, labels[INTERVAL], labels[TIMEOUT])


def discovered_labels(
    config: Mapping[str, Any], target: Labels, defaults: Mapping[str, Any], *, generation: Generation = 3
) -> Labels:
    """The labels before relabeling: those of the target, then those of the job where the target has none."""
    interval = _duration(config.get("scrape_interval") or defaults.get("scrape_interval") or _INTERVAL)
    labels = {name: value for name, value in target.items() if value}
    of_job = {
        "job": str(config.get("job_name", "")),
        INTERVAL: interval,
        TIMEOUT: _timeout(config, defaults, interval),
        PATH: str(config.get("metrics_path") or "/metrics"),
        SCHEME: str(config.get("scheme") or "http"),
    }
    parameters = {
        f"{PARAMETER}{name}": str(values[0]) for name, values in (config.get("params") or {}).items() if values
    }
    # Prometheus 2 lets the parameters of the job win over those of the target.
    written = parameters if generation == 2 else {}
    return {name: value for name, value in {**of_job, **parameters, **labels, **written}.items() if value}


def _timeout(config: Mapping[str, Any], defaults: Mapping[str, Any], interval: str) -> str:
    """The timeout of the job; that of all jobs is not longer than the interval."""
    if own := config.get("scrape_timeout"):
        return _duration(own)
    of_all = _duration(defaults.get("scrape_timeout") or _TIMEOUT)
    are_valid = not any(map(duration.validate_duration, (of_all, interval)))
    return interval if are_valid and duration.milliseconds(of_all) > duration.milliseconds(interval) else of_all


def _duration(text: object) -> str:
    """A duration as Prometheus prints it: 90s is 1m30s."""
    value = str(text)
    if duration.validate_duration(value):
        return value
    return duration.format_duration(duration.milliseconds(value))


def _with_port(labels: Labels) -> Labels:
    """The labels with the port of the scheme in an address without one, as Prometheus 2 adds it."""
    address, scheme = labels.get(ADDRESS, ""), labels.get(SCHEME, "")
    if not address or scheme not in _PORTS or not _lacks_port(address):
        return labels
    return {**labels, ADDRESS: f"{address}:{_PORTS[scheme]}"}


def _lacks_port(address: str) -> bool:
    """Whether an address is one with a port added, but not as it is."""
    return not _has_port(address) and _has_port(f"{address}:1")


def _has_port(address: str) -> bool:
    """Whether Go's net.SplitHostPort accepts an address."""
    if address.startswith("["):
        host, end, rest = address[1:].partition("]")
        return (
            bool(end) and rest.startswith(":") and not re.search(r"[\[]", host) and not re.search(r"[\[\]:]", rest[1:])
        )
    return address.count(":") == 1 and not re.search(r"[\[\]]", address)


def _error(labels: Labels) -> str:
    """Why Prometheus does not scrape a target with these labels; empty if it does."""
    return next(_errors(labels), "")


def _errors(labels: Labels) -> Iterator[str]:
    address, times = labels.get(ADDRESS, ""), (labels.get(INTERVAL, ""), labels.get(TIMEOUT, ""))
    if not address:
        yield "it has no address"
    if "/" in address:
        yield f"{address!r} is not an address: it has a /"
    for name, text in zip(("interval", "timeout"), times, strict=True):
        if duration.validate_duration(text):
            yield f"the {name} {text!r} is not a duration above zero"
    if duration.milliseconds(times[1]) > duration.milliseconds(times[0]):
        yield f"the timeout {times[1]} is longer than the interval {times[0]}"


def _url(labels: Labels, params: Mapping[str, Sequence[Any]]) -> str:
    query = {name: [str(value) for value in values] for name, values in params.items()}
    for name, value in labels.items():
        if name.startswith(PARAMETER):
            key = name.removeprefix(PARAMETER)
            query[key] = [value, *query.get(key, ())[1:]]
    host, path = quote(labels[ADDRESS], safe=_IN_HOSTS), quote(labels.get(PATH, ""), safe=_IN_PATHS)
    path = path if not path or path.startswith("/") else f"/{path}"
    text = urlencode([(name, value) for name in sorted(query) for value in query[name]])
    scheme = f"{labels[SCHEME]}:" if labels.get(SCHEME) else ""
    return f"{scheme}//{host}{path}" + (f"?{text}" if text else "")
