"""URLs are what Go's url.Parse accepts; hints for others can be pasted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from obscode.model.urls import validate_runbook_url, validate_url
from obscode.toolchain import Tool
from obscode.verify.processes import run

VALID = [
    "http://x",
    "https://x.example.com:8443/a/b?c=d&e=%zz#f",
    "http://user:secret@x/",
    "http://user:p%40ss@x/",
    "http://[::1]:9093/",
    "http://[fe80::1%25eth0]/",
    "http://127.0.0.1:1/",
    "http://x:65535/",
    "http://a_b/",
    "HTTP://x/",
    "http://x/%20b%2F",
    "http://x/größe",
    "http://größe/",
    "http://x/a|b^{c}",
    "http://x/?a b".replace(" ", "+"),
]
INVALID = {
    "": 'write "http://host:port/path"',
    "x": 'write "http://host:port/path"',
    "localhost:9090": 'write "http://localhost:9090"',
    "ftp://x/": 'write "http://host:port/path"',
    "javascript:alert(1)": 'write "http://host:port/path"',
    "//x/y": 'write "http://host:port/path"',
    "http://": 'write "http://host:port/path"',
    "http:///a": 'write "http://host:port/path"',
    "http://:80/": 'write "http://host:port/path"',
    "http://x/%zz": 'write "%25zz" for the character %',
    "http://x/%": 'write "%25" for the character %',
    "http://x/%2": 'write "%252" for the character %',
    "http://x/#%zz": 'write "%25zz" for the character %',
    "http://x/a b": "write %20 for a space",
    "http://x y/": "write %20 for a space",
    "http://x/\n": "remove it",
    "http://x/\x7f": "remove it",
    "http://x:y/": "write a port from 1 to 65535, or none",
    "http://x:0/": "write a port from 1 to 65535, or none",
    "http://x:65536/": "write a port from 1 to 65535, or none",
    "http://::1/": 'write "http://[::1]/"',
    "http://[::1/": 'write it in brackets, such as "http://[::1]:8000/"',
    "http://[x]/": 'write it in brackets, such as "http://[::1]:8000/"',
    "http://[::1]x/": "write a port from 1 to 65535, or none",
    "http://a:b c@x/": "write %20 for a space",
    "http://a<b@x/": "write them as %40, for example",
    "http://x%20y/": 'write "http://host:port/path"',
    "http://{x}/": 'write "http://host:port/path"',
    "http://x\\y/": 'write "http://host:port/path"',
}
# Go accepts these; no server is reached at the first four, and the space is probably a mistake.
STRICTER = {
    "http://",
    "http:///a",
    "http://:80/",
    "http://x:0/",
    "http://x:65536/",
    "http://x/a b",
    "http://[x]/",
    "http://::1/",
}


@pytest.mark.parametrize("url", VALID)
def test_urls_are_accepted(url: str) -> None:
    assert validate_url(url) is None


@pytest.mark.parametrize(("url", "hint"), INVALID.items())
def test_other_texts_are_rejected_with_a_hint_that_can_be_pasted(url: str, hint: str) -> None:
    wrong = validate_url(url)
    assert wrong
    assert wrong[0].startswith(f"{url!r} is not a URL")
    assert wrong[1] == hint
    pasted = re.search(r'"(http[^"]*)"', hint)
    assert pasted is None or validate_url(pasted[1].replace("host:port", "host:80")) is None


def test_templates_stand_in_runbooks_of_alerts_only() -> None:
    url = "https://x/{{ $labels.model }}/{{ $labels.job }}"
    assert validate_runbook_url(url, template=True) is None
    assert validate_runbook_url(url) is not None
    assert validate_runbook_url("https://x/{{ $labels.model", template=True) is not None
    assert validate_runbook_url("") is None


def test_amtool_accepts_and_rejects_the_same_urls(newest_amtool: Tool, tmp_path: Path) -> None:
    def is_accepted(url: str) -> bool:
        quoted = url.replace("'", "''").replace("\n", "\\n").replace("\x7f", "\\x7f")
        text = f'"{quoted}"' if quoted != url else f"'{quoted}'"
        (tmp_path / "a.yml").write_text(
            f"route: {{receiver: a}}\nreceivers: [{{name: a, webhook_configs: [{{url: {text}}}]}}]\n"
        )
        return run(newest_amtool, "check-config", "a.yml", folder=tmp_path).returncode == 0

    assert [url for url in VALID if not is_accepted(url)] == []
    assert [url for url in INVALID if is_accepted(url) and url not in STRICTER] == []
