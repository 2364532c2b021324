"""Schedules: what the API server would refuse is refused, and how long they leave between two runs."""

import pytest
from pydantic import TypeAdapter, ValidationError

from mcp_stack.spec.schedule import Schedule, TimeZone, longest_pause

HOUR = 3600


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ("0 2 * * *", 24),
        ("*/15 * * * *", 0.25),
        ("0,30 8-18 * * *", 13.5),
        ("5/20 * * * *", 1 / 3),
        ("0 3 * * 1-5", 72),
        ("0 3 * * mon-FRI", 72),
        ("0 0 1 * ?", 31 * 24),
        ("0 0 1 jan *", 366 * 24),
        ("0 0 31 * *", 61 * 24),
        ("0 0 29 2 *", (4 * 365 + 1) * 24),
        ("0 0 1,15 * 5", 7 * 24),
        ("@hourly", 1),
        ("@daily", 24),
        ("@midnight", 24),
        ("@weekly", 7 * 24),
        ("@monthly", 31 * 24),
        ("@yearly", 366 * 24),
        ("@annually", 366 * 24),
    ],
)
def test_the_longest_time_between_two_runs(schedule, hours):
    assert longest_pause(schedule) == pytest.approx(hours * HOUR)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("", "is no schedule"),
        ("0 2 * *", "is no schedule"),
        ("0 2 * * * *", "is no schedule"),
        ("@every 1h", "is no schedule"),
        ("TZ=UTC 0 2 * * *", "is no schedule"),
        ("60 2 * * *", "minute: '60' is not from 0 to 59"),
        ("0 24 * * *", "hour: '24' is not from 0 to 23"),
        ("0 0 0 * *", "day of the month: '0' is not from 1 to 31"),
        ("0 0 * 13 *", "month: '13' is not from 1 to 12, nor one of jan"),
        ("0 0 * * 7", "day of the week: '7' is not from 0 to 6, nor one of sun"),
        ("x 2 * * *", "minute: 'x'"),
        ("-1 2 * * *", "minute: ''"),
        ("*/0 2 * * *", "step of the minute: '0'"),
        ("30-10 2 * * *", "ends before it begins"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_field(schedule, why):
    with pytest.raises(ValidationError, match=why):
        TypeAdapter(Schedule).validate_python(schedule)


def test_a_schedule_stays_as_it_was_written():
    assert TypeAdapter(Schedule).validate_python("0 2 * * mon") == "0 2 * * mon"


@pytest.mark.parametrize("zone", ["Etc/UTC", "Europe/Berlin", "UTC"])
def test_a_time_zone_is_one_that_exists(zone):
    assert TypeAdapter(TimeZone).validate_python(zone) == zone


@pytest.mark.parametrize("zone", ["Europe/Berln", "Local", "", "../etc/passwd"])
def test_another_one_is_refused(zone):
    with pytest.raises(ValidationError, match="is no time zone"):
        TypeAdapter(TimeZone).validate_python(zone)


def test_where_no_zones_are_known_only_the_cluster_can_tell(monkeypatch):
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    assert TypeAdapter(TimeZone).validate_python("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(ValidationError):
        TypeAdapter(TimeZone).validate_python("Local")
