"""A replacement of relabeling reads groups that the regular expression has.

Why: a group that does not exist is empty. `$1_total` reads the group `1_total`, which no regular expression has;
`${1}_total` reads the group 1.

Bad:
    ScrapeJob(["localhost:8000"], relabel=[
        relabel.Replace("host", "__address__", regex="(.+):.*", replacement="$1_host"),
    ])

Good:
    ScrapeJob(["localhost:8000"], relabel=[
        relabel.Replace("host", "__address__", regex="(.+):.*", replacement="${1}_host"),
    ])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.prometheus import ScrapeConfig
from obscode.checks.check import Context, check
from obscode.checks.relabel_steps import METRIC_RELABEL, RELABEL, placed_steps
from obscode.findings.finding import Finding
from obscode.relabeling.step import missing_groups


@check(ScrapeConfig, severity="warning")
def relabel_group(job: ScrapeConfig, context: Context) -> Iterator[Finding]:
    """References to groups that do not exist."""
    for name in (RELABEL, METRIC_RELABEL):
        for step in placed_steps(job, name):
            for key, message, hint in missing_groups(step.config):
                yield step.finding(relabel_group, key, message, hint)
