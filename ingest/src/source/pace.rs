//! As many calls as a service grants, and no more: within any second at most a second's worth of them.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The calls of one region. Some are made at once, where none were made in the second before.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    granted: Mutex<Granted>,
}

/// Calls within a window of time. What a service grants may be less than a call a second: the window is then as long as one takes.
#[derive(Debug)]
struct Granted {
    calls: usize,
    window: Duration,
    /// When the last calls were made, at most as many as a window may hold; the oldest first.
    made: VecDeque<Instant>,
}

impl Pace {
    pub(super) fn new(calls_per_second: f64) -> Self {
        let every = Duration::from_secs_f64(1.0 / calls_per_second.max(0.01));
        Self { every, granted: Mutex::new(Granted::new(every)) }
    }

    /// The time of so many calls.
    pub(super) fn of(&self, calls: u32) -> Duration {
        self.every * calls
    }

    /// Waits until a call may be made.
    pub(super) async fn wait(&self) {
        let at = self.granted.lock().await.take(Instant::now());
        sleep_until(at).await;
    }
}

impl Granted {
    fn new(every: Duration) -> Self {
        let calls = (1..=MOST_AT_ONCE).take_while(|calls| every * *calls <= SECOND).last().unwrap_or(1);
        Self { calls: calls as usize, window: every * calls, made: VecDeque::new() }
    }

    /// Takes a call; gives the moment at which it may be made.
    fn take(&mut self, now: Instant) -> Instant {
        let oldest = if self.made.len() < self.calls { None } else { self.made.pop_front() };
        let at = oldest.map_or(now, |oldest| (oldest + self.window).max(now));
        self.made.push_back(at);
        at
    }
}

const SECOND: Duration = Duration::from_secs(1);
/// However many are granted, no more begin at one moment.
const MOST_AT_ONCE: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(granted: &mut Granted, now: Instant, calls: usize) -> Vec<u128> {
        (0..calls).map(|_| granted.take(now).duration_since(now).as_millis()).collect()
    }

    #[test]
    fn no_second_sees_more_calls_than_are_granted() {
        let mut granted = Granted::new(Duration::from_millis(200));
        let now = Instant::now();
        assert_eq!(waits(&mut granted, now, 12), [0, 0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000]);
        // Whoever comes half a second later waits for what is taken already.
        assert_eq!(waits(&mut granted, now + SECOND / 2, 2), [1_500, 1_500]);
        let later = now + Duration::from_secs(60);
        assert_eq!(waits(&mut granted, later, 6), [0, 0, 0, 0, 0, 1_000], "what was not used is not kept");
    }

    #[test]
    fn less_than_a_call_a_second_is_one_call_after_the_other() {
        let mut granted = Granted::new(Duration::from_secs(4));
        assert_eq!(waits(&mut granted, Instant::now(), 3), [0, 4_000, 8_000]);
    }
}
