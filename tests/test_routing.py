"""Routes and inhibition evaluated on labels, compared with amtool and Alertmanager."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.promql.selector import MatchOperator
from obscode.reader.file_contents import read_text
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.matchers import matcher_text
from obscode.routing.tree import destinations
from obscode.toolchain import Tool

# --- the same as amtool ------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["team", "env"])
VALUES = st.sampled_from(["", "a", "b", "a|b", 'q"', "b\\", "x\ny", "ä ö", "a,b", "{a}", " a", "=a", "\t"])
REGEXES = st.sampled_from(
    ["", "a", "a|b", "a.*", ".*", ".+", "a|", "(?i)A.", "[ab]+", "x.y", r"b\\", "^a$", "ä.ö", "b?"]
)
OPERATORS: st.SearchStrategy[MatchOperator] = st.sampled_from(get_args(MatchOperator))


@st.composite
def matcher_texts(draw: st.DrawFn) -> str:
    """A matcher in one of its notations."""
    name, op = draw(NAMES), draw(OPERATORS)
    value = draw(REGEXES if "~" in op else VALUES)
    text = matcher_text(name, op, value)
    if re.fullmatch(r"[a-zä|.*+ ]*[a-zä|.*+]", value):
        text = draw(st.sampled_from([text, f"{name}{op}{value}", f" {name} {op} {value} "]))
    return draw(st.sampled_from([text, f"{{{text}}}", f'{{{text},env!="zzz"}}', f'env!~"z.z", {text}', f"{text},"]))


SETTINGS = {
    "receiver": st.sampled_from(["r0", "r1", "r2", "r3"]),
    "match": st.dictionaries(NAMES, VALUES, max_size=2),
    "match_re": st.dictionaries(NAMES, REGEXES, max_size=1),
    "matchers": st.lists(matcher_texts(), max_size=2),
    "continue": st.booleans(),
}


def routes(below: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A route with routes below it."""
    return st.fixed_dictionaries({}, optional={**SETTINGS, "routes": st.lists(below, max_size=4)})


TREES = st.lists(st.recursive(st.fixed_dictionaries({}, optional=SETTINGS), routes, max_leaves=8), max_size=5)
LABELS = st.dictionaries(NAMES, VALUES)


def written(routes: Sequence[Mapping[str, Any]], path: Path) -> AlertmanagerConfig:
    """A configuration, written to a file and read from it."""
    content = {
        "route": {"receiver": "root", "routes": routes},
        "receivers": [{"name": name} for name in ("root", "r0", "r1", "r2", "r3")],
    }
    path.write_text(json.dumps(content))
    contents = read_text(path.read_text(), "alertmanager.yml")
    assert contents.findings == []
    (config,) = contents.alertmanager_configs
    return config


def by_amtool(amtool: Tool, path: Path, labels: Mapping[str, str]) -> list[str]:
    """The receivers that amtool prints."""
    arguments = [matcher_text(name, "=", value) for name, value in labels.items()]
    command = [str(amtool.path), "config", "routes", "test", f"--config.file={path}", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return str(ended.stdout).strip().split(",")


def test_an_alert_reaches_the_receivers_that_amtool_prints(amtool: Tool, tmp_path: Path) -> None:
    @settings(max_examples=40)
    @given(TREES, st.lists(LABELS, min_size=2, max_size=2))
    def check(routes: Sequence[Mapping[str, Any]], label_sets: Sequence[Mapping[str, str]]) -> None:
        config = written(routes, tmp_path / "alertmanager.yml")
        for labels in label_sets:
            reached = destinations(config.route, AlertLabels.exactly(labels))
            assert all(each.is_certain for each in reached)
            assert [each.receiver for each in reached] == by_amtool(amtool, tmp_path / "alertmanager.yml", labels)

    check()
