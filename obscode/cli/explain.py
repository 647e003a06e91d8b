"""`obscode explain`: what a code means, an SLO's alerts, what relabeling makes of a target; alone, all codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import PATH, artifacts_of, definitions_option, environment_option
from obscode.findings.code import Code
from obscode.findings.errors import ObscodeError


@click.command()
@click.argument("subject", nargs=-1)
@definitions_option
@environment_option(default="")
@click.option(
    "--config",
    "files",
    type=PATH,
    multiple=True,
    help="With target, instead of definitions: a configuration of Prometheus, or a folder; can be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all codes as JSON.")
@click.option("--markdown", is_flag=True, help="Print all codes as a page of documentation.")
def explain(
    subject: tuple[str, ...],
    definitions: Path,
    environment: str,
    files: tuple[Path, ...],
    as_json: bool,
    markdown: bool,
) -> None:
    """Explain the code of a finding, the alerts of an SLO, or a target.

    Without an argument, all codes are listed.
    target JOB [LABEL=VALUE]... prints what relabeling makes of a target with the labels of its discovery: the effect of
    each step, the URL that Prometheus scrapes, and the labels of the series.

    \b
    Example: obscode explain rule-name
             obscode explain
             obscode explain slo ml-service/availability
             obscode explain target shop __address__=10.0.0.7:8000 __meta_kubernetes_pod_label_app=shop
             obscode explain target shop __address__=10.0.0.7:8000 --config prometheus.yml
    """
    from obscode.checks import registry

    if as_json:
        click.echo(as_text(registry.codes().values()))
    elif markdown:
        from obscode.cli.code_pages import page

        click.echo(page(registry.areas()), nl=False)
    elif len(subject) == 2 and subject[0] == "slo":
        _explain_slo(subject[1], definitions, environment)
    elif subject == ("slo",):
        raise ObscodeError("explain slo needs the name of an SLO", "write obscode explain slo SERVICE/SLO")
    elif subject[:1] == ("target",):
        _explain_target(subject[1:], definitions, files, environment)
    elif subject:
        click.echo(explanation(_code(" ".join(subject), definitions)))
    else:
        sections = (f"{area}:\n\n{listing(codes)}" for area, codes in registry.areas().items() if codes)
        click.echo("\n\n".join(sections))


def _code(name: str, definitions: Path) -> Code:
    from obscode.checks import registry
    from obscode.findings.suggestions import did_you_mean

    known = {**registry.codes()}
    if name not in known and definitions.is_dir():
        from obscode.project.load import load

        known |= {check.name: check for check in load(definitions).project.checks}
    if name not in known:
        raise ObscodeError(f"there is no code {name!r}", did_you_mean(name, known) or "obscode explain lists all codes")
    return known[name]


def _explain_slo(name: str, definitions: Path, environment: str) -> None:
    from obscode.project.pipeline import compile_folder, slo_named
    from obscode.project.slo_report import tier_table

    with progress_display.progress() as progress:
        artifacts = compile_folder(definitions, progress, environment=environment).artifacts
    slo = slo_named(artifacts, name)
    click.echo(f"{name}: {slo.objective} % over {slo.period}\n")
    terminal.print_table(tier_table(slo, artifacts.project.severity_label))


def _explain_target(arguments: tuple[str, ...], definitions: Path, files: tuple[Path, ...], environment: str) -> None:
    from obscode.project.target_report import explain_target

    if not arguments:
        hint = "write obscode explain target JOB __address__=HOST:PORT LABEL=VALUE ..."
        raise ObscodeError("explain target needs the name of a scrape job", hint)
    job, *labels = arguments
    pairs = [each.partition("=") for each in labels]
    if wrong := [text for text, (name, equals, _) in zip(labels, pairs, strict=True) if not (name and equals)]:
        raise click.BadParameter(f"{wrong[0]!r} is not LABEL=VALUE", param_hint="labels")
    artifacts = artifacts_of(definitions, files, environment)
    terminal.print_text(explain_target(artifacts, job, {name: value for name, _, value in pairs}))


def listing(codes: Iterable[Code]) -> str:
    """A line for each code: its name and summary."""
    return terminal.aligned([(code.name, " ".join(code.summary.split())) for code in codes])


def explanation(code: Code) -> str:
    """The text of one code: summary, rationale and examples, as far as it has them."""
    parts = [f"{code.name} ({code.severity}): {code.summary}"]
    parts += [f"Why: {code.why}"] if code.why else []
    parts += [f"{title}:\n{_indented(text)}" for title, text in (("Bad", code.bad), ("Good", code.good)) if text]
    return "\n\n".join(parts)


def as_text(codes: Iterable[Code]) -> str:
    """All codes as a JSON list, for editors and other tools."""
    keys = ("name", "severity", "summary", "why", "bad", "good")
    listed = [{key: value for key in keys if (value := getattr(code, key))} for code in codes]
    return json.dumps(listed, indent=2, ensure_ascii=False)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
