"""Times in which routes send no notifications, or only in which they do: Alertmanager's time intervals.

https://prometheus.io/docs/alerting/latest/configuration/#time_interval
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition

MUTE_TIME = Code(
    "mute-time",
    "A mute time has a name and times: ranges of hours, weekdays, days of the month, months or years.",
    why="Alertmanager rejects the configuration otherwise.",
    bad='MuteTime("weekends", weekdays=["sat", "sun"])',
    good='MuteTime("weekends", weekdays=["saturday", "sunday"])',
)
WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_MIDNIGHT, _END = "00:00", "24:00"
# Time zones, such as `Europe/Berlin`, `Etc/GMT+2` and `CET`: https://pkg.go.dev/time#LoadLocation. Which places an area
# has, the data of the machine say, unless they are old or lack the former names that Alertmanager has.
_IN_FULL_DATA = {"Europe/Kyiv", "America/Ciudad_Juarez", "Asia/Katmandu", "US/Pacific"}
_NEWEST = {"America/Coyhaique"}
_PLACE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile", "Etc"),
    *("Europe", "Indian", "Mexico", "Pacific", "US"),
)
_ZONES = (
    *("Local", "UTC", "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "Factory", "GB", "GB-Eire"),
    *("GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan"),
    *("Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal"),
    *("ROC", "ROK", "Singapore", "Turkey", "UCT", "Universal", "W-SU", "WET", "Zulu"),
)
_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31
_PARTS = ("times", "weekdays", "days_of_month", "months", "years")
_Range = tuple[int, int]


@dataclass(frozen=True)
class TimeInterval(Definition):
    """A time that recurs: it is when all of the arguments say so. In each, one of the ranges is enough.

    Ranges include both ends: `monday:friday`, `1:7`. A range of weekdays or months may go over the end of the week or
    the year, `friday:monday`.

    Attributes:
        times: ranges of hours, such as `("18:00", "08:00")`; the end is not in the range. After midnight, it is the
            morning after each of the weekdays.
        weekdays: the days, such as `saturday` and `monday:friday`.
        days_of_month: the days of the month, such as 1, `1:7`, and -1 for the last one.
        months: the months, such as `december`, 12 and `june:august`.
        years: the years, such as 2030 and `2030:2032`.
        location: the time zone, such as `Europe/Berlin`; by default UTC.
    """

    _: KW_ONLY
    times: Sequence[Sequence[str]] = ()
    weekdays: Sequence[str] = ()
    days_of_month: Sequence[int | str] = ()
    months: Sequence[int | str] = ()
    years: Sequence[int | str] = ()
    location: str = ""

    @property
    def has_times(self) -> bool:
        """Whether any argument limits the time."""
        return any(getattr(self, part) for part in _PARTS)

    def settings(self) -> Iterator[Mapping[str, Any]]:
        """The intervals as in Alertmanager's configuration: two, if a range of hours goes over midnight."""
        mornings = [(_MIDNIGHT, end) for begin, end in self.times if _is_over_midnight(begin, end) and end != _MIDNIGHT]
        evenings = [(begin, _END if _is_over_midnight(begin, end) else end) for begin, end in self.times]
        every_day = not self.weekdays
        weekdays = _of_ranges(self.weekdays, _weekday, WEEKDAYS)
        yield self._interval([*evenings, *mornings] if every_day else evenings, weekdays)
        if mornings and not every_day:
            yield self._interval(mornings, _names(_next_days(self.weekdays), WEEKDAYS))

    def _interval(self, times: Sequence[tuple[str, str]], weekdays: Sequence[str]) -> Mapping[str, Any]:
        interval = {
            "times": [{"start_time": begin, "end_time": end} for begin, end in times],
            "weekdays": list(weekdays),
            "days_of_month": [str(each) for each in self.days_of_month],
            "months": _of_ranges(self.months, _month, MONTHS),
            "years": [str(each) for each in self.years],
            "location": self.location,
        }
        return {key: value for key, value in interval.items() if value}

    def problems(self) -> Iterator[Finding]:
        yield from self._times()
        for at, parse in _PARSERS.items():
            for i, value in enumerate(getattr(self, at)):
                try:
                    parse(str(value))
                except ValueError as error:
                    message, _, hint = str(error).partition("\n")
                    yield self.finding(MUTE_TIME, message, hint, at=at, item=i)
        if self.location and not _is_zone(self.location):
            near = did_you_mean(self.location.partition("/")[0], _AREAS) if "/" in self.location else ""
            hint = near or did_you_mean(self.location, _zones())
            hint = hint or 'write the name of a time zone, such as "Europe/Berlin"'
            yield self.finding(MUTE_TIME, f"{self.location!r} is not a time zone", hint, at="location")

    def _times(self) -> Iterator[Finding]:
        for i, pair in enumerate(self.times):
            if wrong := _invalid_hours(pair):
                yield self.finding(MUTE_TIME, *wrong, at="times", item=i)
            elif _is_over_midnight(*pair) and pair[1] != _MIDNIGHT and self._has_dates():
                message = f"the time from {pair[0]} to {pair[1]} goes over midnight, into another date"
                hint = f'write two intervals: ("{pair[0]}", "24:00"), and ("00:00", "{pair[1]}") on the next dates'
                yield self.finding(MUTE_TIME, message, hint, at="times", item=i)

    def _has_dates(self) -> bool:
        return bool(self.days_of_month or self.months or self.years)


@dataclass(frozen=True)
class MuteTime(TimeInterval):
    """A time with a name, in which routes with `mute=` send no notifications, or those with `active=` only do.

    `MuteTime("nights", times=[("18:00", "08:00")], location="Europe/Berlin")`

    Attributes:
        name: the name in Alertmanager.
        intervals: several intervals, of which one is enough, instead of the other arguments.
    """

    name: str
    _: KW_ONLY
    intervals: Sequence[TimeInterval] = ()

    def configuration(self) -> Mapping[str, Any]:
        """The time as an item of `time_intervals` in Alertmanager's configuration."""
        intervals = self.intervals or [self]
        return {"name": self.name, "time_intervals": [dict(each) for part in intervals for each in part.settings()]}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.name:
            yield self.finding(MUTE_TIME, "the mute time has no name", 'write "weekends", for example', at="name")
        if self.intervals and (self.has_times or self.location):
            message = "the mute time has intervals= and other times"
            yield self.finding(MUTE_TIME, message, "write all of them in intervals=", at="intervals")
        for each in self.intervals or [self]:
            if not each.has_times:
                hint = 'write times=[("00:00", "24:00")] for always'
                yield each.finding(MUTE_TIME, "the mute time has no times", hint)


def _is_zone(name: str) -> bool:
    area, slash, place = name.partition("/")
    if not slash:
        return name in _ZONES
    return area in _AREAS and _PLACE.fullmatch(place) is not None and (name in _zones() or not _zones())


@cache
def _zones() -> Set[str]:
    """The time zones in the data of this machine; empty if it has none, or not all that Alertmanager has."""
    names = available_timezones() - {"localtime"}
    return names | _NEWEST if names >= _IN_FULL_DATA else frozenset()


# --- hours -------------------------------------------------------------------------------------------------------


def _is_over_midnight(begin: str, end: str) -> bool:
    return end < begin


def _invalid_hours(pair: Sequence[str]) -> tuple[str, str] | None:
    example = 'such as ("18:00", "08:00")'
    if len(pair) != 2:
        return f"{tuple(pair)!r} is not a range of hours", f"write the begin and the end, {example}"
    for text in pair:
        if not _TIME.fullmatch(text):
            return f"{text!r} is not a time", f"write hours and minutes with two digits each, {example}"
    begin, end = pair
    if begin == _END:
        return "no time begins at 24:00, the end of a day", 'write "00:00"'
    if begin == end:
        return f"the range from {begin} to {end} is empty", 'write ("00:00", "24:00") for the whole day'
    return None


# --- ranges ------------------------------------------------------------------------------------------------------


def _weekday(text: str) -> _Range:
    return _range(text, lambda each: _index(each, WEEKDAYS, "a weekday"))


def _month(text: str) -> _Range:
    def number(each: str) -> int:
        if not re.fullmatch("[0-9]{1,4}", each):
            return _index(each, MONTHS, "a month") + 1
        return _number(each, 1, len(MONTHS), "a month")

    return _range(text, number)


def _year(text: str) -> _Range:
    begin, end = _range(text, lambda each: _number(each, 1, 9999, "a year"))
    if begin > end:
        raise ValueError(f"the range {text!r} ends before it begins\nwrite '{end}:{begin}'")
    return begin, end


def _day_of_month(text: str) -> _Range:
    begin, end = _range(text, lambda each: _number(each, -_LONGEST_MONTH, _LONGEST_MONTH, "a day of the month"))
    if 0 in (begin, end):
        raise ValueError(f"{text!r} is not a day of the month\nwrite 1 for the first one and -1 for the last one")
    if begin < 0 < end:
        raise ValueError(f"the range {text!r} goes from the end of a month to its begin\nwrite two ranges")
    # In no month is the end of the range before its begin, as far as one knows without the month.
    first, last = (day if day > 0 else _SHORTEST_MONTH + day for day in (begin, end))
    if first > last:
        raise ValueError(f"the range {text!r} ends before it begins\nwrite two ranges")
    return begin, end


_PARSERS: Mapping[str, Callable[[str], _Range]] = {
    "weekdays": _weekday,
    "days_of_month": _day_of_month,
    "months": _month,
    "years": _year,
}


def _range(text: str, member: Callable[[str], int]) -> _Range:
    if written := re.fullmatch(r"([a-z]+|[0-9]+) ?- ?([a-z]+|[0-9]+)", text.lower()):
        raise ValueError(f"{text!r} is not a range\nwrite '{written[1]}:{written[2]}'")
    parts = text.lower().split(":")
    if len(parts) > 2:
        raise ValueError(f"{text!r} is not a range\nwrite the begin and the end, such as 'monday:friday'")
    return member(parts[0]), member(parts[-1])


def _index(name: str, names: Sequence[str], kind: str) -> int:
    if name in names:
        return names.index(name)
    near = next((each for each in names if len(name) > 1 and each.startswith(name)), "")
    hint = f"write {near!r}" if near else did_you_mean(name, names) or f"write {names[1]!r}, for example"
    raise ValueError(f"{name!r} is not {kind}\n{hint}")


def _number(text: str, least: int, greatest: int, kind: str) -> int:
    if not re.fullmatch("-?[0-9]{1,4}", text) or not least <= int(text) <= greatest:
        raise ValueError(f"{text!r} is not {kind}\nwrite a number from {least} to {greatest}")
    return int(text)


def _of_ranges(values: Sequence[int | str], parse: Callable[[str], _Range], names: Sequence[str]) -> list[str]:
    """The ranges as written; one over the end of the week or the year as two."""
    result: list[str] = []
    first = parse(names[0])[0]
    for value in values:
        begin, end = parse(str(value))
        if begin <= end:
            result.append(str(value).lower())
        else:
            result += [_named(begin - first, len(names) - 1, names), _named(0, end - first, names)]
    return result


def _named(begin: int, end: int, names: Sequence[str]) -> str:
    return names[begin] if begin == end else f"{names[begin]}:{names[end]}"


def _next_days(weekdays: Sequence[str]) -> list[int]:
    """The numbers of the days after some weekdays, sorted."""
    days = set()
    for begin, end in map(_weekday, weekdays):
        length = (end - begin) % len(WEEKDAYS)
        days |= {(begin + offset + 1) % len(WEEKDAYS) for offset in range(length + 1)}
    return sorted(days)


def _names(days: Sequence[int], names: Sequence[str]) -> list[str]:
    """The names of numbers, with ranges for those that follow each other."""
    starts = [day for day in days if day - 1 not in days]
    ends = [day for day in days if day + 1 not in days]
    return [_named(begin, end, names) for begin, end in zip(starts, ends, strict=True)]


def mute_time_twins(times: Sequence[MuteTime]) -> Iterator[Finding]:
    """Findings for different mute times with one name."""
    seen: dict[str, MuteTime] = {}
    for time in times:
        if seen.setdefault(time.name, time) != time:
            yield time.finding(MUTE_TIME, f"two mute times are named {time.name!r}", "rename one", at="name")
