//! Periods that were looked up by hand in the time zone database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn calendar(timezone: &str, fiscal_year_start: u8) -> Calendar {
    Calendar::new(timezone, fiscal_year_start, at("2025-12-01T00:00:00Z"), at("2026-12-01T00:00:00Z")).unwrap()
}

/// First instant and label of the period that holds an instant.
fn period(calendar: &Calendar, kind: Period, text: &str) -> (String, String) {
    let index = calendar.index(kind, at(text).micros()).unwrap();
    let start = Timestamp::from_micros(calendar.start_of(kind, index).unwrap());
    (start.to_string(), calendar.label(kind, calendar.first_date(kind, index).unwrap()))
}

fn check(calendar: &Calendar, kind: Period, instant: &str, start: &str, label: &str) {
    assert_eq!(period(calendar, kind, instant), (start.replace('Z', ".000000Z"), label.to_owned()), "{instant}");
}

#[test]
fn weeks_are_iso_weeks() {
    let utc = calendar("UTC", 1);
    check(&utc, Period::Week, "2026-07-14T09:15:00Z", "2026-07-13T00:00:00Z", "2026-W29");
    check(&utc, Period::Week, "2026-07-12T23:59:59.999999Z", "2026-07-06T00:00:00Z", "2026-W28");
    // The first days of January can belong to the last week of the year before, and the last of December to the first of the next.
    check(&utc, Period::Week, "2027-01-03T12:00:00Z", "2026-12-28T00:00:00Z", "2026-W53");
    check(&utc, Period::Week, "2025-12-30T12:00:00Z", "2025-12-29T00:00:00Z", "2026-W01");
}

#[test]
fn a_week_in_which_the_clock_changes_is_167_or_169_hours_long() {
    let berlin = calendar("Europe/Berlin", 1);
    let hours = |instant: &str| {
        let index = berlin.index(Period::Week, at(instant).micros()).unwrap();
        (berlin.start_of(Period::Week, index + 1).unwrap() - berlin.start_of(Period::Week, index).unwrap()) / 3_600_000_000
    };
    assert_eq!([hours("2026-03-25T12:00:00Z"), hours("2026-10-20T12:00:00Z"), hours("2026-07-14T12:00:00Z")], [167, 169, 168]);
    check(&berlin, Period::Week, "2026-03-29T21:59:59Z", "2026-03-22T23:00:00Z", "2026-W13");
    check(&berlin, Period::Week, "2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z", "2026-W14");
}

#[test]
fn a_date_whose_midnight_does_not_exist_begins_with_its_first_instant() {
    // Beirut, 2026-03-29: at midnight the clock goes to 01:00, which is 22:00 UTC the day before.
    let beirut = calendar("Asia/Beirut", 1);
    let date = Date::constant(2026, 3, 29);
    assert_eq!(beirut.first_instant(date), Some(at("2026-03-28T22:00:00Z").micros()));
    assert_eq!(beirut.local_date(at("2026-03-28T21:59:59Z")), days_since_epoch(date) - 1);
    assert_eq!(beirut.local_date(at("2026-03-28T22:00:00Z")), days_since_epoch(date));
    // Toronto, 1919-03-30: the clock went from 23:30 to 00:30, so that the next date began at 00:30, and not at 01:00.
    let toronto = calendar("America/Toronto", 1);
    let date = Date::constant(1919, 3, 31);
    let first = toronto.first_instant(date).unwrap();
    assert_eq!((toronto.civil_date(first), toronto.civil_date(first - 1)), (Some(date), Some(Date::constant(1919, 3, 30))));
    assert_eq!(jiff::Timestamp::from_microsecond(first).unwrap().to_string(), "1919-03-31T04:30:00Z");
}

#[test]
fn a_midnight_that_comes_twice_begins_the_date_with_the_first() {
    // St John's, 2010-11-07: at 00:01 the clock went back to 23:01 of the day before.
    let john = Calendar::new("America/St_Johns", 1, at("2010-10-01T00:00:00Z"), at("2010-12-01T00:00:00Z")).unwrap();
    let first = john.first_instant(Date::constant(2010, 11, 7)).unwrap();
    assert_eq!(Timestamp::from_micros(first), at("2010-11-07T02:30:00Z"));
    // A week that begins so: 2010-11-07 is a Sunday, so the month of a made-up fiscal date stands in; all three kinds agree on order.
    for kind in Period::ALL {
        for minute in 0..180 {
            let instant = at("2010-11-07T01:00:00Z").plus_seconds(minute * 60).micros();
            let index = john.index(kind, instant).unwrap();
            assert!(john.start_of(kind, index).unwrap() <= instant && instant < john.start_of(kind, index + 1).unwrap());
        }
    }
}

#[test]
fn a_fiscal_year_bears_the_year_in_which_it_ends() {
    let april = calendar("UTC", 4);
    check(&april, Period::Quarter, "2026-03-31T23:59:59Z", "2026-01-01T00:00:00Z", "FY2026-Q4");
    check(&april, Period::Quarter, "2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z", "FY2027-Q1");
    check(&april, Period::Quarter, "2026-12-31T00:00:00Z", "2026-10-01T00:00:00Z", "FY2027-Q3");
    let february = calendar("UTC", 2);
    check(&february, Period::Quarter, "2026-01-31T00:00:00Z", "2025-11-01T00:00:00Z", "FY2026-Q4");
    check(&february, Period::Quarter, "2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", "FY2027-Q1");
    let december = calendar("UTC", 12);
    check(&december, Period::Quarter, "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z", "FY2027-Q1");
    check(&december, Period::Quarter, "2026-11-30T00:00:00Z", "2026-09-01T00:00:00Z", "FY2026-Q4");
    check(&calendar("UTC", 1), Period::Quarter, "2026-07-14T00:00:00Z", "2026-07-01T00:00:00Z", "2026-Q3");
}

#[test]
fn the_table_reaches_from_the_first_instant_to_the_last_before_as_of() {
    // As of a midnight that begins a week, that week holds nothing yet.
    let table = Calendar::new("UTC", 1, at("2026-06-30T12:00:00Z"), at("2026-07-13T00:00:00Z")).unwrap().table().unwrap();
    let labels = arrow::util::pretty::pretty_format_batches(&[table.project(&[0, 3]).unwrap()]).unwrap().to_string();
    for label in ["2026-W27", "2026-W28", "2026-06", "2026-07", "2026-Q2", "2026-Q3"] {
        assert!(labels.contains(label), "{label} in\n{labels}");
    }
    assert_eq!(table.num_rows(), 6, "{labels}");
    let nothing = Calendar::new("UTC", 1, at("2026-07-30T12:00:00Z"), at("2026-07-13T00:00:00Z")).unwrap();
    assert_eq!(nothing.table().unwrap().num_rows(), 0);
}

#[test]
fn ordinals_are_the_same_within_and_beyond_what_is_listed() {
    for zone in ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Asia/Kolkata", "America/St_Johns"] {
        let listed = Calendar::new(zone, 4, at("1990-01-01T00:00:00Z"), at("2026-07-13T00:00:00Z")).unwrap();
        let other = Calendar::new(zone, 4, at("2026-07-01T00:00:00Z"), at("2026-07-13T00:00:00Z")).unwrap();
        for step in 0..4_000 {
            let instant = at("1990-01-01T00:00:00Z").plus_seconds(step * 3 * 86_400 + step * 61).micros();
            for kind in Period::ALL {
                assert_eq!(listed.index(kind, instant), other.index(kind, instant), "{zone} {instant} {kind:?}");
            }
        }
    }
}

#[test]
fn a_moment_that_no_calendar_reaches_keeps_nothing_else_from_being_told() {
    let (from, far) = (at("2026-07-01T00:00:00Z"), Timestamp::from_micros(i64::MAX));
    for (from, as_of) in [(from, at("2199-12-31T23:59:59Z")), (from, far), (Timestamp::from_micros(i64::MIN), from), (far, far)] {
        let calendar = Calendar::new("Europe/Berlin", 4, from, as_of).unwrap();
        check(&calendar, Period::Week, "2026-07-14T09:15:00Z", "2026-07-12T22:00:00Z", "2026-W29");
        assert_eq!(calendar.index(Period::Month, i64::MAX), None);
    }
}

#[test]
fn what_is_no_calendar_is_refused() {
    let (from, as_of) = (at("2026-01-01T00:00:00Z"), at("2026-07-13T00:00:00Z"));
    assert!(matches!(Calendar::new("Europe/Bonn", 1, from, as_of), Err(CalendarError::UnknownZone(_))));
    assert!(matches!(Calendar::new("UTC", 0, from, as_of), Err(CalendarError::NoSuchMonth(0))));
    assert!(matches!(Calendar::new("UTC", 13, from, as_of), Err(CalendarError::NoSuchMonth(13))));
}
