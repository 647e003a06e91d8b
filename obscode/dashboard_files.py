"""Files of dashboards, and the file `.lint` beside them: the only module that reads either.

from obscode.dashboard_files import lint_files

for finding in lint_files(["dashboards/shop.json"]):
    print(finding)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from pathlib import Path

import yaml

from obscode.checks import name_of
from obscode.dashboard_checks import RULES, Asked, PlaceOf, Profile, ask, suppressions
from obscode.dashboard_checks.document import CHECK
from obscode.dashboard_checks.suppressions import Entry, Located, Suppressions
from obscode.errors import Finding, LoadError, Place


def lint_files(
    paths: Iterable[str | Path],
    *,
    profile: Profile = "default",
    known: Set[str] | None = None,
    place: PlaceOf | None = None,
) -> list[Finding]:
    """What is wrong with dashboards, but for what a file `.lint` beside them leaves out.

    The arguments are those of ``obscode.dashboard_checks.lint``. Raises LoadError for files that do not exist.
    """
    files = list(dict.fromkeys(Path(path) for path in paths))
    if missing := [path for path in files if not path.exists()]:
        raise LoadError(Finding("load", f"there is no file {path}", "name files of dashboards") for path in missing)
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    asked = Asked(profile, known)
    findings = [finding for folder, held in folders.items() for finding in _of_folder(folder, held, asked, place)]
    return sorted(findings, key=lambda finding: finding.order)


def _of_folder(folder: Path, files: list[Path], asked: Asked, place: PlaceOf | None) -> Iterator[Finding]:
    left_out = _suppressions(folder / suppressions.NAME)
    yield from left_out.findings
    titles: set[str] = set()
    needed: set[Entry] = set()
    for path in files:
        try:
            text = _text(path)
        except (OSError, UnicodeDecodeError) as error:
            yield Finding(CHECK, f"cannot read {path}: {_reason(error)}", "name a file of JSON")
            continue
        linted = ask(text, str(path), asked)
        title = linted.dashboard.title if linted.dashboard else ""
        kept = [(rule, one) for rule, found in linted.found if (one := left_out.applied(rule, title, found))]
        yield from linted.findings(kept, place)
        if left_out.entries and linted.dashboard:
            titles.add(title)
            # What only the stricter profile tells is reason enough for an entry.
            for rule, found in [*linted.found, *ask(text, str(path), Asked("mixin", asked.known)).found]:
                needed |= left_out.needed(rule, title, found)
    yield from left_out.in_vain(needed, titles, whole_folder={*files} >= {*folder.glob("*.json")})


def _text(path: Path) -> str:
    """A file's text as Python reads sources: no mark of the byte order, one kind of line end."""
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"


def _suppressions(file: Path) -> Suppressions:
    """A file `.lint`, if there is one."""
    start = Place(str(file), 1)
    try:
        text = _text(file)
    except FileNotFoundError:
        return Suppressions()
    except (OSError, UnicodeDecodeError) as error:
        return Suppressions((), (Finding(suppressions.CHECK, f"cannot read {file}: {_reason(error)}"),))
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        located = _located(root, str(file), start)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(file), mark.line + 1, mark.column + 1) if mark else start
        told = Finding(suppressions.CHECK, "this is no YAML", "write exclusions: and, below it, a rule", place)
        return Suppressions((), (told,))
    return suppressions.read(located, map(name_of, RULES))


def _located(node: yaml.Node | None, file: str, empty: Place) -> Located:
    if node is None:
        return Located("", empty)
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        pairs = [(_located(key, file, place), _located(value, file, place)) for key, value in node.value]
        return Located(pairs, place, mapping=True)
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(item, file, place) for item in node.value], place)
    return Located("" if node.tag.endswith(":null") else str(node.value), place)
