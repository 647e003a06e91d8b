"""The artifact of a dashboard that exists as JSON: the JSON as it is, with a uid, ids and values of inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from obscode.artifacts.dashboards import Dashboard, DashboardSource
from obscode.compiler.dashboards.existing import with_ids
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.grafana.json_parts import Json, objects
from obscode.compiler.grafana.source import CompiledDashboardSource
from obscode.model.dashboard.existing import ExistingDashboard
from obscode.model.project import Project

# Keys that an import reads, and those of Grafana's database.
_NOT_WRITTEN = ("__inputs", "__requires", "__elements", "id", "version", "iteration", "gnetId")


def existing_artifact(plan: DashboardPlan, existing: ExistingDashboard, project: Project) -> Dashboard:
    """The dashboard, whose body has the positions of the file."""
    place = existing.place
    source = place if isinstance(place, DashboardSource) else CompiledDashboardSource(existing, {}, existing.ignore)
    written = {"uid": plan.uid, **_written(existing, project)} | {"uid": plan.uid}
    return Dashboard(
        *(plan.uid, plan.title, plan.folder, existing.body, source, plan.service),
        existing=existing,
        written=written,
    )


def _written(existing: ExistingDashboard, project: Project) -> Json:
    body = with_ids({key: value for key, value in existing.body.items() if key not in _NOT_WRITTEN})
    inputs = {**_default_inputs(existing.body, project), **existing.inputs}
    library = existing.body.get("__elements")
    written: Json = with_values(with_library_panels(body, library if isinstance(library, dict) else {}), inputs)
    return written


def _default_inputs(body: Mapping[str, Any], project: Project) -> dict[str, str]:
    """The inputs with a value that a project has: constants, and the datasource of Prometheus."""
    values: dict[str, str] = {}
    names = [each.get("name") for each in objects(body.get("templating"), "list")]
    for each in objects(body, "__inputs"):
        if isinstance(name := each.get("name"), str) and name not in names:
            if each.get("type") == "constant":
                values[name] = str(each.get("value", ""))
            elif each.get("pluginId") == "prometheus":
                values[name] = project.datasource_uid
    return values


def with_library_panels(value: Any, library: Mapping[str, Any]) -> Any:
    """Panels instead of references to library panels of an export, which only an import creates."""
    if isinstance(value, list):
        return [with_library_panels(item, library) for item in value]
    if not isinstance(value, dict):
        return value
    link = value.get("libraryPanel")
    element = library.get(str(link.get("uid"))) if isinstance(link, dict) else None
    model = element.get("model") if isinstance(element, dict) else None
    if isinstance(model, dict) and "targets" not in value:
        own = {key: item for key, item in value.items() if key != "libraryPanel"}
        return {**model, **own, "type": model.get("type")}
    if "panels" in value:
        return {**value, "panels": with_library_panels(value["panels"], library)}
    return value


def with_values(value: Any, inputs: Mapping[str, str]) -> Any:
    """The value with the values of inputs in its strings, as an import writes them."""
    if not inputs:
        return value
    pattern = re.compile(r"\$\{(" + "|".join(map(re.escape, inputs)) + r")\}")

    def replaced(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda match: inputs[match[1]], value) if "${" in value else value
        if isinstance(value, dict):
            return {key: replaced(item) for key, item in value.items()}
        return [replaced(item) for item in value] if isinstance(value, list) else value

    return replaced(value)
