//! What the contract's rules cannot keep from being false, one example each: whoever closes one of these holes will see it here.

use super::life::{DAY, Ending, HOUR, Life, MINUTE, Millis, SECOND, instant};
use super::node::Node;
use super::tell::{PLAIN, Question, Row, found, row};
use super::trace::{Form, Poll, Trace, traces};
use crate::conclude::Limits;
use crate::reconstruct::EndMethod;

const MAXIMUM: Millis = 2 * HOUR;

/// A session of one hour that is left with `exit`, of which one line is seen after ten minutes.
fn life() -> Life {
    Life {
        ending: Ending::Exit,
        start: 0,
        end: Some(HOUR),
        is_noticed: true,
        unlisted: Some(HOUR),
        client_gone: None,
        shell_end: HOUR,
        resumes: vec![],
        outputs: vec![10 * MINUTE],
        horizon: 3 * DAY,
    }
}

/// A node that logs at once, and whose clock is right.
fn node() -> Node {
    Node { ahead: (0, 0, 0), flush: vec![SECOND], generation: SECOND, upload: SECOND, ingestion: SECOND, streams: true, copied: None, is_exported: true }
}

/// What is said of it where there is nothing but `forms`, and the limit is two hours.
fn said(life: Life, node: Node, polls: &[Poll], dead_calls: &[Millis], forms: &[Form]) -> Row {
    said_by(life, node, polls, dead_calls, |trace| forms.contains(&trace.form))
}

fn said_by(life: Life, node: Node, polls: &[Poll], dead_calls: &[Millis], is_there: impl Fn(&Trace) -> bool) -> Row {
    let traces: Vec<Trace> = traces(&life, &node, polls, dead_calls).into_iter().filter(is_there).collect();
    let limits = Limits { max_duration_seconds: Some(MAXIMUM / SECOND), grace_seconds: 120, ..Limits::default() };
    row(&found(&traces, PLAIN), &Question { as_of: 9 * DAY, limits, preferences: None, others_until: 0 }).unwrap()
}

fn is_certain(row: &Row) -> bool {
    row.verdict.over_limit.is_some_and(|over| over.certain)
}

#[test]
fn nothing_of_this_is_said_of_an_honest_node() {
    for missing in Form::ALL {
        let forms: Vec<Form> = Form::ALL.into_iter().filter(|form| *form != missing).collect();
        let row = said(life(), node(), &[(30 * MINUTE, true, true), (DAY, true, true)], &[], &forms);
        assert!(row.verdict.over_limit.is_none(), "{missing:?}: {row:?}");
    }
}

#[test]
fn a_clock_that_is_ahead_is_believed_where_no_receipt_shows_it() {
    let ahead = Node { ahead: (6 * HOUR, 0, 6 * HOUR), ..node() };
    assert!(is_certain(&said(life(), ahead.clone(), &[], &[], &[Form::Trail, Form::Export])), "an export task writes no ingestion time");
    assert!(!is_certain(&said(life(), ahead.clone(), &[], &[], &[Form::Trail, Form::Page])));
    assert!(!is_certain(&said(life(), ahead.clone(), &[], &[], &[Form::Trail, Form::Page, Form::Export])), "one copy that shows it is enough");

    assert!(!is_certain(&said(life(), ahead.clone(), &[], &[], &[Form::Trail, Form::Transcript])));
    let copied = Node { copied: Some(DAY), ..ahead };
    let mut late = said(life(), copied.clone(), &[], &[], &[Form::Trail, Form::Transcript]);
    assert!(is_certain(&late), "a copy of the transcript shows when it was copied, and the stamp lies before that");
    late = said(life(), copied, &[(2 * DAY, true, true)], &[], &[Form::Trail, Form::Transcript, Form::History]);
    assert!(!is_certain(&late), "a listed end counts before all else");
}

#[test]
fn a_clock_that_is_behind_dates_the_start_too_early_where_nothing_else_dates_it() {
    let behind = Node { ahead: (-6 * HOUR, 0, -6 * HOUR), ..node() };
    let by_other = Life { ending: Ending::ByOther, ..life() };
    let row = said(by_other.clone(), behind.clone(), &[], &[], &[Form::Trail, Form::Page]);
    assert!(!is_certain(&row), "the start call dates the start");
    let row = said_by(by_other, behind, &[], &[], |trace| matches!(trace.form, Form::Trail | Form::Page) && !trace.text.contains("StartSession"));
    assert_eq!((row.facts.started_at, is_certain(&row)), (Some(instant(10 * MINUTE + SECOND - 6 * HOUR)), true));
}

#[test]
fn a_clock_that_is_behind_ends_a_session_too_early() {
    let behind = Node { ahead: (-MINUTE * 10, 0, -MINUTE * 10), streams: false, ..node() };
    let ended = |ending| said(Life { ending, ..life() }, behind.clone(), &[], &[], &[Form::Trail, Form::Transcript]).conclusion;
    let too_early = (Some(EndMethod::Transcript), Some(instant(50 * MINUTE + SECOND)));
    let (left, terminated) = (ended(Ending::Exit), ended(Ending::ByOwner));
    assert_eq!((left.end_method, left.ended_before), too_early);
    assert_eq!((terminated.end_method, terminated.ended_before), too_early, "the call seems to come long after the end");
}

#[test]
fn the_first_line_stands_for_the_start_even_if_it_was_flushed_after_the_end() {
    let late = Node { flush: vec![100 * SECOND], ..node() };
    let row = said(Life { outputs: vec![HOUR], ..life() }, late, &[], &[], &[Form::Page]);
    assert_eq!(row.conclusion.ended_after, Some(instant(HOUR + 100 * SECOND)));
}

#[test]
fn a_call_on_a_dead_session_ends_it_where_no_transcript_shows_it_dead_long_before() {
    let long = Life { end: Some(MAXIMUM), unlisted: Some(MAXIMUM), shell_end: MAXIMUM, ..life() };
    let call = |later: i64, forms: &[Form]| said(long.clone(), node(), &[], &[later], forms);
    let near = call(301 * SECOND, &[Form::Trail, Form::Transcript]);
    assert!(is_certain(&near) && near.facts.corroborated, "300 s after the stamp");
    assert!(!is_certain(&call(302 * SECOND, &[Form::Trail, Form::Transcript])), "301 s after the stamp");
    let alone = call(DAY, &[Form::Trail]);
    assert!(is_certain(&alone) && !alone.facts.corroborated, "counted as uncorroborated");
}
