"""Loading collects the definitions of a folder, reports every invalid file, and changes no state of Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import ProjectFolder, tree

import obscode
from obscode.compiler import Definitions
from obscode.findings.errors import DefinitionError, Exit, LoadError
from obscode.project.load import _is_users, load

# An invalid file, and the message.
BROKEN = {
    "a call without a closing parenthesis": (
        'shop = Service(\n    "shop",\n',
        """\
definitions/case.py:1:15: error[python-syntax]: Python cannot read this file: '(' was never closed
    1 | shop = Service(
      |               ^
  hint: correct the syntax; no files were written""",
    ),
    "invalid indentation": (
        "if True:\nshop = 1\n",
        """\
definitions/case.py:2:1: error[python-syntax]: Python cannot read this file: \
expected an indented block after 'if' statement on line 1
    2 | shop = 1
      | ^^^^
  hint: correct the syntax; no files were written""",
    ),
    "an exception at its line": (
        "def fetched():\n    return {}['größe']\n\n\nshop = fetched()\n",
        """\
definitions/case.py:2:12: error[load-error]: definitions/case.py raised KeyError: 'größe'
    2 |     return {}['größe']
      |            ^^^^^^^^^^^
  hint: correct it; no files were written, and the other files were read for findings""",
    ),
    "an exception without a text": (
        "raise ValueError\n",
        """\
definitions/case.py:1:1: error[load-error]: definitions/case.py raised ValueError
    1 | raise ValueError
      | ^^^^^^^^^^^^^^^^
  hint: correct it; no files were written, and the other files were read for findings""",
    ),
    "an exception in a library that the file calls": (
        "import json\n\nsettings = json.loads('{')\n",
        """\
definitions/case.py:3:12: error[load-error]: definitions/case.py raised JSONDecodeError: \
Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
    3 | settings = json.loads('{')
      |            ^^^^^^^^^^^^^^^
  hint: correct it; no files were written, and the other files were read for findings""",
    ),
    "sys.exit": (
        "import sys\n\nsys.exit(0)\n",
        """\
definitions/case.py:3:1: error[load-error]: definitions/case.py raised SystemExit: 0
    3 | sys.exit(0)
      | ^^^^^^^^^^^
  hint: correct it; no files were written, and the other files were read for findings""",
    ),
    "a BaseException": (
        "class Stop(BaseException):\n    pass\n\n\nraise Stop\n",
        """\
definitions/case.py:5:1: error[load-error]: definitions/case.py raised Stop
    5 | raise Stop
      | ^^^^^^^^^^
  hint: correct it; no files were written, and the other files were read for findings""",
    ),
    "an unknown argument": (
        'from obscode import Alert\n\ndown = Alert("Down", "up == 0", severity="page", sumary="down")\n',
        """\
definitions/case.py:3:57: error[unknown-argument]: Alert has no argument 'sumary'
    3 | down = Alert("Down", "up == 0", severity="page", sumary="down")
      |                                                         ^^^^^^
  hint: did you mean 'summary'?""",
    ),
    "an unknown argument without a similar name": (
        'from obscode import metrics\n\nrequests = metrics.Counter("requests_total", aggregation="sum")\n',
        """\
definitions/case.py:3:58: error[unknown-argument]: Counter has no argument 'aggregation'
    3 | requests = metrics.Counter("requests_total", aggregation="sum")
      |                                                          ^^^^^
  hint: Counter takes name, labels, help, unit, more_labels, observed, ignore""",
    ),
    "a missing argument": (
        'from obscode import Alert\n\ndown = Alert("Down")\n',
        """\
definitions/case.py:3:8: error[missing-argument]: Alert needs 'expr'
    3 | down = Alert("Down")
      |        ^^^^^^^^^^^^^
  hint: write Alert(name, expr)""",
    ),
    "an unknown name of obscode": (
        "from obscode import Dashbord\n",
        """\
definitions/case.py:1:1: error[load-error]: definitions/case.py raised \
ImportError: cannot import name 'Dashbord' from 'obscode' (OBSCODE)
    1 | from obscode import Dashbord
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: did you mean 'Dashboard'?""",
    ),
    "a name that is in a namespace of obscode": (
        "from obscode import Counter\n",
        """\
definitions/case.py:1:1: error[load-error]: definitions/case.py raised \
ImportError: cannot import name 'Counter' from 'obscode' (OBSCODE)
    1 | from obscode import Counter
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: write `from obscode import metrics` and `metrics.Counter`""",
    ),
    "a name that a namespace of obscode does not have": (
        "from obscode import sli\n\nx = sli.Ration()\n",
        """\
definitions/case.py:3:5: error[load-error]: definitions/case.py raised \
AttributeError: module 'obscode.model.sli' has no attribute 'Ration'
    3 | x = sli.Ration()
      |     ^^^^^^^^^^
  hint: did you mean 'Ratio'?""",
    ),
    "an unknown argument of a definition with many arguments": (
        'from obscode import panels\n\nx = panels.TimeSeries("x", metric="up")\n',
        """\
definitions/case.py:3:35: error[unknown-argument]: TimeSeries has no argument 'metric'
    3 | x = panels.TimeSeries("x", metric="up")
      |                                   ^^^^
  hint: TimeSeries takes title, queries, description, width, height, key, repeat, repeat_direction, max_per_row, \
links, transparent, extra and others; help(TimeSeries) lists them""",
    ),
    "a missing module": (
        "import no_such_module\n",
        """\
definitions/case.py:1:1: error[load-error]: definitions/case.py raised \
ModuleNotFoundError: No module named 'no_such_module'
    1 | import no_such_module
      | ^^^^^^^^^^^^^^^^^^^^^
  hint: import from obscode, an installed package, or a file beside this one: `from .file import name`""",
    ),
}


def loaded(project_folder: ProjectFolder, source: str) -> Definitions:
    project_folder.write(case=source)
    return load(project_folder.definitions)


def names(definitions: Definitions) -> list[str]:
    return sorted(service.name for service in definitions.services)


@pytest.mark.parametrize(("source", "reported"), BROKEN.values(), ids=BROKEN)
def test_an_invalid_file_is_reported(source: str, reported: str, project_folder: ProjectFolder) -> None:
    (project_folder.definitions / "case.py").write_text(source)
    before = tree(project_folder.root)

    ended = project_folder.run("build")

    assert ended.err.replace(obscode.__file__, "OBSCODE") == reported + "\n"
    assert ended.exit == Exit.ERROR
    assert tree(project_folder.root) == before


def test_all_invalid_files_are_reported_and_findings_in_the_others(project_folder: ProjectFolder) -> None:
    project_folder.write(
        a_syntax="shop = Service(\n",
        b_exception="shop = 1 / 0\n",
        c_values='shop = Service("my shop", severity="page", alerts=[Alert("A", "up{", for_="5", summary="a"), '
        'Alert("B", "up{")])\n',
        d_fine='till = Service("till")\n',
    )
    before = tree(project_folder.root)

    ended = project_folder.run("build")

    assert ended.err == (
        """\
definitions/a_syntax.py:3:15: error[python-syntax]: Python cannot read this file: '(' was never closed
    3 | shop = Service(
      |               ^
  hint: correct the syntax; no files were written
definitions/b_exception.py:3:8: error[load-error]: definitions/b_exception.py raised ZeroDivisionError: division by zero
    3 | shop = 1 / 0
      |        ^^^^^
  hint: correct it; no files were written, and the other files were read for findings
definitions/c_values.py:3:16: error[service-name]: 'my shop' is not a valid name
    3 | shop = Service("my shop", severity="page", alerts=[Alert("A", "up{", for_="5", summary="a"), Alert("B", "up{")])
      |                ^^^^^^^^^
  hint: use letters, digits, '-', '_' and '.', such as 'my-shop'
definitions/c_values.py:3:75: error[invalid-duration]: '5' has no unit
    3 | shop = Service("my shop", severity="page", alerts=[Alert("A", "up{", for_="5", summary="a"), Alert("B", "up{")])
      |                                                                           ^^^
  hint: write "5s" or "5m"
definitions/c_values.py:3:94: error[alert-summary]: alert B has no summary
    3 | shop = Service("my shop", severity="page", alerts=[Alert("A", "up{", for_="5", summary="a"), Alert("B", "up{")])
      |                                                                                              ^^^^^^^^^^^^^^^^^
  hint: add summary="what is wrong, in one line"
definitions/c_values.py:3:108: error[promql-syntax]: B: unexpected end of input inside braces
    3 | shop = Service("my shop", severity="page", alerts=[Alert("A", "up{", for_="5", summary="a"), Alert("B", "up{")])
      |                                                                                                            ^
  hint: the expression is 'up{'
Found 6 errors.
"""
    )
    assert ended.exit == Exit.ERROR
    assert tree(project_folder.root) == before


def test_an_invalid_file_that_others_import_is_reported_once(project_folder: ProjectFolder) -> None:
    project_folder.write(
        broken="shop = 1 / 0\n", first="from .broken import shop\n", second="from .broken import shop\n"
    )
    with pytest.raises(LoadError) as error:
        load(project_folder.definitions)
    assert [finding.message for finding in error.value.findings] == [
        "definitions/broken.py raised ZeroDivisionError: division by zero"
    ]


@pytest.mark.parametrize("content", [b"a = 'caf\xe9'\n", b"a = '\x00'\n"], ids=["latin-1", "null bytes"])
def test_a_binary_file_is_reported(content: bytes, project_folder: ProjectFolder) -> None:
    (project_folder.definitions / "case.py").write_bytes(content)
    with pytest.raises(LoadError) as error:
        load(project_folder.definitions)
    (finding,) = error.value.findings
    assert finding.code.name in ("python-syntax", "load-error")
    assert str(finding).startswith("definitions/case.py:1:")


def test_a_keyboard_interrupt_is_not_a_finding(project_folder: ProjectFolder) -> None:
    with pytest.raises(KeyboardInterrupt):
        loaded(project_folder, "raise KeyboardInterrupt\n")


# --- folders -----------------------------------------------------------------------------------------------------


def test_a_missing_folder_is_reported(project_folder: ProjectFolder) -> None:
    ended = project_folder.run("build", "nowhere")
    assert ended.err == (
        "error[load-error]: nowhere does not exist\n"
        "  hint: create it, or name the folder of your definitions; "
        "for existing files run obscode check FOLDER or obscode import FOLDER\n"
    )
    assert ended.exit == Exit.ERROR
    assert not project_folder.build.exists()


def test_a_folder_that_is_a_file_is_reported(project_folder: ProjectFolder) -> None:
    ended = project_folder.run("build", "definitions/project.py")
    assert ended.err == "error[load-error]: definitions/project.py is a file\n  hint: name the folder that it is in\n"
    assert ended.exit == Exit.ERROR


@pytest.mark.parametrize("name", ["", "notes.txt", "__init__.py", ".#shop.py", "folder.py/shop.py"])
def test_a_folder_without_definitions_is_reported(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    if name:
        (empty / name).parent.mkdir(exist_ok=True)
        (empty / name).touch()
    ended = ProjectFolder(tmp_path).run("build", "empty")
    assert ended.err == (
        "error[load-error]: empty contains no definitions\n"
        "  hint: write a project.py and a file for each service; README.md has an example\n"
    )
    assert ended.exit == Exit.ERROR
    assert not (tmp_path / "build").exists()


def test_a_missing_project_is_reported_with_all_other_findings(project_folder: ProjectFolder) -> None:
    (project_folder.definitions / "project.py").unlink()
    project_folder.write(shop='shop = Service("my shop")\n')
    ended = project_folder.run("build")
    assert ended.err == (
        """\
error[one-project]: definitions has no Project
  hint: write project = Project("my-team") in project.py
definitions/shop.py:3:16: error[service-name]: 'my shop' is not a valid name
    3 | shop = Service("my shop")
      |                ^^^^^^^^^
  hint: use letters, digits, '-', '_' and '.', such as 'my-shop'
Found 2 errors.
"""
    )
    assert ended.exit == Exit.FINDINGS


def test_a_second_project_and_a_second_routing_are_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        a='one = Routing(default=receivers.Webhook("a", url="http://localhost:1"))\n',
        b='two = Routing(default=receivers.Webhook("b", url="http://localhost:2"))\n',
        z='other = Project("other")\n',
    )
    with pytest.raises(DefinitionError) as error:
        load(project_folder.definitions)
    assert str(error.value) == (
        """\
definitions/b.py:3:7: error[one-routing]: a second Routing; the first is at definitions/a.py:3:7
    3 | two = Routing(default=receivers.Webhook("b", url="http://localhost:2"))
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: a folder has one
definitions/z.py:3:9: error[one-project]: a second Project; the first is at definitions/project.py:3:11
    3 | other = Project("other")
      |         ^^^^^^^^^^^^^^^^
  hint: a folder has one"""
    )
    assert error.value.exit == Exit.FINDINGS


def test_an_slo_without_a_service_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop="""
from obscode import SLO, Service, sli
_base = SLO("base", 99, sli.Uptime("up"))
held = SLO("held", 99, sli.Uptime("up"))
lost = SLO("lost", 99, sli.Uptime("up"))
shop = Service("shop", selector={"job": "shop"}, slos=[held])
"""
    )
    ended = project_folder.run("build")
    assert ended.err == (
        """\
definitions/shop.py:7:8: error[unused-definition]: no service holds this SLO
    7 | lost = SLO("lost", 99, sli.Uptime("up"))
      |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: write Service(..., slos=[...]); a base for others has a name with _
"""
    )
    assert ended.exit == Exit.FINDINGS


def test_panels_and_rows_that_nothing_holds_are_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop="""
from obscode import Dashboard, Row, panels
_base = panels.Stat("Base", "up")
held = panels.Text("Held", "text")
lost = panels.Stat("Lost", "up")
rows = {"lost": Row("Lost"), "held": Row("Held", held)}
shop = Dashboard("Shop", [rows["held"]])
"""
    )
    ended = project_folder.run("build")
    assert ended.err == (
        """\
definitions/shop.py:7:8: error[unused-definition]: no row holds this Stat
    7 | lost = panels.Stat("Lost", "up")
      |        ^^^^^^^^^^^^^^^^^^^^^^^^^
  hint: write Row("...", ...); a base for others has a name with _
definitions/shop.py:8:17: error[unused-definition]: no dashboard holds this Row
    8 | rows = {"lost": Row("Lost"), "held": Row("Held", held)}
      |                 ^^^^^^^^^^^
  hint: write Dashboard(..., rows=[...]); a base for others has a name with _
Found 2 errors.
"""
    )
    assert ended.exit == Exit.FINDINGS


def test_definitions_that_no_name_keeps_are_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop="""
from obscode import Dashboard, Service, panels
panels.Stat("Lost", "up")
if True:
    Dashboard("Lost")
try:
    Service("lost")
finally:
    pass
for n in range(2):
    service = Service(f"lost-{n}")
"""
    )
    ended = project_folder.run("build")
    assert ended.err == (
        """\
definitions/shop.py:5:1: error[unused-definition]: no name keeps this Stat
    5 | panels.Stat("Lost", "up")
      | ^^^^^^^^^^^
  hint: write Row("...", ...)
definitions/shop.py:7:5: error[unused-definition]: no name keeps this Dashboard
    7 |     Dashboard("Lost")
      |     ^^^^^^^^^
  hint: write dashboard = Dashboard(...)
definitions/shop.py:9:5: error[unused-definition]: no name keeps this Service
    9 |     Service("lost")
      |     ^^^^^^^
  hint: write service = Service(...)
definitions/shop.py:13:15: error[unused-definition]: the next turn of the loop replaces this Service
   13 |     service = Service(f"lost-{n}")
      |               ^^^^^^^
  hint: append each one to a list
Found 4 errors.
"""
    )
    assert ended.exit == Exit.FINDINGS


def test_definitions_that_a_loop_keeps_or_a_function_discards_are_accepted(project_folder: ProjectFolder) -> None:
    definitions = loaded(
        project_folder,
        """\
from obscode import Dashboard, Service
everything, by_name = [], {}
for n in range(2):
    each = Service(f"list-{n}")
    everything.append(each)
    by_name[n] = Dashboard(f"D{n}")
    _base = Service("base")
for n in range(3):
    if n == 1:
        one = Service(f"search-{n}")
        break
def helper():
    Service("inside")
helper()
""",
    )
    assert sorted(service.name for service in definitions.services) == ["list-0", "list-1", "search-1"]
    assert [dashboard.title for dashboard in definitions.dashboards] == ["D0", "D1"]


# --- collected definitions ---------------------------------------------------------------------------------------


def test_definitions_in_lists_and_dicts_are_collected_but_not_names_with_an_underscore(
    project_folder: ProjectFolder,
) -> None:
    definitions = loaded(
        project_folder,
        """\
        _hidden = Service("hidden")
        one = Service("one")
        same = one
        some = [Service(f"list-{n}") for n in range(2)]
        more = {"a": Service("dict"), "b": [(Service("nested"),)]}
        some.append(some)
        """,
    )
    assert names(definitions) == ["dict", "list-0", "list-1", "nested", "one"]


def test_the_dashboard_of_a_service_is_collected_once(project_folder: ProjectFolder) -> None:
    definitions = loaded(
        project_folder,
        """\
        board = Dashboard("Shop")
        shop = Service("shop", dashboard=board)
        other = Dashboard("Other")
        """,
    )
    assert [dashboard.title for dashboard in definitions.dashboards] == ["Other"]


def test_files_can_import_each_other_and_modules_beside_the_folder(project_folder: ProjectFolder) -> None:
    (project_folder.root / "beside.py").write_text('NAME = "beside"\n')
    project_folder.write(
        a="from .z import service\nimport beside\na = service('relative')\nb = service(beside.NAME)\n",
        b="from definitions.z import service\nc = service('absolute')\n",
        z="def service(name):\n    return Service(name)\n",
    )
    assert names(load(project_folder.definitions)) == ["absolute", "beside", "relative"]


@pytest.mark.parametrize("name", ["yaml", "json", "obscode", "click", "my-monitoring", "monitoring"])
def test_a_folder_can_have_any_name(name: str, project_folder: ProjectFolder) -> None:
    project_folder.write(shop="from .till import NAME\nshop = Service(NAME)\n", till='NAME = "till"\n')
    folder = project_folder.definitions.rename(project_folder.root / name)
    before = dict(sys.modules)
    assert names(load(folder)) == ["till"]
    assert {name: sys.modules[name] for name in before} == before


def test_a_changed_file_is_loaded_again(project_folder: ProjectFolder) -> None:
    assert names(loaded(project_folder, 'shop = Service("before")\n')) == ["before"]
    assert names(loaded(project_folder, 'shop = Service("after")\n')) == ["after"]


def test_loading_changes_neither_modules_nor_the_import_path(project_folder: ProjectFolder) -> None:
    (project_folder.root / "beside.py").write_text("")
    project_folder.write(shop='import beside\nshop = Service("shop")\n')
    load(project_folder.definitions)  # imports what obscode itself needs
    before = tree(project_folder.root), set(sys.modules), list(sys.path), sys.dont_write_bytecode

    load(project_folder.definitions)

    assert (tree(project_folder.root), set(sys.modules), list(sys.path), sys.dont_write_bytecode) == before


def test_a_module_of_obscode_that_a_file_imports_first_stays_imported() -> None:
    """obscode may be developed beside the definitions: its modules do not count as the user's."""
    beside = Path(obscode.__file__).parents[1] / "definitions"
    assert not _is_users(sys.modules["obscode.project.load"], beside)


# --- subfolders --------------------------------------------------------------------------------------------------


def in_folders(project_folder: ProjectFolder, **sources: str) -> ProjectFolder:
    """Write `definitions/<folder>/<name>.py` for each `folder__name`."""
    for key, source in sources.items():
        file = project_folder.definitions / f"{key.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"from obscode import *\n\n{source}")
    return project_folder


def test_definitions_in_subfolders_are_collected(project_folder: ProjectFolder) -> None:
    in_folders(
        project_folder, checkout__cart='cart = Service("cart")\n', search__eu__index='index = Service("index")\n'
    )
    assert names(load(project_folder.definitions)) == ["cart", "index"]


def test_files_in_subfolders_can_import_each_other(project_folder: ProjectFolder) -> None:
    in_folders(
        project_folder,
        shared="def service(name):\n    return Service(name)\n",
        checkout__names='CART = "cart"\n',
        checkout__cart="from ..shared import service\nfrom .names import CART\ncart = service(CART)\n",
        search__index="from definitions.shared import service\nfrom ..checkout.names import CART\n"
        "index = service('a-' + CART)\n",
    )
    before = set(sys.modules)
    assert names(load(project_folder.definitions)) == ["a-cart", "cart"]
    assert set(sys.modules) - before == set()


@pytest.mark.parametrize("path", ["_shared", "checkout/_shared", "_drafts/cart", ".drafts/cart", "old.d/cart"])
def test_files_and_folders_with_an_underscore_or_a_dot_are_not_collected(
    path: str, project_folder: ProjectFolder
) -> None:
    in_folders(project_folder, **{path: 'cart = Service("cart")\n'})
    assert names(load(project_folder.definitions)) == []


def test_an_error_in_a_subfolder_is_reported_at_its_line(project_folder: ProjectFolder) -> None:
    in_folders(project_folder, checkout__cart="from ..shared import till\n", shared="till = Service()\n")
    assert project_folder.run("build").err == (
        """\
definitions/shared.py:3:8: error[missing-argument]: Service needs 'name'
    3 | till = Service()
      |        ^^^^^^^^^
  hint: write Service(name)
"""
    )


def test_services_with_the_same_name_in_two_folders_are_reported_with_both_positions(
    project_folder: ProjectFolder,
) -> None:
    in_folders(project_folder, a__shop='shop = Service("shop")\n', b__shop='shop = Service("shop")\n')
    error = project_folder.run("build").err
    assert "definitions/b/shop.py:3:" in error
    assert "definitions/a/shop.py:3:" in error


def test_the_import_of_a_namespace_as_a_module_has_a_hint(project_folder: ProjectFolder) -> None:
    project_folder.write(case="from obscode.sli import Ratio\n")
    assert project_folder.run("build").err.endswith("hint: write `from obscode import sli`\n")


def test_a_definition_that_others_are_made_of_is_used(project_folder: ProjectFolder) -> None:
    project_folder.write(
        bases="""
from obscode import SLO, panels, sli
stat = panels.Stat("Base", "up", description="whether it is up")
text = panels.Text("Text", "text")
slo = SLO("up", 99, sli.Uptime("up"))
""",
        shop="""
import copy
import dataclasses
from obscode import Dashboard, Row, Service
from . import bases
from .bases import stat
def variant(title):
    return dataclasses.replace(stat, title=title)
panels = Dashboard("Panels", [Row("Row", variant("One"), copy.copy(bases.text))])
service = Service("shop", selector={"job": "shop"}, slos=[bases.slo.derive(name="other")])
""",
    )
    ended = project_folder.run("build")
    assert ended.err == ""
