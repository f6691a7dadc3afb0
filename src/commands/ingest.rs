//! `ingest`: what is new in every source, into the lake; then what other engines read is published.

use indicatif::HumanBytes;
use ingest::lake::RunRow;
use ingest::pipeline::{self, Options};
use ingest::summary::Summary;
use schemas::Timestamp;

use crate::args;
use crate::asked;
use crate::config::{Kind, Source};
use crate::exit::{Failure, Outcome};
use crate::notify;
use crate::plan::{Plan, now};
use crate::publish::publish;
use crate::reading::Reading;
use crate::ui;

use super::status;

pub(super) async fn run(plan: &Plan, typed: &args::Ingest) -> Result<Outcome, Failure> {
    let started_at = now();
    let sources = plan.sources(&typed.source).await?;
    let channels = if typed.notify { notify::channels(plan).await? } else { Vec::new() };
    let options = Options { from: typed.from, to: typed.to };
    let meter = plan.ui.meter();
    if typed.dry_run {
        let known = plan.lake().await?.peek().await?;
        let summary = pipeline::dry_run(&known, &sources, &options, &meter).await;
        drop(meter);
        let summary = summary?;
        tell(plan, &summary, true);
        return ended(plan, typed, &summary).await;
    }
    let mut lake = plan.lake().await?.open().await?;
    let sources = plan.recorded(sources, &lake);
    let summary = pipeline::run(&mut lake, &sources, &options, &meter).await;
    drop(meter);
    let summary = summary?;
    tell(plan, &summary, false);
    lake.record_run(row(&summary, started_at)).await?;
    publish(plan).await?;
    let ended = ended(plan, typed, &summary).await?;
    let notified = if typed.notify { notify::send(plan, &channels, &Reading::open(plan).await?).await? } else { Outcome::Done };
    Ok(notified.max(ended))
}

async fn ended(plan: &Plan, typed: &args::Ingest, summary: &Summary) -> Result<Outcome, Failure> {
    let is_asked = |name: &str| typed.source.is_empty() || typed.source.iter().any(|named| named == name);
    let sources: Vec<&Source> = plan.config.sources.iter().filter(|source| is_asked(&source.name)).collect();
    let (has_limit, has_account) =
        (sources.iter().any(|source| source.stale_after_seconds.is_some()), sources.iter().any(|source| source.kind == Kind::Account));
    // A dry run may find no lake.
    let lake = if has_limit || has_account { plan.lake().await?.found().await? } else { None };
    let known = match lake {
        Some(lake) => Some(Reading::of(plan, lake).await?),
        None => None,
    };
    let is_stale = has_limit && stale(plan, &is_asked, summary, known.as_ref()).await?;
    let is_unanswered = match &known {
        Some(known) if has_account => unanswered(&is_asked, known).await?,
        _ => false,
    };
    Ok(if summary.is_complete() && !is_stale && !is_unanswered { Outcome::Done } else { Outcome::Incomplete })
}

/// What the run did; and, silenced or not, what keeps it from being complete.
fn tell(plan: &Plan, summary: &Summary, dry_run: bool) {
    let counts = &summary.counts;
    let written =
        if dry_run { "nothing written (dry run)".to_owned() } else { format!("{} committed, {} sessions refreshed", counts.committed, counts.refreshed) };
    let gone = if counts.gone > 0 { format!(", {} gone since they were listed", counts.gone) } else { String::new() };
    plan.ui.say(&format!(
        "{} objects discovered, {} known already{gone}, {} read ({}), {} facts, {} rejected; {written}",
        counts.discovered,
        counts.known,
        counts.read,
        HumanBytes(counts.bytes),
        counts.facts,
        counts.rejected
    ));
    for (code, refused) in &summary.rejects {
        let sample = &refused.sample;
        let at = if sample.at.is_empty() { String::new() } else { format!("#{}", sample.at) };
        let [object, at, detail] = [&sample.object, &at, &sample.detail].map(|text| ui::visible(text));
        ui::warn(&format!("rejected: {code}: {} (such as {}: {object}{at}: {detail})", refused.count, sample.source));
    }
    for missed in summary.unread.values() {
        let sample = &missed.sample;
        let place = if sample.place.is_empty() { String::new() } else { format!("{}: ", ui::visible(&sample.place)) };
        ui::warn(&format!("not read: {}: {}: {} (such as {place}{})", sample.source, sample.cause, missed.count, ui::visible(&sample.detail)));
    }
}

fn row(summary: &Summary, started_at: Timestamp) -> RunRow {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let counts = &summary.counts;
    let (ended_at, process) = (now(), std::process::id().to_string());
    RunRow {
        run_id: schemas::computed_id(&[started_at.to_string().as_bytes(), ended_at.to_string().as_bytes(), process.as_bytes()]),
        started_at,
        ended_at,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        objects_read: whole(counts.read),
        bytes_read: whole(counts.bytes),
        events: whole(counts.facts),
        rejects: whole(counts.rejected),
        gaps: whole(counts.unread),
        sessions_refreshed: whole(counts.refreshed),
    }
}

/// Whether a snapshot of this run's sources does not say what the fleet is, and no later one does; tells each source that has one. A live account that was denied
/// has said so by itself; a folder that lacks the same answers ends the same way.
async fn unanswered(is_asked: &impl Fn(&str) -> bool, known: &Reading) -> Result<bool, Failure> {
    let mut rows = known.rows(asked::UNANSWERED).await?;
    rows.retain(|row| is_asked(status::text(row, "source")));
    for row in &rows {
        let [source, place, detail] = ["source", "place", "detail"].map(|column| status::shown(row, column));
        ui::warn(&format!("not answered: {source}: {} (such as {place}: {detail})", status::number(row, "snapshots")));
    }
    Ok(!rows.is_empty())
}

/// Whether a source of this run is older than its `stale_after`; tells each that is. What a dry run has read is in no lake, and counts all the same.
async fn stale(plan: &Plan, is_asked: &impl Fn(&str) -> bool, summary: &Summary, known: Option<&Reading>) -> Result<bool, Failure> {
    let known = match known {
        Some(known) => known.rows(asked::FRESHNESS).await?,
        None => Vec::new(),
    };
    let sources = status::sources(plan, &known, &summary.newest);
    let stale: Vec<_> = sources.iter().filter(|source| source.is_stale && is_asked(&source.name)).collect();
    for source in &stale {
        ui::warn(&format!("stale: {}: {}", source.name, source.age()));
    }
    Ok(!stale.is_empty())
}
