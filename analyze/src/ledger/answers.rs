//! What the account snapshots answer, each question once.

use datafusion::error::Result;
use datafusion::prelude::{col, lit};
use schemas::{Answer, Observation, Preference, Timestamp};
use sessions::rows;

use super::evidence::Evidence;
use super::reach::Reaches;
use super::snapshots::{external, instant};

/// What the account snapshots answer: of several answers to one question of one snapshot, the one that counts (ruling R33).
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) observations: Vec<Observation>,
    pub(super) preferences: Vec<Preference>,
    /// First and last snapshot of each source, those included whose answers another source's stand for.
    pub(super) reached: Reaches,
}

impl Answers {
    /// The answers in an order that does not depend on how they were stored.
    pub(super) fn new(mut observations: Vec<Observation>, mut preferences: Vec<Preference>) -> Self {
        let mut reached = Reaches::default();
        for observation in &observations {
            reached.widen(&observation.source, observation.observed_at);
        }
        fn question(of: &Observation) -> (&str, &str, Timestamp, Answer, Option<&str>) {
            (&of.account_id, &of.region, of.observed_at, of.answer, of.subject.as_deref())
        }
        observations
            .sort_by(|one, other| (question(one), &one.source, &one.object, &one.sha256).cmp(&(question(other), &other.source, &other.object, &other.sha256)));
        keep_last(&mut observations, |one, other| question(one) == question(other));
        fn version(of: &Preference) -> (&str, &str, Timestamp, &str, &str) {
            (&of.account_id, &of.region, of.observed_at, &of.document_name, &of.document_version)
        }
        preferences.sort_by(|one, other| {
            (version(one), &one.source, &one.object, &one.content_sha256).cmp(&(version(other), &other.source, &other.object, &other.content_sha256))
        });
        keep_last(&mut preferences, |one, other| version(one) == version(other));
        Self { observations, preferences, reached }
    }
}

/// Of neighbours that are the same, the last.
fn keep_last<T>(sorted: &mut Vec<T>, is_same: impl Fn(&T, &T) -> bool) {
    sorted.dedup_by(|next, kept| {
        let same = is_same(next, kept);
        if same {
            std::mem::swap(next, kept);
        }
        same
    });
}

/// Every answer and every document version by `as_of`; without the documents' text, which nothing is judged by.
pub(super) async fn read(evidence: &Evidence, as_of: Timestamp) -> Result<Answers> {
    let by_as_of = || col("observed_at").lt_eq(instant(as_of));
    let mut observations = Vec::new();
    for batch in evidence.table("observations").await?.filter(by_as_of())?.collect().await? {
        observations.extend(rows::observations_from(&batch).map_err(external)?);
    }
    let mut preferences = Vec::new();
    for batch in evidence.table("preferences").await?.filter(by_as_of())?.with_column("content", lit(""))?.collect().await? {
        preferences.extend(rows::preferences_from(&batch).map_err(external)?);
    }
    Ok(Answers::new(observations, preferences))
}
