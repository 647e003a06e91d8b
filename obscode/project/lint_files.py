"""Files of dashboards, and the file `.lint` beside them: the only module that reads either.

from obscode.project.lint_files import lint_files

for finding in lint_files(["dashboards/shop.json"]):
    print(finding)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from pathlib import Path

from obscode.checks import Context, Profile
from obscode.checks.dashboards import lint_file, lint_text, rules
from obscode.checks.dashboards.dashboard_json import dashboard_json
from obscode.checks.dashboards.lint_file import Entry, Suppressions
from obscode.findings.errors import LOAD, LoadError
from obscode.findings.finding import Finding
from obscode.reader.dashboards.json_positions import JsonPlace
from obscode.reader.dashboards.kubernetes_manifests import dashboard_texts
from obscode.reader.yaml_source import parse_yaml


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
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    context = Context(profile, known_series)
    findings = [finding for folder, held in folders.items() for finding in _of_folder(folder, held, context)]
    if missing := [path for path in named if path not in files]:
        missing_files = (Finding(LOAD, f"there is no file {path}", "name files of dashboards") for path in missing)
        raise LoadError([*missing_files, *findings])
    return sorted(findings, key=lambda finding: finding.order)


def _of_folder(folder: Path, files: list[Path], context: Context) -> Iterator[Finding]:
    suppressions = _read_suppressions(folder / lint_file.NAME)
    yield from suppressions.findings
    titles: set[str] = set()
    used: set[Entry] = set()
    for path in files:
        texts, findings = _texts(path)
        yield from findings
        for text in texts:
            report = lint_text(text, str(path), context)
            yield from report.located(retained for each in report.findings if (retained := suppressions.apply(each)))
            if suppressions.entries and report.titles:
                titles |= report.titles
                # An entry is used, too, if it matches a finding of the stricter profile.
                strict = lint_text(text, str(path), Context("mixin", context.known_series))
                for each in [*report.findings, *strict.findings]:
                    used |= suppressions.matching(each)
    yield from suppressions.unused(used, titles, whole_folder={*files} >= {*folder.glob("*.json")})


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
    return lint_file.read(root, [rule.name for rule in rules()])
