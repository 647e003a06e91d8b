"""A receiver that creates issues in Jira."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from obscode.model.receivers.base import HttpIntegration
from obscode.promql.duration import Duration


@dataclass(frozen=True)
class Jira(HttpIntegration):
    """A receiver that creates issues in Jira, and resolves them; needs Alertmanager 0.28.

    `receivers.Jira(project="SHOP", issue_type="Bug", api_url="https://example.atlassian.net/rest/api/3/", http=login)`

    Attributes:
        project: the key of the project.
        issue_type: the type of the issue, such as `Bug`.
        api_url: the URL of the API; by default `jira_api_url` of `global`.
        summary: the template of the title.
        description: the template of the text.
        labels: the labels of the issue.
        priority: the priority of the issue, or a template.
        resolve_transition: the transition that resolves the issue.
        reopen_transition: the transition that opens the issue again.
        reopen_duration: for how long after it was resolved the issue is opened again, a duration.
        wont_fix_resolution: the resolution of issues that are not opened again.
        fields: further fields of the issue.
        api_type: `cloud` or `datacenter`; by default from the URL; needs Alertmanager 0.29.
    """

    _: KW_ONLY
    project: str = ""
    issue_type: str = ""
    api_url: str = ""
    summary: str = ""
    description: str = ""
    labels: Sequence[str] = ()
    priority: str = ""
    resolve_transition: str = ""
    reopen_transition: str = ""
    reopen_duration: Duration = ""
    wont_fix_resolution: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    api_type: Literal["", "auto", "cloud", "datacenter"] = ""

    integration = "jira_configs"
