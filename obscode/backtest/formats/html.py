"""A report as one HTML page without scripts and without requests: a timeline for each version of each alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from obscode.backtest.formats.text import count, share, summary
from obscode.backtest.report import AlertReport, BacktestReport, Firing, Pair, Score
from obscode.backtest.times import length_text, time_text

_STYLE = """
:root { color-scheme: light dark; --old: #8a8f98; --new: #d9480f; --line: #8885; }
body { font: 14px/1.45 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 2em 0 .3em; } small { opacity: .7; font-weight: normal; }
.row { display: grid; grid-template-columns: 3em 1fr; align-items: center; gap: .5em; margin: .25em 0; }
svg { width: 100%; height: 22px; background: #8882; border-radius: 3px; display: block; }
.old rect { fill: var(--old); } .new rect { fill: var(--new); }
.axis { display: flex; justify-content: space-between; margin-left: 3.5em; font-size: .85em; opacity: .7; }
table { border-collapse: collapse; margin: .6em 0; } td, th { text-align: left; padding: .15em 1em .15em 0; }
th { border-bottom: 1px solid var(--line); }
"""
_UNITS = 10_000  # the width of a timeline in the units of its picture


def render(report: BacktestReport) -> str:
    """The report as a page."""
    title = f"Backtest {time_text(report.start)} to {time_text(report.end)} UTC"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "\n".join(_body(report, title))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _body(report: BacktestReport, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    sides = f"old: {report.before}; new: {report.after}" if report.before else report.after
    yield f"<p>{escape(sides)}; Prometheus {escape(report.engine)}</p>"
    for alert in report.alerts:
        yield from _alert(alert, report)
    if not report.alerts:
        yield "<p>No alert changes.</p>"
    if report.unchanged:
        yield f"<p>{count(report.unchanged, 'alert')} not evaluated, since they do not change.</p>"
    if report.scores:
        yield from _scores(report)
    for name, sentences in (("Missing data", report.gaps), ("Notes", report.notes)):
        if sentences:
            yield f"<h2>{name}</h2><ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"


def _alert(alert: AlertReport, report: BacktestReport) -> Iterator[str]:
    labels = ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
    yield f"<h2>{escape(alert.name)} <small>{escape(labels)} ({alert.action})</small></h2>"
    for name, version in (("old", alert.old), ("new", alert.new)):
        if version:
            yield f'<div class="row {name}"><span>{name}</span>{_timeline(version.firings, report)}</div>'
            yield f'<div class="row"><span></span><small>{escape(summary(version, report))}</small></div>'
    yield f'<div class="axis"><span>{time_text(report.start)}</span><span>{time_text(report.end)}</span></div>'
    if pairs := alert.pairs():
        rows = "".join(_row(pair, report) for pair in pairs)
        head = "<tr><th>from</th><th>to</th><th>old</th><th>new</th></tr>"
        yield f"<details><summary>{count(len(pairs), 'firing')}</summary><table>{head}{rows}</table></details>"


def _timeline(firings: Sequence[Firing], report: BacktestReport) -> str:
    length = report.end - report.start
    bars = []
    for firing in firings:
        start, end = max(firing.start, report.start), firing.end or report.end
        x, width = (start - report.start) * _UNITS // length, max(12, (end - start) * _UNITS // length)
        text = f"{time_text(firing.start)}, {length_text(end - start)}"
        bars.append(f'<rect x="{x}" y="2" width="{width}" height="18"><title>{escape(text)}</title></rect>')
    return f'<svg viewBox="0 0 {_UNITS} 22" preserveAspectRatio="none" role="img">{"".join(bars)}</svg>'


def _row(pair: Pair, report: BacktestReport) -> str:
    ends = [each.end for each in (pair.old, pair.new) if each]
    last = "still firing" if None in ends else time_text(max(end for end in ends if end is not None))
    cells = [time_text(pair.first.start), last, *(_length(each, report) for each in (pair.old, pair.new))]
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _length(firing: Firing | None, report: BacktestReport) -> str:
    return length_text((firing.end or report.end) - max(firing.start, report.start)) if firing else "-"


def _scores(report: BacktestReport) -> Iterator[str]:
    assert report.scores
    both = [(name, score) for name, score in zip(("old", "new"), report.scores, strict=True) if score]
    head = "".join(f"<th>{name}</th>" for name, _ in both)
    yield f"<h2>Incidents</h2><table><tr><th>incident</th><th>start</th>{head}</tr>"
    for number, detection in enumerate(both[-1][1].detections):
        cells = "".join(f"<td>{escape(_detected(score, number))}</td>" for _, score in both)
        yield f"<tr><td>{escape(detection.incident)}</td><td>{time_text(detection.start)}</td>{cells}</tr>"
    detected = "".join(f"<td>{_recall(score)}</td>" for _, score in both)
    matching = "".join(f"<td>{share(s.precision, s.firings - len(s.unmatched), s.firings)}</td>" for _, s in both)
    yield f"<tr><th>detected</th><td></td>{detected}</tr>"
    yield f"<tr><th>firings that match</th><td></td>{matching}</tr></table>"


def _recall(score: Score) -> str:
    return share(score.recall, sum(each.after is not None for each in score.detections), len(score.detections))


def _detected(score: Score, number: int) -> str:
    detection = score.detections[number]
    return "not detected" if detection.after is None else f"{length_text(detection.after)}, {detection.alert}"
