"""Mute times: the intervals of Alertmanager that they compile to, and the moments that these contain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from finding_text import finding_text
from hypothesis import given, settings
from hypothesis import strategies as st

from obscode import MuteTime, Project, Route, Routing, TimeInterval, receivers
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError, ObscodeError
from obscode.model import mute_time
from obscode.model.argument_types import problems
from obscode.model.mute_time import WEEKDAYS
from obscode.project.time_intervals import contains, described

CHAT = receivers.Webhook("chat", url="http://localhost:1/")


def intervals(**arguments: Any) -> Sequence[Mapping[str, Any]]:
    configuration = MuteTime("x", **arguments).configuration()
    assert configuration["name"] == "x"
    return list(configuration["time_intervals"])


def hours(begin: str, end: str) -> Mapping[str, str]:
    return {"start_time": begin, "end_time": end}


# --- what they compile to ----------------------------------------------------------------------------------------


def test_values_are_written_as_alertmanager_reads_them() -> None:
    assert intervals(
        times=[("08:00", "12:30"), ["13:00", "24:00"]],
        weekdays=["monday:friday", "Sunday"],
        days_of_month=[1, "-7:-1"],
        months=[12, "june:august"],
        years=[2030, "2032:2033"],
        location="Europe/Berlin",
    ) == [
        {
            "times": [hours("08:00", "12:30"), hours("13:00", "24:00")],
            "weekdays": ["monday:friday", "sunday"],
            "days_of_month": ["1", "-7:-1"],
            "months": ["12", "june:august"],
            "years": ["2030", "2032:2033"],
            "location": "Europe/Berlin",
        }
    ]


def test_hours_over_midnight_are_two_ranges() -> None:
    assert intervals(times=[("18:00", "08:00")]) == [{"times": [hours("18:00", "24:00"), hours("00:00", "08:00")]}]
    assert intervals(times=[("18:00", "00:00")]) == [{"times": [hours("18:00", "24:00")]}]


def test_hours_over_midnight_of_weekdays_end_on_the_next_days() -> None:
    assert intervals(times=[("18:00", "08:00")], weekdays=["friday:saturday", "monday"], location="UTC") == [
        {"times": [hours("18:00", "24:00")], "weekdays": ["friday:saturday", "monday"], "location": "UTC"},
        {"times": [hours("00:00", "08:00")], "weekdays": ["sunday", "tuesday", "saturday"], "location": "UTC"},
    ]


def test_ranges_over_the_end_of_the_week_and_the_year_are_two_ranges() -> None:
    assert intervals(weekdays=["friday:monday"], months=["november:february", "12:1"]) == [
        {
            "weekdays": ["friday:saturday", "sunday:monday"],
            "months": ["november:december", "january:february", "december", "january"],
        }
    ]


def test_a_mute_time_has_several_intervals() -> None:
    parts = [TimeInterval(weekdays=["saturday"]), TimeInterval(times=[("22:00", "06:00")], weekdays=["sunday"])]
    assert intervals(intervals=parts) == [
        {"weekdays": ["saturday"]},
        {"times": [hours("22:00", "24:00")], "weekdays": ["sunday"]},
        {"times": [hours("00:00", "06:00")], "weekdays": ["monday"]},
    ]


# --- invalid ones ------------------------------------------------------------------------------------------------

INVALID = {
    "no times": (
        MuteTime("x", location="UTC"),
        'error[mute-time]: the mute time has no times\n  hint: write times=[("00:00", "24:00")] for always',
    ),
    "an interval without times": (
        MuteTime("x", intervals=[TimeInterval()]),
        'error[mute-time]: the mute time has no times\n  hint: write times=[("00:00", "24:00")] for always',
    ),
    "no name": (
        MuteTime("", weekdays=["sunday"]),
        'error[mute-time]: the mute time has no name\n  hint: write "weekends", for example',
    ),
    "intervals and times": (
        MuteTime("x", weekdays=["sunday"], intervals=[TimeInterval(months=[1])]),
        "error[mute-time]: the mute time has intervals= and other times\n  hint: write all of them in intervals=",
    ),
    "a time of one digit": (
        TimeInterval(times=[("8:00", "12:00")]),
        "error[mute-time]: '8:00' is not a time\n"
        '  hint: write hours and minutes with two digits each, such as ("18:00", "08:00")',
    ),
    "an hour beyond the day": (
        TimeInterval(times=[("08:00", "24:01")]),
        "error[mute-time]: '24:01' is not a time\n"
        '  hint: write hours and minutes with two digits each, such as ("18:00", "08:00")',
    ),
    "three times": (
        TimeInterval(times=[("08:00", "09:00", "10:00")]),
        "error[mute-time]: ('08:00', '09:00', '10:00') is not a range of hours\n"
        '  hint: write the begin and the end, such as ("18:00", "08:00")',
    ),
    "no hours": (
        TimeInterval(times=[("08:00", "08:00")]),
        'error[mute-time]: the range from 08:00 to 08:00 is empty\n  hint: write ("00:00", "24:00") for the whole day',
    ),
    "a begin at the end of the day": (
        TimeInterval(times=[("24:00", "08:00")]),
        'error[mute-time]: no time begins at 24:00, the end of a day\n  hint: write "00:00"',
    ),
    "hours over midnight on dates": (
        TimeInterval(times=[("18:00", "08:00")], days_of_month=[31]),
        "error[mute-time]: the time from 18:00 to 08:00 goes over midnight, into another date\n"
        '  hint: write two intervals: ("18:00", "24:00"), and ("00:00", "08:00") on the next dates',
    ),
    "a short weekday": (
        TimeInterval(weekdays=["sat"]),
        "error[mute-time]: 'sat' is not a weekday\n  hint: write 'saturday'",
    ),
    "a misspelt weekday": (
        TimeInterval(weekdays=["monday:firday"]),
        "error[mute-time]: 'firday' is not a weekday\n  hint: did you mean 'friday'?",
    ),
    "a range with a hyphen": (
        TimeInterval(weekdays=["saturday-sunday"]),
        "error[mute-time]: 'saturday-sunday' is not a range\n  hint: write 'saturday:sunday'",
    ),
    "a range of three": (
        TimeInterval(weekdays=["monday:tuesday:friday"]),
        "error[mute-time]: 'monday:tuesday:friday' is not a range\n"
        "  hint: write the begin and the end, such as 'monday:friday'",
    ),
    "a thirteenth month": (
        TimeInterval(months=[13]),
        "error[mute-time]: '13' is not a month\n  hint: write a number from 1 to 12",
    ),
    "a short month": (
        TimeInterval(months=["jan"]),
        "error[mute-time]: 'jan' is not a month\n  hint: write 'january'",
    ),
    "a day beyond the month": (
        TimeInterval(days_of_month=[32]),
        "error[mute-time]: '32' is not a day of the month\n  hint: write a number from -31 to 31",
    ),
    "a day zero": (
        TimeInterval(days_of_month=["0:3"]),
        "error[mute-time]: '0:3' is not a day of the month\n  hint: write 1 for the first one and -1 for the last one",
    ),
    "days from the end to the begin": (
        TimeInterval(days_of_month=["-3:3"]),
        "error[mute-time]: the range '-3:3' goes from the end of a month to its begin\n  hint: write two ranges",
    ),
    "days that end before they begin": (
        TimeInterval(days_of_month=["20:-10"]),
        "error[mute-time]: the range '20:-10' ends before it begins\n  hint: write two ranges",
    ),
    "years that end before they begin": (
        TimeInterval(years=["2031:2030"]),
        "error[mute-time]: the range '2031:2030' ends before it begins\n  hint: write '2030:2031'",
    ),
    "a location with a space": (
        TimeInterval(weekdays=["sunday"], location="Europe/New Atlantis"),
        "error[mute-time]: 'Europe/New Atlantis' is not a time zone\n"
        '  hint: write the name of a time zone, such as "Europe/Berlin"',
    ),
    "a place without its area": (
        TimeInterval(weekdays=["sunday"], location="Berlin"),
        "error[mute-time]: 'Berlin' is not a time zone\n"
        '  hint: write the name of a time zone, such as "Europe/Berlin"',
    ),
    "another area": (
        TimeInterval(weekdays=["sunday"], location="Europa/Berlin"),
        "error[mute-time]: 'Europa/Berlin' is not a time zone\n  hint: did you mean 'Europe'?",
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_value_is_reported(case: str) -> None:
    time, expected = INVALID[case]
    assert finding_text(problems(time)) == expected


def test_the_last_valid_values_are_accepted() -> None:
    time = TimeInterval(
        times=[("00:00", "24:00"), ("23:59", "00:01")],
        weekdays=["saturday:sunday"],
        location="Etc/GMT+2",
    )
    dates = TimeInterval(days_of_month=[-31, 31, "18:-10"], months=[1, 12], years=["2030:2030"])
    assert finding_text([*problems(time), *problems(dates)]) == ""


def test_every_time_zone_is_accepted() -> None:
    names = [name for name in available_timezones() if name != "localtime"]
    rejected = [name for name in names if [*problems(TimeInterval(weekdays=["sunday"], location=name))]]
    assert rejected == []
    assert [*problems(TimeInterval(weekdays=["sunday"], location="America/Argentina/Buenos_Aires"))] == []


_DATA = {"Europe/Berlin", "Europe/Kyiv", "America/Ciudad_Juarez", "Asia/Katmandu", "US/Pacific"}


@pytest.mark.parametrize(
    ("data", "location", "expected"),
    [
        (_DATA, "Europe/Berln", "'Europe/Berln' is not a time zone\n  hint: did you mean 'Europe/Berlin'?"),
        (_DATA, "Europe/Atlantis", "'Europe/Atlantis' is not a time zone\n  hint: write the name of a time zone"),
        (_DATA, "Europe/Berlin", ""),
        (_DATA, "America/Coyhaique", ""),  # newer than most data
        (set(), "Europe/Berln", ""),
        (_DATA - {"US/Pacific"}, "US/Eastern", ""),  # Debian has former names in another package
        (_DATA - {"Europe/Kyiv"}, "Europe/Kyiv", ""),  # old data
    ],
)
def test_a_time_zone_is_one_of_the_data_of_the_machine_if_they_are_complete(
    data: set[str], location: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mute_time, "available_timezones", lambda: data)
    mute_time._zones.cache_clear()
    text = finding_text(problems(TimeInterval(weekdays=["sunday"], location=location)))
    mute_time._zones.cache_clear()
    assert text.startswith(f"error[mute-time]: {expected}") if expected else text == ""


def test_two_times_of_one_name_are_reported() -> None:
    routes = [
        Route(match={"team": "a"}, mute=[MuteTime("off", weekdays=["sunday"])]),
        Route(match={"team": "b"}, routes=[Route(match={"x": "y"}, active=[MuteTime("off", weekdays=["monday"])])]),
        Route(match={"team": "c"}, mute=[MuteTime("off", weekdays=["sunday"])]),
    ]
    with pytest.raises(DefinitionError) as error:
        compile(Definitions(Project("team"), routing=Routing(CHAT, routes=routes)))
    assert finding_text(error.value.findings) == (
        "error[mute-time]: two mute times are named 'off'\n  hint: rename one"
    )


# --- the moments that they contain -------------------------------------------------------------------------------


def is_in(moment: datetime, time: MuteTime) -> bool:
    return any(contains(each, moment) for each in time.configuration()["time_intervals"])


TIMES = st.builds(lambda minute: f"{minute // 60:02}:{minute % 60:02}", st.integers(0, 1439))
MOMENTS = st.datetimes(datetime(2030, 1, 1), datetime(2031, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))


@settings(max_examples=200)
@given(TIMES, TIMES, st.lists(st.sampled_from(WEEKDAYS), min_size=2, max_size=2), MOMENTS)
def test_hours_of_weekdays_last_until_their_end_on_the_next_day(
    begin: str, end: str, days: list[str], moment: datetime
) -> None:
    if begin == end:
        return
    first, last = map(WEEKDAYS.index, days)
    length = (last - first) % 7
    time = MuteTime("x", times=[(begin, end)], weekdays=[":".join(days)])
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)

    def in_hours_of(day: datetime) -> bool:
        if (day.isoweekday() - first) % 7 > length:
            return False
        start, stop = (day + timedelta(hours=int(text[:2]), minutes=int(text[3:])) for text in (begin, end))
        return start <= moment < (stop if stop > start else stop + timedelta(days=1))

    assert is_in(moment, time) == (in_hours_of(midnight) or in_hours_of(midnight - timedelta(days=1)))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2030-01-25", True),
        ("2030-02-21", False),
        ("2030-02-22", True),
        ("2030-02-28", True),
        ("2030-01-24", False),
        ("2032-02-29", False),
        ("2030-03-31", False),
    ],
)
def test_days_are_counted_from_the_end_of_a_month(moment: str, expected: bool) -> None:
    time = MuteTime("x", days_of_month=["-7:-1"], months=["january:february"], years=[2030])
    assert is_in(datetime.fromisoformat(f"{moment}T12:00+00:00"), time) is expected


def test_a_day_that_a_month_lacks_is_in_no_range() -> None:
    february = datetime(2030, 2, 28, tzinfo=UTC)
    assert is_in(february, MuteTime("x", days_of_month=["30:31"])) is False
    assert is_in(february, MuteTime("x", days_of_month=["20:31"])) is True


def test_hours_are_those_of_the_location() -> None:
    time = MuteTime("x", times=[("22:00", "23:00")], location="Europe/Berlin")
    assert is_in(datetime(2030, 7, 1, 20, 30, tzinfo=UTC), time) is True
    assert is_in(datetime(2030, 1, 1, 20, 30, tzinfo=UTC), time) is False
    assert is_in(datetime(2030, 1, 1, 22, 30, tzinfo=ZoneInfo("Europe/Berlin")), time) is True


def test_a_location_that_the_machine_does_not_know_is_an_error() -> None:
    with pytest.raises(ObscodeError, match="no time zone 'Europe/Berln' on this machine"):
        is_in(datetime(2030, 1, 1, tzinfo=UTC), MuteTime("x", weekdays=["sunday"], location="Europe/Berln"))


def test_intervals_are_described() -> None:
    parts = [
        TimeInterval(times=[("22:00", "23:00"), ("01:00", "02:00")], weekdays=["sunday"], location="Europe/Berlin"),
        TimeInterval(days_of_month=[1, -1], months=["june"], years=[2030]),
    ]
    text = "sunday 22:00-23:00,01:00-02:00 Europe/Berlin; day 1,-1 june 2030"
    assert described(intervals(intervals=parts)) == text
    assert (described([{}]), described([])) == ("always", "never")
