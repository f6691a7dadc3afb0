"""Instants as integer microseconds since 1970 (UTC), and how they are written in the inputs and outputs."""

import re
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?\s?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?Z", re.ASCII)
_UNITS = {"ms": 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


_END = 7_258_118_400 * SECOND  # 2200-01-01


def plausible(instant):
    """R6: no time outside of the years 1970 to 2199 is a time."""
    return instant if instant is not None and 0 <= instant < _END else None


def from_datetime(moment):
    """An aware datetime as microseconds."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(instant):
    """Microseconds as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def _scaled(number):
    """A Decimal of seconds as whole microseconds, halves to even."""
    return int((number * SECOND).to_integral_value(rounding=ROUND_HALF_EVEN))


def parse_iso(text):
    """`2026-01-01T00:00:00.123Z`, offsets `+0200` and `+02:00`; None for anything else."""
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        whole = datetime(*(int(part) for part in (year, month, day, hour, minute, second)), tzinfo=timezone.utc)
    except ValueError:
        return None
    offset = 0
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        offset = (int(digits[:2]) * 60 + int(digits[2:])) * MINUTE * (-1 if zone[0] == "-" else 1)
    parts = _scaled(Decimal("0." + fraction)) if fraction else 0
    return plausible(from_datetime(whole) + parts - offset)


def parse_compact(text):
    """`20260101T000000Z` (snapshot folders) and `20260101T0000Z` (CloudTrail keys)."""
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    try:
        return plausible(from_datetime(datetime(*(int(part or 0) for part in found.groups()), tzinfo=timezone.utc)))
    except ValueError:
        return None


def parse_api_date(value):
    """AWS CLI dates: epoch seconds (int or Decimal of the literal) or ISO text with an offset."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return parse_iso(value)
    if isinstance(value, (int, Decimal)):
        try:
            return plausible(_scaled(Decimal(value)))
        except InvalidOperation:
            return None
    return None


def parse_setting(value):
    """A time in TOML: text or a native offset date-time."""
    if isinstance(value, datetime):
        return from_datetime(value if value.tzinfo else value.replace(tzinfo=timezone.utc))
    if isinstance(value, date):
        return from_datetime(datetime(value.year, value.month, value.day, tzinfo=timezone.utc))
    instant = parse_iso(value)
    if instant is None:
        raise ValueError(f"not a time: {value!r}")
    return instant


def parse_span(text):
    """`8h`, `20m`, `120s`, `1h30m` as microseconds."""
    if not re.fullmatch(r"(?:\d+(?:ms|s|m|h|d|w))+", text):
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h|d|w)", text))


def show(instant):
    """`2026-01-01T00:00:00.000000Z`, or None."""
    return None if instant is None else to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
