"""A receiver that posts alerts to a URL as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.receivers.base import Receiver
from obscode.model.urls import validate_url


@dataclass(frozen=True)
class Webhook(Receiver):
    """A receiver that posts alerts to a URL as JSON. It needs either ``url`` or ``url_file``.

    Attributes:
        url: the URL.
        url_file: the path of a file on Alertmanager's machine that holds the URL, to keep a secret out of the code;
            needs Alertmanager 0.26.
    """

    _: KW_ONLY
    url: str = ""
    url_file: str = ""

    integration = "webhook_configs"

    def settings(self) -> Mapping[str, Any]:
        return {"url": self.url} if self.url else {"url_file": self.url_file}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if bool(self.url) == bool(self.url_file):
            message = f"a webhook has {'both url= and' if self.url else 'neither url= nor'} url_file="
            yield self.finding(
                codes.WEBHOOK_URL, message, "write one of them; url_file= keeps a secret out of the code"
            )
        elif self.url and (wrong := validate_url(self.url)):
            yield self.finding(codes.URL, *wrong, at="url")
