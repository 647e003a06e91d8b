"""Braces in the texts of alerts: templates pass as they are, everything else is shown as it was written."""

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
]

# What is no template, and what Prometheus must be given to show it.
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
}

_PIECES = st.sampled_from(
    [*TEMPLATES[3:], *BRACES, "{{", "}}", "{", "}", " ", "-", "$labels", ".x", "$value", "|", "humanize", "(", ")", '"']
)


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_passes_as_it_is(text: str) -> None:
    assert escape_invalid_templates(text) == text
    assert invalid_templates(text) == []


@pytest.mark.parametrize(("text", "escaped"), BRACES.items())
def test_braces_that_begin_no_template_are_escaped(text: str, escaped: str) -> None:
    assert escape_invalid_templates(text) == escaped
    assert invalid_templates(text) != []


@given(st.lists(_PIECES, max_size=6).map("".join))
def test_what_was_escaped_is_a_template(text: str) -> None:
    assert invalid_templates(escape_invalid_templates(text)) == []
    assert escape_invalid_templates(escape_invalid_templates(text)) == escape_invalid_templates(text)


@given(st.text())
def test_a_text_without_double_braces_stays_as_it_is(text: str) -> None:
    plain = text.replace("{{", "")
    assert "{{" in plain or escape_invalid_templates(plain) == plain


def test_promtool_takes_what_was_escaped_and_refuses_what_was_not(promtool: Tool, tmp_path: Path) -> None:
    mixed = [a + b for a in BRACES for b in [*TEMPLATES, *BRACES]]
    assert (
        refused(promtool, [escape_invalid_templates(text) for text in [*TEMPLATES, *BRACES, *mixed]], tmp_path) == set()
    )
    assert refused(promtool, list(BRACES), tmp_path) == set(range(len(BRACES)))


def refused(promtool: Tool, texts: list[str], folder: Path) -> set[int]:
    """The texts that promtool refuses as the summary of an alert, by number."""
    rules = [
        {"alert": f"A{i}", "expr": "up == 0", "annotations": {"summary": text}, "labels": {"a": text}}
        for i, text in enumerate(texts)
    ]
    (folder / "rules.yml").write_text(json.dumps({"groups": [{"name": "alerts", "rules": rules}]}))
    command = [str(promtool.path), "check", "rules", "rules.yml"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wrong = {int(number) for number in re.findall(r'rule \d+, "A(\d+)"', ended.stdout + ended.stderr)}
    assert bool(wrong) == bool(ended.returncode), ended.stderr
    return wrong
