"""Templates of alerts that parse and fail when the alert fires: promtool expands them, and each failure is reported."""

from __future__ import annotations

import itertools
from pathlib import Path
from textwrap import indent

import pytest
from conftest import ProjectFolder
from hypothesis import given
from hypothesis import strategies as st

from obscode import Alert, Project, Service
from obscode.checks import registry
from obscode.compiler import Definitions, compile
from obscode.findings.errors import ToolError
from obscode.project.check_files import check_files
from obscode.promql.alert_template import actions, invalid_templates
from obscode.promql.template_errors import template_error
from obscode.promql.template_variants import can_fail, rewrite
from obscode.toolchain import Tool
from obscode.verify import alert_templates, processes
from obscode.verify.alert_templates import failing_templates

# The part of a text that fails, between arrows, and the reason.
FAILING = {
    "{{ »gt $value 1« }}": "gt compares a number with an integer, which Go's templates do not convert",
    "{{ if »eq $value 1« }}x{{ end }}": "eq compares a number with an integer, which Go's templates do not convert",
    "{{ »lt $labels.job 1« }}": "lt compares a text with an integer",
    "{{ »value« }}": "value takes 1 argument, not 0",
    "{{ »humanize« $value $value }}": "humanize takes 1 argument, not 2",
    "{{ »and« }}": "and takes at least 1 argument, not 0",
    "{{ »reReplaceAll« $labels.job 'x' }}".replace("'", '"'): "reReplaceAll takes 3 arguments, not 2",
    "{{ »graphLink« }}": "graphLink takes 1 argument, not 0",
    "{{ »toTime« }}": "toTime takes 1 argument, not 0",
    "{{ »toLower« }}": "toLower takes 1 argument, not 0",
    "{{ »print« }}{{ »call« }}".replace("»print«", "print"): "call takes at least 1 argument, not 0",
    "{{ »$labels.job.x« }}": "a text has no field .x",
    "{{ »$value.x« }}": "a number has no field .x",
    "{{ ».Foo« }}": "an alert has no field .Foo",
    "{{ »$.job« }}": "an alert has no field .job",
    "{{ (toTime $value)».Foo« }}": "a time has no field .Foo",
    '{{ with query "up" }}{{ ».Foo« }}{{ end }}': "a list of samples has no field .Foo",
    '{{ range query "up" }}{{ ».Foo« }}{{ end }}': "a sample has no field .Foo",
    "{{ with $x := 1 }}{{ »$x.foo« }}{{ end }}": "an integer has no field .foo",
    "{{ $value | »toUpper« }}": "toUpper takes a text and gets a number",
    "{{ title »$value« }}": "`$value` is a number, and the function takes a text",
    "{{ strvalue »$value« }}": "`$value` is a number, and the function takes a sample",
    "{{ $labels | »first« }}": "first takes a list of samples and gets labels",
    '{{ query "up" | »value« }}': "value takes a sample and gets a list of samples",
    '{{ query "up" | label »"job"« }}': "a function takes a sample and gets a list of samples",
    "{{ query »1« }}": "the function takes a string, and 1 is none",
    "{{ toLower »nil« }}": "nil is no argument of a function",
    "{{ »nil« }}": "nil is not a value to print",
    '{{ »query "sum(up"« | first | value }}': "its query does not parse: unclosed left parenthesis",
    '{{ printf "x(%s" $labels.job | »query« }}': "its query does not parse: unclosed left parenthesis",
    "{{ »query \"'a'\"« }}": "its query returns a range vector or a text",
    "{{ »index $labels 1« }}": "index takes the name of a label, not an integer",
    "{{ »index $value 1« }}": "index takes labels or a list of samples, not a number",
    '{{ »index "abc" 9« }}': "index reads item 9 of a text that is shorter",
    "{{ »len $value« }}": "len takes a text, labels or a list of samples, not a number",
    '{{ »match "(" $labels.job« }}': "the regular expression of match is invalid: missing closing ): `(`",
    "{{ range »$value« }}{{ end }}": "range takes labels or the result of a query",
    '{{ »humanize "abc"« }}': 'humanize takes a number, and "abc" is none',
    '{{ »parseDuration "soon"« }}': 'parseDuration takes a duration, and "soon" is none',
    "{{ »humanizeDuration $labels.job« }}": 'humanizeDuration takes a number, and "x" is none',
    "{{ »ge $value (toTime $value)« }}": "ge cannot compare `ge $value (toTime $value)`",
    "{{ »eq $value« }}": "eq takes at least 2 arguments, not 1",
    "{{ »humanize .« }}": "humanize takes a number and gets the alert",
    "{{ »slice $labels 1« }}": "slice takes a text, not labels",
    '{{ range query "up" }}{{ »index $labels.job "a"« }}{{ end }}': "index takes the number of an item, not a text",
    '{{ value »"up"« }}': 'the function takes a sample, and "up" is none',
    "{{ »call $value« }}": "call takes a function, which alerts do not have",
    '{{ block "b" . }}{{ ».Foo« }}{{ end }}': "an alert has no field .Foo",
    '{{ template »"b"« }}': 'there is no template "b"',
    # One branch only is executed for some values, some labels, or some results of queries.
    "{{ if gt $value 100.0 }}{{ ».Foo« }}{{ end }}": "an alert has no field .Foo",
    "{{ if $labels.job }}{{ ».Foo« }}{{ else }}none{{ end }}": "an alert has no field .Foo",
    "{{ if $labels.job }}{{ else }}{{ ».Foo« }}{{ end }}": "an alert has no field .Foo",
    '{{ if eq $labels.job "batch" }}{{ ».Foo« }}{{ end }}': "an alert has no field .Foo",
    '{{ with query "up" }}{{ else }}{{ ».Foo« }}{{ end }}': "an alert has no field .Foo",
    # Positions count characters, not bytes, also behind what is replaced.
    "ü\n{{ externalURL }} ü {{ ».Foo« }}": "an alert has no field .Foo",
    '{{ with query "up" }}{{ with query (printf "%s" "x") }}{{ ».Foo« }}{{ end }}{{ end }}': (
        "a list of samples has no field .Foo"
    ),
}

SOUND = [
    "{{ gt $value 1.0 }}",
    '{{ eq $labels.job "a" "b" }}',
    "{{ externalURL }}/alerts{{ pathPrefix }} {{ $externalURL }} {{ $externalLabels.region }}",
    '{{ with query "other" }}{{ . | first | value | humanize }}{{ end }}',
    '{{ range query "other" }}{{ .Labels.job }}: {{ .Value }}{{ end }}',
    '{{ query "sum(up)" | first | value }}',
    "{{ query \"errors_total{job='a'}\" | first | value }}",
    "{{ printf \"up{job='%s'}\" $labels.job | query | first | value }}",
    '{{ query "vector(1)" | first | value }}{{ query "1" | first | value }}',
    '{{ query "time()" | first | value | humanizeTimestamp }}',
    '{{ query "scalar(up)" | first | value }}',
    "{{ humanizeDuration $labels.code }}{{ parseDuration $labels.code }}",
    '{{ urlquery (query "up" | first) "a" }}',
    "{{ (toTime $value) }}",
    "{{ humanizeTimestamp $value }}{{ (toTime $value).Year }}",
    '{{ reReplaceAll "(.*):.*" "$1" $labels.instance }}',
    "{{ range $name, $value := $labels }}{{ $name }}={{ $value }}{{ end }}",
    '{{ define "a" }}{{ .job }}{{ end }}{{ template "a" $labels }}',
    "{{ if $labels.code }}{{ slice $labels.code 0 1 }}{{ end }}",
    '{{ if $labels.dropped }}{{ .Foo }}{{ end }}{{ tableLink "up" }}{{ args 1 2 }}{{ . }}',
]


def alert(*texts: str, expr: str = "sum without (dropped) (errors_total) > 1") -> Alert:
    names = [f"text_{n}" for n in range(len(texts))]
    return Alert("Broken", expr, severity="page", summary="s", annotations=dict(zip(names, texts, strict=True)))


def failures(tools: list[Tool], *texts: str, expr: str = "sum by (job, code) (errors_total) > 1") -> list[str]:
    compiled = compile(Definitions(Project("team"), [Service("shop", alerts=[alert(*texts, expr=expr)])]))
    alerts = [rule for rule in compiled.rules() if rule.name == "Broken"]
    return [
        f"{finding.severity} {finding.message}"
        for finding in failing_templates(alerts, tools)  # type: ignore[arg-type]
    ]


def rule_file(texts: list[str], expr: str) -> str:
    rules = [
        f"  - alert: A{n}\n    expr: {expr}\n    annotations:\n      summary: |-\n{indent(text, ' ' * 8)}\n"
        for n, text in enumerate(texts)
    ]
    return "groups:\n- name: a\n  rules:\n" + "".join(rules)


@pytest.fixture
def with_promtool(promtool: Tool, newest_amtool: Tool, monkeypatch: pytest.MonkeyPatch) -> Tool:
    monkeypatch.setenv("OBSCODE_AMTOOL", str(newest_amtool.path))
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(promtool.path))
    return promtool


def test_each_failure_has_its_place_and_its_reason(newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text.replace("»", "").replace("«", "") for text in FAILING]
    Path("rules.yml").write_text(rule_file(texts, "errors_total > 1"))
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(newest_promtool.path))
    report = check_files(["rules.yml"])
    reported = {}
    for finding in report.findings:
        assert finding.code.name == "template-error"
        number = int(finding.message.split()[4].removeprefix("A"))
        assert finding.span
        line = Path("rules.yml").read_text().splitlines()[finding.span.line - 1]
        reported[number] = (
            line[finding.span.column - 1 : finding.span.end_column - 1],
            finding.message.split(" fails: ")[1],
        )
    expected = {n: (text.partition("»")[2].partition("«")[0], why) for n, (text, why) in enumerate(FAILING.items())}
    assert reported == expected


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_sound_templates_are_not_reported(promtool: Tool) -> None:
    assert failures([promtool], *SOUND) == []


def test_failures_of_all_versions_are_reported_once(promtool: Tool, newest_promtool: Tool) -> None:
    texts = [text.replace("»", "").replace("«", "") for text in FAILING]
    tools = [promtool, newest_promtool] if promtool != newest_promtool else [promtool]
    assert len(failures(tools, *texts, expr="errors_total > 1")) == len(FAILING)


def test_a_failure_of_an_older_version_only_names_it(promtool: Tool, newest_promtool: Tool) -> None:
    if promtool == newest_promtool:
        assert failures([promtool], "{{ range 3 }}{{ end }}") == []
    else:
        message = "error the text_0 of alert Broken fails: range takes labels or the result of a query"
        assert failures([promtool, newest_promtool], "{{ range 3 }}{{ end }}") == [
            f"{message} (with Prometheus {promtool.version})"
        ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{{ query "other" | first | value }}',
            "it reads the first sample of a query that may return none",
        ),
        ('{{ index (query "other") 0 }}', "it reads an item of a query that may return fewer"),
        (
            '{{ query "up" }}{{ query "other" | first | value }}',
            "it reads the first sample of a query that may return none",
        ),
    ],
)
def test_a_sample_of_a_query_that_may_be_empty_is_a_warning(text: str, message: str, promtool: Tool) -> None:
    start = "warning the text_0 of alert Broken fails if its query returns nothing: "
    assert failures([promtool], text) == [start + message]
    reads_it = compile(Definitions(Project("team"), [Service("shop", alerts=[alert(text, expr="other > 1")])]))
    assert failing_templates(reads_it.rules(), [promtool]) == []  # type: ignore[arg-type]
    assert failing_templates(compile_one(text), [promtool], {"other"}) == []


def compile_one(text: str) -> list:  # type: ignore[type-arg]
    return list(compile(Definitions(Project("team"), [Service("shop", alerts=[alert(text)])])).rules())


def test_the_values_of_labels_that_the_expression_removes_are_not_tried(promtool: Tool) -> None:
    text = "{{ if $labels.pod }}{{ .Foo }}{{ end }}"
    assert failures([promtool], text, expr="sum by (job) (errors_total) > 1") == []
    assert len(failures([promtool], text, expr="sum by (pod) (errors_total) > 1")) == 1


def test_templates_that_format_a_value_or_a_label_never_fail(promtool: Tool) -> None:
    heads = [
        "$value",
        ".Value",
        "$labels.job",
        ".Labels.job",
        "$labels",
        ".Labels",
        "$externalLabels.x",
        ".ExternalURL",
    ]
    functions = [
        "humanize",
        "humanizeTimestamp",
        "humanizePercentage",
        "toUpper",
        "title",
        "html",
        "js",
        'printf "%.2f"',
    ]
    actions = [*heads]
    actions += [f"{function} {head}" for head in heads for function in functions]
    actions += [f"{head} | {function}" for head in heads for function in functions]
    actions += [f"{head} | {one} | {other}" for head in heads for one, other in itertools.product(functions, repeat=2)]
    texts = [f"{{{{ {action} }}}}" for action in actions]
    safe = [text for text in texts if not can_fail(text)]
    assert 100 < len(safe) < len(texts)
    # Behind a condition, promtool has to expand them.
    assert failures([promtool], *(f"{{{{ if true }}}}{text}{{{{ end }}}}" for text in safe)) == []


def test_one_process_expands_all_alerts(newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    run = processes.run

    def counted(*arguments: object, **options: object) -> object:
        runs.append(arguments)
        return run(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(alert_templates, "run", counted)
    services = [Service(f"s{n}", alerts=[alert(f"{{{{ gt $value {n} }}}}")]) for n in range(20)]
    compiled = compile(Definitions(Project("team"), services))
    assert len(failing_templates(compiled.rules(), [newest_promtool])) == 20  # type: ignore[arg-type]
    assert len(runs) == 1


def test_equal_templates_in_different_texts_are_expanded_once(
    newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = []
    output = alert_templates._output

    def counted(texts: list[object], rules: object, tool: Tool) -> str:
        numbers.append(len(texts))
        return output(texts, rules, tool)  # type: ignore[arg-type]

    monkeypatch.setattr(alert_templates, "_output", counted)
    texts = [f"alert {n}: {{{{ gt $value 1 }}}} and {n}" for n in range(20)]
    assert len(failures([newest_promtool], *texts)) == 20
    assert numbers == [1]


def test_definitions_are_reported_at_the_characters_that_fail(
    project_folder: ProjectFolder, with_promtool: Tool
) -> None:
    project_folder.write(
        shop='''
        shop = Service("shop", alerts=[
            Alert(
                "Broken",
                "errors_total > 1",
                severity="page",
                summary="a \\"text\\" "
                "of two: {{ $value }} {{ gt $value 1 }}",
                annotations={"note": """{{ .Foo }}"""},
            ),
            Alert("Fine", "errors_total > 1", severity="page", summary="{{ $value }}", ignore={}),
        ])
        '''
    )
    err = project_folder.run("check").err
    assert "definitions/shop.py:10:34: error[template-error]: the summary of alert Broken fails: gt compares " in err
    assert '   10 |         "of two: {{ $value }} {{ gt $value 1 }}",\n' in err
    assert f"      | {' ' * 33}{'^' * 11}\n" in err
    assert (
        '   11 |         annotations={"note": """{{ .Foo }}"""},\n      |                                    ^^^^\n'
        in err
    )


def test_a_definition_ignores_a_failure(project_folder: ProjectFolder, with_promtool: Tool) -> None:
    source = """
        shop = Service("shop", scrape=ScrapeJob(["shop:80"]), alerts=[
            Alert("Broken", "errors_total > 1", severity="page", summary="{{ .Foo }}", ignore=IGNORE),
        ])
        """
    project_folder.write(shop=source.replace("IGNORE", '{"template-error": "of another system"}'))
    assert "[template-error]" not in project_folder.run("check").err
    assert "ignore-argument" not in project_folder.run("check").err


def test_a_comment_in_a_file_ignores_a_failure(with_promtool: Tool) -> None:
    text = "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == 0\n    annotations: {a: '{{ .Foo }}'}"
    Path("a.yml").write_text(f"{text}\n")
    assert [finding.code.name for finding in check_files(["a.yml"]).findings] == ["template-error"]
    Path("a.yml").write_text(f"{text}  # obscode: ignore[template-error]: another system expands it\n")
    assert check_files(["a.yml"]).findings == []


def test_without_promtool_the_step_is_reported_as_not_run(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    Path("a.yml").write_text(rule_file(["{{ .Foo }}", "{{ $value }}"], "up == 0"))
    result = project_folder.run("check", "a.yml")
    assert (result.exit, result.out) == (0, "OK: 1 rule file; templates not expanded\n")
    assert result.err == (
        "note: the templates of 1 alert are not expanded: promtool is not installed; run: obscode tools install\n"
    )
    Path("a.yml").write_text(rule_file(["{{ $value }}"], "up == 0"))
    assert project_folder.run("check", "a.yml").out == "OK: 1 rule file\n"


def test_a_text_that_promtool_does_not_load_does_not_hide_others(
    promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def also_broken(text: str, variant: object) -> object:
        rewritten = rewrite(text, "no-series")
        rewritten.parts = [part.replace("humanize", "nonsense") for part in rewritten.parts]
        return rewritten

    monkeypatch.setattr(alert_templates, "rewrite", also_broken)
    texts = ["{{ humanize 1.0 1 }}", "{{ .Foo }}", "{{ humanize 2.0 1 }}"]
    assert failures([promtool], *texts) == ["error the text_1 of alert Broken fails: an alert has no field .Foo"]


def test_other_output_is_an_error_and_never_a_pass(promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_templates, "_output", lambda *arguments: "SUCCESS")
    with pytest.raises(ToolError, match="does not expand the templates of alerts: SUCCESS"):
        failures([promtool], "{{ .Foo }}")


def test_a_reason_that_is_not_known_is_reported_as_it_is() -> None:
    error = template_error("<error expanding template: error executing template __alert_T: something else>")
    assert error is not None
    assert (error.line, error.reason) == (0, "error executing template __alert_T: something else")


@pytest.mark.parametrize("name", ["template-error", "template-query"])
def test_the_examples_of_both_checks_are_reported_by_promtool(name: str, promtool: Tool) -> None:
    check = next(check for check in registry.checks() if check.name == name)
    for text, expected in ((check.bad, [name]), (check.good, [])):
        service = Service("shop", alerts=[eval(text, {"Alert": Alert})])
        compiled = compile(Definitions(Project("team"), [service]))
        findings = failing_templates(compiled.rules(), [promtool])  # type: ignore[arg-type]
        assert [finding.code.name for finding in findings] == expected


HELM = "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == 0\n    annotations: {a: '{{ .Values.x }}'}\n"


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (HELM, "1 rule file"),
        (HELM.replace("up == 0", "'{{ .Values.x }}'"), "nothing to check; 1 file skipped"),
        (HELM + "    labels: {b: '{{ \"{{\" }} $value }}'}\n", "nothing to check; 1 file skipped"),
        (HELM.replace("'{{ .Values.x }}'", "'{{ template \"x\" . }}'"), "1 rule file"),
    ],
)
def test_a_file_is_helm_if_more_than_texts_of_alerts_are(
    text: str, summary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    Path("a.yml").write_text(text)
    assert check_files(["a.yml"]).summary().replace("; templates not expanded", "") == summary


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{{ now | humanizeTimestamp }}", ["note summary of alert A0 calls now, which needs Prometheus 3.6"]),
        (
            "{{ urlQueryEscape $labels.job }}",
            ["note summary of alert A0 calls urlQueryEscape, which needs Prometheus 3.8"],
        ),
        ("now {{ nonsense }}", ["error '{{ nonsense }}' in summary of alert A0 is not a valid template"]),
        ("{{ now }}{{ nonsense }}", ["error", "error"]),
    ],
)
def test_a_template_function_of_a_newer_version_is_a_note(
    text: str, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    Path("a.yml").write_text(rule_file([text], "up == 0"))
    reported = [f"{f.severity} {f.message}" for f in check_files(["a.yml"], notes=True).findings]
    invalid = [message for message in reported if "summary" in message]
    assert len(invalid) == len(messages)
    assert all(message.startswith(expected) for message, expected in zip(invalid, messages, strict=True))


PIECES = [
    "{{ $value }}", "{{", "}}", "{", " ", "-", "a", "\n", "ü", "{{- $value -}}", '{{ "{{" }}', '{{ "}}" }}',
    "{{/* c */}}", "{{ if $value }}", "{{ end }}", "{{ else }}", "{{ $x := 1 }}", '{{ query "up" | first }}',
    "{{ $x }}",
    '{{ range query "up" }}', '{{ "up" | query }}', '{{ query (printf "%s" "x") }}', "{{ externalURL }}", "{{- end -}}",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_a_variant_of_a_valid_text_is_valid_and_knows_its_positions(text: str) -> None:
    if invalid_templates(text):
        return
    templates = [action.text for action in actions(text)]
    assert [action.text for action in actions(" ".join(templates))] == templates
    for variant in ("no-series", "one-series"):
        written = rewrite(text, variant)
        assert invalid_templates(written.text) == []
        assert all(0 <= written.original(at) < len(text) for at in range(len(written.text)))
    if "externalURL" not in text:
        assert rewrite(text, "no-series").text == text
