//! `status`: what is read, how fresh it is, what is missing, and who is over the limit now.

mod findings;
mod open_session;
mod profiles;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use schemas::Timestamp;

use crate::args::{self, FailOn};
use crate::asked;
use crate::exit::{Failure, Outcome};
use crate::notify;
use crate::plan::Plan;
use crate::reading::{Reading, Row};
use crate::ui;

use open_session::OpenSession;
use profiles::Profiles;

pub(super) async fn run(plan: &Plan, typed: &args::Status) -> Result<Outcome, Failure> {
    let channels = if typed.notify { notify::channels(plan).await? } else { Vec::new() };
    let reading = Reading::open(plan).await?;
    let sources = sources(plan, &reading.rows(asked::FRESHNESS).await?, &BTreeMap::new());
    let rejects = reading.rows(asked::REJECTS).await?;
    let gaps = reading.rows(asked::GAPS).await?;
    let profiles = Profiles::of(plan, &reading).await?;
    let over: Vec<OpenSession> = reading.rows(asked::OVER_LIMIT).await?.iter().map(|row| OpenSession::of(row, &profiles)).collect();
    let open = reading.rows(asked::OPEN_FINDINGS).await?;
    let changes = reading.rows(asked::PREFERENCE_CHANGES).await?;
    let expiring = reading.rows(asked::EXPIRING).await?;
    let text = [
        reading.as_of().map_or_else(|| "nothing dated is known yet".to_owned(), |as_of| format!("as of {as_of}")),
        told_sources(&sources),
        told_missing(&rejects, &gaps),
        told_over(&over, reading.as_of()),
        findings::told_changes(&changes, &open),
        findings::told_expiring(&expiring),
        findings::told_open(&open),
    ];
    ui::print(&text.join("\n\n")).map_err(Failure::failed)?;

    let is_stale = sources.iter().any(|source| source.is_stale || source.objects == 0);
    let is_breached = |what: &FailOn| match what {
        FailOn::OverLimit => over.iter().any(|session| session.is_certain),
        FailOn::Stale => is_stale,
        FailOn::PrefsChanged => findings::unacknowledged(&open) > 0,
    };
    let breached = if typed.fail_on.iter().any(is_breached) { Outcome::Breached } else { Outcome::Done };
    let is_incomplete = reading.is_behind() || is_stale || !rejects.is_empty() || !gaps.is_empty();
    let complete = if is_incomplete { Outcome::Incomplete } else { Outcome::Done };
    let notified = if typed.notify { notify::send(plan, &channels, &reading).await? } else { Outcome::Done };
    Ok(breached.max(complete).max(notified))
}

/// A configured source, and how far it reaches.
pub(super) struct Reach {
    pub(super) name: String,
    kind: &'static str,
    objects: i64,
    newest: Option<Timestamp>,
    stale_after_seconds: Option<i64>,
    pub(super) is_stale: bool,
}

impl Reach {
    /// How old its newest evidence is, in words.
    pub(super) fn age(&self) -> String {
        let newest = self.newest.map_or_else(|| "it has never held anything dated".to_owned(), |newest| format!("the newest in it is of {newest}"));
        match self.stale_after_seconds {
            Some(limit) => format!("{newest}, and its stale_after is {}", policy::duration::written(limit)),
            None => newest,
        }
    }
}

/// Every configured source, in the order of the configuration. `known` is what the lake holds of each, `read` the latest time in what was read since.
pub(super) fn sources(plan: &Plan, known: &[Row], read: &BTreeMap<String, Timestamp>) -> Vec<Reach> {
    let reaches = plan.config.sources.iter().map(|source| {
        let row = known.iter().find(|row| text(row, "source") == source.name);
        let stored = row.and_then(|row| time(row, "newest_event_at").max(time(row, "vouched_at")));
        let newest = stored.max(read.get(&source.name).copied());
        let oldest_allowed = source.stale_after_seconds.map(|seconds| plan.moment().plus_seconds(-seconds));
        Reach {
            name: source.name.clone(),
            kind: source.kind.as_str(),
            objects: row.and_then(|row| row.get("objects")?.as_i64()).unwrap_or(0),
            newest,
            stale_after_seconds: source.stale_after_seconds,
            is_stale: oldest_allowed.is_some_and(|oldest| newest.is_none_or(|newest| newest < oldest)),
        }
    });
    reaches.collect()
}

fn told_sources(sources: &[Reach]) -> String {
    let mut text = "Sources".to_owned();
    let width = sources.iter().map(|source| source.name.chars().count()).max().unwrap_or(0);
    for source in sources {
        let stale = if source.is_stale { "  STALE" } else { "" };
        let _ = write!(text, "\n  {:width$}  {:11}  {:>8} objects  {}{stale}", source.name, source.kind, source.objects, source.age());
    }
    if sources.is_empty() { text + "\n  none is configured" } else { text }
}

fn told_missing(rejects: &[Row], gaps: &[Row]) -> String {
    let mut told = "Rejected and missing".to_owned();
    for row in rejects {
        let count = number(row, "rejects");
        let _ = write!(told, "\n  {} in {}: {count} (such as {})", shown(row, "code"), shown(row, "source"), shown(row, "object"));
    }
    for row in gaps {
        let place = shown(row, "place");
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        let _ = write!(told, "\n  {} in {}: {place}{}", shown(row, "cause"), shown(row, "source"), shown(row, "detail"));
    }
    if rejects.is_empty() && gaps.is_empty() { told + "\n  nothing" } else { told }
}

fn told_over(over: &[OpenSession], as_of: Option<Timestamp>) -> String {
    let mut text = "Open sessions over their limit".to_owned();
    for session in over {
        let _ = write!(text, "\n{}", session.told(as_of));
    }
    if over.is_empty() { text + "\n  none" } else { text }
}

/// A text of a row; empty where it is null.
pub(super) fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// A number of a row; zero where it is null.
pub(super) fn number(row: &Row, column: &str) -> i64 {
    row.get(column).and_then(serde_json::Value::as_i64).unwrap_or(0)
}

/// A text of a row as it may be told: it comes from whoever was on the machine.
pub(super) fn shown<'r>(row: &'r Row, column: &str) -> Cow<'r, str> {
    ui::visible(text(row, column))
}

fn time(row: &Row, column: &str) -> Option<Timestamp> {
    Timestamp::parse(text(row, column)).ok()
}
