//! What the machines themselves logged: transcripts in the bucket, and the streams of CloudWatch Logs.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::disk::Disk;
use super::moment::Moment;
use super::place::{BEGIN, DATA_EU, DATA_US, LAST_SNAPSHOT, PROD_EU, PROD_US, Place, logging};
use super::screen;
use super::session::{Kind, Session};

/// Writes the transcripts that reached the bucket.
pub(super) fn write_transcripts(disk: &Disk, sessions: &[Session]) -> io::Result<()> {
    for session in sessions.iter().filter(|session| logging(session.place).0.is_some()) {
        if let Some(generated) = generated_at(session) {
            let key = format!("sources/transcripts/ssm/{}/{}.log", session.place.account, session.id);
            disk.file(&key, generated.plus_millis(1_410), screen::transcript(session, &generated.stamp()).as_bytes())?;
        }
    }
    Ok(())
}

/// When a session's text was put together: a little after its end.
fn generated_at(session: &Session) -> Option<Moment> {
    session.logged_end().map(|(end, _)| end.plus_millis(2_300).whole_second())
}

/// Writes the streams: export tasks of the production account, NDJSON of the data account.
pub(super) fn write_streams(disk: &Disk, sessions: &[Session]) -> io::Result<()> {
    let mut events: Vec<StreamEvent> = sessions.iter().filter(|session| logging(session.place).1.is_some()).flat_map(stream_events).collect();
    events.sort_by(|a, b| (a.at, &a.stream).cmp(&(b.at, &b.stream)));
    write_exports(disk, &events)?;
    write_ndjson(disk, &events)
}

struct StreamEvent {
    place: Place,
    stream: String,
    at: Moment,
    message: String,
}

/// One structured event for each time that a shell printed; a command's text comes as a whole, at its end.
fn stream_events(session: &Session) -> Vec<StreamEvent> {
    let event = |at, message| StreamEvent { place: session.place, stream: session.id.clone(), at, message };
    match session.kind {
        Kind::Shell => (0..session.activity.len()).map(|index| event(session.activity[index], message(session, index))).collect(),
        Kind::Command => {
            let text = |at: Moment| screen::transcript(session, &at.stamp()).replace("\r\n", "\n").trim_end_matches('\n').to_owned();
            generated_at(session).map(|at| event(at.plus_millis(640), text(at))).into_iter().collect()
        }
        Kind::Port | Kind::Ssh | Kind::Ecs => Vec::new(),
    }
}

/// The agent's streaming message; its fields come in the agent's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    event_version: &'a str,
    event_time: String,
    aws_region: &'a str,
    target: Target<'a>,
    user_identity: Identity,
    run_as_user: &'a str,
    session_id: &'a str,
    session_data: Vec<String>,
}

#[derive(Serialize)]
struct Target<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Identity {
    arn: String,
}

fn message(session: &Session, index: usize) -> String {
    let message = Message {
        event_version: "1.0",
        event_time: session.activity[index].second(),
        aws_region: session.place.region,
        target: Target { id: &session.target },
        user_identity: Identity { arn: session.owner() },
        run_as_user: "ssm-user",
        session_id: &session.id,
        session_data: screen::lines(session, index),
    };
    // A struct of texts always serialises.
    serde_json::to_string(&message).unwrap_or_default()
}

/// `<region>/<task>/<stream>/000000.gz`, one export task a month.
fn write_exports(disk: &Disk, events: &[StreamEvent]) -> io::Result<()> {
    let tasks = [
        (Moment::at(2026, 5, 1, 1, 0), "3d1c7a52-8f0e-4b6a-9d27-5e64a1c0b8f3"),
        (Moment::at(2026, 6, 1, 1, 0), "a86e0f94-17d3-4c25-b1fa-92c7d05e6e41"),
        (LAST_SNAPSHOT.plus(-5 * 3_600), "f25b9c68-40ae-4e91-8c3d-07b1e6a2d59f"),
    ];
    let mut files: BTreeMap<(&str, usize, &str), String> = BTreeMap::new();
    for event in events.iter().filter(|event| [PROD_US, PROD_EU].contains(&event.place)) {
        let task = tasks.iter().position(|(until, _)| event.at < *until);
        if let Some(task) = task {
            let file = files.entry((event.place.region, task, &event.stream)).or_default();
            *file += &format!("{} {}\n", event.at.milli(), event.message);
        }
    }
    for ((region, task, stream), lines) in files {
        let (until, id) = tasks[task];
        disk.gzip(&format!("sources/prod-streams/{region}/{id}/{stream}/000000.gz"), until.plus(400), lines.as_bytes())?;
    }
    Ok(())
}

/// An event as `FilterLogEvents` tells it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiEvent<'a> {
    log_stream_name: &'a str,
    timestamp: i64,
    message: &'a str,
    ingestion_time: i64,
    event_id: String,
}

/// `<region>/week-<Monday>.ndjson`.
fn write_ndjson(disk: &Disk, events: &[StreamEvent]) -> io::Result<()> {
    let mut files: BTreeMap<(&str, i64), String> = BTreeMap::new();
    for (ordinal, event) in events.iter().enumerate().filter(|(_, event)| [DATA_EU, DATA_US].contains(&event.place)) {
        let millis = event.at.millis();
        let line = ApiEvent {
            log_stream_name: &event.stream,
            timestamp: millis,
            message: &event.message,
            ingestion_time: millis + 900,
            event_id: format!("{:0>56}", format!("{millis}{ordinal:08}")),
        };
        let week = (event.at.day() - BEGIN.day()).div_euclid(7);
        *files.entry((event.place.region, week)).or_default() += &format!("{}\n", serde_json::to_string(&line).unwrap_or_default());
    }
    for ((region, week), lines) in files {
        let monday = BEGIN.plus(week * 7 * 86_400);
        let pulled = monday.plus(7 * 86_400 + 5 * 3_600).min(LAST_SNAPSHOT);
        let date = monday.date_path().replace('/', "-");
        disk.file(&format!("sources/data-streams/{region}/week-{date}.ndjson"), pulled, lines.as_bytes())?;
    }
    Ok(())
}
