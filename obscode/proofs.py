"""What can be proven of a service: each proof has the rules that it is about, and their unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.artifacts import RuleGroup, RuleTest
from obscode.compile_slo import Plan, slo_groups
from obscode.definition import Definition
from obscode.project import Project
from obscode.service import Service
from obscode.slo_proof import long_tests, slo_tests


@dataclass(frozen=True)
class Proof:
    """Rule groups and the tests that they must pass, all at one pace; ``name`` is what a summary calls it."""

    name: str
    pace: str
    groups: Sequence[RuleGroup]
    tests: Sequence[RuleTest]
    source: Definition
    slow: bool = False


def proofs(service: Service, project: Project) -> Iterator[Proof]:
    """The proofs of a service: two an SLO, for its short and for its long windows."""
    for slo in service.slos:
        plan = Plan(slo, service, project)
        groups = slo_groups(slo, service, project)
        name = f"{service.name}/{slo.name}"
        yield Proof(name, plan.interval, groups, slo_tests(plan), slo)
        if tests := long_tests(plan):
            slow = [group for group in groups if group.interval == plan.slow_interval]
            yield Proof(f"{name} (long windows)", plan.slow_interval, slow, tests, slo, slow=True)
