"""Links above a dashboard, on a panel, on a series or on a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.identifiers import Invalid

LINK_TARGET = Code(
    "link-target",
    "A link has either a `url` or `tags`.",
    why="It leads to one address, or to every dashboard with the tags.",
    bad='Link("Runbook")',
    good='Link("Runbook", "https://example.com/runbook")',
)


@dataclass(frozen=True)
class Link(ConstrainedDefinition):
    """A link to a URL or, above a dashboard, to every dashboard with some tags.

    A URL may contain `${__url_time_range}` and `${__all_variables}`; on data, also `${__field.labels.instance}` and
    `${__data.fields.service}`.

    Attributes:
        title: the text of the link.
        url: an address, or a path in Grafana such as `/d/shop`.
        tags: tags of dashboards, instead of a URL.
        keep_time: keep the time range; only for links above a dashboard.
        keep_variables: keep the variables; only for links above a dashboard.
        new_tab: open in a new tab.
        tooltip: a text shown under the pointer.
    """

    title: str
    url: str = ""
    _: KW_ONLY
    tags: Sequence[str] = ()
    keep_time: bool = True
    keep_variables: bool = True
    new_tab: bool = False
    tooltip: str = ""

    code_prefix = "link"
    arguments = constraints.constraints(
        title=constraints.non_empty,
        url=constraints.optional(grafana_values.url),
    )
    items = constraints.constraints(tags=constraints.non_empty)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if bool(self.url) == bool(self.tags):
            message = f"link {self.title!r} needs either a url or tags"
            yield self.finding(LINK_TARGET, message, 'write url="https://..." or tags=["shop"]')


@constraints.constraint("a link with a URL")
def to_url(value: object) -> Invalid:
    """A link on a panel or its data, where Grafana supports no tags."""
    if isinstance(value, Link) and value.tags:
        return f"{value.title!r} has tags, which only links above a dashboard support", "write a url"
    return None
