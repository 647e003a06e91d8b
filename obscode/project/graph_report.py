"""Graphs of definitions and files as text: `obscode graph` and `obscode why`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from obscode.artifacts.project import Artifacts
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.graph import dot, mermaid, text, tree
from obscode.graph.graph import Graph, names_of
from obscode.graph.of_artifacts import graph
from obscode.project.check_files import is_definitions, read
from obscode.project.pipeline import compile_folder
from obscode.project.progress import Progress, no_progress

RENDERERS: Mapping[str, Callable[[Graph], str]] = {"text": text.render, "mermaid": mermaid.render, "dot": dot.render}


def graph_text(artifacts: Artifacts, form: str, everything: bool) -> str:
    """The graph; rules of SLOs and panels are part of their SLO and dashboard, unless ``everything`` is displayed."""
    whole = graph(artifacts)
    return RENDERERS[form](whole if everything else whole.overview())


def why_text(artifacts: Artifacts, name: str) -> str:
    """What everything with a name is computed from, and what depends on it; raises ObscodeError for an unknown name."""
    whole = graph(artifacts)
    # The rules of an SLO are displayed as one, unless one of them is meant.
    for displayed in (whole.overview(["recording rule"]), whole.overview(), whole):
        if nodes := displayed.named(name):
            return "\n\n".join(tree.render(displayed, node) for node in nodes)
    known = {known for displayed in (whole, whole.overview()) for node in displayed.nodes for known in names_of(node)}
    hint = did_you_mean(name, known) or "obscode graph prints the names"
    raise ObscodeError(f"there is no metric, rule, SLO, alert, receiver, panel or dashboard {name!r}", hint)


def artifacts_of(paths: Sequence[Path], progress: Progress = no_progress, environment: str = "") -> Artifacts:
    """What definitions compile to in an environment, together with what files contain; `definitions` without paths."""
    paths = paths or [Path("definitions")]
    files = [path for path in paths if not is_definitions(path)]
    read_in = read(files)
    compiled = [
        compile_folder(path, progress, environment=environment).artifacts for path in paths if path not in files
    ]
    if not compiled:
        return read_in
    (first, *others) = compiled
    every = [first, *others, read_in]
    return replace(
        first,
        rule_files=[each for one in every for each in one.rule_files],
        alertmanager_configs=[each for one in every for each in one.alertmanager_configs],
        dashboards=[each for one in every for each in one.dashboards],
    )
