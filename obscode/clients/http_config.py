"""Access to servers: `--http-config FILE`, in the format that promtool and amtool read.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from obscode.clients.errors import SERVER
from obscode.findings.errors import LoadError
from obscode.findings.finding import Finding
from obscode.reader.yaml_parser import parse_yaml
from obscode.reader.yaml_section import Report, Section

_KEYS = ("basic_auth", "authorization", "bearer_token", "bearer_token_file", "tls_config", "http_headers")
# promtool reads these, too; they change how requests are sent, not whether they are allowed.
_WITHOUT_EFFECT = ("follow_redirects", "enable_http2")
_TLS_KEYS = (
    "ca",
    "ca_file",
    "cert_file",
    "key_file",
    "server_name",
    "insecure_skip_verify",
    "min_version",
    "max_version",
)


@dataclass(frozen=True)
class HttpConfig:
    """Headers that each request has, and the certificates that are trusted."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: ssl.SSLContext | None = None


def read_http_config(path: Path) -> HttpConfig:
    """Read a file with a `http_config` of Prometheus. Raises LoadError with the place of each mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise LoadError([Finding(SERVER, f"{path} cannot be read: {reason}")]) from None
    stream = parse_yaml(text, str(path))
    report = Report()
    report.findings += stream.findings
    if not stream.documents:
        _stop(report)
    section = Section(report, stream.documents[0], "the HTTP configuration", _KEYS, tolerated=_WITHOUT_EFFECT)
    reader = _Reader(path.parent, report)
    config = HttpConfig(reader.headers(section), reader.tls(section))
    if report.findings:
        _stop(report)
    return config


def _stop(report: Report) -> NoReturn:
    raise LoadError(report.findings or [Finding(SERVER, "the HTTP configuration is empty", "write basic_auth: {...}")])


class _Reader:
    """Reads the parts of one file; paths are relative to its folder, as for Prometheus."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.folder, self.report = folder, report

    def headers(self, section: Section) -> dict[str, str]:
        headers: dict[str, str] = {}
        if basic := section.section("basic_auth", "username", "username_file", "password", "password_file"):
            user = self._text_or_file(basic, "username")
            credentials = f"{user}:{self._text_or_file(basic, 'password')}"
            headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        if bearer := self._text_or_file(section, "bearer_token"):
            headers["Authorization"] = f"Bearer {bearer}"
        if authorization := section.section("authorization", "type", "credentials", "credentials_file"):
            token = self._text_or_file(authorization, "credentials")
            headers["Authorization"] = f"{authorization.text('type') or 'Bearer'} {token}"
        return headers | self._further_headers(section)

    def _further_headers(self, section: Section) -> dict[str, str]:
        node = section.value("http_headers")
        headers: dict[str, str] = {}
        for name, entry in node.entries.items() if node else ():
            header = Section(self.report, entry.value, f"the header {name}", ("values", "secrets", "files"), entry.key)
            values = [item.raw for key in ("values", "secrets") for item in header.items(key)]
            values += [self._file(header, "files", item.raw) for item in header.items("files")]
            headers[name] = ", ".join(values)
        return headers

    def tls(self, section: Section) -> ssl.SSLContext | None:
        tls = section.section("tls_config", *_TLS_KEYS)
        if tls is None:
            return None
        try:
            context = ssl.create_default_context(cafile=self._path(tls, "ca_file"), cadata=tls.text("ca") or None)
            if certificate := self._path(tls, "cert_file"):
                context.load_cert_chain(certificate, self._path(tls, "key_file"))
        except OSError as error:
            self.report.add(SERVER, f"the certificates cannot be read: {error.strerror or error}", span=tls.place)
            return None
        if tls.flag("insecure_skip_verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _text_or_file(self, section: Section, key: str) -> str:
        if f"{key}_file" in section:
            return self._file(section, f"{key}_file", section.text(f"{key}_file"))
        return section.text(key)

    def _path(self, section: Section, key: str) -> str | None:
        return str(self.folder / section.text(key)) if section.text(key) else None

    def _file(self, section: Section, key: str, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            section.error_at(key, SERVER, f"{key}: {name} cannot be read: {reason}", "")
            return ""
