"""Secrets in texts: tokens of known formats, private keys, and credentials in URLs. Pure text, without any context.

Only what is certain by its form: the prefix and the length of a token, the place in a URL. Placeholders, templates and
variables are no secrets: `{{ ... }}`, `${TOKEN}`, `<token>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple


class SecretText(NamedTuple):
    """A secret in a text: where it is, and a message without it: `the value contains a token of GitHub`."""

    start: int
    end: int
    message: str


_WORD = r"(?<![A-Za-z0-9_-])"
_END = r"(?![A-Za-z0-9])"
# For each format: texts of which every such token has one, which are found fast, and the whole token.
_TOKENS: Sequence[tuple[Sequence[str], str, str]] = (
    (("PRIVATE KEY",), r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----[^-]*", "a private key"),
    (("AKIA", "ASIA"), rf"{_WORD}A(?:KIA|SIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{{16}}{_END}", "an access key of AWS"),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), rf"{_WORD}gh[opsur]_[A-Za-z0-9]{{36,}}", "a token of GitHub"),
    (("github_pat_",), rf"{_WORD}github_pat_[A-Za-z0-9_]{{36,}}", "a token of GitHub"),
    (("glpat-",), rf"{_WORD}glpat-[A-Za-z0-9_-]{{20,}}", "a token of GitLab"),
    (("xox", "xapp-"), rf"{_WORD}(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{{10,}}", "a token of Slack"),
    (
        ("eyJ",),
        rf"{_WORD}eyJ[A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}\.[A-Za-z0-9_-]{{8,}}",
        "a JSON Web Token",
    ),
    (("eyJrIjoi",), rf"{_WORD}eyJrIjoi[A-Za-z0-9]{{40,}}={{0,2}}", "an API key of Grafana"),
    (("glsa_",), rf"{_WORD}glsa_[A-Za-z0-9]{{32}}_[0-9a-fA-F]{{8}}", "a token of Grafana"),
    (("glc_",), rf"{_WORD}glc_[A-Za-z0-9+/]{{32,}}={{0,2}}", "a token of Grafana Cloud"),
    (("AIza",), rf"{_WORD}AIza[A-Za-z0-9_-]{{35}}{_END}", "an API key of Google"),
    (("ya29.",), rf"{_WORD}ya29\.[A-Za-z0-9_-]{{30,}}", "a token of Google"),
    (("GOCSPX-",), rf"{_WORD}GOCSPX-[A-Za-z0-9_-]{{28}}", "a secret of Google"),
    (("_live_", "_test_"), rf"{_WORD}[sr]k_(?:live|test)_[A-Za-z0-9]{{20,}}", "a key of Stripe"),
    (("npm_",), rf"{_WORD}npm_[A-Za-z0-9]{{36}}{_END}", "a token of npm"),
    (("pypi-",), rf"{_WORD}pypi-[A-Za-z0-9_-]{{60,}}", "a token of PyPI"),
    (("SG.",), rf"{_WORD}SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{32,64}}", "an API key of SendGrid"),
    (("sk-ant-", "sk-proj-"), rf"{_WORD}sk-(?:ant|proj)-[A-Za-z0-9_-]{{20,}}", "an API key"),
    (("hf_",), rf"{_WORD}hf_[A-Za-z]{{34}}{_END}", "a token of Hugging Face"),
    (("dop_v1_",), rf"{_WORD}dop_v1_[0-9a-f]{{64}}", "a token of DigitalOcean"),
    (("hvs.",), rf"{_WORD}hvs\.[A-Za-z0-9_-]{{24,}}", "a token of Vault"),
    (("NRAK-",), rf"{_WORD}NRAK-[A-Z0-9]{{27}}{_END}", "an API key of New Relic"),
    (
        (":AA",),
        r"(?<![0-9])(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])",
        "the token of a Telegram bot",
    ),
)
_URL = r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s\"'<>`\\]+"
# A template, a variable or a placeholder is no secret: `?token={{ ... }}`, `$token`, `[token]`, `xxx`, `...`.
_PLACEHOLDER = r"(?![{$\[<]|%\(|\*+(?:[&#]|$)|\.\.\.|[xX]+(?:[&#]|$)|(?i:redacted|your[-_]|changeme|placeholder))"
_PARAMETER = (
    rf"[?&]((?i:access[-_]?key|access[-_]?token|api[-_]?key|auth[-_]?key|auth[-_]?token|bearer[-_]?token|"
    rf"client[-_]?secret|integration[-_]?key|pass|passphrase|passwd|password|private[-_]?key|pwd|refresh[-_]?token|"
    rf"routing[-_]?key|secret|secret[-_]?key|sig|signature|subscription-key|token|x-amz-signature|x-goog-signature))"
    rf"=({_PLACEHOLDER}[^&#\s\"']+)"
)
# Parameters that may have another meaning, such as `?key=OPS-123`: secrets if the value looks random.
_UNCLEAR_PARAMETER = (
    rf"[?&]((?i:auth|authorization|code|credentials?|id_token|key|sas|session))=({_PLACEHOLDER}[^&#\s\"']+)"
)
_ID = r"[A-Za-z0-9_-]"
# Paths and parameters that are secrets, since a reader of the URL can send messages.
_WEBHOOKS = (
    r"(?i)(?:hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/\S"
    r"|(?:\w+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\S"
    r"|[\w.-]*webhook\.office(?:365)?\.(?:com|us)/\S"
    r"|outlook\.office(?:365)?\.com/webhook/\S"
    r"|api\.telegram\.org/bot\S"
    rf"|events(?:\.eu)?\.pagerduty\.com/(?:integration|x-ere)/{_ID}{{16,}}"
    rf"|alert\.victorops\.com/integrations/generic/\d+/alert/{_ID}{{16,}}"
    r"|hooks\.zapier\.com/hooks/catch/\d+/\w"
    r"|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/(?:v2/)?hook/\w"
    r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=\w"
    r"|chat\.googleapis\.com/v1/spaces/\S*key=\w"
    rf"|webexapis\.com/v1/webhooks/incoming/{_ID}{{16,}}"
    rf"|maker\.ifttt\.com/(?:\S*/)?key/{_ID}{{10,}}"
    r"|(?:hc-ping\.com|hchk\.io)/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}"
    r"|nosnch\.in/[0-9a-f]{10}"
    rf"|api\.squadcast\.com/v\d/incidents/\w+/{_ID}{{16,}}"
    rf"|www\.zenduty\.com/api/events/{_ID}{{16,}}"
    rf"|[\w.:-]+/(?:oncall/)?integrations/v1/\w+/{_ID}{{20,}})"
)
# The marks of placeholders in the path of a webhook: `/services/T00/B00/XXX` in a documentation is none of them.
_IN_PATH = r"\{\{|\$\{?\w|%\(|\[\w+\]|\.\.\.|(?i:/x{3,}|your[-_]|placeholder|redacted|changeme)"
_NO_USER = ("{{", "$", "%(", "[", "(", "*")
_MARKERS = ("://", *(marker for markers, _, _ in _TOKENS for marker in markers))


def has_marker(text: str) -> bool:
    """Whether a text, or several joined, may contain a secret: fast, and true for every text that does."""
    return any(marker in text for marker in _MARKERS)


@cache  # an import compiles none: most runs need none
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def secret_texts(text: str) -> Iterator[SecretText]:
    """The secrets in a text."""
    for markers, pattern, what in _TOKENS:
        if any(marker in text for marker in markers):
            for match in _compiled(pattern).finditer(text):
                yield SecretText(match.start(), match.end(), f"the value contains {what}")
    if "://" in text:
        for match in _compiled(_URL).finditer(text):
            for secret in _in_url(match.group()):
                yield secret._replace(start=secret.start + match.start(), end=secret.end + match.start())


def _in_url(url: str) -> Iterator[SecretText]:
    scheme = url.index("://") + 3
    authority = re.split(r"[/?#]", url[scheme:], maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    name = host or "an unknown host"
    if at and user and not user.startswith(_NO_USER) and not _is_placeholder(user.partition(":")[2] or user):
        what = "a user and a password" if ":" in user else "a user or a token before the @"
        yield SecretText(scheme, scheme + len(user), f"a URL of {name} contains {what}")
    for parameter in _compiled(_PARAMETER).finditer(url):
        what = f"a URL of {name} contains a secret: the parameter {parameter[1]}"
        yield SecretText(parameter.start(2), parameter.end(2), what)
    yield from _unclear_parameters(url, name)
    start = scheme + len(user) + len(at)
    if (webhook := _compiled(_WEBHOOKS).match(url, start)) and not _compiled(_IN_PATH).search(url, start):
        yield SecretText(
            start + len(host) + 1, max(len(url), webhook.end()), f"a URL of {name} contains a secret: the path"
        )


def _unclear_parameters(url: str, host: str) -> Iterator[SecretText]:
    for parameter in _compiled(_UNCLEAR_PARAMETER).finditer(url):
        from obscode.findings.random_text import is_mixed  # compiles expressions that most runs do not need

        if is_mixed(parameter[2], shortest=8):
            what = f"a URL of {host} contains a secret: the parameter {parameter[1]}"
            yield SecretText(parameter.start(2), parameter.end(2), what)


def _is_placeholder(text: str) -> bool:
    return re.match(_PLACEHOLDER, text) is None or not text


_SECRET_KEY = r"""(?<![A-Za-z0-9])(?:\w+[_-])?(?:password|passwd|passphrase|secret|credentials|token|api[_-]?key
    |routing_key|service_key|user_key|private_key|secret_key|access_key|consumer_key|authorization|cookie)["']?\s*"""
_OPEN = r"""[\[({]?\s*[bfruBFRU]{0,2}["']{1,3}"""
# The value of a key with a secret, in Python and JSON; in a line of YAML.
_QUOTED = rf"""(?ix){_SECRET_KEY}[:=]\s*{_OPEN}([^"'\n]{{4,}})"""
_PLAIN = rf"""(?ix){_SECRET_KEY}:[ ]+([^\s"'{{\[&*!|>$<(][^\s"'\#(]{{3,}})"""
# `user:password@host:80`, which is no address of a target; not the digest of an image, `shop:v1@sha256:1f`.
_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
_ADDRESSES = (
    rf"""(?<=["'])(?!\w+://)([^\s"'@:={{}}()]+:[^\s"']+)@{_HOST}(?::[0-9]{{1,5}})?(?=["'/])""",
    rf"""(?<![^\s,\[])(?!\w+://)([^\s"'@:={{}}()/\[]+:[^\s"'/@]+)@{_HOST}:[0-9]{{1,5}}(?!\w)""",
)
_KEYS = ("password", "passwd", "passphrase", "secret", "credentials", "token", "key", "authorization", "cookie", "file")
# In place of the path of a file: a URL, or a text without a folder and an extension.
_FILE = rf"""(?ix)\w_file["']?\s*[:=]\s*{_OPEN}(?![/.~$%{{])([^"'\n/.]{{4,}}(?=["'\n]|$)|\w+://[^"'\n]+)"""


def masked(text: str) -> str:
    """The text with a `*` in place of each character of a secret, so that a message has none."""
    return _masked(text, [_QUOTED])


def masked_line(line: str) -> str:
    """As ``masked``, for a line of a source file, which may be YAML."""
    from obscode.findings.client_calls import client_secrets  # compiles expressions that only findings need

    return _masked(line, [_QUOTED, _PLAIN, _FILE], [*client_secrets(line)])


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with a `*` in place of each character of some secrets, and of those of known forms.

    For output with PromQL and labels: values of labels such as `token` stay.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "*" * len(secret))
    return _masked(text, [])


def _masked(text: str, keys: Sequence[str], spans: Sequence[tuple[int, int]] = ()) -> str:
    spans = [*spans, *((secret.start, secret.end) for secret in secret_texts(text))]
    if "@" in text:
        spans += (match.span(1) for pattern in _ADDRESSES for match in _compiled(pattern).finditer(text))
    lower = text.lower()
    if any(key in lower for key in _KEYS):
        spans += (match.span(1) for pattern in keys for match in _compiled(pattern).finditer(text))
    if "?" in text:  # a path with a query, too
        spans += (match.span(2) for match in _compiled(_PARAMETER).finditer(text))
    for start, end in spans:
        text = text[:start] + "*" * (end - start) + text[end:]
    return text
