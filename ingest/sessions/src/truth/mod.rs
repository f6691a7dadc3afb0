//! Reconstruction under random evidence: the truth is made up first, and what is said of it is held against it.
//!
//! ```text
//!   life ─▶ traces (files as AWS and the node write them) ─▶ some of them, in some order ─▶ row
//!     └──────────────────────── is it true? ◀────────────────────────────────────────────────┘
//! ```
//!
//! The end of a session is AWS's own `EndDate`, or would be: a session whose client is gone and that an administrator then terminates ends by
//! that. One that AWS never notices the end of ends when its client and its shell are both gone.
//!
//! # What holds
//!
//! Whatever part of the evidence is there, in whatever order, however often, by whatever `as_of`:
//!
//! * `ended_after` ≤ the true end ≤ `ended_before` where that is not inferred, and so `certain` is true, **where the node's times can be trusted
//!   one way or the other**: where all that the node writes shows when AWS received it, within 120 s of the end, the clock may be wrong by days
//!   ([`Trust::Receipts`]); where the clock is right within 120 s less the delay of the flush, receipts may be late, missing (an export task
//!   writes none) or those of copies ([`Trust::Clock`]).
//! * Times are as fine as their source: calls, stamps and uploads are in whole seconds, rounded down. So `ended_before` may be a second early.
//!
//! * Whatever the node writes, what rests on AWS alone is true: a start that is listed or called, a proof of life of tier A or B, and an end that
//!   is not a call on a session that was already over.
//!
//! What the contract's rules leave open stands in `docs/rulings.md`, under "What these rules cannot know"; an example of each in [`limits`].

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod life;
mod limits;
mod node;
mod tell;
mod trace;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use schemas::{EventKind, Tier};

use crate::conclude::{Limits, Status};
use crate::reconstruct::{EndMethod, StartMethod};
use life::{DAY, HOUR, Life, MINUTE, SECOND, instant, life, second};
use node::{ALLOWED, Node, Trust, node};
use tell::{Delivery, Found, PLAIN, Question, Row, found, row};
use trace::{Form, Poll, Trace, traces};

/// One story: a life, what is left of its traces, and what is asked.
#[derive(Debug, Clone)]
struct World {
    life: Life,
    node: Node,
    traces: Vec<Trace>,
    /// Files of which nothing is there; which of the other traces are; and which more come later.
    missing: Vec<Form>,
    kept: Vec<bool>,
    later: Vec<bool>,
    question: Question,
}

impl World {
    fn some(&self, is_there: impl Fn(usize, &Trace) -> bool) -> Vec<Trace> {
        self.traces.iter().enumerate().filter(|(index, trace)| is_there(*index, trace)).map(|(_, trace)| trace.clone()).collect()
    }

    fn is_kept(&self, index: usize, trace: &Trace) -> bool {
        self.kept[index % self.kept.len()] && !self.missing.contains(&trace.form)
    }

    fn kept(&self) -> Vec<Trace> {
        self.some(|index, trace| self.is_kept(index, trace))
    }

    fn kept_and_later(&self) -> Vec<Trace> {
        self.some(|index, trace| self.is_kept(index, trace) || self.later[index % self.later.len()])
    }
}

fn world(trust: Trust) -> impl Strategy<Value = World> {
    let moment = || prop_oneof![0..=1_000_i64, 400..=600_i64];
    let polls = prop::collection::vec((moment(), prop::bool::weighted(0.7), any::<bool>()), 0..5);
    let dead_calls = prop::collection::vec(prop_oneof![1..10 * MINUTE, 1..2 * DAY], 0..3);
    let there = |weight| prop::collection::vec(prop::bool::weighted(weight), 30);
    let limit = (prop_oneof![Just(0_i64), -300..=300_i64, -100_000..=100_000_i64], prop::sample::select(vec![0_i64, 120]));
    let preferences = prop::option::of((60..3_600_i64, prop::option::of(60..86_400_i64)));
    let asked = (prop::option::of(moment()), limit, preferences, moment());
    let any_of = |count| prop::sample::subsequence(Form::ALL.to_vec(), count);
    let unlogged = vec![Form::Page, Form::Export, Form::Transcript, Form::History];
    let missing = prop_oneof![3 => any_of(0..4), 3 => any_of(4..6), 1 => Just(unlogged)];
    (life(), node(trust), polls, dead_calls, (missing, there(0.8), there(0.3)), asked).prop_map(
        |(life, node, polls, dead_calls, (missing, kept, later), (as_of, (off, grace), preferences, others))| {
            let span = life.horizon + HOUR - life.start;
            let at = |share: i64| life.start - HOUR + span * share / 1_000;
            let polls: Vec<Poll> = polls.into_iter().map(|(share, is_complete, is_named)| (second(at(share)), is_complete, is_named)).collect();
            let traces = traces(&life, &node, &polls, &dead_calls);
            // Limits are the more telling the nearer they are to what the session lived.
            let lived = (life.end.unwrap_or(life.horizon) - life.start) / SECOND;
            let limits = Limits {
                max_duration_seconds: Some((lived + off - grace).max(1)),
                idle_timeout_seconds: Some(600),
                grace_seconds: grace,
                break_glass: false,
                automation: false,
            };
            let question = Question { as_of: as_of.map_or(life.horizon + 40 * DAY, at), limits, preferences, others_until: at(others) };
            World { life, node, traces, missing, kept, later, question }
        },
    )
}

/// A false end by a call: the one claim that rests on nothing but somebody's wish. True where the call came after the end.
fn is_ended_by_a_dead_call(world: &World, row: &Row) -> bool {
    row.conclusion.end_method == Some(EndMethod::TerminateCall) && row.conclusion.ended_at > world.life.end.map(instant)
}

/// Everything that is said of the end, and of the limit, is true.
fn is_true(world: &World, row: &Row) -> Result<(), TestCaseError> {
    let (life, conclusion) = (&world.life, &row.conclusion);
    let by_stream = row.facts.start_method == Some(StartMethod::Stream);
    let end = instant(life.end_or_never());
    if let Some(after) = conclusion.ended_after {
        // The one proof of life that is not taken off the 120 s of a flush is the first streaming event where it stands for the start.
        let is_start = by_stream && conclusion.ended_after == row.facts.started_at;
        let allowed = if is_start { ALLOWED / SECOND } else { 0 };
        prop_assert!(after <= end.plus_seconds(allowed), "ended_after {after} is later than the end {end}");
    }
    if let Some(over) = row.verdict.over_limit.filter(|over| over.certain) {
        let limits = &world.question.limits;
        prop_assert!(end > over.at.plus_seconds(limits.grace_seconds), "certain, and it ended at {end}");
        // Calls are dated by the second, so that the limit of a start that is known by its call may be a second early.
        let limit = instant(life.start).plus_seconds(limits.max_duration_seconds.unwrap_or(0) + limits.grace_seconds - 1);
        prop_assert!(end > limit || (by_stream && world.node.behind() > 0), "certain, and its own limit and grace were over at {limit}");
        // What the transcript, its upload or the stream give is an estimate; all else is no more than was lived.
        let is_estimate = matches!(conclusion.end_method, Some(EndMethod::Transcript | EndMethod::Upload | EndMethod::Stream));
        prop_assert!(is_estimate || over.seconds <= Some(end.seconds_since(over.at)), "an exposure of {:?} s", over.seconds);
    }
    let listed_before_start = by_stream && world.node.behind() > 0 && conclusion.end_method.is_none();
    if let (Some(before), Some(false), false) = (conclusion.ended_before, conclusion.ended_before_inferred, listed_before_start) {
        let behind = instant(world.node.behind() + SECOND).micros() - instant(0).micros();
        prop_assert!(end.micros() <= before.micros() + behind, "ended_before {before} is earlier than the end {end}");
    }
    Ok(())
}

/// Every time that is said stands in some piece of evidence.
fn is_evident(found: &Found, row: &Row) -> Result<(), TestCaseError> {
    let of = |kinds: &'static [EventKind]| found.events.iter().filter(move |event| kinds.contains(&event.kind)).filter_map(|event| event.event_time);
    let listed = |end: bool| found.events.iter().filter_map(move |event| if end { event.listed_end } else { event.listed_start });
    use EventKind::{DoneStamp, ListedActive, ResumeCall, Stamp, StartCall, Stream, TerminateCall, Upload, UploadAtEnd};
    let (facts, conclusion) = (&row.facts, &row.conclusion);
    if let Some(at) = facts.started_at {
        prop_assert!(of(&[StartCall, Stream]).chain(listed(false)).any(|known| known == at), "started_at {at}");
    }
    if let Some(at) = conclusion.ended_at {
        prop_assert!(of(&[TerminateCall, Stamp, DoneStamp, Upload, UploadAtEnd, Stream]).chain(listed(true)).any(|known| known == at), "ended_at {at}");
    }
    if let Some(at) = conclusion.ended_after {
        let early = of(&[Stream, Stamp, DoneStamp]).map(|known| known.plus_seconds(-ALLOWED / SECOND));
        let proofs = of(&[StartCall, Stream, ResumeCall, ListedActive, TerminateCall]).chain(listed(false)).chain(listed(true)).chain(early);
        prop_assert!(proofs.into_iter().any(|known| known == at), "ended_after {at}");
    }
    Ok(())
}

fn told(traces: &[Trace], world: &World) -> Option<Row> {
    row(&found(traces, PLAIN), &world.question)
}

/// The same cases in every run: whoever changes the rules sees what they did, and not what the day brought. `PROPTEST_CASES` asks for more.
fn config() -> Config {
    let default = Config::default();
    Config { cases: default.cases.max(600), rng_seed: RngSeed::Fixed(2_026), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_said_is_true_whatever_the_clock_where_receipts_are_prompt(world in world(Trust::Receipts)) {
        if let Some(row) = told(&world.kept(), &world).filter(|row| !is_ended_by_a_dead_call(&world, row)) {
            is_true(&world, &row)?;
        }
    }

    #[test]
    fn what_is_said_is_true_whatever_the_receipts_where_the_clock_is_right(world in world(Trust::Clock)) {
        if let Some(row) = told(&world.kept(), &world).filter(|row| !is_ended_by_a_dead_call(&world, row)) {
            is_true(&world, &row)?;
        }
    }

    #[test]
    fn what_rests_on_aws_alone_is_true_whatever_the_node_writes(world in world(Trust::Nothing)) {
        let by_aws = |row: &Row| row.facts.start_method != Some(StartMethod::Stream) && row.conclusion.life_tier != Some(Tier::C);
        if let Some(row) = told(&world.kept(), &world).filter(|row| by_aws(row) && !is_ended_by_a_dead_call(&world, row)) {
            is_true(&world, &row)?;
        }
    }

    #[test]
    fn a_dead_session_that_is_terminated_is_hardly_prolonged_or_counted_as_uncorroborated(world in world(Trust::Receipts)) {
        let row = told(&world.kept(), &world).filter(|row| row.facts.corroborated && is_ended_by_a_dead_call(&world, row));
        if let (Some(row), Some(end)) = (row, world.life.end) {
            let until = instant(end + 300 * SECOND + ALLOWED + world.node.behind());
            prop_assert!(row.conclusion.ended_at <= Some(until), "ended at {:?}", row.conclusion.ended_at);
        }
    }

    #[test]
    fn order_copies_and_batches_make_no_difference(world in world(Trust::Nothing), together in 1..9_usize, copies in 1..4_usize, order in any::<u64>()) {
        let kept = world.kept();
        let delivered = found(&kept, Delivery { together, copies, order });
        prop_assert_eq!(told(&kept, &world), row(&delivered, &world.question));
    }

    #[test]
    fn nothing_is_invented(world in world(Trust::Nothing)) {
        let found = found(&world.kept(), PLAIN);
        if let Some(row) = row(&found, &world.question) {
            is_evident(&found, &row)?;
            let over = row.conclusion.ended_before.is_some_and(|before| before <= instant(world.question.as_of));
            match row.conclusion.status {
                Status::Ended => prop_assert!(row.conclusion.ended_at.is_some()),
                Status::Lost => prop_assert!(row.conclusion.ended_at.is_none() && over),
                Status::Open => prop_assert!(row.conclusion.ended_at.is_none() && !over),
                Status::Failed => prop_assert!(false, "nothing failed"),
            }
        }
    }

    #[test]
    fn what_is_certain_stays_so_unless_something_contradicts(world in world(Trust::Nothing)) {
        let (few, more) = (found(&world.kept(), PLAIN), found(&world.kept_and_later(), PLAIN));
        if let (Some(before), Some(after)) = (row(&few, &world.question), row(&more, &world.question)) {
            let is_certain = |row: &Row| row.verdict.over_limit.is_some_and(|over| over.certain);
            if is_certain(&before) && !is_certain(&after) {
                prop_assert!(is_contradicted(&world, &few, &more, &before, &after), "{before:#?}\n{after:#?}");
            }
        }
    }
}

/// Whether something in `more` says that the session, certain in `before`, ended within the limit of `after`, or began later than was known;
/// or that a time in `few` is false.
fn is_contradicted(world: &World, few: &Found, more: &Found, before: &Row, after: &Row) -> bool {
    use EventKind::{DoneStamp, Stamp, TerminateCall, Upload, UploadAtEnd};
    let limits = &world.question.limits;
    let Some(start) = after.facts.started_at else { return false };
    let late = start.plus_seconds(limits.max_duration_seconds.unwrap_or(0) + limits.grace_seconds);
    let any_by = |kinds: &[EventKind], by| more.events.iter().any(|event| kinds.contains(&event.kind) && event.event_time.is_some_and(|at| at <= by));
    let listed_end = more.events.iter().filter_map(|event| event.listed_end).any(|end| end <= late);
    let ended_by_call = || any_by(&[TerminateCall], late);
    let stamped = || any_by(&[Stamp, DoneStamp], late.plus_seconds(ALLOWED / SECOND));
    let struck_out = || {
        let called = before.conclusion.ended_at.filter(|_| before.conclusion.end_method == Some(EndMethod::TerminateCall));
        called.is_some_and(|called| any_by(&[Stamp, DoneStamp, Upload, UploadAtEnd], called.plus_seconds(-300)))
    };
    let untimed = |found: &Found| found.events.iter().filter(|event| event.event_time.is_none()).count();
    let disproved = || untimed(few) < untimed(more);
    before.facts.started_at < after.facts.started_at || listed_end || ended_by_call() || stamped() || struck_out() || disproved()
}

/// What is never told cannot be found wrong: in each kind of trust, every kind of claim is made, and often.
#[test]
fn every_kind_of_story_is_told() {
    let mut runner = TestRunner::new(config());
    for trust in [Trust::Receipts, Trust::Clock, Trust::Nothing] {
        let (worlds, mut told_of) = (world(trust), BTreeMap::<String, u32>::new());
        for _ in 0..600 {
            let world = worlds.new_tree(&mut runner).map(|tree| tree.current()).unwrap();
            let Some(row) = told(&world.kept(), &world) else { continue };
            let of_the_end = format!("{:?} {:?}", row.conclusion.end_method, row.conclusion.ended_before_inferred);
            let of_the_start = format!("{:?}", row.facts.start_method);
            let of_the_limit = format!("certain: {:?}", row.verdict.over_limit.map(|over| over.certain));
            let of_a_call = format!("ended by a dead call: {}", is_ended_by_a_dead_call(&world, &row));
            for claim in [of_the_end, of_the_start, of_the_limit, of_a_call] {
                *told_of.entry(claim).or_default() += 1;
            }
        }
        let claims = [
            "Some(History) Some(false)",
            "Some(TerminateCall) Some(false)",
            "Some(Transcript) Some(false)",
            "Some(Upload) Some(false)",
            "Some(Stream) Some(true)",
            "None Some(false)",
            "None Some(true)",
            "Some(Stream)",
            "Some(StartCall)",
            "certain: Some(true)",
            "certain: Some(false)",
            "ended by a dead call: true",
        ];
        assert!(claims.iter().all(|claim| told_of.get(*claim) >= Some(&5)), "{trust:?}: {told_of:#?}");
    }
}
