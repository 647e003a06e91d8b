"""Files of dashboards, and the file `.lint` beside them: the only module that reads either.

from obscode.project.lint_files import lint_files

for finding in lint_files(["dashboards/shop.json"]):
    print(finding)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from pathlib import Path

import yaml

from obscode.checks import Context, Profile
from obscode.checks.dashboards import lint_file, lint_text, rules
from obscode.checks.dashboards.dashboard_json import dashboard_json
from obscode.checks.dashboards.lint_file import Entry, Located, Suppressions
from obscode.findings.errors import LoadError
from obscode.findings.finding import Finding, SourceSpan
from obscode.reader.dashboards.json_positions import JsonPlace
from obscode.reader.dashboards.kubernetes_manifests import dashboard_texts


def lint_files(
    paths: Iterable[str | Path],
    *,
    profile: Profile = "default",
    known_series: Set[str] | None = None,
) -> list[Finding]:
    """What is wrong with dashboards, but for what a file `.lint` beside them leaves out.

    The arguments are those of ``obscode.checks.dashboards.lint``. Raises LoadError for files that do not exist, with
    what is wrong with the others.
    """
    named = list(dict.fromkeys(Path(path) for path in paths))
    files = [path for path in named if path.exists() or path.is_symlink()]
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    context = Context(profile, known_series)
    findings = [finding for folder, held in folders.items() for finding in _of_folder(folder, held, context)]
    if missing := [path for path in named if path not in files]:
        told = (Finding("load", f"there is no file {path}", "name files of dashboards") for path in missing)
        raise LoadError([*told, *findings])
    return sorted(findings, key=lambda finding: finding.order)


def _of_folder(folder: Path, files: list[Path], context: Context) -> Iterator[Finding]:
    left_out = _suppressions(folder / lint_file.NAME)
    yield from left_out.findings
    titles: set[str] = set()
    needed: set[Entry] = set()
    for path in files:
        texts, findings = _texts(path)
        yield from findings
        for text in texts:
            report = lint_text(text, str(path), context)
            yield from report.located(kept for each in report.findings if (kept := left_out.apply(each)))
            if left_out.entries and report.titles:
                titles |= report.titles
                # An entry is used, too, if it matches a finding of the stricter profile.
                strict = lint_text(text, str(path), Context("mixin", context.known_series))
                for each in [*report.findings, *strict.findings]:
                    needed |= left_out.matching(each)
    yield from left_out.unused(needed, titles, whole_folder={*files} >= {*folder.glob("*.json")})


def _texts(path: Path) -> tuple[list[str], list[Finding]]:
    """The JSON in a file, which may be inside the YAML of Kubernetes, or why it cannot be read."""
    start = JsonPlace(str(path), 1)
    try:
        text = _text(path)
        texts = [text] if path.suffix == ".json" else dashboard_texts(text)
    except (OSError, UnicodeDecodeError) as error:
        hint = "save it as UTF-8" if isinstance(error, UnicodeDecodeError) else "name a file of JSON"
        return [], [Finding(dashboard_json.name, f"cannot read {path}: {_reason(error)}", hint, start)]
    except (yaml.YAMLError, RecursionError) as error:
        return [], [
            Finding(dashboard_json.name, "this is no YAML", "mend the YAML", _marked(error, str(path)) or start)
        ]
    if texts:
        return texts, []
    hint = "dashboards are in ConfigMaps, under keys that end in .json, or in spec.json of a GrafanaDashboard"
    return [], [Finding(dashboard_json.name, "the file holds no dashboard", hint, start)]


def _marked(error: Exception, file: str) -> SourceSpan | None:
    mark = getattr(error, "problem_mark", None)
    return SourceSpan(file, mark.line + 1, mark.column + 1) if mark else None


def _text(path: Path) -> str:
    """A file's text as Python reads sources: no mark of the byte order, one kind of line end."""
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    marked = error.object.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "it is UTF-16, not UTF-8" if marked else "it is not UTF-8"


def _suppressions(file: Path) -> Suppressions:
    """A file `.lint`, if there is one."""
    start = SourceSpan(str(file), 1)
    try:
        text = _text(file)
    except FileNotFoundError:
        return Suppressions()
    except (OSError, UnicodeDecodeError) as error:
        return Suppressions((), (Finding(lint_file.LINT_FILE.name, f"cannot read {file}: {_reason(error)}"),))
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        located = _located(root, str(file), start)
    except (yaml.YAMLError, RecursionError) as error:
        place = _marked(error, str(file)) or start
        told = Finding(lint_file.LINT_FILE.name, "this is no YAML", "write exclusions: and, below it, a rule", place)
        return Suppressions((), (told,))
    return lint_file.read(located, [rule.name for rule in rules()])


def _located(node: yaml.Node | None, file: str, empty: SourceSpan) -> Located:
    if node is None:
        return Located("", empty)
    place = SourceSpan(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        pairs = [(_located(key, file, place), _located(value, file, place)) for key, value in node.value]
        return Located(pairs, place, mapping=True)
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(item, file, place) for item in node.value], place)
    return Located("" if node.tag.endswith(":null") else str(node.value), place)
