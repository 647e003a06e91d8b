"""The plan of a new repository, and writing it: nothing that exists is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from obscode.findings.errors import OutputError
from obscode.importers.existing.python_source import text_literal
from obscode.importers.metrics_source import read_metrics_text
from obscode.model.identifiers import slug
from obscode.model.metrics import Metric
from obscode.promql.tokens import is_plain_metric, label_text
from obscode.scaffold.observations import bucket_counts
from obscode.scaffold.preset_call import dead_comments, preset_module
from obscode.scaffold.recognition import recognise
from obscode.scaffold.repository_files import repository_files
from obscode.scaffold.service import FirstService, service_module

_PROJECT = '''\
"""What all services share: intervals, retention, addresses. `help(Project)` in a Python shell prints all arguments."""

from obscode import Project

project = Project({arguments})

# Alerts notify nobody yet. `help(obscode.receivers)` lists Slack, Teams, PagerDuty, Opsgenie, Email and others:
# routing = Routing(
#     receivers.Slack("chat", channel="#alerts", url_file="/etc/alertmanager/slack"),
#     by_severity={"page": receivers.PagerDuty("pager", routing_key_file="/etc/alertmanager/pagerduty")},
# )
'''


# Names such as `http.requests`.
_NEWER = ', oldest_prometheus="3.0"'


@dataclass(frozen=True)
class NewRepository:
    """The files of a new repository by path, and those of them that exist and stay as they are."""

    files: Mapping[str, str]
    existing: Sequence[str] = field(default_factory=tuple)


def plan(folder: Path, source: str, name: str, integrations: tuple[str, ...], version: str) -> NewRepository:
    """What `obscode init` writes into a folder.

    ``source`` is a URL or a file with metrics; empty for a project without a service. Raises LoadError for a source
    that cannot be read, and OutputError if the folder has definitions.
    """
    definitions = folder / "definitions"
    if definitions.exists() and any(definitions.iterdir()):
        message = f"{definitions}/ already has definitions"
        raise OutputError(message, "to add a service, write it there; obscode metrics URL prints its catalog")
    project = slug(name or folder.resolve().name) or "monitoring"
    arguments = text_literal(project)
    files: dict[str, str] = {}
    if source:
        first = _first_service(source, name or _service_name(source, project))
        files = dict(_service_files(*first))
        arguments += _NEWER if any(map(_is_newer, first[0].metrics)) else ""
    files = {"definitions/project.py": _PROJECT.replace("{arguments}", arguments), **files}
    others = repository_files(integrations, version)
    existing = [path for path in others if (folder / path).exists()]
    return NewRepository({**files, **{path: text for path, text in others.items() if path not in existing}}, existing)


def _first_service(source: str, name: str) -> tuple[FirstService, str]:
    """The service, and the text of its metrics."""
    service = slug(name) or "service"
    url = source if "://" in source else ""
    parts = urlsplit(url)
    public = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()  # without a user and a password
    metrics, text = read_metrics_text(source)
    return FirstService(service, public, f"snapshots/{service}.prom", metrics, bucket_counts(text)), text


def _service_files(first: FirstService, text: str) -> Mapping[str, str]:
    module = first.name.replace("-", "_")
    return {f"definitions/{module}.py": _module(first), f"definitions/{first.snapshot}": text}


def _is_newer(metric: Metric) -> bool:
    """True for names that only Prometheus 3 accepts."""
    return not is_plain_metric(metric.name) or any(label_text(label) != label for label in metric.labels)


def _module(first: FirstService) -> str:
    """The call of the preset for a program that is recognised; else what its requests and metrics say."""
    recognition = recognise(first.metrics)
    if recognition is None:
        return service_module(first)
    if recognition.is_useful:
        return preset_module(first, recognition)
    return service_module(first, [*dead_comments(first.metrics, recognition)])


def _service_name(source: str, project: str) -> str:
    """The name of the service: that of its file or host; that of the project for this machine."""
    if "://" not in source:
        return Path(source).name.partition(".")[0]
    host = (urlsplit(source).hostname or "").partition(".")[0]
    return project if host in ("", "localhost") or host.isdigit() or ":" in host else host


def write(repository: NewRepository, folder: Path) -> None:
    """Write the files, all or none."""
    written: list[Path] = []
    try:
        for path, text in repository.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                written.append(file)
                stream.write(text)
    except OSError as error:
        for file in written:
            file.unlink(missing_ok=True)
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}", "nothing was written") from None
