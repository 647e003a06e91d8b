"""Receivers: what kind, which channel; never a secret."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from obscode.artifacts.alertmanager import Receiver
from obscode.diff.change import Change, Edit, Risk
from obscode.diff.json_differences import frozen
from obscode.diff.pairs import Pairs, pairs
from obscode.diff.plain_settings import plain_text, setting_edits
from obscode.diff.sentences import edit, listed, quoted, sentence
from obscode.findings.secret_text import masked

Settings = Mapping[str, Any]

#: By integration, the settings that say where it sends.
_CHANNELS: Mapping[str, Sequence[str]] = {
    "email": ("to",),
    "slack": ("channel",),
    "mattermost": ("channel",),
    "rocketchat": ("channel",),
    "telegram": ("chat_id", "chat", "message_thread_id"),
    "webex": ("room_id",),
    "sns": ("topic_arn", "target_arn", "phone_number"),
    "victorops": ("routing_key",),
    "jira": ("project",),
    "pagerduty": ("class", "component"),
    "opsgenie": (),
    "pushover": ("device",),
    "wechat": ("to_user", "to_party", "to_tag"),
}
_URLS = ("url", "webhook_url", "api_url")
# https://prometheus.io/docs/alerting/latest/configuration/: the others send resolved alerts by default.
_NOT_RESOLVED = ("email", "slack", "rocketchat", "wechat")


def receiver_pairs(before: Sequence[Receiver], after: Sequence[Receiver]) -> Pairs[Receiver]:
    """Receivers of the same name, and renamed ones: those that send to the same."""
    return pairs(before, after, [lambda each: each.name, _content])


def _content(receiver: Receiver) -> Hashable:
    return (
        frozen({k: list(v) for k, v in receiver.integrations.items()}) if any(receiver.integrations.values()) else None
    )


def receiver_changes(same: Pairs[Receiver], used: frozenset[str], place: str) -> Iterator[Change]:
    """The changes of receivers; ``used`` are those to which routes send alerts."""
    for old, new in same.both:
        edits = list(_edits(old, new))
        if old.name != new.name:
            edits.insert(0, Edit("name", quoted(old.name), quoted(new.name), "text"))
        if edits:
            text = sentence(f"Receiver {quoted(new.name)}{place}", edits)
            yield Change("receiver", new.name, text, _risk(edits), edits=edits, source=new.source)
    for old in same.removed:
        risk: Risk = "lost" if old.name in used and any(old.integrations.values()) else "changed"
        text = f"Receiver {quoted(old.name)}{place} ({_all(old)}) is removed."
        yield Change("receiver", old.name, text, risk, "removed", source=old.source)
    for new in same.added:
        text = f"Receiver {quoted(new.name)}{place} ({_all(new)}) is added."
        yield Change("receiver", new.name, text, "stricter", "added", source=new.source)


def _risk(edits: Sequence[Edit]) -> Risk:
    order: Sequence[Risk] = ("lost", "weaker", "changed", "stricter", "text")
    return min((edit.risk for edit in edits), key=order.index)


def _all(receiver: Receiver) -> str:
    return listed(integration_text(*each) for each in _integrations(receiver)) or "without integrations"


def _integrations(receiver: Receiver) -> list[tuple[str, Settings]]:
    items = receiver.integrations.items()
    return [(key.removesuffix("_configs"), item) for key, items in items for item in items if isinstance(item, Mapping)]


def integration_text(kind: str, settings: Settings) -> str:
    """`slack "#alerts"`, `webhook of alerts.example.com`."""
    texts = [plain_text(settings[key]) for key in _CHANNELS.get(kind, ()) if settings.get(key)]
    if texts:
        return f"{kind} {listed(texts)}"
    host = next((host for key in _URLS if (host := _host(settings.get(key)))), "")
    return f"{kind} of {host}" if host else kind


def _host(value: Any) -> str:
    return (urlsplit(value).hostname or "") if isinstance(value, str) and "://" in value else ""


def _edits(before: Receiver, after: Receiver) -> Iterator[Edit]:
    yield from setting_edits(before.labels, after.labels, prefix="labels")
    same = pairs(
        _integrations(before),
        _integrations(after),
        [
            lambda each: (each[0], frozen(each[1])),
            lambda each: (each[0], integration_text(*each)),
            lambda each: each[0],
        ],
    )
    for (kind, old), (_, new) in same.both:
        several = sum(each[0] == kind for each in _integrations(after)) > 1
        yield from _settings(f"{integration_text(kind, old)}:" if several else kind, kind, old, new)
    if len(same.removed) == len(same.added) == 1:
        yield edit("integration", (integration_text(*each) for each in (*same.removed, *same.added)))
        return
    yield from (Edit("integration", integration_text(*each), None, "lost") for each in same.removed)
    yield from (Edit("integration", None, integration_text(*each), "stricter") for each in same.added)


def _settings(name: str, kind: str, old: Settings, new: Settings) -> Iterator[Edit]:
    default = {"send_resolved": kind not in _NOT_RESOLVED, "http_config": {"follow_redirects": True}}
    for each in setting_edits(old, new, default):
        before, after = each.before, each.after
        if each.what in _URLS and before and after:
            before, after = masked(before), masked(after)
        yield Edit(f"{name} {each.what}", before, after, "changed")
