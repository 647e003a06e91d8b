"""The registry of all checks and codes, from all modules of the package.

A new check is a new module of this package, and a new code a constant beside the code that reports it; neither has
to be listed.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

import obscode
from obscode.checks.check import Check
from obscode.findings.code import Code

# Sections of the list of codes, with the packages whose codes they hold: lower layers first, so that a code that
# several modules import belongs to the one that defines it.
AREAS: Mapping[str, Sequence[str]] = {
    "Definitions": ("findings", "promql", "model", "presets.preset", "artifacts", "compiler"),
    "Files": ("reader",),
    "Rules, alerts and SLOs": ("checks",),
    "Dashboards": ("checks.dashboards",),
    "Output and tools": ("findings.errors", "renderers", "verify", "toolchain", "project", "cli"),
    "Importers": ("importers",),
    "Running servers": ("backtest", "clients", "diff", "doctor", "drift", "preview", "simulation"),
}


@cache
def checks() -> tuple[Check, ...]:
    """The built-in checks by package and module; checks with ``last`` at the end."""
    collected = {
        code.name: code for module in _modules("checks") for code in _codes_of(module) if isinstance(code, Check)
    }
    return tuple(sorted(collected.values(), key=lambda check: check.last))


@cache
def areas() -> Mapping[str, tuple[Code, ...]]:
    """Every code by section, sorted by name."""
    home: dict[str, tuple[str, Code]] = {}
    for area, packages in AREAS.items():
        for module in (module for package in packages for module in _modules(package)):
            if area == _area_of(module.__name__):
                for code in _codes_of(module):
                    _, known = home.setdefault(code.name, (area, code))
                    if known != code:
                        raise ValueError(f"two codes are named {code.name!r}: one is in {module.__name__}")
    return {
        area: tuple(sorted((code for its_area, code in home.values() if its_area == area), key=lambda code: code.name))
        for area in AREAS
    }


@cache
def codes() -> Mapping[str, Code]:
    """Every code by name."""
    return {code.name: code for section in areas().values() for code in section}


def configurable() -> frozenset[str]:
    """The names of the codes whose severity a project can change: those of checks, and of unused `ignore=`."""
    return frozenset({*(check.name for check in checks()), "ignore-argument"})


def _area_of(module: str) -> str:
    """The area whose package is the longest prefix of the module's name."""
    name = module.removeprefix("obscode.") + "."
    packages = [(package, area) for area, names in AREAS.items() for package in names if name.startswith(package + ".")]
    return max(packages, key=lambda pair: len(pair[0]))[1]


def _modules(package: str) -> Iterator[ModuleType]:
    """A package of obscode and all modules below it, or a single module."""
    root = import_module(f"{obscode.__name__}.{package}")
    yield root
    path = getattr(root, "__path__", [])  # a module without submodules
    for info in sorted(pkgutil.walk_packages(path, root.__name__ + "."), key=lambda info: info.name):
        yield import_module(info.name)


def _codes_of(module: ModuleType) -> Iterator[Code]:
    """The constants of a module that are codes, and the codes of its definitions' constrained arguments."""
    for value in vars(module).values():
        if isinstance(value, Check):
            if value.run.__module__ == module.__name__:  # not imported from another module
                yield value
        elif isinstance(value, Code):
            yield value
        elif isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "codes"):
            yield from value.codes()
