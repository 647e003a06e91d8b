"""A page as HTML without scripts, style sheets or images from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from obscode.handbook.blocks import Block, Code, Facts, Heading, Line, Paragraph, Span, Table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #8884; padding: .3em .8em .3em 0; text-align: left; vertical-align: top; }
pre { background: #8882; padding: .6em; overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1em 1em; }
dt { font-weight: 600; } dd { margin: 0; } dd, p { white-space: pre-line; }
h3 { border-top: 1px solid #8884; padding-top: .8em; }
"""


def render(title: str, blocks: Sequence[Block], marker: str) -> str:
    """The page; its first line is a comment with ``marker``."""
    body = "\n".join([f"<h1>{escape(title)}</h1>", *map(_block, blocks)])
    return f"""<!-- {marker} -->
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _block(block: Block) -> str:
    match block:
        case Heading():
            anchor = f' id="{escape(block.anchor)}"' if block.anchor else ""
            return f"<h{block.level}{anchor}>{escape(block.text)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_line(block.line)}</p>"
        case Code():
            return f"<pre><code>{escape(block.text)}</code></pre>"
        case Facts():
            items = (f"<dt>{escape(name)}</dt><dd>{_line(value)}</dd>" for name, value in block.items)
            return "\n".join(["<dl>", *items, "</dl>"])
        case Table():
            rows = (_row("td", map(_line, row)) for row in block.rows)
            return "\n".join(["<table>", _row("th", map(escape, block.head)), *rows, "</table>"])


def _row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    text = f"<code>{escape(span.text)}</code>" if span.is_code else escape(span.text)
    return f'<a href="{escape(span.href)}">{text}</a>' if span.href else text
