"""A report for a terminal: for each alert two timelines, then the firings of both versions next to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.backtest.report import AlertReport, BacktestReport, Firing, Pair, Score, Version
from obscode.backtest.times import length_text, time_text

_WIDTH = 60
_FIRING, _QUIET = "█", "·"


def render(report: BacktestReport) -> str:
    """The report as text, with a line feed at its end."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: BacktestReport) -> Iterator[str]:
    yield f"{time_text(report.start)} to {time_text(report.end)} UTC, Prometheus {report.engine}"
    if report.before:
        yield f"old: {report.before}"
    yield f"new: {report.after}"
    for alert in report.alerts:
        yield ""
        yield from _alert(alert, report)
    if not report.alerts:
        yield ""
        yield "no alert changes"
    if report.unchanged:
        yield ""
        yield f"{count(report.unchanged, 'alert')} not evaluated, since they do not change; --all evaluates them"
    if report.scores:
        yield from _scores(report)
    for title, sentences in (("missing data:", report.gaps), ("notes:", report.notes)):
        if sentences:
            yield ""
            yield title
            yield from (f"  {sentence}" for sentence in sentences)


def _alert(alert: AlertReport, report: BacktestReport) -> Iterator[str]:
    labels = ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
    yield f"{alert.name}  {labels}  ({alert.action})".replace("    ", "  ")
    for title, version in (("old", alert.old), ("new", alert.new)):
        if version:
            yield f"  {title}  {timeline(version.firings, report)}  {summary(version, report)}"
    rows = [["FROM", "TO", "OLD", "NEW", "LABELS"]] if alert.pairs() else []
    rows += [_row(pair, alert, report) for pair in alert.pairs()]
    if not any(row[4] for row in rows[1:]):
        rows = [row[:4] for row in rows]
    yield from _table(rows)


def _row(pair: Pair, alert: AlertReport, report: BacktestReport) -> list[str]:
    ends = [each.end for each in (pair.old, pair.new) if each]
    last = None if None in ends else max(end for end in ends if end is not None)
    own = {**alert.labels, "alertname": alert.name}
    labels = ", ".join(f"{name}={value}" for name, value in pair.first.labels if own.get(name) != value)
    start = pair.first.start
    return [
        f"before {time_text(report.start)}" if start < report.start else time_text(start),
        "still firing" if last is None else time_text(last),
        _length(pair.old, report) if alert.old else "",
        _length(pair.new, report, pair.old) if alert.new else "",
        labels,
    ]


def _length(firing: Firing | None, report: BacktestReport, other: Firing | None = None) -> str:
    if firing is None:
        return "-"
    text = length_text((firing.end or report.end) - max(firing.start, report.start))
    if other and firing.start != other.start:
        later = firing.start > other.start
        text += f", {length_text(abs(firing.start - other.start))} {'later' if later else 'earlier'}"
    return text


def timeline(firings: Sequence[Firing], report: BacktestReport, width: int = _WIDTH) -> str:
    """The period as characters: a full one where an alert fires at any time of its part of the period."""
    length = (report.end - report.start) / width
    cells = [_QUIET] * width
    for firing in firings:
        first = int((max(firing.start, report.start) - report.start) / length)
        last = int(((firing.end or report.end) - 1 - report.start) / length)
        for cell in range(max(0, first), min(width - 1, max(first, last)) + 1):
            cells[cell] = _FIRING
    return "".join(cells)


def summary(version: Version, report: BacktestReport) -> str:
    """`fires 12 times, 3h 4m in all, recorded by the server`."""
    by_server = ", recorded by the server" if version.origin == "recorded" else ""
    if not version.firings:
        return f"does not fire{by_server}"
    total = length_text(version.duration(report.start, report.end))
    return f"fires {count(len(version.firings), 'time')}, {total} in all{by_server}"


def _scores(report: BacktestReport) -> Iterator[str]:
    assert report.scores
    old, new = report.scores
    both = [("OLD", old), ("NEW", new)] if old else [("NEW", new)]
    yield ""
    rows = [["INCIDENT", "START", *(title for title, _ in both)]]
    for number, detection in enumerate(new.detections):
        cells = [_detected(score, number) for _, score in both if score]
        rows.append([detection.incident, time_text(detection.start), *cells])
    rows.append(["detected", "", *(share(s.recall, _detections(s), len(s.detections)) for _, s in both if s)])
    rows.append(
        ["firings that match", "", *(share(s.precision, s.firings - len(s.unmatched), s.firings) for _, s in both if s)]
    )
    yield from (line.removeprefix("  ") for line in _table(rows))
    for title, score in both:
        for name, firing in score.unmatched if score else ():
            end = time_text(firing.end) if firing.end else "now"
            yield f"{title.lower()} {name} matches no incident: {time_text(firing.start)} to {end}"


def _detected(score: Score, number: int) -> str:
    detection = score.detections[number]
    if detection.after is None:
        return "not detected"
    return f"after {length_text(detection.after)} by {detection.alert}"


def _detections(score: Score) -> int:
    return sum(each.after is not None for each in score.detections)


def share(value: float | None, part: int, total: int) -> str:
    """`3 of 4 (75 %)`."""
    return f"{part} of {total}" + (f" ({100 * value:.0f} %)" if value is not None else "")


def count(number: int, noun: str) -> str:
    """`1 time`, `2 times`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    for row in rows:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
