"""Why a definitions file cannot be imported: findings for what Python raises, at the lines of the user's files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from inspect import Parameter, signature
from pathlib import Path
from types import FrameType, ModuleType

import obscode
from obscode import presets
from obscode.findings.code import Code
from obscode.findings.errors import LOAD
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition
from obscode.model.source import PythonCall
from obscode.model.type_descriptions import type_name
from obscode.presets import preset
from obscode.project.foreign_arguments import alternative
from obscode.project.unused import called

PYTHON_SYNTAX = Code(
    "python-syntax",
    "A definitions file is valid Python.",
    why="obscode runs the file to find its definitions.",
    bad='shop = Service("shop"',
    good='shop = Service("shop")',
)
UNKNOWN_ARGUMENT = Code(
    "unknown-argument",
    "A call has only arguments that the definition has.",
    why="Python rejects the call, so the definition does not exist.",
    bad='Alert("Down", "up == 0", severity="page", sumary="down")',
    good='Alert("Down", "up == 0", severity="page", summary="down")',
)
MISSING_ARGUMENT = Code(
    "missing-argument",
    "A call has all arguments without a default.",
    why="Python rejects the call, so the definition does not exist.",
    bad='Alert("Down")',
    good='Alert("Down", "up == 0", severity="page")',
)


def syntax_finding(error: SyntaxError, file: Path) -> Finding:
    place = SourceSpan(
        error.filename or str(file), error.lineno or 1, error.offset or 1, error.end_lineno or 0, error.end_offset or 0
    )
    message = f"Python cannot read this file: {error.msg}"
    return Finding(PYTHON_SYNTAX, message, "correct the syntax; no files were written", place)


def exception_findings(error: BaseException, file: Path, folder: Path) -> Sequence[Finding]:
    """Reported at the last line of the user's files in the traceback."""
    place = SourceSpan(str(file), 1)
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if Path(code.co_filename).is_relative_to(folder):
            origin = PythonCall(code.co_filename, step.tb_lineno, code, step.tb_lasti)
            place = origin.span() or place
            is_call = isinstance(error, TypeError) and (step.tb_next is None or _is_preset(step.tb_next.tb_frame))
            if is_call and (findings := list(_argument_findings(origin, step.tb_frame))):
                return findings
        step = step.tb_next
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return [Finding(LOAD, f"{relative(place.file)} raised {text}", _hint(error), place)]


def _argument_findings(origin: PythonCall, frame: FrameType) -> Iterator[Finding]:
    """Findings for a call of a definition with unknown arguments, or without required ones."""
    call = origin.call()
    kind = called(call.func, {**frame.f_globals, **frame.f_locals}) if call else None
    is_definition = isinstance(kind, type) and issubclass(kind, Definition)
    if call is None or not callable(kind) or not (is_definition or kind in vars(presets).values()):
        return
    parameters = signature(kind).parameters
    name = type_name(kind) if isinstance(kind, type) else f"presets.{kind.__name__}"
    keywords = [keyword.arg for keyword in call.keywords]
    unknown = [keyword for keyword in keywords if keyword and keyword not in parameters]
    for keyword in unknown:
        other = alternative(kind, keyword) if isinstance(kind, type) else ""
        hint = other or did_you_mean(keyword, parameters) or _arguments(name, [*parameters])
        yield Finding(UNKNOWN_ARGUMENT, f"{name} has no argument {keyword!r}", hint, origin.span(keyword))
    if unknown or None in keywords or any(isinstance(argument, ast.Starred) for argument in call.args):
        return  # `**settings` and `*names` may hold what is missing, and so may another name
    required = [key for key, parameter in parameters.items() if _is_required(parameter)]
    positional = [key for key, parameter in parameters.items() if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    passed = {*keywords, *positional[: len(call.args)]}
    if missing := [key for key in required if key not in passed]:
        message = f"{name} needs {' and '.join(f'{key!r}' for key in missing)}"
        yield Finding(MISSING_ARGUMENT, message, f"write {name}({', '.join(required)})", origin.span())


def _is_preset(frame: FrameType) -> bool:
    """Whether a frame binds the arguments of a preset."""
    return frame.f_globals.get("__name__") == preset.__name__


def _arguments(name: str, parameters: Sequence[str]) -> str:
    """A hint with the arguments of a definition; of many, with the first ones and where to find the others."""
    if len(parameters) <= _MAX_LISTED:
        return f"{name} takes {', '.join(parameters)}"
    return f"{name} takes {', '.join(parameters[:_MAX_LISTED])} and others; help({name}) lists them"


_MAX_LISTED = 12


def _is_required(parameter: Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL


def _hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name in [f"obscode.{name}" for name in obscode.__all__]:
        return f"write `from obscode import {error.name.removeprefix('obscode.')}`"
    if isinstance(error, ImportError):
        name = re.search(r"cannot import name '(\w+)'", str(error))  # Python 3.12 has it as `name_from`
        near = _public_name(name[1]) if name and error.name == "obscode" else ""
        return near or "import from obscode, an installed package, or a file beside this one: `from .file import name`"
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        near = did_you_mean(error.name or "", _exported(error.obj))
        return near or _NOTHING_WRITTEN
    return _NOTHING_WRITTEN


def _exported(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if not name.startswith("_") and not isinstance(value, ModuleType):
            yield name


def _public_name(name: str) -> str:
    """A hint for a name that obscode does not export: its namespace, or a similar name."""
    for namespace in obscode._NAMESPACES:
        if hasattr(getattr(obscode, namespace), name):
            return f"write `from obscode import {namespace}` and `{namespace}.{name}`"
    return did_you_mean(name, obscode.__all__)


_NOTHING_WRITTEN = "correct it; no files were written, and the other files were read for findings"
