"""Files of dashboards, and the file `.lint` beside them: the only module that reads either.

from obscode.project.lint_files import lint_files

for finding in lint_files(["dashboards/shop.json"]):
    print(finding)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain
from pathlib import Path

from obscode.checks import Context, Profile
from obscode.checks.dashboards import checks_of_dashboards, document_findings, lint_file, located
from obscode.checks.dashboards.dashboard_json import dashboard_json
from obscode.checks.dashboards.lint_file import Entry, Suppressions
from obscode.findings.errors import LOAD, LoadError
from obscode.findings.finding import Finding
from obscode.project.progress import Progress, no_progress
from obscode.reader.dashboards import document
from obscode.reader.dashboards.document import Document
from obscode.reader.dashboards.json_positions import JsonPlace
from obscode.reader.dashboards.kubernetes_manifests import dashboard_texts
from obscode.reader.yaml_parser import parse_yaml


def lint_files(
    paths: Iterable[str | Path],
    *,
    profile: Profile = "default",
    known_series: Set[str] | None = None,
) -> list[Finding]:
    """The findings in files of dashboards, without those that a file `.lint` beside them excludes.

    The arguments are those of ``obscode.checks.dashboards.lint``. Raises LoadError for files that do not exist, with
    the findings of the others.
    """
    named = list(dict.fromkeys(Path(path) for path in paths))
    files = [path for path in named if path.exists() or path.is_symlink()]
    findings: list[Finding] = []
    documents: dict[Path, list[Document]] = {}
    for path in files:
        texts, unreadable = _texts(path)
        documents[path] = [document.read(text, str(path)) for text in texts]
        findings += unreadable
    findings += lint_documents(documents, Context(profile, known_series))
    if missing := [path for path in named if path not in files]:
        missing_files = (Finding(LOAD, f"there is no file {path}", "name files of dashboards") for path in missing)
        raise LoadError([*missing_files, *findings])
    return sorted(findings, key=lambda finding: finding.order)


def lint_documents(
    documents: Mapping[Path, Sequence[Document]], context: Context, progress: Progress = no_progress
) -> Iterator[Finding]:
    """The findings in the dashboards of files, without those that a file `.lint` beside them excludes."""
    folders: dict[Path, list[Path]] = {}
    for path in documents:
        folders.setdefault(path.parent, []).append(path)
    for folder, files in folders.items():
        yield from _of_folder(folder, {file: documents[file] for file in files}, context, progress, len(documents))


def _of_folder(
    folder: Path, documents: Mapping[Path, Sequence[Document]], context: Context, progress: Progress, total: int
) -> Iterator[Finding]:
    suppressions = _read_suppressions(folder / lint_file.NAME)
    yield from suppressions.findings
    titles: set[str] = set()
    used: set[Entry] = set()
    for path, texts in documents.items():
        progress("check dashboards", path.name, total=total)
        for text in texts:
            findings = list(document_findings(text, context))
            yield from (located(retained) for each in findings if (retained := suppressions.apply(each)))
            if suppressions.entries and text.dashboards:
                titles |= {dashboard.title for dashboard in text.dashboards}
                # An entry is used, too, if it matches a finding of the stricter profile.
                strict = document_findings(text, Context("mixin", context.known_series))
                for each in chain(findings, strict):
                    used |= suppressions.matching(each)
    yield from suppressions.unused(used, titles, whole_folder={*documents} >= {*folder.glob("*.json")})


def _texts(path: Path) -> tuple[list[str], list[Finding]]:
    """The JSON in a file, which may be inside the YAML of Kubernetes, or why it cannot be read."""
    start = JsonPlace(str(path), 1)
    try:
        text = _text(path)
    except (OSError, UnicodeDecodeError) as error:
        hint = "save it as UTF-8" if isinstance(error, UnicodeDecodeError) else "name a JSON file"
        return [], [Finding(dashboard_json, f"cannot read {path}: {_reason(error)}", hint, start)]
    if path.suffix == ".json":
        return [text], []
    stream = parse_yaml(text, str(path))
    if not stream.is_valid:
        return [], list(stream.findings)
    if texts := dashboard_texts(stream.documents):
        return texts, []
    hint = "dashboards are in ConfigMaps, under keys that end in .json, or in spec.json of a GrafanaDashboard"
    return [], [Finding(dashboard_json, "the file contains no dashboard", hint, start)]


def _text(path: Path) -> str:
    """A file's text without byte order mark, with `\\n` as the only line end."""
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    marked = error.object.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "it is UTF-16, not UTF-8" if marked else "it is not UTF-8"


def _read_suppressions(file: Path) -> Suppressions:
    """The entries of a file `.lint`; none if there is no file."""
    try:
        text = _text(file)
    except FileNotFoundError:
        return Suppressions()
    except (OSError, UnicodeDecodeError) as error:
        return Suppressions((), (Finding(lint_file.LINT_FILE, f"cannot read {file}: {_reason(error)}"),))
    stream = parse_yaml(text, str(file))
    if stream.findings:
        invalid = tuple(replace(finding, code=lint_file.LINT_FILE) for finding in stream.findings)
        return Suppressions((), invalid)
    root = next(iter(stream.documents), None)
    return lint_file.read(root, [check.name for check in checks_of_dashboards()])
