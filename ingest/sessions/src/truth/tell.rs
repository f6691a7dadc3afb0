//! From files to what the product says of the session, by way of every pure room: decode, normalise, reconstruct, conclude, judge.

use std::collections::{BTreeMap, HashMap};

use schemas::{Answer, Event, Observation, Reject, Timestamp};

use super::life::{Millis, instant};
use super::trace::{ACCOUNT, Form, REGION, Trace, file};
use crate::conclude::{Conclusion, Context, Limits, Place, Preferences, Verdict, conclude, judge};
use crate::decode::{Fact, Sink, decode};
use crate::reconstruct::{Facts, reconstruct};

/// What decoding found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) events: Vec<Event>,
    pub(super) observations: Vec<Observation>,
    rejects: Vec<Reject>,
}

impl Sink for Found {
    fn fact(&mut self, fact: Fact) {
        match fact {
            Fact::Event(event) => self.events.push(*event),
            Fact::Observation(observation) => self.observations.push(observation),
            Fact::Instance(_) | Fact::Preference(_) => {}
        }
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

/// How the same records are put into files: so many to a file, each file so often, the files in an order of this seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery {
    pub(super) together: usize,
    pub(super) copies: usize,
    pub(super) order: u64,
}

pub(super) const PLAIN: Delivery = Delivery { together: 1, copies: 1, order: 0 };

/// Decodes the files that hold `traces`. Nothing that AWS and the node write is refused.
pub(super) fn found(traces: &[Trace], delivery: Delivery) -> Found {
    let mut by_form: BTreeMap<Form, Vec<&Trace>> = BTreeMap::new();
    for trace in traces {
        by_form.entry(trace.form).or_default().push(trace);
    }
    let mut files = Vec::new();
    for (form, traces) in &by_form {
        let together = if matches!(form, Form::Trail | Form::Page | Form::Export) { delivery.together } else { 1 };
        for traces in traces.chunks(together) {
            files.extend((0..delivery.copies).map(|_| traces));
        }
    }
    let mut found = Found::default();
    for (number, traces) in crate::world::shuffled(files, delivery.order).into_iter().enumerate() {
        let (object, text) = file(traces, number);
        decode(&object, &mut text.as_bytes(), &mut found);
    }
    assert_eq!(found.rejects, []);
    found
}

/// What is said of the session.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) facts: Facts,
    pub(super) conclusion: Conclusion,
    pub(super) verdict: Verdict,
}

/// What is asked, and what is known beside the session's own evidence.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) as_of: Millis,
    pub(super) limits: Limits,
    /// Observed before the start.
    pub(super) preferences: Option<(i64, Option<i64>)>,
    /// The newest event of other sessions in the log group.
    pub(super) others_until: Millis,
}

/// The row of the session; `None` where nothing is known of it by then.
pub(super) fn row(found: &Found, question: &Question) -> Option<Row> {
    let as_of = instant(question.as_of);
    let mut rows = reconstruct(found.events.clone(), Some(as_of));
    assert!(rows.len() <= 1, "{rows:?}");
    let facts = rows.pop()?;
    let conclusion = conclude(&facts, &context(found, question, as_of));
    let verdict = judge(&facts, &conclusion, &question.limits, as_of);
    Some(Row { facts, conclusion, verdict })
}

fn context(found: &Found, question: &Question, as_of: Timestamp) -> Context {
    let complete = found.observations.iter().filter(|answer| answer.answer == Answer::SessionsActive && answer.complete);
    let mut complete_active: Vec<Timestamp> = complete.map(|answer| answer.observed_at).filter(|at| *at <= as_of).collect();
    complete_active.sort();
    complete_active.dedup();
    let preferences = question.preferences.map(|(idle_seconds, max_seconds)| Preferences { observed_at: instant(0), idle_seconds, max_seconds, logs: true });
    let place = Place { complete_active, preferences: preferences.into_iter().collect(), ..Place::default() };
    let mut newest_of_source = HashMap::from([("cloudwatch".to_owned(), instant(question.others_until).min(as_of))]);
    for (source, at) in found.events.iter().filter_map(|event| Some((event.source.clone(), event.event_time.filter(|at| *at <= as_of)?))) {
        newest_of_source.entry(source).and_modify(|newest| *newest = at.max(*newest)).or_insert(at);
    }
    Context { as_of, places: HashMap::from([((Some(ACCOUNT.to_owned()), Some(REGION.to_owned())), place)]), newest_of_source }
}
