"""`DashboardFile`: a dashboard that stays in its JSON file, as a definition of a project."""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from obscode.artifacts.dashboards import Dashboard
from obscode.checks.check import Context
from obscode.checks.dashboards import document_findings, located
from obscode.compiler.grafana.json_parts import objects
from obscode.findings.code import Code
from obscode.findings.finding import Finding, relative
from obscode.findings.suggestions import did_you_mean
from obscode.model.dashboard.existing import ExistingDashboard
from obscode.model.source import PythonCall
from obscode.reader.dashboards import document
from obscode.reader.file_contents import FileContents, read_text

DASHBOARD_FILE = Code(
    "dashboard-file",
    "`DashboardFile` names a file with one dashboard in Grafana's classic JSON, or one of several by its title.",
    why="obscode writes the dashboard to the output. A relative path starts at the folder of the definitions file.",
    bad='shop = DashboardFile("dashboards/shop.jsn")',
    good='shop = DashboardFile("dashboards/shop.json")',
)
DASHBOARD_INPUT = Code(
    "dashboard-input",
    "Each input of an exported dashboard has a value, and `inputs=` names inputs of the file.",
    why="Grafana asks for inputs at an import only. In a provisioned dashboard, `${DS_LOKI}` is no datasource.",
    bad='shop = DashboardFile("dashboards/logs.json")  # __inputs has DS_LOKI',
    good='shop = DashboardFile("dashboards/logs.json", inputs={"DS_LOKI": "loki"})',
)
_MAX_BYTES = 20_000_000  # as for `obscode check`
_DEEPEST = 100


@dataclass(frozen=True, init=False)
class DashboardFile(ExistingDashboard):
    """A dashboard in a JSON file, which stays there: `Service("shop", dashboards=[DashboardFile("shop.json")])`.

    The file is a dashboard as Grafana exports it, a resource of Grafana's API, or a ConfigMap or GrafanaDashboard that
    contains one. It is checked at its own lines, written to the output, and known to the checks of the project.

    Attributes:
        path: the file; a relative path starts at the folder of the definitions file.
        title: the title of the dashboard, if the file contains several.
        folder: the folder in Grafana, one level deep; by default the project's name.
        uid: the id in links; by default that of the file, or it follows from the title.
        inputs: values of the inputs of an export by their names: `{"DS_LOKI": "loki"}`. An input for Prometheus has the
            datasource of the project by default.
    """

    def __init__(
        self,
        path: str,
        *,
        title: str = "",
        folder: str = "",
        uid: str = "",
        inputs: Mapping[str, str] | None = None,
        ignore: Mapping[str, str] | None = None,
    ) -> None:
        dashboard, errors = _dashboard(path, title)
        super().__init__(dashboard.body if dashboard else {}, folder=folder, uid=uid, inputs=inputs, ignore=ignore)
        if dashboard:
            uid = self.uid or (dashboard.uid if dashboard.form == "v1" else "")
            vars(self).update(uid=uid, place=dashboard.source)
        # Their source is the definition, so that a build leaves it out and reports the rest.
        vars(self).update(errors=[replace(error, source=self) for error in errors or self._input_errors()])

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        return ("path",)

    def _input_errors(self) -> Iterator[Finding]:
        known = objects(self.body, "__inputs")
        names = [str(each.get("name")) for each in known]
        variables = [each.get("name") for each in objects(self.body.get("templating"), "list")]
        inputs = self.inputs if isinstance(self.inputs, Mapping) else {}
        for i, name in enumerate(inputs):
            if name not in names:
                hint = did_you_mean(name, names) or f"it has {', '.join(names) or 'none'}"
                yield self.finding(DASHBOARD_INPUT, f"the file has no input {name!r}", hint, at="inputs", item=i)
        for each, name in zip(known, names, strict=True):
            if (
                name not in (*inputs, *variables)
                and each.get("type") == "datasource"
                and each.get("pluginId") != "prometheus"
            ):
                message = f"input {name!r} has no value: it is a datasource of type {each.get('pluginId')!r}"
                hint = f'write inputs={{"{name}": "the uid of the datasource"}}'
                yield self.finding(DASHBOARD_INPUT, message, hint, at="path")


def _dashboard(path: str, title: str) -> tuple[Dashboard | None, Sequence[Finding]]:
    """The dashboard in a file, or why it cannot be read."""
    call = PythonCall.of_caller()

    def error(message: str, hint: str, at: str = "path") -> tuple[None, Sequence[Finding]]:
        return None, [Finding(DASHBOARD_FILE, message, hint, call.span(at, None, ("path",)))]

    if not isinstance(path, str | os.PathLike):
        return error(f"the path is {path!r}, which is no text", 'write "dashboards/shop.json"')
    folder = Path(call.file).parent if Path(call.file).is_file() else Path.cwd()
    file = Path(os.path.normpath(folder / path))  # symbolic links are kept: the output names the file as the user does
    displayed = relative(str(file))
    if not file.is_file():
        problem = "is no file" if file.exists() else "does not exist"
        return error(f"{displayed} {problem}", "a relative path starts at the folder of the definitions file")
    linecache.checkcache(str(file))
    try:
        if file.stat().st_size > _MAX_BYTES:
            return error(f"{displayed} has more than {_MAX_BYTES} bytes", "split the dashboard")
        text = file.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError) as reason:
        cause = reason.strerror or str(reason) if isinstance(reason, OSError) else "it is not UTF-8"
        return error(f"{displayed} cannot be read: {cause}", "")
    contents = _contents(text.replace("\r\n", "\n").replace("\r", "\n"), str(file))
    if unreadable := list(_unreadable(contents)):
        return None, unreadable
    return _selected(contents, displayed, title, error)


def _contents(text: str, file: str) -> FileContents:
    return (
        FileContents(file, documents=[document.read(text, file)]) if file.endswith(".json") else read_text(text, file)
    )


def _unreadable(contents: FileContents) -> Iterator[Finding]:
    yield from contents.findings
    for each in contents.documents:
        yield from map(located, document_findings(each, Context(), checks=[]))


def _selected(
    contents: FileContents, displayed: str, title: str, error: Callable[..., tuple[None, Sequence[Finding]]]
) -> tuple[Dashboard | None, Sequence[Finding]]:
    titles = [dashboard.title for dashboard in contents.dashboards]
    selected = [dashboard for dashboard in contents.dashboards if title in ("", dashboard.title)]
    if not titles:
        return error(f"{displayed} contains no dashboard", "name the JSON that Grafana exports")
    if not selected:
        hint = did_you_mean(title, titles) or f"it has {', '.join(map(repr, titles))}"
        return error(f"{displayed} has no dashboard {title!r}", hint, "title")
    if len(selected) > 1:
        message = f"{displayed} contains {len(selected)} dashboards{f' {title!r}' if title else ''}"
        return error(message, f'write title="...", one of {", ".join(map(repr, titles))}')
    if selected[0].form == "v2":
        return error(f"{displayed} is a v2 resource", "export the dashboard in Grafana as classic JSON")
    if _depth(selected[0].body) > _DEEPEST:
        return error(f"{displayed} is nested more than {_DEEPEST} levels deep", "compare it with what Grafana exports")
    return selected[0], ()


def _depth(value: object) -> int:
    """How deeply objects and lists are nested; dashboards have about 15 levels."""
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level, depth = [item for items in inner for item in items], depth + bool(inner)
    return depth
