"""The writers of panels, one module for each kind, named like the module of the definition.

Each has a constant `WRITER`, which this package collects. `other_types.py` has the options of the panel types that only
a Raw can have.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from obscode.compiler.grafana.panels.other_types import OTHER_OPTIONS
from obscode.compiler.grafana.writer import PanelWriter
from obscode.model.dashboard.panel import Panel


@cache
def writers() -> Mapping[type[Panel], PanelWriter]:
    """The writer of each class of panels."""
    modules = [import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.WRITER.definition: module.WRITER for module in modules if hasattr(module, "WRITER")}


@cache
def default_options() -> Mapping[str, Mapping[str, Any]]:
    """The options of each panel type, at their defaults."""
    return {**OTHER_OPTIONS, **{writer.definition.kind.type: writer.options for writer in writers().values()}}


@cache
def required_custom_fields() -> Mapping[str, Mapping[str, Any]]:
    """The custom field settings that a panel type requires."""
    return {writer.definition.kind.type: writer.custom or {} for writer in writers().values()}
