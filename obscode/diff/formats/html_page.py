"""A report as one HTML page without scripts and network requests, light or dark as the reader's system."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from obscode.diff.change import RISKS, Change
from obscode.diff.report import Report

_STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h2 small { font-weight: normal; opacity: .7; }
li { margin: .6rem 0; } li ul { opacity: .85; } li li { margin: .2rem 0; }
table { border-collapse: collapse; margin: .3rem 0; font-size: .9em; }
td, th { border: 1px solid #8886; padding: .1rem .5rem; text-align: left; vertical-align: top; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.place { opacity: .6; font-size: .85em; }
.lost, .weaker { border-left: 4px solid #d33; padding-left: .8rem; }
.broken, .history { border-left: 4px solid #d90; padding-left: .8rem; }
.changed, .stricter { border-left: 4px solid #48c; padding-left: .8rem; }
.text, .layout { border-left: 4px solid #888; padding-left: .8rem; }
"""


def render(report: Report) -> str:
    """The whole page; also if nothing changes."""
    title = f"Monitoring: {report.summary()}"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n<h1>{escape(title)}</h1>",
            *_sections(report),
            "</html>\n",
        ]
    )


def _sections(report: Report) -> Iterator[str]:
    for risk, changes in report.by_risk().items():
        yield f'<section class="{risk}">\n<h2>{risk} <small>{escape(RISKS[risk])}</small></h2>\n<ul>'
        yield from (_change(change) for change in changes)
        yield "</ul>\n</section>"
    if report.not_compared:
        yield "<h2>not compared</h2>\n<ul>"
        yield from (
            f"<li><code>{escape(path)}</code>: {escape(reason)}</li>" for path, reason in report.not_compared.items()
        )
        yield "</ul>"
    if report.cost:
        yield "<h2>cost</h2>\n<ul>"
        yield from (f"<li>{escape(line)}</li>" for line in report.cost)
        yield "</ul>"


def _change(change: Change) -> str:
    place = f' <span class="place">{escape(change.place)}</span>' if change.place else ""
    effects = "".join(f"<li>{escape(effect)}</li>" for effect in change.effects)
    return f"<li>{escape(change.sentence)}{place}{_edits(change)}{f'<ul>{effects}</ul>' if effects else ''}</li>"


def _edits(change: Change) -> str:
    """A table of the values, where there are several."""
    if len(change.edits) < 2:
        return ""
    rows = "".join(
        f"<tr><td>{escape(edit.what)}{escape(f' in {edit.of}') if edit.of else ''}</td>"
        f"<td><code>{escape(edit.before or '')}</code></td><td><code>{escape(edit.after or '')}</code></td></tr>"
        for edit in change.edits
    )
    return f"<table><tr><th></th><th>before</th><th>after</th></tr>{rows}</table>"
