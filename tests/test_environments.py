"""Environments: the same definitions with other values, each with a tree of the files that differ."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import Any, assert_type

import pytest
import yaml
from conftest import ProjectFolder, tree

from obscode import Environment, Project, env, load
from obscode.artifacts.files import File
from obscode.findings.errors import ObscodeError
from obscode.model.env import loading
from obscode.project import pipeline
from obscode.project.environments import merged_findings
from obscode.project.pipeline import Compilation, all_suites, compile_folder, inspect_folder
from obscode.toolchain import Tool
from obscode.verify import servers
from obscode.verify.promtool import check

PROJECT = """\
    project = Project("team", environment="prod", self_monitoring=False, environments=[
        Environment("staging"),
        Environment("eu-west"),
    ])
    """
SHOP = """\
    LIMIT = env.pick(prod=0.01, default=0.05)
    shop = Service(
        "shop",
        scrape=ScrapeJob([f"shop.{env.name}:8000"]),
        metrics=[metrics.Counter("requests_total", labels=["code"], help="Requests.")],
        alerts=[Alert("Errors", f"sum(rate(requests_total[5m])) > {LIMIT}", for_="5m", severity="page", summary="x")],
        dashboard=[Row("Requests", panels.TimeSeries("Rate", f"rate(requests_total[5m]) > {LIMIT}", description="x"))],
    )
    """
CART = """\
    cart = Service("cart", scrape=ScrapeJob(["cart:8000"]), recording_rules=[
        RecordingRule("job:up:sum", "sum by (job) (up)"),
    ], dashboard=[Row("Targets", panels.TimeSeries("Up", "job:up:sum"))])
    """
CANARY = """\
    if env.name == "prod":
        canary = Service("canary", scrape=ScrapeJob(["canary:8000"]), recording_rules=[
            RecordingRule("job:up:count", "count by (job) (up)"),
        ])
    if env.name == "staging":
        tools = Service("tools", scrape=ScrapeJob(["tools:8000"]), recording_rules=[
            RecordingRule("job:up:max", "max by (job) (up)"),
        ])
    """


@pytest.fixture
def shops(project_folder: ProjectFolder) -> ProjectFolder:
    """A service that differs, one that does not, and one of a single environment."""
    return project_folder.write(project=PROJECT, shop=SHOP, cart=CART, canary=CANARY)


def texts(compilation: Compilation, folder: str = "") -> dict[str, str]:
    return {file.path.removeprefix(folder): file.text for file in compilation.files if file.path.startswith(folder)}


def errors(folder: ProjectFolder, *arguments: str) -> list[str]:
    """The first lines of the findings that a build reports."""
    return [
        line for line in folder.run("build", *arguments).err.splitlines() if re.match(r"\S+: (error|warning)", line)
    ]


# --- env ---------------------------------------------------------------------------------------------------------


def test_pick_returns_the_value_of_the_environment() -> None:
    with loading(lambda: "staging"):
        assert env.name == "staging"
        assert env.pick(prod=1, staging=2, default=3) == 2
        assert env.pick(prod=1, default=3) == 3


def test_an_underscore_in_pick_stands_for_hyphens_and_dots() -> None:
    with loading(lambda: "eu-west.1"):
        assert env.pick(eu_west_1="here", default="elsewhere") == "here"
        assert env.pick(**{"eu-west.1": "here", "default": "elsewhere"}) == "here"


def test_a_value_that_is_none_is_a_value() -> None:
    with loading(lambda: "staging"):
        assert env.pick(staging=None, default="x") is None


def test_outside_of_a_build_pick_takes_the_default() -> None:
    assert env.name == ""
    assert env.pick(prod=1, default=3) == 3
    with pytest.raises(LookupError, match="no value for the project's environment, which has no name"):
        env.pick(prod=1)


def test_pick_without_values_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"env\.pick\(\) needs values"):
        env.pick()


def test_another_attribute_of_env_does_not_exist() -> None:
    with pytest.raises(AttributeError, match="env has name and pick, not 'choose'"):
        env.choose(prod=1)


def test_a_type_checker_knows_the_type_of_a_picked_value() -> None:
    assert_type(env.pick(prod=0.01, default=0.05), float)
    assert_type(env.pick(prod="5m", default="30m"), str)
    assert_type(env.pick(prod=["a:1"], default=["b:1", "c:1"]), list[str])


def test_an_unknown_environment_in_pick_is_reported_once_with_a_suggestion(project_folder: ProjectFolder) -> None:
    project_folder.write(project=PROJECT, shop="LIMIT = env.pick(prod=1, stagign=2, default=3)\n")
    ended = project_folder.run("build")
    assert ended.err == dedent("""\
        definitions/shop.py:3:34: error[unknown-environment]: the project has no environment 'stagign'
            3 | LIMIT = env.pick(prod=1, stagign=2, default=3)
              |                                  ^
          hint: did you mean 'staging'?
        """)
    assert not project_folder.build.exists()


def test_the_hint_for_an_unknown_environment_lists_them(project_folder: ProjectFolder) -> None:
    project_folder.write(project=PROJECT, shop="LIMIT = env.pick(qa=1, default=3)\n")
    assert "hint: it has prod, staging, eu_west\n" in project_folder.run("build").err


def test_a_module_of_several_projects_may_pick_for_environments_of_others(project_folder: ProjectFolder) -> None:
    (project_folder.root / "limits.py").write_text("from obscode import env\n\nLIMIT = env.pick(qa=1, default=2)\n")
    project_folder.write(project=PROJECT, shop="from limits import LIMIT\n")
    assert project_folder.run("build").err == ""


def test_an_unnamed_project_is_named_in_the_hint(project_folder: ProjectFolder) -> None:
    project_folder.write(shop="LIMIT = env.pick(prod=1, default=3)\n")
    assert 'hint: it has none; Project(environment="prod") names' in project_folder.run("build").err


def test_a_pick_without_a_value_for_an_environment_names_it(project_folder: ProjectFolder) -> None:
    project_folder.write(project=PROJECT, shop="LIMIT = env.pick(prod=1, eu_west=2)\n")
    ended = project_folder.run("build")
    assert ended.err == dedent("""\
        definitions/shop.py:3:9: error[environment-value]: env.pick has no value for environment 'staging'
            3 | LIMIT = env.pick(prod=1, eu_west=2)
              |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
          hint: add staging=... or default=...
        """)


def test_a_pick_without_a_value_for_an_unnamed_project_is_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project='project = Project("team", environments=[Environment("staging")])', shop="LIMIT = env.pick(staging=1)\n"
    )
    err = project_folder.run("build").err
    assert "env.pick has no value for the project's environment, which has no name" in err
    assert "hint: add default=...\n" in err


# --- loading -----------------------------------------------------------------------------------------------------


def test_the_name_of_the_project_is_known_in_files_before_it(project_folder: ProjectFolder) -> None:
    project_folder.write(project=PROJECT, a='a = Service(env.name, description=env.pick(prod="p", default="d"))\n')
    (service,) = load(project_folder.definitions).services
    assert (service.name, service.description) == ("prod", "p")


def test_a_computed_name_is_known_too(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project='project = Project("team", environment="pr" + "od", self_monitoring=False)\n',
        a="a = Service(env.name)\n",
    )
    assert [service.name for service in load(project_folder.definitions).services] == ["prod"]


def test_settings_of_the_project_can_be_picked(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""\
        project = Project(
            "team",
            environment="prod",
            retention=env.pick(prod="90d", default="7d"),
            environments=[Environment("staging"), Environment("dev", retention="1d")],
        )
        """
    )
    retentions = {
        name: load(project_folder.definitions, environment=name).project.retention
        for name in ("prod", "staging", "dev")
    }
    assert retentions == {"prod": "90d", "staging": "7d", "dev": "1d"}


def test_a_module_beside_the_folder_is_loaded_for_each_environment(shops: ProjectFolder) -> None:
    (shops.root / "limits.py").write_text("from obscode import env\n\nLIMIT = env.pick(prod=1, default=2)\n")
    shops.write(shop='from limits import LIMIT\n\nshop = Service("shop", description=str(LIMIT))\n')
    limits = [
        next(each.description for each in load(shops.definitions, environment=name).services if each.name == "shop")
        for name in ("prod", "staging")
    ]
    assert limits == ["1", "2"]


def test_an_installed_package_that_reads_env_is_loaded_for_each_environment(
    shops: ProjectFolder, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path_factory.mktemp("site-packages") / "acme_limits"
    package.mkdir()
    (package / "__init__.py").write_text("from .values import LIMIT\n")
    (package / "values.py").write_text("from obscode import env\n\nLIMIT = env.pick(prod=1, default=2)\n")
    monkeypatch.syspath_prepend(package.parent)
    shops.write(shop='from acme_limits import LIMIT\n\nshop = Service("shop", description=str(LIMIT))\n')
    limits = [
        next(each.description for each in load(shops.definitions, environment=name).services if each.name == "shop")
        for name in ("prod", "staging")
    ]
    assert limits == ["1", "2"]
    assert not [name for name in sys.modules if name.startswith("acme_limits")]


def test_an_unknown_environment_is_an_error_with_a_suggestion(shops: ProjectFolder) -> None:
    with pytest.raises(ObscodeError) as error:
        load(shops.definitions, environment="stagin")
    (finding,) = error.value.findings
    assert (finding.message, finding.hint) == ("the project has no environment 'stagin'", "did you mean 'staging'?")


def test_definitions_that_do_not_read_env_are_loaded_once(shops: ProjectFolder) -> None:
    shops.write(shop=CART.replace("cart", "shop"), canary="")
    names: list[str] = []
    inspect_folder(shops.definitions, lambda step, name="", total=0: names.append(name))
    assert names.count("shop.py") == 1


def test_definitions_that_read_env_are_loaded_for_each_environment(shops: ProjectFolder) -> None:
    names: list[str] = []
    inspect_folder(shops.definitions, lambda step, name="", total=0: names.append(name))
    assert names.count("shop.py") == 3


def test_a_folder_without_a_readable_project_reports_why(project_folder: ProjectFolder) -> None:
    project_folder.write(project="project = Project(\n", shop="LIMIT = env.pick(prod=1, default=2)\n")
    assert re.findall(r"error\[([\w-]+)", project_folder.run("build").err) == ["python-syntax"]
    assert "python-syntax" in project_folder.run("list", "--environment", "staging").err


# --- settings ----------------------------------------------------------------------------------------------------


def test_an_environment_can_replace_most_settings_of_the_project() -> None:
    """A setting that is not in this list is one of Environment, with the same type or None."""
    of_project, of_environment = ({spec.name: spec.type for spec in fields(kind)} for kind in (Project, Environment))
    assert of_project.keys() - of_environment.keys() == {
        "checks",
        "cost",
        "dashboard_formats",
        "environment",
        "environments",
        "generated_dashboards",
        "group_settings",
        "require_runbook",
        "self_monitoring",
        "source_url",
    }
    own = of_environment.keys() - {"name", "ignore", "origin", "_"}
    for name in own:
        assert of_environment[name] == f"{str(of_project[name]).removesuffix(' | None')} | None"


def test_every_setting_of_an_environment_replaces_the_one_of_the_project() -> None:
    environment = Environment("dev", retention="7d", alertmanagers=[], severities={"page": "p", "ticket": "t"})
    project = environment.applied_to(Project("team", retention="90d", scrape_interval="30s", environment="prod"))
    assert (project.retention, project.alertmanagers, project.severities["page"]) == ("7d", (), "p")
    assert project.scrape_interval == "30s"


def test_a_finding_about_a_setting_points_at_the_environment(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project="""\
        project = Project(
            "team",
            environments=[
                Environment("dev", retention="7"),
                Environment("qa", prometheus_url="x"),
            ],
        )
        """
    )
    assert errors(project_folder) == [
        "definitions/project.py:6:38: error[invalid-duration]: '7' has no unit (only in dev)",
        "definitions/project.py:7:42: error[invalid-url]: 'x' is not a URL (only in qa)",
    ]


@pytest.mark.parametrize(
    ("environments", "message"),
    {
        'Environment("eu"), Environment("EU")': "environments 'eu' and 'EU' differ in case only, the first at ",
        'Environment("prod")': "two environments are named 'prod', the first at ",
        'Environment("eu-1"), Environment("eu_1")': "environments 'eu-1' and 'eu_1' differ in '-', '.' and '_' only",
        'Environment("default")': "'default' is the argument of env.pick for all other environments",
        'Environment("a/b")': "'a/b' is not a valid name",
    }.items(),
)
def test_the_names_of_environments_are_checked(environments: str, message: str, project_folder: ProjectFolder) -> None:
    project_folder.write(project=f'project = Project("team", environment="prod", environments=[{environments}])\n')
    (line,) = errors(project_folder)
    assert f": {message}" in line


def test_environments_of_a_wrong_type_are_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(project='project = Project("team", environments=["staging"])\n', shop=SHOP)
    assert any("argument-type" in line for line in errors(project_folder))


# --- the tree ----------------------------------------------------------------------------------------------------


def test_the_tree_of_an_environment_has_the_files_that_differ(shops: ProjectFolder) -> None:
    compilation = compile_folder(shops.definitions)
    assert sorted(path for path in texts(compilation) if path.startswith("environments/")) == [
        "environments/eu-west/alertmanager/alertmanager.yml",
        "environments/eu-west/grafana/dashboards/team/shop.json",
        "environments/eu-west/grafana/provisioning/dashboards/dashboards.yml",
        "environments/eu-west/grafana/provisioning/datasources/prometheus.yml",
        "environments/eu-west/prometheus/prometheus.yml",
        "environments/eu-west/prometheus/rules/shop.yml",
        "environments/staging/alertmanager/alertmanager.yml",
        "environments/staging/grafana/dashboards/team/shop.json",
        "environments/staging/grafana/provisioning/dashboards/dashboards.yml",
        "environments/staging/grafana/provisioning/datasources/prometheus.yml",
        "environments/staging/prometheus/prometheus.yml",
        "environments/staging/prometheus/rules/shop.yml",
        "environments/staging/prometheus/rules/tools.yml",
    ]


def test_prometheus_lists_its_own_rule_files_and_those_it_shares(shops: ProjectFolder) -> None:
    written = texts(compile_folder(shops.definitions), "environments/staging/")
    config = yaml.safe_load(written["prometheus/prometheus.yml"])
    assert config["rule_files"] == ["rules/*.yml", "../../../prometheus/rules/cart.yml"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}
    assert targets == {"cart": ["cart:8000"], "shop": ["shop.staging:8000"], "tools": ["tools:8000"]}


def test_an_environment_that_shares_all_rule_files_reads_the_folder_of_the_project(shops: ProjectFolder) -> None:
    shops.write(shop=SHOP.replace("default=0.05", "default=0.01"), canary="")
    written = texts(compile_folder(shops.definitions), "environments/staging/")
    assert yaml.safe_load(written["prometheus/prometheus.yml"])["rule_files"] == ["../../../prometheus/rules/*.yml"]


def test_grafana_reads_its_own_dashboards_and_each_that_it_shares(shops: ProjectFolder) -> None:
    shops.write(other='other = Dashboard("Other", [Row("A", panels.Text("t", "x"))], folder="others")\n')
    written = texts(compile_folder(shops.definitions), "environments/staging/")
    providers = yaml.safe_load(written["grafana/provisioning/dashboards/dashboards.yml"])["providers"]
    assert [(each["name"], each.get("folder"), each["options"]) for each in providers] == [
        (
            "obscode",
            None,
            {
                "path": "/var/lib/grafana/build/environments/staging/grafana/dashboards",
                "foldersFromFilesStructure": True,
            },
        ),
        ("obscode-others", "others", {"path": "/var/lib/grafana/build/grafana/dashboards/others"}),
        ("obscode-cart", "team", {"path": "/var/lib/grafana/build/grafana/dashboards/team/cart.json"}),
    ]


def test_grafana_reads_the_dashboards_of_the_project_where_none_differs(shops: ProjectFolder) -> None:
    shops.write(shop=SHOP.replace("default=0.05", "default=0.01"), canary="")
    written = texts(compile_folder(shops.definitions), "environments/staging/")
    (provider,) = yaml.safe_load(written["grafana/provisioning/dashboards/dashboards.yml"])["providers"]
    assert provider["options"]["path"] == "/var/lib/grafana/build/grafana/dashboards"


def test_a_folder_that_is_read_as_a_whole_is_written_as_a_whole_if_a_file_differs(shops: ProjectFolder) -> None:
    shops.write(
        project='project = Project("team", environment="prod", environments=[Environment("staging")],'
        ' self_monitoring=False, dashboard_formats=["configmap", "export"])\n'
    )
    written = texts(compile_folder(shops.definitions), "environments/staging/")
    assert [path for path in written if path.startswith("kubernetes/")] == [
        "kubernetes/dashboards/cart.yaml",
        "kubernetes/dashboards/shop.yaml",
    ]
    shops.write(shop=SHOP.replace("default=0.05", "default=0.01"))
    assert not [path for path in texts(compile_folder(shops.definitions)) if "staging/kubernetes" in path]


def test_the_files_that_programs_start_with_are_in_the_tree_of_the_environment(shops: ProjectFolder) -> None:
    shops.write(
        project="""\
        project = Project("team", environment="prod", targets=[targets.GrafanaAlerting()], environments=[
            Environment("staging"),
        ])
        chat = receivers.Slack("chat", url_file="/etc/slack", channel="#team")
        routing = Routing(default=chat)
        """
    )
    compilation = compile_folder(shops.definitions)
    starting = ("prometheus/prometheus", "alertmanager/", "grafana/provisioning/")
    of_base = [path for path in texts(compilation) if path.startswith(starting)]
    written = texts(compilation, "environments/staging/")
    assert [path for path in written if path.startswith(starting)] == of_base
    assert len(of_base) > 6
    assert "0.05" in next(text for path, text in written.items() if "alerting/" in path and "0.05" in text)


def test_addresses_alone_need_no_second_compilation(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project='project = Project("team", environments=[Environment("dev", prometheus_url="http://p.dev:1")])\n',
        cart=CART,
    )
    (environment,) = compile_folder(project_folder.definitions).environments
    assert [file.path for file in environment.files] == [
        "environments/dev/alertmanager/alertmanager.yml",
        "environments/dev/grafana/provisioning/dashboards/dashboards.yml",
        "environments/dev/grafana/provisioning/datasources/prometheus.yml",
        "environments/dev/prometheus/prometheus.yml",
    ]
    assert "url: http://p.dev:1\n" in environment.files[2].text
    assert environment.different.rule_files == []


def test_addresses_alone_have_the_result_of_a_compilation(project_folder: ProjectFolder) -> None:
    source = """\
    project = Project("team", environments=[
        Environment("dev", prometheus_url="http://p.dev:1", alertmanagers=["am.dev:1"]),
    ])
    """
    project_folder.write(project=source, cart=CART)
    fast = texts(compile_folder(project_folder.definitions))
    project_folder.write(project=source, cart=f"NAME = env.name\n{dedent(CART)}")
    assert texts(compile_folder(project_folder.definitions)) == fast


@pytest.mark.servers
def test_prometheus_loads_the_rules_of_each_environment(shops: ProjectFolder, prometheus: Tool, tmp_path: Path) -> None:
    assert shops.run("build").exit == 0
    loaded: dict[str, tuple[list[str], str]] = {}
    for folder in ("", "environments/staging/", "environments/eu-west/"):
        config = shops.build / f"{folder}prometheus/prometheus.yml"
        with servers.prometheus(prometheus, config, tmp_path / f"data{len(loaded)}", servers.free_port()) as url:
            groups = servers.get(f"{url}/api/v1/rules")["groups"]
        expressions = {rule["name"]: rule["query"] for group in groups for rule in group["rules"]}
        loaded[folder] = (sorted(expressions), expressions["Errors"].rpartition("> ")[2])
    assert loaded == {
        "": (["Errors", "job:up:count", "job:up:sum"], "0.01"),
        "environments/staging/": (["Errors", "job:up:max", "job:up:sum"], "0.05"),
        "environments/eu-west/": (["Errors", "job:up:sum"], "0.05"),
    }


@pytest.mark.parametrize(
    "path", ["prometheus/prometheus.yml", "prometheus/rules/shop.yml", "alertmanager/alertmanager.yml"]
)
def test_promtool_and_amtool_check_the_tree_of_each_environment(
    path: str, shops: ProjectFolder, newest_promtool: Tool, newest_amtool: Tool
) -> None:
    compilation = compile_folder(shops.definitions)

    def messages(broken: str) -> list[str]:
        files = [File(file.path, "nonsense: 1\n") if file.path == broken else file for file in compilation.files]
        tools = [newest_promtool], [newest_amtool]
        return [
            each.message for each in check(compilation.artifacts, files, *tools, environments=compilation.environments)
        ]

    assert messages("") == []
    (message,) = messages(f"environments/staging/{path}")
    assert "nonsense" in message


# --- findings ----------------------------------------------------------------------------------------------------


def test_a_finding_in_all_environments_is_reported_once(shops: ProjectFolder) -> None:
    shops.write(cart='cart = Service("cart", recording_rules=[RecordingRule("total", "sum(up)")])\n')
    lines = errors(shops)
    assert [line.partition("[")[2] for line in lines] == [
        "rule-name]: 'total' is not of the form level:metric:operations"
    ]


def test_a_finding_in_some_environments_names_them(shops: ProjectFolder) -> None:
    shops.write(
        cart="""\
        cart = Service("cart", alerts=[
            Alert("A", "up == 0", for_=env.pick(prod="5m", default="5"), severity="page", summary="x"),
            Alert("B", "up == 0", for_=env.pick(prod="5", default="5m"), severity="page", summary="x"),
        ])
        """
    )
    assert [line.partition("]: ")[2] for line in errors(shops)] == [
        "'5' has no unit (only in staging and eu-west)",
        "'5' has no unit (only in prod)",
    ]


def test_an_exception_in_one_environment_is_reported_there(shops: ProjectFolder) -> None:
    shops.write(cart='LIMIT = 1 / (env.name != "staging")\n')
    assert errors(shops) == [
        "definitions/cart.py:3:9: error[load-error]: definitions/cart.py raised ZeroDivisionError: division by zero"
        " (only in staging)"
    ]


def test_a_definition_that_one_environment_uses_is_used(shops: ProjectFolder) -> None:
    shops.write(
        cart="""\
        DOWN = Alert("CartDown", "up == 0", for_="5m", severity="page", summary="x")
        cart = Service("cart", alerts=env.pick(prod=[DOWN], default=[]))
        """
    )
    assert errors(shops) == []
    shops.write(cart='DOWN = Alert("CartDown", "up == 0", for_="5m", severity="page", summary="x")\n')
    assert [line.partition("[")[2] for line in errors(shops)] == ["unused-definition]: no service holds this Alert"]


def test_an_ignored_finding_of_one_environment_is_no_unused_ignore(shops: ProjectFolder) -> None:
    shops.write(
        cart="""\
        NAME = env.pick(prod="job:up:sum", default="total")
        RECORD = RecordingRule(NAME, "sum by (job) (up)", ignore={"rule-name": "other dashboards read it"})
        cart = Service("cart", recording_rules=[RECORD])
        """
    )
    assert errors(shops) == []


def test_a_receiver_that_one_environment_uses_is_used(shops: ProjectFolder) -> None:
    shops.write(
        routing="""\
        chat = receivers.Webhook("chat", url="http://chat:1/")
        pager = receivers.Webhook("pager", url="http://pager:1/")
        routing = Routing(default=chat, routes=[Route(env.pick(prod=pager, default=chat), match={"severity": "page"})])
        """
    )
    assert errors(shops) == []


def test_findings_of_no_environment_are_none() -> None:
    assert merged_findings({}, []) == []


def test_a_check_of_one_environment_reports_its_findings(shops: ProjectFolder) -> None:
    shops.write(cart='LIMIT = 1 / (env.name != "staging")\n')
    assert "ZeroDivisionError" in shops.run("check", "--environment", "staging").err
    assert "ZeroDivisionError" not in shops.run("check", "--environment", "prod").err


# --- commands ----------------------------------------------------------------------------------------------------


def test_list_prints_an_environment_beside_the_one_of_the_project(shops: ProjectFolder) -> None:
    rows = [re.split(r"  +", line)[:4] for line in shops.run("list", "--environment", "staging").out.splitlines()]
    assert [row for row in rows if not row[-1].startswith("definitions/")] == [
        ["KIND", "NAME", "DETAIL", "IN prod"],
        ["scrape job", "shop", "shop.staging:8000", "shop.prod:8000"],
        ["alert", "Errors", "page, for 5m, > 0.05", "page, for 5m, > 0.01"],
        ["scrape job", "tools", "tools:8000", "-"],
        ["service", "canary", "-", "only there"],
        ["scrape job", "canary", "-", "canary:8000"],
        ["recording rule", "job:up:count", "-", "only there"],
    ]


def test_unit_tests_run_for_rules_that_differ(shops: ProjectFolder) -> None:
    shops.write(
        cart="""\
        sli_ = sli.Ratio(errors='hits_total{code="500"}', total="hits_total")
        cart = Service("cart", slos=[SLO("a", env.pick(prod=99.9, default=99), sli_), SLO("b", 99.9, sli_)])
        """
    )
    compilation = compile_folder(shops.definitions)
    base = {suite.subject for suite in compilation.artifacts.test_suites}
    others = {suite.subject for suite in all_suites(compilation) if suite.shape} - base
    assert others == {"cart/a (staging)", "cart/a (eu-west)"}


def test_build_writes_what_compile_returns_and_is_current(shops: ProjectFolder) -> None:
    assert shops.run("build").exit == 0
    written = {path: text for path, text in tree(shops.build).items() if isinstance(text, bytes)}
    expected = {file.path: file.text.encode() for file in compile_folder(shops.definitions).files}
    assert {path: text for path, text in written.items() if path != ".obscode-manifest"} == expected
    assert shops.run("build", "--check").exit == 0
    shops.write(shop=SHOP.replace("0.05", "0.06"))
    ended = shops.run("build", "--check")
    assert ended.exit == 1
    assert "stale    environments/staging/prometheus/rules/shop.yml" in ended.out
    assert "stale    prometheus/rules/shop.yml" not in ended.out


def test_an_environment_that_is_removed_leaves_no_file(shops: ProjectFolder) -> None:
    shops.run("build")
    shops.write(project='project = Project("team", environment="prod", environments=[Environment("staging")])\n')
    shops.run("build")
    assert not list(shops.build.glob("environments/eu-west/**/*.yml"))


def test_a_build_that_changes_nothing_in_any_environment_compiles_nothing(
    shops: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that only one environment reads is an input, too."""
    limit = shops.root / "limit.txt"
    limit.write_text("0.05")
    shops.write(
        cart="""\
        from pathlib import Path

        LIMIT = (Path(__file__).parents[1] / "limit.txt").read_text() if env.name == "staging" else "0.01"
        cart = Service("cart", alerts=[
            Alert("CartDown", f"up < {LIMIT}", for_="5m", severity="page", summary="x"),
        ])
        """
    )
    compiled: list[str] = []
    compile_all = pipeline.compile_folder

    def counted(*args: Any) -> Compilation:
        compiled.append("")
        return compile_all(*args)

    monkeypatch.setattr(pipeline, "compile_folder", counted)
    runs = [shops.run("build"), shops.run("build"), shops.run("build", "--check")]
    assert ([each.exit for each in runs], len(compiled)) == ([0, 0, 0], 1)
    limit.write_text("0.5")
    assert (shops.run("build", "--check").exit, len(compiled)) == (1, 2)
    assert (shops.run("build").exit, len(compiled)) == (0, 3)
    assert "up < 0.5\n" in (shops.build / "environments/staging/prometheus/rules/cart.yml").read_text()


@pytest.mark.parametrize("edit", ["0.05", "0.07"])
def test_an_edit_has_the_result_of_a_build_without_the_cache(edit: str, shops: ProjectFolder) -> None:
    shops.run("build")
    shops.write(shop=SHOP.replace("0.05", edit).replace('summary="x"', 'summary="y"'))
    shops.run("build")
    expected = {file.path: file.text.encode() for file in compile_folder(shops.definitions).files}
    written = {path: text for path, text in tree(shops.build).items() if isinstance(text, bytes)}
    assert {path: text for path, text in written.items() if path != ".obscode-manifest"} == expected


def test_an_edit_of_one_service_has_the_result_of_a_build_without_the_cache_where_addresses_differ(
    project_folder: ProjectFolder,
) -> None:
    project = 'project = Project("team", environments=[Environment("dev", prometheus_url="http://p.dev:1")])\n'
    record = """\
    {0} = Service("{0}", scrape=ScrapeJob(["{0}:8000"]), runbook="https://r.example.com/{1}", recording_rules=[
        RecordingRule("job:up:{0}", "sum by (job) (up)"),
    ])
    """
    project_folder.write(project=project, a=record.format("a", 1), b=record.format("b", 1))
    project_folder.run("build")
    project_folder.write(a=record.format("a", 2))
    assert project_folder.run("build").exit == 0
    expected = {file.path: file.text.encode() for file in compile_folder(project_folder.definitions).files}
    written = {path: text for path, text in tree(project_folder.build).items() if isinstance(text, bytes)}
    assert {path: text for path, text in written.items() if path != ".obscode-manifest"} == expected
