"""The environment that the definitions are loaded for: `from obscode import env`.

A folder of definitions is loaded once for each environment of the project. What a file makes of `env` is another value
each time: in arguments, in f-strings of PromQL, in conditions and in loops.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.source import PythonCall

_T = TypeVar("_T")
#: The argument of `env.pick` for all environments that are not named.
DEFAULT = "default"

UNKNOWN_ENVIRONMENT = Code(
    "unknown-environment",
    "`env.pick` names environments of the project.",
    why="The value of an environment that does not exist would be in no output.",
    bad='Project("team", environment="prod", environments=[Environment("staging")])\n'
    "threshold = env.pick(prod=0.01, stagging=0.05)",
    good='Project("team", environment="prod", environments=[Environment("staging")])\n'
    "threshold = env.pick(prod=0.01, staging=0.05)",
)
ENVIRONMENT_VALUE = Code(
    "environment-value",
    "`env.pick` has a value for each environment, or a default.",
    why="The definition would have no value there.",
    bad='Project("team", environment="prod", environments=[Environment("staging")])\nthreshold = env.pick(prod=0.01)',
    good='Project("team", environment="prod", environments=[Environment("staging")])\n'
    "threshold = env.pick(prod=0.01, default=0.05)",
)


def keyword(environment: str) -> str:
    """The name of an environment as an argument: `eu_west` for `eu-west`."""
    return re.sub("[-.]", "_", environment)


class EnvironmentReads:
    """What definitions read of the environment while they load.

    ``find_name`` returns its name when it is first needed. ``modules`` are the names of the modules that read it.
    """

    def __init__(self, find_name: Callable[[], str] = str, is_loading: bool = False) -> None:
        self._find_name, self._is_loading = find_name, is_loading
        self.modules: set[str] = set()
        self._picks: list[tuple[tuple[str, ...], PythonCall]] = []

    @cached_property
    def name(self) -> str:
        """The name of the environment; empty for one without."""
        return self._find_name()

    def note(self) -> None:
        """Note the module that reads the environment."""
        self.modules.add(str(sys._getframe(2).f_globals.get("__name__", "")))

    def pick(self, values: Mapping[str, _T]) -> _T:
        """The value of the environment, else the default; any value in place of a missing one, which is a finding."""
        for name in (self.name, keyword(self.name), DEFAULT):
            if name in values:
                break
        else:
            if not self._is_loading:
                raise LookupError(f"env.pick has no value for {_title(self.name)}, and no default")
        if self._is_loading:
            self._picks.append((tuple(values), PythonCall.of_caller()))
        return values.get(name, next(iter(values.values())))

    def findings(self, names: Sequence[str], folder: str) -> Iterator[Finding]:
        """Findings for calls of `env.pick` in a project with environments of these names.

        Files that are not in the ``folder`` of the definitions may know environments of other projects.
        """
        known = {known for name in names if name for known in (name, keyword(name))}
        for passed, origin in dict.fromkeys(self._picks):
            is_own = origin.file.startswith(folder)
            unknown = [name for name in passed if name not in known and name != DEFAULT] if is_own else []
            for name in unknown:
                message, hint = f"the project has no environment {name!r}", _hint(name, names)
                yield Finding(UNKNOWN_ENVIRONMENT, message, hint, origin.span(name))
            if not unknown and not {self.name, keyword(self.name), DEFAULT} & {*passed}:
                message = f"env.pick has no value for {_title(self.name)}"
                argument = f"{keyword(self.name)}=... or " if self.name else ""
                yield Finding(ENVIRONMENT_VALUE, message, f"add {argument}default=...", origin.span())


def _title(environment: str) -> str:
    return f"environment {environment!r}" if environment else "the project's environment, which has no name"


def _hint(name: str, names: Sequence[str]) -> str:
    known = [keyword(each) for each in names if each]
    if near := did_you_mean(name, [*known, DEFAULT]):
        return near
    listed = f"it has {', '.join(known) or 'none'}"
    is_named = len(known) == len(names)
    return listed if is_named else f'{listed}; Project(environment="{name}") names the one of the project'


_NOT_LOADING = EnvironmentReads()
_active: list[EnvironmentReads] = []


@contextmanager
def loading(find_name: Callable[[], str]) -> Iterator[EnvironmentReads]:
    """Until the end of the block, `env` is the environment of this name."""
    reads = EnvironmentReads(find_name, is_loading=True)
    _active.append(reads)
    try:
        yield reads
    finally:
        _active.pop()


class CurrentEnvironment:
    """The environment that the definitions are loaded for. Outside of a build, it is one without a name."""

    @property
    def name(self) -> str:
        """The name in `Environment(name)`, or in `Project(environment=name)`; empty for a project without."""
        reads = _active[-1] if _active else _NOT_LOADING
        reads.note()
        return reads.name

    def pick(self, **values: _T) -> _T:
        """The value for this environment: `env.pick(prod=0.01, staging=0.1, default=0.05)`.

        `default` is for environments that are not named. In names, `_` stands for `-` and `.`: `eu_west` is `eu-west`.
        """
        if not values:
            raise TypeError("env.pick() needs values, such as env.pick(prod=0.01, default=0.05)")
        reads = _active[-1] if _active else _NOT_LOADING
        reads.note()
        return reads.pick(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"env has name and pick, not {name!r}", name=name, obj=self)

    def __repr__(self) -> str:
        return "env"


#: The environment that the definitions are loaded for.
env = CurrentEnvironment()
