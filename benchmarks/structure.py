"""Size, typing, docstrings and imports of the package, to compare two versions of it.

    python benchmarks/structure.py [CHECKOUT ...]      # default: this one; one column for each

`git worktree add ../before COMMIT` makes a checkout of another commit.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median, quantiles

PACKAGE = "obscode"
SMALL = 45  # lines; a module below is often a fragment of another
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A parsed module: `name` is the path below the package with dots, empty for the package itself."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """All lines of the file, including blank lines and docstrings."""
        return len(self.text.splitlines())

    def functions(self) -> list[Function]:
        """Functions and methods, including nested ones."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def public_functions(self) -> Iterator[Function]:
        """Functions at module level and methods of public classes, without a leading underscore."""
        classes = [node for node in self.tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
        for body in [self.tree.body, *(node.body for node in classes)]:
            yield from (node for node in body if isinstance(node, Function) and not node.name.startswith("_"))

    def docstring_lines(self) -> int:
        documented = [node for node in ast.walk(self.tree) if isinstance(node, ast.Module | ast.ClassDef | Function)]
        bodies = [node.body[0] for node in documented if ast.get_docstring(node, clean=False) is not None]
        return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in bodies)


def modules(checkout: Path) -> dict[str, Module]:
    """The modules of a checkout's package, by name."""
    root = checkout / PACKAGE
    result = {}
    for path in sorted(root.rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        name = "" if name == "__init__" else name.removesuffix(".__init__")
        result[name] = Module(name, path, path.read_text(encoding="utf-8"))
    return result


def imports(module: Module, known: Mapping[str, Module]) -> set[str]:
    """The modules of the package that a module imports, also inside functions, except for type checkers only."""
    imported = set()
    skipped = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(module.tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    inside = {name.removeprefix(PACKAGE).removeprefix(".") for name in imported if name.split(".")[0] == PACKAGE}
    return {name if name in known else name.rpartition(".")[0] for name in inside} - {module.name, ""}


def components(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Groups of modules that import each other, by Tarjan's algorithm; a module without a cycle is a group.

    The order is topological: a group comes after the modules that it imports.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[set[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name] & graph.keys()):
            if other not in index:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == index[name]:
            start = stack.index(name)
            groups.append(set(stack[start:]))
            del stack[start:]

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return groups


def longest_chain(graph: Mapping[str, set[str]]) -> int:
    """The number of modules on the longest path of imports."""
    length: dict[str, int] = {}
    for group in components(graph):
        below = {other for name in group for other in graph[name] & graph.keys()} - group
        longest = len(group) + max((length[other] for other in below), default=0)
        length |= dict.fromkeys(group, longest)
    return max(length.values(), default=0)


def typed(function: Function) -> bool:
    """True if every parameter except self and cls, and the result, have an annotation."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    parameters = [argument for argument in named if argument and argument.arg not in ("self", "cls")]
    return function.returns is not None and all(argument.annotation for argument in parameters)


def spread(values: list[int]) -> str:
    """Median, ninetieth percentile and maximum."""
    return f"{median(values):g} / {quantiles(values, n=10, method='inclusive')[-1]:.0f} / {max(values)}"


def share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def measure(checkout: Path) -> dict[str, str]:
    """The figures of one checkout."""
    known = modules(checkout)
    sources = list(known.values())
    functions = [function for module in sources for function in module.functions()]
    public = [function for module in sources for function in module.public_functions()]
    lines = [module.lines for module in sources]
    graph = {module.name: imports(module, known) for module in sources}
    top = [module for module in sources if module.path.parent == checkout / PACKAGE and module.name]
    packages = {module.name.partition(".")[0] for module in sources} - {module.name for module in top} - {""}
    return {
        "modules": f"{len(sources)}",
        f"modules below {SMALL} lines": f"{sum(0 < count < SMALL for count in lines)}",
        "of those, other than `__init__.py`": f"{sum(m.lines < SMALL for m in sources if m.path.stem != '__init__')}",
        "modules at the top level": f"{len(top)}",
        "packages at the top level": f"{len(packages)}",
        "lines": f"{sum(lines):,}",
        "module lines, median / p90 / max": spread(lines),
        "functions": f"{len(functions):,}",
        "function lines, median / p90 / max": spread([(f.end_lineno or f.lineno) - f.lineno + 1 for f in functions]),
        "fully typed functions": share(sum(map(typed, functions)), len(functions)),
        "public functions with docstring": share(sum(ast.get_docstring(f) is not None for f in public), len(public)),
        "docstring lines": share(sum(module.docstring_lines() for module in sources), sum(lines)),
        "imports between modules": f"{sum(len(graph[name] & graph.keys()) for name in graph)}",
        "import cycles": f"{sum(len(group) > 1 for group in components(graph))}",
        "longest import chain": f"{longest_chain(graph)}",
    }


def table(columns: Mapping[str, Mapping[str, str]]) -> str:
    """A Markdown table: one row for each figure, one column for each checkout."""
    rows = [["", *columns], ["---"] * (len(columns) + 1)]
    rows += [[figure, *(column[figure] for column in columns.values())] for figure in next(iter(columns.values()))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    checkouts = [Path(argument).resolve() for argument in sys.argv[1:]] or [Path(__file__).resolve().parents[1]]
    print(table({checkout.name: measure(checkout) for checkout in checkouts}))
