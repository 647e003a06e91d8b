"""Documents as HTML: one page per dashboard without network requests, and an index of all pages.

The browser enforces that a page loads nothing: its Content-Security-Policy allows the one script by its hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

from obscode.preview.page.scripts import page_scripts, page_style

Json = Mapping[str, Any]


def render(document: Json, *, compress: bool = True, extra_script: str = "") -> str:
    """The page of a document, as `preview/document.py` writes it.

    `compress` embeds the data as gzip. `extra_script` runs after the page's own script and may connect to the
    server that the page came from; `obscode watch` refreshes the page with it.
    """
    title = str(document.get("dashboard", {}).get("title") or "Dashboard")
    text = json.dumps(document, separators=(",", ":"), sort_keys=False, ensure_ascii=False, allow_nan=False)
    packed = _element("code", _packed(page_scripts())) if compress else ""
    scripts = [_LOADER if compress else page_scripts(), *([extra_script] if extra_script else [])]
    allowed = [*scripts, *([page_scripts()] if compress else [])]
    return _page(title, _BODY + _embedded(text, compress=compress) + packed, scripts, allowed, bool(extra_script))


def render_index(entries: Iterable[Json]) -> str:
    """A page with a link to each dashboard: title, href, folder, tags, panels, undrawable, errors, changed."""
    rows = sorted(entries, key=lambda entry: (str(entry.get("folder") or ""), str(entry["title"]), str(entry["href"])))
    changed = any(entry.get("changed") is not None for entry in rows)
    heads = ["Dashboard", "Folder", "Tags", "Panels", "Errors", "Not drawable", *(["Changed"] if changed else [])]
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "\n".join(_index_row(entry, changed=changed) for entry in rows)
    table = f'<table class="index"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'
    return _page("Dashboards", f"<main><h1>Dashboards</h1>\n{table}</main>", [_INDEX_SCRIPT], [_INDEX_SCRIPT], False)


_BODY = """<main><header id="header"></header><section id="timeline"></section><div id="panels"></div>
<noscript>This page draws its panels with JavaScript.</noscript></main>
"""

# The page's script is packed, since it is most of a small page. The policy knows its hash, too.
_LOADER = """(async () => {
  const text = document.getElementById("code").textContent;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = await new Response(stream).text();
  document.head.append(Object.assign(document.createElement("script"), { textContent: code }));
})();"""

# The index has no switch; it follows the system's theme.
_INDEX_SCRIPT = (
    'document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";'
)


def _page(title: str, body: str, scripts: list[str], allowed: list[str], connects: bool) -> str:
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in allowed)
    policy = f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:"
    if connects:
        policy += "; connect-src 'self'"
    code = "\n".join(f"<script>{script}</script>" for script in scripts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=True)}">
<title>{html.escape(title)}</title>
<style>{page_style()}</style>
</head>
<body>
{body}
{code}
</body>
</html>
"""


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _embedded(text: str, *, compress: bool) -> str:
    """The data in an element that no browser runs; `<` is escaped, so that nothing closes the element early."""
    if not compress:
        escaped = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return f'<script type="application/json" id="document">{escaped}</script>'
    return _element("document", _packed(text))


def _element(name: str, data: str) -> str:
    return f'<script type="application/octet-stream" id="{name}">{data}</script>'


def _packed(text: str) -> str:
    """gzip in base64."""
    packed = bytearray(gzip.compress(text.encode(), mtime=0))
    packed[9] = 255  # the operating system in gzip's header: unknown, whatever zlib says
    return base64.b64encode(packed).decode()


def _index_row(entry: Json, *, changed: bool) -> str:
    link = f'<a href="{html.escape(str(entry["href"]), quote=True)}">{html.escape(str(entry["title"]))}</a>'
    tags = ", ".join(str(tag) for tag in entry.get("tags") or ())
    counts = [entry.get("panels", 0), entry.get("errors", 0), entry.get("undrawable", 0)]
    cells = [link, html.escape(str(entry.get("folder") or "")), html.escape(tags)]
    numbers = [*counts, *([entry.get("changed")] if changed else [])]
    texts = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr>{texts}{''.join(_count_cell(number) for number in numbers)}</tr>"


def _count_cell(number: int | None) -> str:
    return f'<td class="number">{"" if number is None else number}</td>'
