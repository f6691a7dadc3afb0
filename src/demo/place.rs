//! Where the story happens: accounts, regions, and the Session Manager preferences set there over time.

use super::moment::Moment;

/// An account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) account: &'static str,
    pub(super) region: &'static str,
}

pub(super) const PROD_US: Place = Place { account: "111122223333", region: "us-east-1" };
pub(super) const PROD_EU: Place = Place { account: "111122223333", region: "eu-west-1" };
pub(super) const STAGING: Place = Place { account: "444455556666", region: "us-east-1" };
pub(super) const DATA_EU: Place = Place { account: "777788889999", region: "eu-west-1" };
/// Nobody takes snapshots here: what is known comes from the trail and the streams alone.
pub(super) const DATA_US: Place = Place { account: "777788889999", region: "us-east-1" };

pub(super) const PLACES: [Place; 5] = [PROD_US, PROD_EU, STAGING, DATA_EU, DATA_US];

/// The first Monday.
pub(super) const BEGIN: Moment = Moment::at(2026, 3, 30, 0, 0);
/// Weeks of sessions.
pub(super) const WEEKS: i64 = 13;
/// The last snapshot: nothing in the estate is later.
pub(super) const LAST_SNAPSHOT: Moment = Moment::at(2026, 6, 29, 6, 0);
/// The staging account was added to the snapshots late: ends from before that must be found in other evidence.
const STAGING_SNAPSHOTS: Moment = Moment::at(2026, 5, 25, 6, 0);

/// The document that sets no limit, for emergencies and migrations: it exists in the data account.
pub(super) const UNLIMITED_DOCUMENT: &str = "LongRunning-Shell";

/// One version of a place's preferences. Limits are minutes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preferences {
    pub(super) version: i64,
    pub(super) since: Moment,
    /// Since when it is also the document's default version; a version that is only the newest does not count as in force.
    pub(super) default_since: Moment,
    pub(super) maximum: Option<i64>,
    pub(super) idle: i64,
}

const LONG_AGO: Moment = Moment::at(2025, 9, 1, 8, 0);

const fn first(maximum: Option<i64>, idle: i64) -> Preferences {
    Preferences { version: 1, since: LONG_AGO, default_since: LONG_AGO, maximum, idle }
}

const fn second(since: Moment, default_since: Moment, maximum: i64, idle: i64) -> Preferences {
    Preferences { version: 2, since, default_since, maximum: Some(maximum), idle }
}

/// The versions of a place's preferences, oldest first: too long at first, then tightened one place after the other.
pub(super) fn preferences(place: Place) -> Vec<Preferences> {
    let may = Moment::at(2026, 5, 7, 9, 30);
    let june = Moment::at(2026, 6, 2, 13, 5);
    let data = Moment::at(2026, 5, 26, 10, 15);
    match place {
        PROD_US => vec![first(Some(1440), 60), second(may, may, 240, 15)],
        PROD_EU => vec![first(None, 60), second(june, june, 240, 15)],
        DATA_EU => vec![first(None, 20), second(data, Moment::at(2026, 6, 16, 9, 0), 480, 20)],
        DATA_US => vec![first(None, 20)],
        _ => vec![first(Some(480), 20)],
    }
}

/// The preferences that rule a session of the place that starts at a moment: the newest version then.
pub(super) fn preferences_at(place: Place, moment: Moment) -> Preferences {
    preferences(place).into_iter().rev().find(|version| version.since <= moment).unwrap_or(first(None, 20))
}

/// When snapshots of a place were taken: Mondays at six.
pub(super) fn snapshots(place: Place) -> Vec<Moment> {
    if place == DATA_US {
        return Vec::new();
    }
    let mondays = (0..=WEEKS).map(|week| BEGIN.plus(week * 7 * 86_400 + 6 * 3_600));
    mondays.filter(|at| place != STAGING || *at >= STAGING_SNAPSHOTS).collect()
}

/// Bucket of the place's transcripts, and log group of its streams.
pub(super) fn logging(place: Place) -> (Option<&'static str>, Option<&'static str>) {
    match place {
        PROD_US | PROD_EU => (Some(BUCKET), Some(LOG_GROUP)),
        STAGING => (Some(BUCKET), None),
        _ => (None, Some(LOG_GROUP)),
    }
}

pub(super) const BUCKET: &str = "example-session-logs";
pub(super) const LOG_GROUP: &str = "/ssm/sessions";
