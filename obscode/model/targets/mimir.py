"""Rule files for the rulers of Mimir, Cortex and Grafana Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.targets.base import Target
from obscode.promql import duration
from obscode.promql.duration import Duration

MIMIR_TARGET = Code(
    "mimir-target",
    "A namespace of Mimir is a name without `/`, a tenant one folder, and limits are 0 or more.",
    why="mimirtool puts the namespace into a URL, and obscode the tenant into a path.",
    bad='targets.Mimir(namespace="team/shop")',
    good='targets.Mimir(namespace="team-shop")',
)


@dataclass(frozen=True)
class Mimir(Target):
    """Rule files for the ruler of Mimir, Cortex or Grafana Cloud, in the format of mimirtool.

    `mimirtool rules sync --id=TENANT build/mimir/*.yml`

    A group of more rules than the ruler allows is written as several groups, so that rules that read each other stay in
    one group where they can.

    Attributes:
        namespace: the namespace of all rules; by default each rule file is a namespace with its name.
        tenant: the tenant, which is a folder of the output; mimirtool takes it as `--id`.
        source_tenants: the tenants whose series the rules read; by default the rules' own.
        query_offset: how far the evaluation is shifted into the past, a duration; by default the ruler's own, 1m.
        align_evaluation_time_on_interval: whether groups are evaluated at multiples of their interval.
        max_rules_per_group: the ruler's limit of rules in a group; 0 is no limit.
        max_groups: the ruler's limit of groups of a tenant; 0 is no limit.
        folder: the folder of the rule files below the output folder.
    """

    group_keys = ("source_tenants", "evaluation_delay", "align_evaluation_time_on_interval")

    _: KW_ONLY
    namespace: str = ""
    tenant: str = ""
    source_tenants: Sequence[str] = ()
    query_offset: Duration = ""
    align_evaluation_time_on_interval: bool = False
    max_rules_per_group: int = 20
    max_groups: int = 70
    folder: str = "mimir"

    def problems(self) -> Iterator[Finding]:
        for at in ("namespace", "tenant"):
            value = getattr(self, at)
            if "/" in value or value in (".", ".."):
                hint = f"write a name such as {value.replace('/', '-').replace('.', '') or 'shop'!r}"
                yield self.finding(MIMIR_TARGET, f"{at} {value!r} is no single name", hint, at=at)
        for at in ("max_rules_per_group", "max_groups"):
            if (value := getattr(self, at)) < 0:
                yield self.finding(MIMIR_TARGET, f"{at} is {value}", "write 0 for no limit", at=at)
        if self.query_offset and (wrong := duration.validate_duration(self.query_offset)):
            yield self.finding(codes.DURATION, *wrong, at="query_offset")
        yield from self.folder_problems(self.folder)
