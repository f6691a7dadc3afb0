//! Activity and the gaps in it (ruling R17).

use schemas::Timestamp;

use super::evidence::Evidence;

/// The streaming events of a session, as far as idleness needs them.
#[derive(Debug, Default)]
pub(super) struct Activity {
    pub(super) first_at: Option<Timestamp>,
    pub(super) last_at: Option<Timestamp>,
    /// Start and end of every gap of a minute or more, and of every one that is longer than all before it, up to the last event.
    ///
    /// Whatever the limit is, the first gap longer than it is among these; and no idle timeout that AWS knows is shorter than a minute.
    pub(super) gaps: Vec<(Timestamp, Timestamp)>,
}

/// The shortest gap that is told whatever comes before it, in microseconds.
const SHORTEST: i64 = 60_000_000;

pub(super) fn activity(evidence: &Evidence, started_at: Option<Timestamp>) -> Activity {
    let Some(last) = evidence.streams.last() else { return Activity::default() };
    let mut gaps: Vec<(Timestamp, Timestamp)> = Vec::new();
    let mut longest = 0;
    let mut before = started_at;
    for stream in &evidence.streams {
        // By a clock that is behind, a line can seem to be from before the start.
        let at = started_at.map_or(stream.at, |start| stream.at.max(start));
        if let Some(from) = before {
            let length = at.micros() - from.micros();
            if length > longest || length >= SHORTEST {
                gaps.push((from, at));
            }
            longest = longest.max(length);
        }
        before = Some(at);
    }
    Activity { first_at: evidence.streams.first().map(|stream| stream.at), last_at: Some(last.at), gaps }
}
