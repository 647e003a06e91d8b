"""A receiver that sends e-mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from obscode.findings.finding import Finding
from obscode.model.http import TLS
from obscode.model.receivers.base import RECEIVER_SETTINGS, Integration
from obscode.model.secrets import SecretFile

if TYPE_CHECKING:
    from obscode.model.project import Project

_SUBJECT = "Subject"


@dataclass(frozen=True)
class Email(Integration):
    """A receiver that sends e-mail. Its server and sender are its own, or those of `Routing(settings={"global": ...})`.

    `receivers.Email(to="shop@example.com", from_="alerts@example.com", smarthost="smtp.example.com:587")`

    Attributes:
        to: the address, or several.
        from_: the address of the sender; by default `smtp_from` of `global`.
        smarthost: the host and port of the SMTP server; by default `smtp_smarthost` of `global`.
        hello: the name of Alertmanager's machine for the SMTP server.
        auth_username: the user name for the SMTP server.
        auth_password_file: the file with the password for the SMTP server.
        auth_secret_file: the file with the secret of CRAM-MD5; needs Alertmanager 0.31.
        auth_identity: the identity of PLAIN; by default the user name.
        require_tls: whether the connection must be encrypted; by default `smtp_require_tls` of `global`, or True.
        tls: TLS of the connection.
        subject: the template of the subject.
        headers: further headers, templates by name.
        html: the template of the text in HTML.
        text: the template of the text without HTML.
    """

    output_keys = {"from": "from_", "tls_config": "tls"}  # noqa: RUF012  a ClassVar of the base

    _: KW_ONLY
    to: str | Sequence[str] = ""
    from_: str = ""
    smarthost: str = ""
    hello: str = ""
    auth_username: str = ""
    auth_password_file: SecretFile = ""
    auth_secret_file: SecretFile = ""
    auth_identity: str = ""
    require_tls: bool | None = None
    tls: TLS | None = None
    subject: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    html: str = ""
    text: str = ""

    integration = "email_configs"

    def own_settings(self, project: Project) -> Mapping[str, Any]:
        settings = dict(super().own_settings(project))
        if isinstance(self.to, tuple) and self.to:
            settings["to"] = ", ".join(self.to)
        if settings.pop("subject", None):
            settings["headers"] = {_SUBJECT: self.subject, **self.headers}
        return settings

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for i, header in enumerate(self.headers):
            if self.subject and header.title() == _SUBJECT:
                message = "the subject is an argument, and in headers="
                yield self.finding(RECEIVER_SETTINGS, message, "remove one of them", at="headers", item=i)
