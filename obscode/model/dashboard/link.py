"""Links: above a dashboard, in a panel's corner, on a series or a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.identifiers import Invalid


@dataclass(frozen=True)
class Link(ConstrainedDefinition):
    """A link to a URL, or, above a dashboard, to every dashboard that has the ``tags``.

    In a URL, `${__url_time_range}` and `${__all_variables}` are what the reader looks at; on data,
    `${__field.labels.instance}` and `${__data.fields.service}` are the labels and cells pointed at.
    ``keep_time`` and ``keep_variables`` add the first two for a link above a dashboard.
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
            yield self.finding("link", f"link {self.title!r} needs either a url or tags", 'write url="https://..."')


@constraints.constraint("a link with a URL")
def to_url(value: object) -> Invalid:
    """A link on a panel or its data, where tags lead nowhere."""
    if isinstance(value, Link) and value.tags:
        return f"{value.title!r} leads to tags, which only a dashboard shows", "give it a url"
    return None
