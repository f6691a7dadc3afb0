"""Half-open periods of local dates: ISO weeks, months, fiscal quarters (SPEC §6, ruling R25)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from instants import SECOND, from_datetime, to_datetime


@dataclass(frozen=True)
class Period:
    """[begin, end) in microseconds, named by its first local date."""

    first: date
    begin: int
    end: int

    def holds(self, instant):
        return instant is not None and self.begin <= instant < self.end


class Calendar:
    """`[report]`: the time zone and the month in which the fiscal year starts."""

    def __init__(self, timezone="UTC", fiscal_year_start=1):
        self.zone, self.fiscal_year_start = ZoneInfo(timezone), fiscal_year_start

    def local_date(self, instant):
        return to_datetime(instant).astimezone(self.zone).date()

    def first_instant(self, day):
        """Local midnight, or the first instant of the date where a clock change skips it."""
        midnight = from_datetime(datetime(day.year, day.month, day.day, tzinfo=self.zone))
        if self.local_date(midnight) == day and self.local_date(midnight - 1) < day:
            return midnight
        low, high = midnight - 86400 * SECOND, midnight + 86400 * SECOND
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.local_date(middle) < day else (low, middle)
        return high

    def first_date(self, kind, day):
        """The first date of the week, month or quarter that holds the date."""
        if kind == "week":
            return day - timedelta(days=day.weekday())
        if kind == "month":
            return day.replace(day=1)
        into = (day.month - self.fiscal_year_start) % 3
        year, month = divmod(day.year * 12 + day.month - 1 - into, 12)
        return date(year, month + 1, 1)

    def next_date(self, kind, first):
        if kind == "week":
            return first + timedelta(days=7)
        year, month = divmod(first.year * 12 + first.month - 1 + (1 if kind == "month" else 3), 12)
        return date(year, month + 1, 1)

    def span(self, kind, earliest, latest):
        """The periods from the one that holds `earliest` to the one that holds `latest`."""
        periods = []
        first, last = self.first_date(kind, self.local_date(earliest)), self.local_date(latest)
        while first <= last:
            following = self.next_date(kind, first)
            periods.append(Period(first, self.first_instant(first), self.first_instant(following)))
            first = following
        return periods


def week_name(monday):
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def from_first(periods, is_zero):
    """R25: the periods without the leading ones that hold nothing but zeros."""
    for index, period in enumerate(periods):
        if not is_zero(period):
            return periods[index:]
    return []
