"""The section `[tool.obscode]` of `pyproject.toml`: the severities of checks, everywhere or per path.

[tool.obscode]
notes = true                      # report notes, too

[tool.obscode.severity]
panel-description = "off"         # "off", "note", "warning" or "error"

[tool.obscode.per-path."legacy/**"]
rule-name = "warning"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from obscode.checks.severities import ALWAYS_ERRORS, LEVELS, Severities
from obscode.findings.code import Code
from obscode.findings.errors import LoadError
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.suggestions import did_you_mean

SETTINGS = Code(
    "invalid-settings",
    "`[tool.obscode]` in `pyproject.toml` holds known keys, codes of checks, and severities.",
    why="a setting with a typo would have no effect.",
    bad='[tool.obscode.severity]\nrule-nam = "off"',
    good='[tool.obscode.severity]\nrule-name = "off"',
)

_FILE = "pyproject.toml"
_SECTION = ("tool", "obscode")
_KEYS = ("notes", "severity", "per-path")

_Keys = tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """The settings of a project, as they are in the file; empty without a file."""

    file: str = ""
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def severities(self, known: Collection[str] | None = None) -> Severities:
        """The severities; raises LoadError if the section has errors.

        ``known`` are the codes that can be configured; without it, codes are not looked up, since a project may have
        checks of its own.
        """
        if findings := list(self._findings(known)):
            raise LoadError(findings)
        return Severities(
            everywhere=self.values.get("severity", {}),
            per_path=tuple(self.values.get("per-path", {}).items()),
            notes=self.values.get("notes", False),
            root=str(Path(self.file).parent),
        )

    def _findings(self, known: Collection[str] | None) -> Iterator[Finding]:
        for key, value in self.values.items():
            if key not in _KEYS:
                hint = did_you_mean(key, _KEYS) or f"it has {', '.join(_KEYS)}"
                yield self._finding((key,), f"[tool.obscode] has no key {key!r}", hint)
            elif key == "notes":
                if not isinstance(value, bool):
                    yield self._finding((key,), f"notes is {value!r}, not true or false", "write notes = true")
            elif not isinstance(value, dict):
                yield self._finding((key,), f"{key} is {value!r}, not a table", _EXAMPLES[key])
            elif key == "severity":
                yield from self._levels((key,), value, known)
            else:
                for pattern, levels in value.items():
                    if isinstance(levels, dict):
                        yield from self._levels((key, pattern), levels, known)
                    else:
                        yield self._finding((key, pattern), f"{pattern!r} is {levels!r}, not a table", _EXAMPLES[key])

    def _levels(self, keys: _Keys, levels: Mapping[str, Any], known: Collection[str] | None) -> Iterator[Finding]:
        for code, level in levels.items():
            if known is not None and code not in known:
                hint = did_you_mean(code, known) or "obscode explain lists all codes"
                yield self._finding((*keys, code), f"there is no check {code!r}", hint)
            elif code in ALWAYS_ERRORS and level != "error":
                message, hint = (
                    f"{code} is always an error",
                    "ignore it where it is wrong, with the reason: ignore={...}",
                )
                yield self._finding((*keys, code), message, hint)
            elif level not in LEVELS:
                message = f"{level!r} is not a severity of {code}"
                yield self._finding((*keys, code), message, f"write one of {', '.join(map(repr, LEVELS))}")

    def _finding(self, keys: _Keys, message: str, hint: str) -> Finding:
        return Finding(SETTINGS, message, hint, _span(self.file, self.text, (*_SECTION, *keys)))


_EXAMPLES = {
    "severity": 'write [tool.obscode.severity], and below it rule-name = "off"',
    "per-path": 'write [tool.obscode.per-path."legacy/**"], and below it rule-name = "off"',
}


def read_settings(folder: Path) -> Settings:
    """The settings of the nearest `pyproject.toml` in a folder or above it; raises LoadError if it is not TOML."""
    start = folder.absolute()
    path = next((path for parent in (start, *start.parents) if (path := parent / _FILE).is_file()), None)
    if path is None:
        return Settings()
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError([Finding(SETTINGS, f"cannot read {_FILE}: {error}", span=SourceSpan(str(path), 1))]) from None
    except tomllib.TOMLDecodeError as error:
        raise LoadError([_syntax_error(str(path), error)]) from None
    values = content.get("tool", {}).get("obscode", {})
    if not isinstance(values, dict):
        span = _span(str(path), text, _SECTION)
        raise LoadError([Finding(SETTINGS, f"tool.obscode is {values!r}, not a table", "write [tool.obscode]", span)])
    return Settings(str(path), text, values)


def _syntax_error(file: str, error: tomllib.TOMLDecodeError) -> Finding:
    position = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
    span = SourceSpan(file, int(position[1]), int(position[2])) if position else SourceSpan(file, 1)
    message = str(error)[: position.start()] if position else str(error)
    return Finding(SETTINGS, f"{_FILE} is not TOML: {message[0].lower()}{message[1:]}", "correct it", span)


# --- positions ---------------------------------------------------------------------------------------------------


def _span(file: str, text: str, keys: _Keys) -> SourceSpan:
    """The span of a key, or of the table or line that contains it; tomllib has no positions."""
    table: _Keys = ()
    best, span = -1, SourceSpan(file, 1)
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            table = _path_of(line)
            path = table
        else:
            path = (*table, *_path_of(line)) if "=" in line else ()
        common = _common_length(path, keys)
        if path and common > best and common >= min(len(path), len(keys)):
            best, span = common, _line_span(file, number, line)
    return span


def _path_of(line: str) -> _Keys:
    """The keys of a line of TOML: of a table's header, or before the value."""
    try:
        value: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:  # a value of several lines
        name = re.match(r"\s*([\w-]+)\s*=", line)
        return (name[1],) if name else ()
    keys = []
    while isinstance(value, dict) and len(value) == 1:
        ((key, value),) = value.items()
        keys.append(key)
    return tuple(keys)


def _common_length(path: _Keys, keys: _Keys) -> int:
    pairs = list(zip(path, keys, strict=False))
    return next((i for i, (one, other) in enumerate(pairs) if one != other), len(pairs))


def _line_span(file: str, number: int, line: str) -> SourceSpan:
    content = re.sub(r"\s+#[^\"']*$", "", line).rstrip()
    return SourceSpan(file, number, len(line) - len(line.lstrip()) + 1, number, len(content) + 1)
