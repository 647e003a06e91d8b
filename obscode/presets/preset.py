"""Calls of presets: arguments are checked before definitions are made of them, and reported at their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar, get_type_hints

from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.argument_types import ARGUMENT_TYPE, mismatch_texts
from obscode.model.identifiers import validate_name
from obscode.model.service import Service
from obscode.model.source import PythonCall
from obscode.model.type_descriptions import members
from obscode.promql.duration import Duration, validate_duration
from obscode.promql.errors import PromQLError
from obscode.promql.matcher_texts import matchers_problem

PRESET_ARGUMENT = Code(
    "preset-argument",
    "The arguments of a preset have values of which definitions can be made.",
    why="A preset computes expressions, limits and unit tests from its arguments.",
    bad='presets.http_service("shop", latency="250 ms")',
    good='presets.http_service("shop", latency="250ms")',
)
_PREFIX = re.compile("[a-zA-Z_:][a-zA-Z0-9_:]*")
# Arguments with matchers.
_MATCHERS = ("where", "candidate", "stable")
_P = ParamSpec("_P")
_R = TypeVar("_R")


class ArgumentError(ValueError):
    """A value that an argument of a preset cannot have.

    Attributes:
        argument: the name of the argument.
        hint: what to write.
    """

    def __init__(self, argument: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.argument, self.hint = argument, hint


def preset(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A function of `obscode.presets`. Calls raise DefinitionError for arguments of a wrong type or value."""

    @wraps(function)
    def call(*arguments: _P.args, **named: _P.kwargs) -> _R:
        values = signature(function).bind(*arguments, **named).arguments
        origin = PythonCall.of_caller()
        positional = tuple(signature(function).parameters)
        if findings := [*_findings(function, values, origin, positional)]:
            raise DefinitionError(findings)
        try:
            return _located(function(*arguments, **named), origin)
        except ArgumentError as error:
            span = origin.span(error.argument, None, positional)
            raise DefinitionError([Finding(PRESET_ARGUMENT, str(error), error.hint, span)]) from None
        except (ValueError, PromQLError) as error:  # of a text that becomes a selector, for instance
            hint = f"help(presets.{function.__name__}) describes the arguments"
            raise DefinitionError([Finding(PRESET_ARGUMENT, str(error), hint, origin.span())]) from None

    return call


def _located(result: _R, origin: PythonCall) -> _R:
    """A service whose metrics are at the call: those of a catalog are made when its module is imported."""
    if not isinstance(result, Service):
        return result
    metrics = [each if each.file else each.with_origin(replace(origin)) for each in result.metrics]
    return result.derive(metrics=metrics)


@cache
def _parameters(function: Callable[..., Any]) -> Mapping[str, tuple[Parameter, Any]]:
    hints = get_type_hints(function, include_extras=True)
    return {name: (each, hints[name]) for name, each in signature(function).parameters.items() if name in hints}


def _findings(
    function: Callable[..., Any], values: Mapping[str, Any], origin: PythonCall, positional: tuple[str, ...]
) -> Iterator[Finding]:
    for name, (parameter, hint) in _parameters(function).items():
        if name not in values or parameter.kind in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL):
            continue
        value = values[name]
        wrong = [*mismatch_texts(name, value, hint, has_default=parameter.default is not Parameter.empty)]
        for item, message, advice in wrong:
            yield Finding(ARGUMENT_TYPE, message, advice, origin.span(name, item, positional))
        if not wrong and name == "name" and value != parameter.default and (problem := validate_name(value)):
            yield Finding(codes.SERVICE_NAME, *problem, origin.span(name, None, positional))
        elif not wrong and (problem := _problem(name, value, hint, parameter.default)):
            yield Finding(PRESET_ARGUMENT, *problem, origin.span(name, None, positional))


def _problem(name: str, value: Any, hint: Any, default: Any) -> tuple[str, str] | None:
    """What is wrong with a value of the right type, and what to write."""
    if value == default:
        return None
    if Duration in members(hint) and isinstance(value, str):
        return validate_duration(value)
    if name in _MATCHERS:
        return matchers_problem(value)
    if name == "prefix" and not _PREFIX.fullmatch(value):
        return f"{value!r} is not the beginning of names of metrics", 'write letters, digits, "_" and ":"'
    return None
