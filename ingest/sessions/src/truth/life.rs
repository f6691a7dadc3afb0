//! Lives of sessions as they truly were, by AWS's clock, whatever anybody recorded of them.

use proptest::prelude::*;
use schemas::Timestamp;

use crate::world::t;

/// Milliseconds after the zero of [`t`]: no clock in this story is finer.
pub(super) type Millis = i64;

pub(super) const SECOND: Millis = 1_000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

pub(super) fn instant(at: Millis) -> Timestamp {
    Timestamp::from_micros(t(0).micros() + at * 1_000)
}

/// The last whole second: how CloudTrail, S3 and `script(1)` write times.
pub(super) const fn second(at: Millis) -> Millis {
    at.div_euclid(SECOND) * SECOND
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its owner calls TerminateSession.
    ByOwner,
    /// Somebody else does.
    ByOther,
    /// AWS cuts it, for want of input or at its maximum duration: no call, and an `EndDate`.
    Cut,
    /// The shell is left: no call, and an `EndDate`.
    Exit,
    /// The client vanishes and the shell goes on to the end, for nobody. AWS does not notice, and lists it as disconnected for 30 days.
    Vanished,
    /// The node dies, and nothing more is logged; the session is over when the client leaves as well. AWS does not notice.
    NodeKilled,
    /// It outlives everything that is told here.
    Never,
}

/// The truth about one session.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) ending: Ending,
    pub(super) start: Millis,
    /// The last instant of its life: AWS's own `EndDate` where there is one, else when both its client and its shell were gone.
    pub(super) end: Option<Millis>,
    /// Whether AWS knows of the end, and so has an `EndDate`.
    pub(super) is_noticed: bool,
    /// Since when AWS does not list it as active any more.
    pub(super) unlisted: Option<Millis>,
    /// Since when its client has been gone.
    pub(super) client_gone: Option<Millis>,
    /// The end of the shell on the node, and so of its output.
    pub(super) shell_end: Millis,
    pub(super) resumes: Vec<Millis>,
    pub(super) outputs: Vec<Millis>,
    /// Until when this story is told.
    pub(super) horizon: Millis,
}

impl Life {
    /// The end as a moment that everything can be compared with.
    pub(super) fn end_or_never(&self) -> Millis {
        self.end.unwrap_or(Millis::MAX / 10_000)
    }
}

/// A share of a span, in thousandths; its ends are as likely as all between them.
fn share() -> impl Strategy<Value = Millis> {
    prop_oneof![0..=1_000_i64, Just(0), Just(1_000)]
}

pub(super) fn life() -> impl Strategy<Value = Life> {
    use Ending::*;
    let ending = prop_oneof![Just(Exit), Just(ByOwner), Just(ByOther), Just(Cut), Just(Vanished), Just(NodeKilled), Just(Never)];
    let length = prop_oneof![1..5 * SECOND, 1..10 * MINUTE, 1..8 * HOUR, 1..3 * DAY];
    let shares = |most| prop::collection::vec(share(), 0..=most);
    (ending, 0..HOUR, length, prop::option::of(share()), share(), shares(2), shares(4)).prop_map(lived)
}

type Told = (Ending, Millis, Millis, Option<Millis>, Millis, Vec<Millis>, Vec<Millis>);

fn lived((ending, start, length, left, killed, resumes, outputs): Told) -> Life {
    let at = |share: Millis, until: Millis| start + (until - start) * share / 1_000;
    let last = start + length;
    let shell_end = if ending == Ending::NodeKilled { at(killed, last) } else { last };
    let client_gone = match ending {
        Ending::NodeKilled => Some(last),
        Ending::Vanished => Some(at(left.unwrap_or(0), last)),
        _ => left.map(|share| at(share, last)),
    };
    let is_noticed = matches!(ending, Ending::ByOwner | Ending::ByOther | Ending::Cut | Ending::Exit);
    Life {
        ending,
        start,
        end: (ending != Ending::Never).then_some(last),
        is_noticed,
        unlisted: match ending {
            Ending::Never => None,
            _ if is_noticed => Some(last),
            _ => Some(start + 30 * DAY),
        },
        client_gone,
        shell_end,
        resumes: resumes.into_iter().map(|share| at(share, client_gone.unwrap_or(last).min(shell_end))).collect(),
        outputs: outputs.into_iter().map(|share| at(share, shell_end)).collect(),
        horizon: last + 2 * DAY,
    }
}
