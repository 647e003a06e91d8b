"""Settings of configurations in plain data, by the keys of their files, without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from obscode.diff.change import Edit
from obscode.diff.json_differences import Difference, Path, differences
from obscode.diff.sentences import listed, quoted, quoted_pair
from obscode.promql import duration

_SECRET = re.compile(
    r"(?:.*[_.-])?(?:password|passphrase|secrets?|token|token_id|credentials|key|cookie|authorization)"
    r"|basicAuthPassword|x-.*key",
    re.IGNORECASE,
)
# Keys that end like those of secrets.
_PLAIN = re.compile(r"(?:.*_)?(?:file|ref|name|type|access_key|key_id|public_key|routing_key_template|sort_key)")
_SECRET_URL = re.compile(r"(?:.*_)?(?:webhook_url|api_url)")
_SECRET_NAMES = ("secret", "secretKeyRef", "secretRef")
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")


def setting_edits(
    before: Any, after: Any, default: Any = None, prefix: str = "", lists: Mapping[str, str] | None = None
) -> Iterator[Edit]:
    """The edits of settings, each with its key: `scrape_interval 15s -> 30s`, `tls_config.ca_file "a" -> "b"`.

    ``lists`` are keys of lists whose items have names, with the key of the name.
    """
    old, new = (_comparable(value, lists or {}) for value in (before, after))
    for each in differences(old, new, default):
        yield setting_edit(prefix, each)


def setting_edit(prefix: str, each: Difference) -> Edit:
    """The edit of a setting; a secret is not displayed."""
    what = ".".join(filter(None, [prefix, _dotted(each.path)]))
    if _is_secret(each.path):
        texts = [
            None if value in (None, "") else text
            for value, text in ((each.before, "a secret"), (each.after, "a secret"))
        ]
        if None not in texts:
            texts = ["a secret", "another secret"]
        return Edit(what, texts[0], texts[1])
    if _SECRET_URL.fullmatch(str(each.path[-1] if each.path else "")):
        hosts = [_host(value) for value in (each.before, each.after)]
        return Edit(what, hosts[0], hosts[1] if hosts[0] != hosts[1] else f"another URL of {hosts[1]}")
    return Edit(what, *_texts(each))


def _texts(each: Difference) -> tuple[str | None, str | None]:
    values = each.before, each.after
    if all(isinstance(value, str) and value and not _DURATION.fullmatch(value) for value in values):
        before, after = quoted_pair(*values)
    else:
        before, after = (plain_text(value) for value in values)
    if each.is_default_before:
        before = f"{before} (default)"
    if each.is_default_after:
        after = f"{after} (default)"
    if isinstance(each.before, bool) or isinstance(each.after, bool):
        return before or "false", after or "false"
    return before or None, after or None


def plain_text(value: Any) -> str:
    """A value as YAML has it, in one line; durations and numbers without quotes."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _DURATION.fullmatch(value) else quoted(value)
    if isinstance(value, Mapping):
        parts = (f"{key}: {_secret_or_text(str(key), item)}" for key, item in value.items())
        return _short(f"{{{', '.join(parts)}}}")
    if isinstance(value, list | tuple):
        if all(not isinstance(item, Mapping | list | tuple) for item in value):
            return listed((plain_text(item) for item in value), 6)
        return _short(f"[{', '.join(map(plain_text, value))}]")
    return str(value)


def _secret_or_text(key: str, value: Any) -> str:
    return "a secret" if _is_secret((key,)) or _SECRET_URL.fullmatch(key) else plain_text(value) or "null"


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."


def _dotted(path: Path) -> str:
    text = "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


def _is_secret(path: Path) -> bool:
    keys = [str(key) for key in path if isinstance(key, str)]
    if not keys or (len(keys) > 1 and keys[-2] in _SECRET_NAMES):
        return False
    return _SECRET.fullmatch(keys[-1]) is not None and not _PLAIN.fullmatch(keys[-1])


def _host(value: Any) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return urlsplit(value).hostname or "a secret"


def _comparable(value: Any, lists: Mapping[str, str]) -> Any:
    """The value with durations in one form, and with lists of named items as objects."""
    if isinstance(value, Mapping):
        return {key: _comparable(_named(item, lists.get(key, "")), lists) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_comparable(item, lists) for item in value]
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return normal_duration(value)
    return value


def normal_duration(text: str) -> str:
    """A duration in its usual form: `1h` of `60m`; the text itself if it is none."""
    try:
        return duration.format_duration(duration.milliseconds(text))
    except ValueError:
        return text


def _named(value: Any, key: str) -> Any:
    if not key or not isinstance(value, list) or not all(isinstance(item, Mapping) and key in item for item in value):
        return value
    names = [str(item[key]) for item in value]
    if len(set(names)) < len(names):
        return value
    return {name: {k: v for k, v in item.items() if k != key} for name, item in zip(names, value, strict=True)}
