"""Time intervals: whether a moment is in one, as Alertmanager decides it.

As https://github.com/prometheus/alertmanager/blob/main/timeinterval/timeinterval.go (ContainsTime).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from obscode.artifacts.alertmanager import AlertmanagerConfig, Route
from obscode.findings.errors import ObscodeError
from obscode.model.mute_time import MONTHS, WEEKDAYS

#: Keys of Alertmanager's configuration with time intervals; the second one is the older name.
_OF_CONFIGURATION = ("time_intervals", "mute_time_intervals")
#: The keys of routes that name them.
OF_ROUTES = ("mute_time_intervals", "active_time_intervals")
_Interval = Mapping[str, Any]


@dataclass(frozen=True)
class TimesOfRoutes:
    """The time intervals of a configuration by name, and a moment for which they are evaluated."""

    intervals: Mapping[str, Sequence[_Interval]] = field(default_factory=dict)
    at: datetime | None = None

    @classmethod
    def of(cls, config: AlertmanagerConfig, at: datetime | None) -> TimesOfRoutes:
        """The times of a configuration."""
        named = [item for key in _OF_CONFIGURATION for item in config.settings.get(key) or ()]
        return cls({str(item.get("name", "")): item.get("time_intervals") or () for item in named}, at)

    def described(self, name: str) -> str:
        """The intervals of a name as text."""
        return described(self.intervals.get(name, ()))

    def muted_by(self, route: Route) -> str:
        """Why a route sends no notifications at the moment; empty if it does."""
        mute, active = (route.settings.get(key) or () for key in OF_ROUTES)
        if muting := [name for name in mute if self._is_in(name)]:
            return f"in {' and '.join(muting)}"
        if active and not any(self._is_in(name) for name in active):
            return f"not in {' or '.join(active)}"
        return ""

    def _is_in(self, name: str) -> bool:
        return any(contains(each, self.at) for each in self.intervals.get(name, ())) if self.at else False


def contains(interval: _Interval, moment: datetime) -> bool:
    """Whether a moment is in an interval. Raises ObscodeError for a time zone that this machine does not know."""
    local = moment.astimezone(time_zone(str(interval.get("location") or "UTC")))
    minute = local.hour * 60 + local.minute
    values: Mapping[str, Callable[[str], bool]] = {
        "weekdays": lambda text: _is_in(local.isoweekday() % 7, text, _weekday),
        "days_of_month": lambda text: _is_day(local, text),
        "months": lambda text: _is_in(local.month, text, _month),
        "years": lambda text: _is_in(local.year, text, int),
    }
    times = interval.get("times") or ()
    if times and not any(_minute(each["start_time"]) <= minute < _minute(each["end_time"]) for each in times):
        return False
    return all(any(map(test, _texts(interval, key))) for key, test in values.items() if interval.get(key))


def time_zone(name: str) -> tzinfo:
    """The time zone of a name. Raises ObscodeError if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ObscodeError(f"no time zone {name!r} on this machine", "install the package tzdata") from error


def described(intervals: Sequence[_Interval]) -> str:
    """The intervals as text: `monday:friday 18:00-24:00 Europe/Berlin; saturday:sunday`."""
    return "; ".join(" ".join(_parts(each)) or "always" for each in intervals) or "never"


def _parts(interval: _Interval) -> Iterator[str]:
    for key, label in (("weekdays", ""), ("days_of_month", "day "), ("months", ""), ("years", "")):
        if texts := _texts(interval, key):
            yield label + ",".join(texts)
    if times := interval.get("times"):
        yield ",".join(f"{each['start_time']}-{each['end_time']}" for each in times)
    if location := interval.get("location"):
        yield str(location)


def _texts(interval: _Interval, key: str) -> list[str]:
    return [str(each) for each in interval.get(key) or ()]


def _minute(time: str) -> int:
    hours, _, minutes = str(time).partition(":")
    return int(hours) * 60 + int(minutes)


def _weekday(name: str) -> int:
    return WEEKDAYS.index(name)


def _month(name: str) -> int:
    return MONTHS.index(name) + 1 if name in MONTHS else int(name)


def _is_in(value: int, text: str, member: Callable[[str], int]) -> bool:
    begin, _, end = text.lower().partition(":")
    return member(begin) <= value <= member(end or begin)


def _is_day(moment: datetime, text: str) -> bool:
    """Whether a day is in a range of days of the month, which may be counted from its end."""
    length = monthrange(moment.year, moment.month)[1]
    first, _, last = text.partition(":")
    begin, end = (day if day > 0 else length + day + 1 for day in (int(first), int(last or first)))
    return begin <= length and max(begin, -length) <= moment.day <= min(end, length)
