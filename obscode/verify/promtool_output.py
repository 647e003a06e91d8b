"""What `promtool test rules` prints, as the failures of the tests that it ran.

promtool prints `  SUCCESS` or `  FAILED:` for each file, in the order of its arguments. Prometheus 2 does not name the
tests and Prometheus 3 does not name the files, so each test has a file of its own: its position is its name.

Annotations are compared here. promtool compares all of them or none, and no test knows the text of each template; a
test that expects some of them expects no alert from promtool, which then prints those that fire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.unit_tests import ExpectedAnnotations, UnitTest
from obscode.promql.tokens import unquote

_RESULTS = ("  SUCCESS", "  FAILED:")
_FILE = "Unit Testing:"

_QUOTED = r'"(?:\\.|[^"\\])*"'
_LABELS = rf'\{{(?:[^{{}}"]|{_QUOTED})*\}}'
_EXPR = re.compile(rf"expr: (?P<expr>{_QUOTED}), time: (?P<at>\w+),(?P<rest>.*)", re.DOTALL)
_COMPARISON = re.compile(r"\s*exp: (?P<expected>.*)\n\s*got: (?P<got>.*)", re.DOTALL)
_SAMPLE = re.compile(rf"(?P<series>[^\s{{,]*{_LABELS}) (?P<value>[^\s,]+)(?:, |$)")
_ALERT_TEST = re.compile(
    r"alertname: (?P<alert>[^\n]*), time: (?P<at>\w+), \n\s*exp:\[\], \n\s*got:\[(?P<got>.*)\]", re.DOTALL
)
_ALERT = re.compile(rf"\s*\d+:\s*Labels:(?P<labels>{_LABELS})\s*Annotations:(?P<annotations>{_LABELS}),?\s*")
_PAIR = re.compile(rf"(?P<name>[^\s,={{]+)=(?P<value>{_QUOTED})")
_NAME = re.compile(r"name: [^\n]*,\n\s*")


@dataclass(frozen=True)
class Failure:
    """Something that a test expects and that is not so; ``at`` is an instant, empty for a test that did not run."""

    at: str
    message: str
    expected: Sequence[str] = ()
    got: Sequence[str] = ()

    def text(self) -> str:
        """Lines for a report."""
        lines = [f"  at {self.at}: {self.message}" if self.at else f"  {self.message}"]
        for name, values in (("expected", self.expected), ("got", self.got)):
            lines += [f"    {name + ':':9} {values[0]}", *(f"{'':14}{value}" for value in values[1:])] if values else []
        return "\n".join(lines)


def sections(lines: Iterable[str]) -> Iterator[list[str]]:
    """The output for each file, in their order; a success as soon as it is printed, a failure when it is complete."""
    failed: list[str] | None = None
    for line in lines:
        if line in _RESULTS:
            if failed:
                yield failed
            failed = [line] if line != _RESULTS[0] else None
            if failed is None:
                yield [line]
        elif failed and not line.startswith(_FILE):
            failed.append(line)
    if failed:
        yield failed


def failures(section: Sequence[str], test: UnitTest) -> list[Failure]:
    """The failures of one test; a message that is not understood is one of them."""
    blocks = [] if section[0] == _RESULTS[0] else _blocks(section[1:])
    if not blocks and section[0] != _RESULTS[0]:
        return [Failure("", "promtool failed without a message")]
    printed = {(match["alert"], match["at"]): match["got"] for b in blocks if (match := _ALERT_TEST.fullmatch(b))}
    result = [_failure(block, test) for block in blocks if not _ALERT_TEST.fullmatch(block)]
    for expected in test.alerts:
        result += _missing_annotations(expected, printed.get((expected.alert, expected.at), ""))
    return result


def _blocks(lines: Sequence[str]) -> list[str]:
    """Paragraphs without the name of the test, which only Prometheus 3 prints."""
    paragraphs = "\n".join(lines).strip("\n").split("\n\n")
    stripped = (_NAME.sub("", paragraph.strip(), count=1) for paragraph in paragraphs)
    return [paragraph for paragraph in stripped if paragraph]


def _failure(block: str, test: UnitTest) -> Failure:
    match = _EXPR.fullmatch(block)
    if not match:
        return Failure("", " ".join(block.split()))
    expr = unquote(match["expr"])
    meanings = {e.expr: e.meaning for e in test.expectations if e.meaning}
    message = meanings.get(expr) or " ".join(expr.split())
    compared = _COMPARISON.fullmatch(match["rest"])
    if not compared:
        return Failure(match["at"], f"{message}: {' '.join(match['rest'].split()).removeprefix('err: ')}")
    expected, got = _samples(compared["expected"]), _samples(compared["got"])
    if expr in meanings:
        return Failure(match["at"], message, got=() if got in (["nothing"], expected) else got)
    both = set(expected) & set(got)  # what fires as expected says nothing
    return Failure(
        match["at"],
        message,
        [e for e in expected if e not in both] or ["nothing else"],
        [g for g in got if g not in both] or ["nothing else"],
    )


def _samples(text: str) -> list[str]:
    """Samples as `name{label="value"} 1`; for alerts without the value, which is always 1."""
    text = text.strip()
    if text == "nil":
        return ["nothing"]
    match = list(_SAMPLE.finditer(text))
    if "".join(match[0] for match in match) != text:
        return [text]  # a histogram, or a string
    return [_sample(match["series"], match["value"]) for match in match]


def _sample(series: str, value: str) -> str:
    labels = _pairs(series)
    name = labels.pop("__name__", series.partition("{")[0])
    if name == "ALERTS":
        labels.pop("alertstate", None)
        return f"{labels.pop('alertname', 'ALERTS')}{_braces(labels)}"
    number = f"{float(value):.10g}"
    return f"{name}{_braces(labels)} {number}" if name or labels else number


def _pairs(text: str) -> dict[str, str]:
    return {match["name"]: unquote(match["value"]) for match in _PAIR.finditer(text)}


def _braces(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _missing_annotations(expected: ExpectedAnnotations, printed: str) -> Iterator[Failure]:
    """A failure if no alert that fires has the labels and the annotations."""
    alerts = [(_pairs(match["labels"]), _pairs(match["annotations"])) for match in _ALERT.finditer(printed)]
    firing = [annotations for labels, annotations in alerts if expected.labels.items() <= labels.items()]
    if not firing:
        yield Failure(expected.at, f"{expected.alert}{_braces(expected.labels)} is not firing")
    elif not any(expected.annotations.items() <= annotations.items() for annotations in firing):
        names = sorted(expected.annotations)
        yield Failure(
            expected.at,
            f"{expected.alert}{_braces(expected.labels)} fires with other annotations",
            [f"{name}: {expected.annotations[name]}" for name in names],
            [f"{name}: {annotations.get(name, 'none')}" for annotations in firing for name in names],
        )
