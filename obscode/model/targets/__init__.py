"""Outputs beside the files of Prometheus, Alertmanager and Grafana: the namespace `obscode.targets`.

A new one is one file and one line here, and its renderer in `obscode/renderers`.
"""

from obscode.model.targets.base import Target as Target
from obscode.model.targets.grafana_alerting import GrafanaAlerting as GrafanaAlerting
from obscode.model.targets.kubernetes import Kubernetes as Kubernetes
from obscode.model.targets.mimir import Mimir as Mimir
from obscode.model.targets.thanos import Thanos as Thanos
from obscode.model.targets.vmalert import Vmalert as Vmalert
