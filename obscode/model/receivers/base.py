"""What receivers have in common: a name, and the integrations of Alertmanager with their settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, MISSING, dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.http import TLS, Client
from obscode.model.secrets import Secret

if TYPE_CHECKING:
    from obscode.model.project import Project

RECEIVER_SETTINGS = Code(
    "receiver-settings",
    "A key is in `settings=` of a receiver or is one of its arguments, not both.",
    why="Alertmanager has one value for a key.",
    bad='receivers.Slack(channel="#shop", url_file="/run/secrets/slack", settings={"channel": "#team"})',
    good='receivers.Slack(channel="#team", url_file="/run/secrets/slack", settings={"link_names": True})',
)

Integrations = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Receiver(Definition):
    """Base of the receivers: a name, and the integrations that notify.

    Attributes:
        name: the receiver's name in Alertmanager, any text.
    """

    name: str

    #: What messages propose to write.
    example: ClassVar[str] = "receivers.Slack(...), receivers.PagerDuty(...) or another receiver"

    def integrations_for(self, project: Project) -> Integrations:
        """The integrations as in Alertmanager's configuration, such as `{"slack_configs": [{...}]}`.

        They depend on the project: on its oldest version of Alertmanager, and on its severities.
        """
        return {}

    def receiver_labels(self) -> Mapping[str, str]:
        """The labels of the receiver in Alertmanager's API."""
        return {}

    def problems(self) -> Iterator[Finding]:
        if not self.name:
            yield self.finding(codes.RECEIVER_NAME, "the receiver has no name", 'write "pager", for example', at="name")


@dataclass(frozen=True)
class Integration(Receiver):
    """Base of the receivers with one integration. Its further arguments are keys of the integration.

    A kind names its ``integration`` and declares the keys that it takes as arguments. Arguments with other names than
    their keys are in ``output_keys``. Empty ones are left out.

    Attributes:
        name: the receiver's name in Alertmanager; by default the kind in lower case, such as `slack`.
        send_resolved: whether a notification is sent when the alert is resolved, too.
        settings: further keys of the integration, as in Alertmanager's configuration.
    """

    name: str = ""
    _: KW_ONLY
    send_resolved: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    #: The key of the integration in Alertmanager's configuration, such as `webhook_configs`.
    integration: ClassVar[str] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name == "":
            vars(self)["name"] = type(self).__name__.lower()

    def integration_for(self, project: Project) -> str:
        """The key of the integration that the project's oldest Alertmanager has."""
        return self.integration

    def defaults(self, project: Project) -> Mapping[str, Any]:
        """Settings in place of Alertmanager's own defaults."""
        return {}

    def integrations_for(self, project: Project) -> Integrations:
        content = {**self.defaults(project), **self.own_settings(project), **self.settings}
        return {self.integration_for(project): [plain(content)]}

    def own_settings(self, project: Project) -> Mapping[str, Any]:
        """The settings of the arguments, by key of the integration."""
        values = {key: getattr(self, at) for key, at in self.arguments().items() if self._is_written(at)}
        http_config = {"http_config": values.pop("http_config")} if "http_config" in values else {}
        return {**values, **http_config, "send_resolved": self.send_resolved}

    @classmethod
    def arguments(cls) -> Mapping[str, str]:
        """The arguments that are keys of the integration, by key."""
        keys = {at: key for key, at in cls.output_keys.items()}
        general = {spec.name for spec in fields(Integration)}
        return {keys.get(spec.name, spec.name): spec.name for spec in fields(cls) if spec.name not in general}

    def _is_written(self, argument: str) -> bool:
        """Whether an argument has another value than its default."""
        return bool(getattr(self, argument) != _defaults(type(self))[argument])

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        arguments = self.arguments()
        for i, key in enumerate(self.settings):
            if key == "send_resolved":
                hint = f"write send_resolved={self.settings[key]}"
                yield self.finding(RECEIVER_SETTINGS, f"{key!r} is an argument", hint, at="settings", item=i)
            elif (at := arguments.get(key)) and self._is_written(at):
                message = f"{key!r} is in settings=, and {at}= is an argument"
                yield self.finding(RECEIVER_SETTINGS, message, "remove one of them", at="settings", item=i)


@dataclass(frozen=True)
class HttpIntegration(Integration):
    """Base of the receivers with an integration that Alertmanager accesses over HTTP.

    Attributes:
        http: how Alertmanager accesses the service: authentication, TLS and proxy.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"http_config": "http"}

    _: KW_ONLY
    http: Client | None = None


@cache
def _defaults(kind: type[Integration]) -> Mapping[str, Any]:
    """The defaults of the arguments."""
    return {
        spec.name: spec.default if spec.default_factory is MISSING else spec.default_factory()
        for spec in fields(kind)
        if spec.init
    }


def plain(value: Any) -> Any:
    """A setting as plain data: a Secret as the path of its file, a client as `http_config`, TLS as `tls_config`."""
    if isinstance(value, Secret):
        return value.path("alertmanager")
    if isinstance(value, Client):
        return plain(value.configuration("alertmanager"))
    if isinstance(value, TLS):
        return plain(value.settings("alertmanager"))
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
