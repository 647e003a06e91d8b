"""The structure that the design promises: imports go one way, and each outside thing has one door."""

from __future__ import annotations

import ast
import compileall
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import obscode
from obscode import panels, receivers, sli
from obscode.model.definition import Definition
from obscode.model.type_descriptions import public_names

ROOT = Path(obscode.__file__).parent

# From the bottom to the top; a module imports from its own layer and from those below.
LAYERS = {
    "findings": ["", "findings"],
    "languages": ["promql", "relabeling"],
    "definitions": ["model"],
    "presets": ["presets"],
    "artifacts": ["artifacts"],
    "routing": ["routing"],
    "compiling": ["compiler"],
    "reading": ["reader"],
    "checking and rendering": ["checks", "cost", "diff", "graph", "handbook", "renderers", "simulation"],
    "files and programs": ["project", "testing", "toolchain", "verify"],
    "running servers": ["backtest", "clients", "doctor", "drift", "forges", "preview"],
    "commands": ["__main__", "cli", "fake", "importers", "scaffold"],
}

# Each is copied into services as one file, and imports nothing of the rest.
APART = {"batch", "instrument", "model_metrics"}

# Each outside library is imported by these modules only.
DOORS = {
    "grafanalib": ["compiler/grafana/grafanalib_panel.py"],
    "promql_parser": ["promql/parser.py", "promql/converted_tree.py", "promql/regex_fallback.py"],
    "re2": ["promql/go_regex.py"],
    "yaml": ["reader/yaml_parser.py", "renderers/yaml_text.py"],
    "click": ["cli/*.py"],
    "rich": ["cli/progress_display.py", "cli/terminal.py"],
    "prometheus_client": ["batch.py", "instrument.py", "model_metrics.py", "reader/exposition.py"],
    "subprocess": ["verify/*.py", "toolchain/*.py"],
}

# Same values in, same bytes out: these import nothing that looks at the world.
PURE = [
    "findings",
    "languages",
    "definitions",
    "presets",
    "artifacts",
    "routing",
    "compiling",
    "reading",
    "checking and rendering",
]
WORLD = {
    "datetime",
    "pathlib",
    "platform",
    "random",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "time",
}

# Words that say nothing of what is in a module.
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "manager", "common", "core", "misc", "base_classes"}


def module_name(file: Path) -> str:
    """`obscode/model/sli/ratio.py` as `model.sli.ratio`; the package itself is the empty name."""
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return "" if name == "__init__" else name.removesuffix(".__init__")


@cache
def imports(file: Path) -> set[str]:
    """The full names of all modules that a file imports when it runs, anywhere in it."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = [ast.Pass()]
    result: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            result |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            result |= {f"{node.module}.{alias.name}" for alias in node.names}
    return result


FILES = {module_name(file): file for file in sorted(ROOT.rglob("*.py"))}


def our_imports(name: str) -> set[str]:
    """The modules of obscode that a module imports."""
    result = set()
    for imported in imports(FILES[name]):
        package, _, rest = imported.partition(".")
        if package == "obscode":
            result.add(rest if rest in FILES else rest.rpartition(".")[0])
    return result - {name}


def first(name: str) -> str:
    return name.partition(".")[0]


def layer(name: str) -> str | None:
    """The layer of a module, or None where it has none."""
    known = (layer for layer, names in LAYERS.items() if any(fnmatch(first(name), pattern) for pattern in names))
    return next(known, None)


def rank(name: str) -> int:
    return list(LAYERS).index(layer(name) or "doors")


# --- one way -----------------------------------------------------------------------------------------------------


def test_at_most_five_modules_stand_at_the_top_level() -> None:
    assert len([file for file in ROOT.glob("*.py") if file.name != "__init__.py"]) <= 5


def tables() -> dict[str, str]:
    """The tables of CONTRIBUTING.md that this module enforces, by name."""
    layers = {", ".join(f"`{name}`" for name in names if name): layer for layer, names in LAYERS.items()}
    return {
        "layers": "\n".join(
            [
                "| layer | packages and modules | accesses files, processes or the network |",
                "|---|---|---|",
                *(f"| {layer} | {names} | {'no' if layer in PURE else 'yes'} |" for names, layer in layers.items()),
            ]
        ),
        "libraries": "\n".join(
            [
                "| library | imported by |",
                "|---|---|",
                *(f"| `{name}` | {', '.join(f'`{door}`' for door in doors)} |" for name, doors in DOORS.items()),
            ]
        ),
    }


@pytest.mark.parametrize("name", tables())
def test_contributing_has_the_table(name: str, request: pytest.FixtureRequest) -> None:
    """`pytest --write-goldens tests/test_structure.py` writes it."""
    page = ROOT.parent / "CONTRIBUTING.md"
    before, start, rest = page.read_text().partition(f"<!-- {name}, from tests/test_structure.py -->\n")
    table, end, after = rest.partition("\n<!-- end -->")
    if request.config.getoption("--write-goldens"):
        page.write_text(f"{before}{start}{tables()[name]}{end}{after}")
    else:
        assert table == tables()[name]


def test_every_layer_has_its_packages() -> None:
    assert {name for names in LAYERS.values() for name in names} <= {first(name) for name in FILES}


def test_every_module_has_its_layer() -> None:
    assert {first(name) for name in FILES if layer(name) is None} - APART == set(), "add it to LAYERS"


@pytest.mark.parametrize("name", [name for name in FILES if first(name) not in APART])
def test_imports_go_one_way(name: str) -> None:
    above = {other for other in our_imports(name) if rank(other) > rank(name)}
    assert above == set()


def test_no_module_imports_itself_by_a_detour() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            for other in sorted(our_imports(name)):
                visit(other, (*path, name))
            done.add(name)

    for name in FILES:
        visit(name, ())


@pytest.mark.parametrize("name", sorted(APART))
def test_a_file_for_services_imports_no_other_module_of_obscode(name: str) -> None:
    assert our_imports(name) == set()


def test_only_the_sli_package_imports_kinds_of_sli() -> None:
    # What kinds share is none: their base, the notations of bounds of buckets, and the labels of series in tests.
    shared = {"model.sli.base", "model.sli.buckets", "model.sli.sample_series"}
    kinds = {name for name in FILES if name.startswith("model.sli.")} - shared
    external = {name: our_imports(name) & kinds for name in FILES if not name.startswith(("model.sli", "importers"))}
    assert {name: known for name, known in external.items() if known} == {}


def test_only_renderers_and_verify_import_output_targets() -> None:
    """promtool is given rule files, test files and configurations, so what runs it may write those.

    The tree of an environment is rendered with all targets.
    """
    targets = {name for name in FILES if name.startswith("renderers.")} - {"renderers.environments"}
    texts = {f"renderers.prometheus.{kind}" for kind in ("config", "rules", "tests")}
    external = {name: our_imports(name) & targets - texts for name in FILES if first(name) != "renderers"}
    assert {name: known for name, known in external.items() if known} == {}


# --- doors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("package", "allowed"), DOORS.items(), ids=DOORS)
def test_each_outside_thing_has_its_door(package: str, allowed: list[str]) -> None:
    doors = {name for name, file in FILES.items() if package in {first(i) for i in imports(file)}}
    assert doors
    assert [name for name in doors if not any(FILES[name].match(f"obscode/{pattern}") for pattern in allowed)] == []


@pytest.mark.parametrize("pure", PURE)
def test_what_is_pure_does_not_look_at_the_world(pure: str) -> None:
    names = [name for name in FILES if layer(name) == pure]
    worldly = {name: {first(i) for i in imports(FILES[name])} & WORLD for name in names}
    assert {name: result for name, result in worldly.items() if result} == {}


def test_names_of_modules_say_what_is_in_them() -> None:
    assert {part for name in FILES for part in name.split(".")} & EMPTY_WORDS == set()


def test_every_module_says_what_it_is() -> None:
    assert [name for name, file in FILES.items() if not ast.get_docstring(ast.parse(file.read_text()))] == []


# --- public names ------------------------------------------------------------------------------------------------


def test_every_public_name_can_be_imported_from_the_package() -> None:
    assert {name: getattr(obscode, name).__name__ for name in obscode._NAMESPACES} == obscode._NAMESPACES
    for name, module in obscode._MODULE_OF.items():
        assert getattr(obscode, name) is getattr(import_module(module), name)


def test_type_checkers_see_the_public_names() -> None:
    """Below `if TYPE_CHECKING:` is an import for each entry of the two tables."""
    tree = ast.parse((ROOT / "__init__.py").read_text())
    seen = {
        alias.asname: (node.module, alias.name)
        for statement in tree.body
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"
        for node in statement.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    namespaces = {name: tuple(module.rsplit(".", 1)) for name, module in obscode._NAMESPACES.items()}
    assert seen == {**namespaces, **{name: (module, name) for name, module in obscode._MODULE_OF.items()}}


def test_a_definition_has_its_public_name() -> None:
    """`repr`, tracebacks and messages show the name that a file imports."""
    names = {kind.__name__: name for kind, name in public_names().items()}
    assert {own: name for own, name in names.items() if own != name.rpartition(".")[2]} == {}


IMPORT_ALL = "import obscode; print(len([getattr(obscode, name) for name in obscode.__all__]))"


@pytest.mark.parametrize("form", ["optimised", "zip", "bytecode"])
def test_public_names_do_not_need_the_sources(form: str, tmp_path: Path) -> None:
    """`python -OO`, a zip archive, and a folder of `.pyc` files have no docstrings or no sources."""
    if form == "zip":
        shutil.make_archive(str(tmp_path / "library"), "zip", ROOT.parent, "obscode")
    elif form == "bytecode":
        shutil.copytree(ROOT, tmp_path / "obscode", ignore=shutil.ignore_patterns("__pycache__"))
        assert compileall.compile_dir(tmp_path / "obscode", quiet=1, legacy=True)
        for source in (tmp_path / "obscode").rglob("*.py"):
            source.unlink()
    path = {"optimised": ROOT.parent, "zip": tmp_path / "library.zip", "bytecode": tmp_path}[form]
    options = ["-OO"] if form == "optimised" else []

    result = subprocess.run(
        [sys.executable, *options, "-c", f"import sys; sys.path.insert(0, {str(path)!r}); {IMPORT_ALL}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
    )

    assert (result.stdout, result.stderr) == (f"{len(obscode.__all__)}\n", "")


def test_a_namespace_holds_each_kind_of_its_package() -> None:
    """A new panel, SLI or receiver is one file and one line in the package's `__init__.py`."""
    for namespace in (panels, receivers, sli):
        package = Path(namespace.__file__ or "").parent
        modules = [import_module(f"{namespace.__name__}.{file.stem}") for file in package.glob("[!_]*.py")]
        values = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
        kinds = {
            kind for kind in values if issubclass(kind, Definition) and kind.__module__.startswith(namespace.__name__)
        }
        leaves = {kind for kind in kinds if not kind.__subclasses__()}
        assert leaves
        assert leaves <= {value for value in vars(namespace).values() if isinstance(value, type)}


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'obscode' has no attribute 'Dashbord'"):
        obscode.Dashbord  # type: ignore[attr-defined]  # noqa: B018
    assert dir(obscode) == sorted(obscode.__all__)


# --- goldens -----------------------------------------------------------------------------------------------------


def test_every_golden_is_read_by_a_test() -> None:
    tests = Path(__file__).parent
    sources = "".join(file.read_text() for file in tests.glob("test_*.py"))
    for folder in {file.parent for file in (tests / "goldens").rglob("*") if file.is_file()}:
        name = folder.relative_to(tests / "goldens").as_posix()
        assert f'"{name}"' in sources or f'"{folder.name}"' in sources, f"no test names tests/goldens/{name}"
