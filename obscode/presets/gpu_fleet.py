"""A fleet of NVIDIA GPUs with the DCGM exporter: broken, missing, hot and unused GPUs as tickets, and a dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.model.alert import Alert, RecordingRule
from obscode.model.dashboard import Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.presets.gpu import dcgm
from obscode.presets.gpu.alerts import idle_alert, memory_alerts, presence_alerts, state_alerts, xid_alerts
from obscode.presets.gpu.queries import FLEET, Queries
from obscode.presets.gpu.rows import rows
from obscode.presets.preset import preset
from obscode.presets.scope import Scope
from obscode.promql.duration import Duration


@preset
def gpu_fleet(
    name: str,
    *,
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    host_label: str = "hostname",
    honor_labels: bool = True,
    fields: Sequence[str] = (),
    gpus_per_node: int | Mapping[str, int] = 0,
    idle: Duration | None = "1h",
    temperature: float = 90,
    memory_temperature: float = 95,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    severity: str = "ticket",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """The GPUs of machines with the DCGM exporter: alerts with unit tests, and a dashboard.

    A broken GPU is a ticket: what its users feel, the SLOs of the service there have. Values that stand for an unknown
    one, such as 9223372036854775794, are not displayed, and no alert fires because of them.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `cluster="training"`.
        host_label: the label with the machine: `hostname` since version 4.6, `Hostname` before, `instance` if the
            exporter runs with `--no-hostname`.
        honor_labels: False if the scrape job has its own labels `pod` and `namespace`, and does not honor those of the
            exporter: the pod that has a GPU is then in `exported_pod`.
        fields: fields that the exporter's file has beyond those of the default one. Panels and alerts exist for
            `DCGM_EXP_XID_ERRORS_COUNT`, `DCGM_FI_PROF_SM_ACTIVE`, `DCGM_FI_PROF_SM_OCCUPANCY`,
            `DCGM_FI_DEV_THERMAL_VIOLATION`, `DCGM_FI_DEV_POWER_VIOLATION`, `DCGM_FI_DEV_ECC_SBE_VOL_TOTAL` and
            `DCGM_FI_DEV_ECC_DBE_VOL_TOTAL`.
        gpus_per_node: the number of GPUs of each machine, or that of machines whose label matches a regular
            expression: `{"a100-.*": 8, "l4-.*": 4}`. By default, a GPU is lost if there was one more in the 6 hours
            before, and the alert ends after 6 hours. The only GPU of a machine cannot be one less: the exporter then
            shows none, which is another alert.
        idle: how long a pod leaves a GPU unused until the alert, a duration; None for no alert, such as for services
            without traffic at night.
        temperature: the limit of the temperature of GPUs, in degrees Celsius.
        memory_temperature: the limit of the temperature of their memory, in degrees Celsius.
        owner: the team that owns the machines.
        description: what the GPUs are for.
        runbook: the URL of the runbook of its alerts.
        severity: the severity of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    namespace, pod = (label if honor_labels else f"exported_{label}" for label in ("namespace", "pod"))
    queries = Queries(name, Scope.of(name, jobs, where), host_label, pod, namespace, frozenset(fields))
    return Service(
        name,
        owner=owner,
        description=description or "GPUs.",
        runbook=runbook,
        severity=severity,
        scrape=scrape,
        where=where,
        metrics=dcgm.catalog(host_label, fields),
        recording_rules=[RecordingRule(queries.new_xids_name, queries.new_xids(), labels={FLEET: name})],
        alerts=[*_alerts(queries, gpus_per_node, idle, temperature, memory_temperature), *alerts],
        dashboard=[*rows(queries, temperature, memory_temperature), *dashboard],
    )


def _alerts(
    queries: Queries,
    gpus_per_node: int | Mapping[str, int],
    idle: Duration | None,
    temperature: float,
    memory_temperature: float,
) -> Iterator[Alert]:
    yield from xid_alerts(queries)
    yield from memory_alerts(queries)
    yield from presence_alerts(queries, gpus_per_node)
    yield from state_alerts(queries, temperature, memory_temperature)
    if idle:
        yield idle_alert(queries, idle)
