"""obscode: monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

    from obscode import SLO, Service, metrics, panels, sli

Public are the names below, what the namespaces ``metrics``, ``panels``, ``receivers``, ``sli`` and ``variables``
hold, and the modules ``obscode.importers``, ``obscode.instrument`` and ``obscode.testing``. docs/stability.md states
what changes how.
"""

import ast
from typing import TYPE_CHECKING, Any

# The one list of the public names: type checkers and editors read it here, `__getattr__` imports from it.
if TYPE_CHECKING:
    from obscode.compiler import compile as compile
    from obscode.findings.finding import Finding as Finding
    from obscode.model import metrics as metrics
    from obscode.model import panels as panels
    from obscode.model import receivers as receivers
    from obscode.model import sli as sli
    from obscode.model import variables as variables
    from obscode.model.alert import Alert as Alert
    from obscode.model.alert import AlertTest as AlertTest
    from obscode.model.alert import RecordingRule as RecordingRule
    from obscode.model.burn_rate import BurnAlert as BurnAlert
    from obscode.model.burn_rate import Tier as Tier
    from obscode.model.dashboard import Annotation as Annotation
    from obscode.model.dashboard import Dashboard as Dashboard
    from obscode.model.dashboard import Link as Link
    from obscode.model.dashboard import Row as Row
    from obscode.model.definitions import Definitions as Definitions
    from obscode.model.no_data import NoData as NoData
    from obscode.model.project import Environment as Environment
    from obscode.model.project import Project as Project
    from obscode.model.routing import Route as Route
    from obscode.model.routing import Routing as Routing
    from obscode.model.scrape import ScrapeJob as ScrapeJob
    from obscode.model.service import Service as Service
    from obscode.model.slo import SLO as SLO
    from obscode.project.check_files import lint as lint
    from obscode.project.check_files import read as read
    from obscode.project.load import load as load
    from obscode.renderers import render as render


def _module_of_each_name() -> dict[str, str]:
    """The imports above, which Python itself skips: names are imported on first use, `--help` needs none of them."""
    source: str = __spec__.loader.get_source(__name__)  # type: ignore[union-attr]
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module or "" for node in imports for alias in node.names if alias.asname}


_MODULE_OF = _module_of_each_name()
__all__ = list(_MODULE_OF)


if not TYPE_CHECKING:  # a type checker that saw it would take any name for a public one

    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'obscode' has no attribute {name!r}")
        value = getattr(__import__(_MODULE_OF[name], fromlist=[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
