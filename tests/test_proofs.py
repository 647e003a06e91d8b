"""The generated unit tests of this project's own services pass, on every promtool at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from obscode.pipeline import compiled
from obscode.proofs import Proof, proofs
from obscode.tools import Tool
from obscode.unit_tests import run_one

_ARTIFACTS = compiled(Path(__file__).parents[1] / "definitions").artifacts
_PROOFS = [proof for service in _ARTIFACTS.services for proof in proofs(service, _ARTIFACTS.project)]


@pytest.mark.parametrize("proof", _PROOFS, ids=lambda proof: proof.name)
def test_the_rules_do_what_their_windows_and_factors_say(proof: Proof, promtool: Tool) -> None:
    outcome = run_one(proof, promtool)
    assert outcome.passed, outcome.said


def test_a_rule_that_is_changed_is_noticed(promtool: Tool) -> None:
    from dataclasses import replace

    from obscode.mutants import mutants

    proof = _PROOFS[0]
    changed = [m for m in mutants(proof.groups) if "14.4 becomes" in m.change or m.change.endswith("> becomes <")][:4]
    assert len(changed) == 4
    for mutant in changed:
        assert not run_one(replace(proof, groups=mutant.groups), promtool).passed, mutant.change
