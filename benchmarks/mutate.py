"""Mutation tests of obscode itself: change one thing in a module, and a test must fail.

    python -m benchmarks.mutate                          # a sample of 100 changes
    python -m benchmarks.mutate --sample 0 'promql/*'    # every change in the modules that match
    python -m benchmarks.mutate --list 'model/burn_rate.py'

Changes: a number, a comparison, an arithmetic operator, `and`/`or`/`not`, True/False, a returned value. Each change
runs the tests of its module (`TESTS`) in a separate process until the first failure. No file is changed: an import
hook compiles the changed source. Survivors are printed as `file:line: change`; the exit code is 1 when there are any.
A line that ends with `# equivalent: REASON` is not changed: no test can detect a change there.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.machinery import ModuleSpec
from itertools import pairwise
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]

# The first pattern that matches a module names its tests, the most specific ones first.
TESTS = {
    "promql/duration.py": ["test_duration", "test_limits", "test_bad_input"],
    "promql/alert_template.py": ["test_alert_template", "test_compile"],
    "promql/*": [
        "test_promql*",
        "test_go_regex",
        "test_tokens",
        "test_limits",
        "test_checks",
        "test_bad_input",
        "test_dashboard_checks",
    ],
    "model/burn_rate.py": ["test_slo", "test_limits", "test_bad_input", "test_compile", "test_committed_output"],
    "model/*": ["test_slo", "test_sli*", "test_limits", "test_names", "test_bad_input", "test_compile"],
    "compiler/slo_*": [
        "test_slo",
        "test_limits",
        "test_bad_input",
        "test_compile",
        "test_committed_output",
        "test_sli*",
    ],
    "compiler/unit_tests/*": [
        "test_committed_output",
        "test_slo",
        "test_alert_simulator",
        "test_limits",
        "test_generated_scenarios",
        "test_generated_tests",
    ],
    "compiler/alert_links.py": ["test_alert_links", "test_committed_output"],
    "compiler/panel_index.py": ["test_alert_links", "test_committed_output"],
    "compiler/*.py": [
        "test_artifacts",
        "test_compile",
        "test_notifications",
        "test_bad_input",
        "test_committed_output",
    ],
    "checks/dashboards/*": ["test_dashboard_checks", "test_dashboard_rules", "test_check*", "test_limits"],
    "checks/configmap_size.py": ["test_dashboard_limits", "test_grafana_formats"],
    "checks/*": ["test_check*", "test_limits", "test_bad_input", "test_dashboard_rules"],
}
CORE = ["model/burn_rate.py", "compiler/slo_*", "compiler/unit_tests/alert_simulator.py", "promql/*", "checks/*"]
# Without slow tests, which would make a run take hours, and without tests of the source text.
PYTEST = ["-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-m", "not slow and not servers and not network"]

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.Pow: "*",
}


@dataclass(frozen=True)
class Mutant:
    """One change: the bytes from `start` to `end` of a file become `text`."""

    path: Path
    line: int
    start: int
    end: int
    before: str
    text: str

    @property
    def module(self) -> str:
        name = ".".join(self.path.relative_to(ROOT).with_suffix("").parts)
        return name.removesuffix(".__init__")

    @property
    def source(self) -> bytes:
        original = self.path.read_bytes()
        return original[: self.start] + self.text.encode() + original[self.end :]

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.text))
        return f"{self.path.relative_to(ROOT)}:{self.line}: {before} -> {after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of one file, in the order of its lines."""
    text = Text(path)
    for node in _code(ast.parse(text.source)):
        if isinstance(node, ast.expr | ast.stmt) and not text.is_equivalent(node):
            for change in (_constant, _comparison, _arithmetic, _logic, _result):
                yield from change(node, text)


class Text:
    """The text of a file by the positions of its nodes, which count bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = path.read_bytes()
        self.lines = self.source.splitlines(keepends=True)
        self.starts = [sum(map(len, self.lines[:number])) for number in range(len(self.lines))]

    def is_equivalent(self, node: ast.expr | ast.stmt) -> bool:
        return b"# equivalent:" in self.lines[(node.end_lineno or node.lineno) - 1]

    def replaced(self, node: ast.expr, text: str) -> Mutant:
        """The change of a node to a text."""
        start, end = self._start(node), self._end(node)
        return Mutant(self.path, node.lineno, start, end, self.source[start:end].decode(), text)

    def operator(self, left: ast.expr, right: ast.expr, text: str) -> Iterator[Mutant]:
        """The change of the operator between two operands, unless there is a parenthesis or a line break."""
        start, end = self._end(left), self._start(right)
        operator = self.source[start:end].decode()
        if not set(operator) & set("()\n#"):
            yield Mutant(self.path, left.end_lineno or left.lineno, start, end, operator, f" {text} ")

    def _start(self, node: ast.expr) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr) -> int:
        return self.starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)


def _constant(node: ast.AST, text: Text) -> Iterator[Mutant]:
    match node:
        case ast.Constant(value=bool() as value):
            yield text.replaced(node, str(not value))
        case ast.Constant(value=int() as value):
            yield text.replaced(node, f"({value + 1})")
        case ast.Constant(value=float() as value):
            yield text.replaced(node, f"({value * 1.5 + (not value)})")


def _comparison(node: ast.AST, text: Text) -> Iterator[Mutant]:
    if isinstance(node, ast.Compare):
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            yield from text.operator(left, right, _COMPARISONS[type(operator)])


def _arithmetic(node: ast.AST, text: Text) -> Iterator[Mutant]:
    if not isinstance(node, ast.BinOp) or type(node.op) not in _OPERATORS:
        return
    if not any(_is_text(side) for side in (node.left, node.right)):
        yield from text.operator(node.left, node.right, _OPERATORS[type(node.op)])


def _logic(node: ast.AST, text: Text) -> Iterator[Mutant]:
    if isinstance(node, ast.BoolOp):
        for left, right in pairwise(node.values):
            yield from text.operator(left, right, "or" if isinstance(node.op, ast.And) else "and")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield text.replaced(node, f"({ast.unparse(node.operand)})")


def _result(node: ast.AST, text: Text) -> Iterator[Mutant]:
    if isinstance(node, ast.Return) and node.value and not _is_nothing(node.value):
        yield text.replaced(node.value, "None")


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run: without annotations, decorators, f-string formats and code for type checkers."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "format_spec"):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(child)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def tests_of(path: Path) -> list[str]:
    """The test files that run for a module."""
    name = path.relative_to(ROOT / "obscode").as_posix()
    patterns = next((tests for pattern, tests in TESTS.items() if fnmatch(name, pattern)), ["test_*"])
    files = [str(file) for pattern in patterns for file in sorted((ROOT / "tests").glob(f"{pattern}.py"))]
    return list(dict.fromkeys(files))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from a changed source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.mutant.module:
            return None
        package = self.mutant.path.name == "__init__.py"
        locations = [str(self.mutant.path.parent)] if package else None
        return importlib.util.spec_from_file_location(
            name, self.mutant.path, loader=self, submodule_search_locations=locations
        )

    def get_source(self, fullname: str) -> str:
        return self.mutant.source.decode()


@dataclass(frozen=True)
class Run:
    """The tests of a module in a child process, with or without a change."""

    mutant: Mutant | None
    files: Sequence[str]
    seconds: float

    def start(self) -> int:
        """The id of the process."""
        child = os.fork()
        if not child:
            os._exit(_pytest(self.files, self.mutant))
        return child


def passing(runs: Iterable[Run], workers: int) -> Iterator[tuple[Run, bool]]:
    """Each finished run and whether its tests pass; a run that takes too long is stopped and does not pass."""
    waiting = deque(runs)
    running: dict[int, tuple[Run, float]] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            run = waiting.popleft()
            running[run.start()] = run, time.monotonic() + run.seconds
        for child, (run, deadline) in list(running.items()):
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                yield run, status == 0
        time.sleep(0.02)


def _pytest(files: Sequence[str], mutant: Mutant | None) -> int:
    import pytest

    os.chdir(ROOT)
    sys.dont_write_bytecode = True
    if mutant:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        sys.meta_path.insert(0, _Finder(mutant))
    try:
        return int(pytest.main([*PYTEST, *files]))
    except BaseException:  # a change may break the import of a test module, or of obscode itself
        return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sample of the changes and print those that no test detects."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=CORE, help="patterns below obscode/, such as 'promql/*'")
    parser.add_argument("--sample", type=int, default=100, help="how many changes to try; 0 for all (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="print the changes and run nothing")
    options = parser.parse_args(arguments)

    package = ROOT / "obscode"
    paths = [p for p in sorted(package.rglob("*.py")) if _matches(p.relative_to(package).as_posix(), options.modules)]
    changes = [mutant for path in paths for mutant in mutants(path)]
    if options.sample and options.sample < len(changes):
        chosen = random.Random(options.seed).sample(range(len(changes)), options.sample)
        changes = [changes[index] for index in sorted(chosen)]
    if options.list:
        print(*changes, sep="\n")
        return 0

    limits = _limits({tuple(tests_of(mutant.path)) for mutant in changes})
    if not limits:
        return 2
    runs = [Run(mutant, files := tuple(tests_of(mutant.path)), limits[files]) for mutant in changes]
    survivors = 0
    for run, survived in passing(runs, options.workers):
        if survived:
            survivors += 1
            print(f"survived  {run.mutant}", flush=True)
    print(f"{len(changes) - survivors} of {len(changes)} changes detected")
    return 1 if survivors else 0


def _limits(suites: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], float]:
    """The time limit in seconds for each set of test files; empty if one fails without a change."""
    limits = {}
    for files in suites:
        began = time.monotonic()
        ((_, passed),) = passing([Run(None, files, 600)], 1)
        if not passed:
            print("these fail without a change:", *files, file=sys.stderr)
            return {}
        limits[files] = 10 + 5 * (time.monotonic() - began)
    return limits


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    import grafanalib.core
    import promql_parser
    import pytest
    import yaml

    # Loaded once, so that child processes do not load them again.
    _ = (grafanalib.core, promql_parser, pytest, yaml)
    sys.exit(main())
