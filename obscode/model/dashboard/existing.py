"""A dashboard whose JSON exists: it is checked and written as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.dashboard import Dashboard
from obscode.model.source import PythonCall


@dataclass(frozen=True, init=False)
class ExistingDashboard(Dashboard):
    """A dashboard as Grafana's classic JSON; `DashboardFile` reads one from a file.

    Attributes:
        body: the JSON of the dashboard.
        inputs: values of the inputs of an export, such as the uid of a datasource, by their names.
    """

    body: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    inputs: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    arguments = constraints.constraints(
        title=constraints.non_empty,
        uid=constraints.optional(grafana_values.uid),
        folder=constraints.optional(grafana_values.folder),
        body=constraints.json_serialisable,
    )
    items = constraints.constraints()

    #: Where the JSON was written, and why it could not be read. A part of no digest: positions change no output.
    place: ClassVar[Source | None] = None
    errors: ClassVar[Sequence[Finding]] = ()

    def __init__(
        self,
        body: Mapping[str, Any],
        *,
        folder: str = "",
        uid: str = "",
        inputs: Mapping[str, str] | None = None,
        ignore: Mapping[str, str] | None = None,
    ) -> None:
        own: dict[str, Any] = {"title": _text(body, "title"), "uid": uid or _text(body, "uid"), "folder": folder}
        own |= {
            "body": body,
            "inputs": inputs or {},
            "extra": {},
            "ignore": ignore or {},
            "origin": PythonCall.of_caller(),
        }
        # What reads dashboards reads the arguments of a Dashboard, too.
        vars(self).update({spec.name: spec.default for spec in fields(Dashboard)} | own)
        self.__post_init__()

    def problems(self) -> Iterator[Finding]:
        yield from self.errors
        if not self.errors:
            yield from super().problems()


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
