//! As many calls as a service grants, and no more: a token bucket.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The bucket of one region: a second's worth of calls at once, then one call after the other.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// Between two calls.
    every: Duration,
    /// When the bucket would be full.
    full_at: Option<Instant>,
}

impl Pace {
    pub(super) fn new(calls_per_second: f64) -> Self {
        let every = Duration::from_secs_f64(1.0 / calls_per_second.max(0.01));
        Self { every, bucket: Mutex::new(Bucket { every, full_at: None }) }
    }

    /// The time of so many calls.
    pub(super) fn of(&self, calls: u32) -> Duration {
        self.every * calls
    }

    /// Waits until a call may be made.
    pub(super) async fn wait(&self) {
        let at = self.bucket.lock().await.take(Instant::now());
        sleep_until(at).await;
    }
}

impl Bucket {
    /// Takes a call out of the bucket; gives the moment at which it may be made.
    fn take(&mut self, now: Instant) -> Instant {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + self.every;
        self.full_at = Some(full_at);
        full_at.checked_sub(BURST).map_or(now, |at| at.max(now))
    }
}

const BURST: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_at_once_and_then_one_by_one() {
        let mut bucket = Bucket { every: Duration::from_millis(200), full_at: None };
        let now = Instant::now();
        let waited: Vec<u128> = (0..8).map(|_| bucket.take(now).duration_since(now).as_millis()).collect();
        assert_eq!(waited, [0, 0, 0, 0, 0, 200, 400, 600]);
        let later = now + Duration::from_secs(60);
        let waited: Vec<u128> = (0..7).map(|_| bucket.take(later).duration_since(later).as_millis()).collect();
        assert_eq!(waited, [0, 0, 0, 0, 0, 200, 400], "what is not used is kept for a second, and no longer");
    }
}
