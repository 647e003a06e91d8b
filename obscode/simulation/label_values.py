"""Values of labels: the usual ones of labels that exporters share, and values that matchers accept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from obscode.promql.selector import VARIABLE_MARK, Matcher
from obscode.simulation.regex_samples import samples

#: How many series a metric has of which nothing else is known: as many instances, pods and devices.
ENTITIES = 3

# Values by label, one for each entity, in alphabetical order: dashboards select the first one.
_TABLE = """
job app
service app
service_name app
app app
application app
cluster cluster-1
cluster_name cluster-1
k8s_cluster cluster-1
env production
environment production
region eu-west-1
datacenter dc1
dc dc1
zone eu-west-1a
tenant team-a
namespace default default monitoring
exported_namespace default default monitoring
kubernetes_namespace default default monitoring
pod web-0 web-1 worker-0
pod_name web-0 web-1 worker-0
exported_pod web-0 web-1 worker-0
kubernetes_pod_name web-0 web-1 worker-0
container app app proxy
container_name app app proxy
workload web web worker
workload_type deployment deployment statefulset
deployment web web worker
node node-1 node-2 node-3
nodename node-1 node-2 node-3
kubernetes_node node-1 node-2 node-3
host node-1 node-2 node-3
hostname node-1 node-2 node-3
instance 10.0.0.1:9100 10.0.0.2:9100 10.0.0.3:9100
device eth0 eth1 sda
interface eth0 eth1 eth2
mountpoint / /data /var
fstype ext4 ext4 xfs
mode idle system user
cpu 0 1 2
core 0 1 2
gpu 0 1 2
code 200 404 500
status 200 404 500
status_code 200 404 500
response_code 200 404 500
http_status_code 200 404 500
http_code 200 404 500
grpc_code OK NotFound Unavailable
method GET GET POST
http_method GET GET POST
verb GET LIST POST
path / /api/items /api/orders
uri / /api/items /api/orders
route / /api/items /api/orders
handler / /api/items /api/orders
endpoint http http metrics
protocol tcp tcp udp
version v1.4.2
quantile 0.5 0.9 0.99
severity critical info warning
alertstate firing
alertname Latency Errors Saturation
phase Pending Running Succeeded
condition DiskPressure MemoryPressure Ready
resource cpu memory pods
unit core byte integer
db app app orders
database app app orders
datname app app orders
database_name app app orders
topic events orders payments
queue default default mail
consumergroup billing billing search
partition 0 1 2
"""
_USUAL = {name: values for name, *values in (line.split() for line in _TABLE.strip().split("\n"))}


def usual_value(label: str, entity: int) -> str:
    """The value of a label for one of the entities, where nothing requires another."""
    values = _USUAL.get(label)
    if values:
        return values[min(entity, len(values) - 1)] if entity < ENTITIES else f"{values[-1]}-{entity}"
    return f"{label.strip('_').replace('_', '-')}-{entity + 1}"


def usual_values(label: str) -> Sequence[str]:
    """The different values of a label that exporters share, at most one for each entity."""
    return tuple(dict.fromkeys(usual_value(label, entity) for entity in range(ENTITIES)))


def is_shared(label: str) -> bool:
    """Whether the usual values of a label are known."""
    return label in _USUAL


def is_fixed(matcher: Matcher) -> bool:
    """Whether a matcher has no Grafana variable in its value."""
    return VARIABLE_MARK not in matcher.value


def accepts(matchers: Iterable[Matcher], value: str) -> bool:
    """Whether all matchers of a label accept a value."""
    return all(_matches(matcher, value) for matcher in matchers)


@lru_cache(maxsize=65536)
def _matches(matcher: Matcher, value: str) -> bool:
    return matcher.matches(value) is not False


@lru_cache(maxsize=4096)
def requires(matcher: Matcher) -> bool:
    """Whether a matcher requires its label; one with a variable does so, too."""
    return (matcher.op in ("=", "=~") and not is_fixed(matcher)) or matcher.matches("") is False


@lru_cache(maxsize=16384)
def choose(label: str, matchers: tuple[Matcher, ...], entity: int, others: tuple[str, ...] = ()) -> str | None:
    """A value that the matchers of a label accept, for an entity; None if none is known.

    ``others`` are further candidates, such as the values that a catalog declares.
    """
    fixed = tuple(filter(is_fixed, matchers))
    return next((value for value in _candidates(label, fixed, entity, others) if accepts(fixed, value)), None)


def _candidates(label: str, matchers: Sequence[Matcher], entity: int, others: Sequence[str]) -> Iterator[str]:
    if others:
        yield others[entity % len(others)]
        yield from others
    yield from (m.value for m in matchers if m.op == "=")
    yield usual_value(label, entity)
    for matcher in matchers:
        if matcher.op == "=~" and (texts := [t for t in samples(matcher.value) if t]):
            yield texts[entity % len(texts)]
            yield from texts
    yield from usual_values(label)
    yield f"{label}-{entity + 1}"
    yield f"other-{entity + 1}"
