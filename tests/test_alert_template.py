"""Braces in the texts of alerts: templates stay, other braces are escaped and appear as they are written."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obscode.promql.alert_template import escape_invalid_templates, invalid_templates
from obscode.toolchain import Tool

TEMPLATES = [
    "",
    "no template",
    "}} { } {x}",
    "{{ $labels.model }} is slow: {{ $value | humanize }} s",
    "{{$value}}",
    "{{- $value -}}",
    '{{ printf "%.2f" $value }}',
    '{{ $value | printf "%.2f" }}',
    "{{/* }} a comment */}}",
    '{{ "}}" }}{{ `}}` }}',
    "{{ if gt $value 5.0 }}high{{ else if eq $value 0.0 }}none{{ else }}low{{ end }}",
    '{{ with query "up" }}{{ . | first | value | humanizePercentage }}{{ end }}',
    '{{ range $i, $e := query "up" }}{{ $i }}: {{ $e.Labels.job }}{{ break }}{{ end }}',
    '{{ $x := "a" }}{{ $x }}',
    '{{ define "a" }}x{{ end }}{{ template "a" . }}{{ template "a" }}',
    '{{ (query "up" | first).Labels.job }}',
    "{{ .Labels.job }} {{ .Value }} {{ $externalURL }} {{ $externalLabels.region }}",
    "{{\n  $value\n}}",
    '{{ eq (len (query "up")) 0 }}',
    "{{ 1 }}{{ -1.5e3 }}{{ 0x1F }}{{ 'c' }}{{ true }}{{ nil }}",
    "{{ $x := 1 }}{{ $x = 2 }}",
    "{{ if $x := 1 }}{{ else if $y := 2 }}{{ $x }}{{ $y }}{{ else }}{{ $x }}{{ end }}",
    '{{ range query "up" }}{{ if true }}{{ continue }}{{ end }}{{ else }}none{{ end }}',
    '{{ block "b" $value }}{{ $ }}{{ end }}',
]

# Braces that are no template, and the escaped text for Prometheus.
BRACES = {
    "{{": '{{"{{"}}',
    "a {{ b": 'a {{"{{"}} b',
    "{{ }}": '{{"{{"}} }}',
    "{{model}}": '{{"{{"}}model}}',
    "{{ $label.model }}": '{{"{{"}} $label.model }}',
    "{{{ $value }}}": '{{"{{"}}{ $value }}}',
    "{{{{": '{{"{{"}}{{"{{"}}',
    "{{ $value > 5 }}": '{{"{{"}} $value > 5 }}',
    "{{ humanize $value": '{{"{{"}} humanize $value',
    "{{ now }}": '{{"{{"}} now }}',
    "{{ $x }}{{ $x := 1 }}": '{{"{{"}} $x }}{{ $x := 1 }}',
    "{{ if $value }}no end": '{{"{{"}} if $value }}no end',
    "{{ end }}{{ $value }}": '{{"{{"}} end }}{{"{{"}} $value }}',
    "{{ $value }}, {{ model }} and {{": '{{ $value }}, {{"{{"}} model }} and {{"{{"}}',
    '{{ "a': '{{"{{"}} "a',
    "{{ /* spaced */ }}": '{{"{{"}} /* spaced */ }}',
    "{{ $labels.a-b }}": '{{"{{"}} $labels.a-b }}',
    "{{ 5m }}": '{{"{{"}} 5m }}',
    "{{ $value | 5 }}": '{{"{{"}} $value | 5 }}',
    "{{ template 5 }}": '{{"{{"}} template 5 }}',
    "{{ $value=5 }}": '{{"{{"}} $value=5 }}',
    "{{/* a */ b */}}": '{{"{{"}}/* a */ b */}}',
    "{{ if $x := 1 }}{{ end }}{{ $x }}": '{{ if $x := 1 }}{{ end }}{{"{{"}} $x }}',
    '{{ define "c" }}{{ $value }}{{ end }}': '{{ define "c" }}{{"{{"}} $value }}{{ end }}',
    "{{ with 1 }}{{ else if 2 }}{{ end }}": '{{"{{"}} with 1 }}{{"{{"}} else if 2 }}{{"{{"}} end }}',
    "{{ if 1 }}{{ else }}{{ else }}{{ end }}": '{{"{{"}} if 1 }}{{"{{"}} else }}{{"{{"}} else }}{{"{{"}} end }}',
    "{{ break }}": '{{"{{"}} break }}',
    "{{ $a, $b := 1 }}": '{{"{{"}} $a, $b := 1 }}',
    "{{ with $a, $b := 1 }}{{ end }}": '{{"{{"}} with $a, $b := 1 }}{{"{{"}} end }}',
    "{{ if 1 }}{{ else if $a, $b := 1 }}{{ end }}": '{{ if 1 }}{{"{{"}} else if $a, $b := 1 }}{{ end }}',
}

_PIECES = st.sampled_from(
    [*TEMPLATES[3:], *BRACES, "{{", "}}", "{", "}", " ", "-", "$labels", ".x", "$value", "|", "humanize", "(", ")", '"']
)


@pytest.mark.parametrize("text", TEMPLATES)
def test_templates_stay(text: str) -> None:
    assert escape_invalid_templates(text) == text
    assert invalid_templates(text) == []


@pytest.mark.parametrize(("text", "escaped"), BRACES.items())
def test_other_braces_are_escaped(text: str, escaped: str) -> None:
    assert escape_invalid_templates(text) == escaped
    assert invalid_templates(text) != []


def test_parentheses_may_be_nested_a_hundred_deep() -> None:
    nested = "{{{{ {open}1{close} }}}}"
    assert invalid_templates(nested.format(open="(" * 100, close=")" * 100)) == []
    assert len(invalid_templates(nested.format(open="(" * 101, close=")" * 101))) == 1


def test_invalid_templates_have_positions() -> None:
    text = "a {{ $value }} {{ b }} {{"
    assert invalid_templates(text) == [("{{ b }}", 15), ("{{", 23)]


@given(st.lists(_PIECES, max_size=6).map("".join))
def test_escaping_yields_templates_and_is_idempotent(text: str) -> None:
    assert invalid_templates(escape_invalid_templates(text)) == []
    assert escape_invalid_templates(escape_invalid_templates(text)) == escape_invalid_templates(text)


@given(st.text())
def test_text_without_double_braces_stays(text: str) -> None:
    plain = text.replace("{{", "")
    assert "{{" in plain or escape_invalid_templates(plain) == plain


class CountedText(str):
    """A text that counts the characters that `find` reads."""

    read = 0

    def find(self, part: str, start: int = 0, *end: int) -> int:  # type: ignore[override]
        at = super().find(part, start, *end)
        self.read += (at if at >= 0 else len(self)) - start
        return at


@pytest.mark.parametrize("text", ["{{", "{{/*", "{{}", "{{ /* */", "{{x", "}}{{"])
@pytest.mark.parametrize("end", ["", "}}", "*/"])
def test_a_text_of_any_braces_is_read_once(text: str, end: str) -> None:
    counted = CountedText(text * 5000 + end)
    escape_invalid_templates(counted)
    assert counted.read <= 4 * len(counted)


def test_promtool_accepts_escaped_texts_and_rejects_the_others(promtool: Tool, tmp_path: Path) -> None:
    # Go rejects a second definition of a template; each text has its own.
    mixed = [a + b for a in BRACES for b in [*TEMPLATES, *BRACES] if a != b]
    escaped = [escape_invalid_templates(text) for text in [*TEMPLATES, *BRACES, *mixed]]
    assert rejected(promtool, escaped, tmp_path) == set()
    assert rejected(promtool, list(BRACES), tmp_path) == set(range(len(BRACES)))


def rejected(promtool: Tool, texts: list[str], folder: Path) -> set[int]:
    """The indexes of the texts that promtool rejects as a label and the summary of an alert."""
    rules = [
        {"alert": f"A{i}", "expr": "up == 0", "annotations": {"summary": text}, "labels": {"a": text}}
        for i, text in enumerate(texts)
    ]
    (folder / "rules.yml").write_text(json.dumps({"groups": [{"name": "alerts", "rules": rules}]}))
    command = [str(promtool.path), "check", "rules", "rules.yml"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    numbers = {int(number) for number in re.findall(r'rule \d+, "A(\d+)"', result.stdout + result.stderr)}
    assert bool(numbers) == bool(result.returncode), result.stderr
    return numbers
