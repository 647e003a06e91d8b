"""The examples of the documentation work as written."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import definitions_reference
import pytest
from conftest import REPOSITORY

import obscode
from obscode import checks
from obscode.artifacts.project import Artifacts
from obscode.model.definition import Definition
from obscode.model.type_descriptions import public_names
from obscode.project.pipeline import compile_folder
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
BLOCK = re.compile(r'^```python\n"""(definitions/\w+\.py)"""\n(.*?)^```$', re.M | re.S)
PROJECT = 'from obscode import Project\n\nproject = Project("my-team")\n'


def examples() -> list[tuple[str, dict[str, str]]]:
    """The pages with complete definitions files, and these files."""
    pages = [(page.name, dict(BLOCK.findall(page.read_text()))) for page in PAGES]
    return [(name, files) for name, files in pages if files]


def built(files: dict[str, str], folder: Path) -> Artifacts:
    """The artifacts of definitions files, with a project if they have none."""
    project = {} if any("Project(" in text for text in files.values()) else {"definitions/project.py": PROJECT}
    for name, text in {**project, **files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return compile_folder(folder / "definitions").artifacts


@pytest.mark.parametrize(("page", "files"), examples())
def test_the_definitions_of_a_page_build_without_a_finding(page: str, files: dict[str, str], tmp_path: Path) -> None:
    assert [str(finding) for finding in checks.lint(built(files, tmp_path))] == []


@pytest.mark.parametrize(("page", "files"), [(page, files) for page, files in examples() if "AlertTest" in str(files)])
def test_the_alert_tests_of_a_page_pass(
    page: str, files: dict[str, str], tmp_path: Path, newest_promtool: Tool
) -> None:
    suites = [suite for suite in built(files, tmp_path).test_suites if not suite.shape]
    assert [result.output for result in run_suites(suites, promtools=[newest_promtool]) if not result.passed] == []


def test_the_example_of_the_front_page_is_short() -> None:
    (example,) = BLOCK.findall((REPOSITORY / "README.md").read_text())

    assert len(example[1].splitlines()) < 40


def imported_names(page: Path) -> Iterator[tuple[str, str]]:
    """The modules of obscode and the names that the examples of a page import from them or read as attributes."""
    text = page.read_text()
    for module, names in re.findall(r"^(?:>>> |    )?from (obscode[\w.]*) import ([\w, ]+)$", text, re.M):
        yield from ((module, name.strip()) for name in names.split(","))
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S):
        yield from (("obscode", name) for name in re.findall(r"\bobscode\.(\w+)\(", block))
    namespaces = "|".join(obscode._NAMESPACES)
    yield from re.findall(rf"`({namespaces})\.([A-Z]\w+)", text)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "checks.md"], ids=lambda page: page.name)
def test_the_names_of_a_page_are_public(page: Path) -> None:
    for module, name in imported_names(page):
        if module == "obscode":
            assert name in [*obscode.__all__, "batch", "importers", "instrument", "model_metrics", "testing"]
        home = getattr(obscode, module) if module in obscode._NAMESPACES else importlib.import_module(module)
        assert hasattr(home, name), f"{page.name}: {module}.{name}"
        assert module.partition(".")[2] in ("", "batch", "importers", "instrument", "model_metrics", "testing"), (
            f"{module} is not public"
        )


def test_every_public_name_is_documented() -> None:
    pages = "".join((REPOSITORY / "docs" / name).read_text() for name in ("definitions.md", "stability.md"))
    assert [name for name in obscode.__all__ if not re.search(rf"`{name}[`(]", pages)] == []


def test_links_between_pages_resolve() -> None:
    for page in [*PAGES, REPOSITORY / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("kind", public_names(), ids=public_names().values())
def test_every_argument_of_a_definition_is_described(kind: type[Definition]) -> None:
    _, described = definitions_reference.documentation(kind)
    assert [spec.name for spec in definitions_reference.arguments(kind) if spec.name not in described] == []


def test_the_reference_of_definitions_is_current(request: pytest.FixtureRequest) -> None:
    """`pytest tests/test_docs.py --write-goldens` writes it."""
    file = REPOSITORY / "docs" / "definitions.md"
    if request.config.getoption("--write-goldens"):
        file.write_text(definitions_reference.page())
    assert file.read_text() == definitions_reference.page()
