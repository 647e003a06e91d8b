"""Alert rules, contact points and notification policies that Grafana manages itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.targets.base import Target

GRAFANA_ALERTING = Code(
    "grafana-alerting",
    "The datasource of Grafana-managed alerts has a uid, and the organization is numbered from 1.",
    why="Grafana does not start with a provisioning file that it cannot read.",
    bad='targets.GrafanaAlerting(datasource_uid="my prometheus")',
    good='targets.GrafanaAlerting(datasource_uid="prometheus")',
)


@dataclass(frozen=True)
class GrafanaAlerting(Target):
    """Alerts that Grafana evaluates and sends, for teams without Alertmanager: files for `provisioning/alerting/`.

    Grafana evaluates the alerts of all rule files, and sends them by the routes and to the receivers of `Routing`.
    Prometheus still evaluates the recording rules. Needs Grafana 9.3; `keep_firing_for` needs Grafana 12.

    Attributes:
        folder: the title of the folder with the alert rules; by default the project's name.
        datasource_uid: the uid of the datasource with the series; by default the project's.
        org_id: the number of the organization.
        exec_err_state: the state of an alert whose query fails.
        secrets_path: the folder where Grafana finds the files of `Secret(name, key)`, as `NAME/KEY`.
    """

    _: KW_ONLY
    folder: str = ""
    datasource_uid: str = ""
    org_id: int = 1
    exec_err_state: Literal["Error", "Alerting", "OK", "KeepLast"] = "Error"
    secrets_path: str = "/etc/grafana/secrets"

    def problems(self) -> Iterator[Finding]:
        if self.datasource_uid and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", self.datasource_uid):
            message = f"{self.datasource_uid!r} is not a valid datasource uid"
            hint = "write 1 to 40 letters, digits, '-' and '_'"
            yield self.finding(GRAFANA_ALERTING, message, hint, at="datasource_uid")
        if self.org_id < 1:
            yield self.finding(GRAFANA_ALERTING, f"org_id is {self.org_id}", "write 1 or more", at="org_id")
