//! How a long run goes: one living line on a terminal, a plain line now and then elsewhere, nothing where that is asked for.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::summary::{Counts, Progress};

use super::{Ui, visible, warn};

/// Shows the counts of a run while it is under way.
#[derive(Debug)]
pub(crate) struct Meter {
    shown: Shown,
    begun: Instant,
}

#[derive(Debug)]
enum Shown {
    Line(ProgressBar),
    Lines(Mutex<Instant>),
    Nothing,
}

impl Meter {
    pub(super) fn new(ui: Ui) -> Self {
        let shown = match (ui.is_quiet(), living_line("{spinner} {wide_msg}")) {
            (true, _) => Shown::Nothing,
            (false, Some(line)) => Shown::Line(line),
            (false, None) => Shown::Lines(Mutex::new(Instant::now())),
        };
        Self { shown, begun: Instant::now() }
    }
}

/// Long work whose end cannot be told beforehand: a living line with the time it has taken, or one plain line at its beginning.
#[derive(Debug)]
pub(crate) struct Busy(Option<ProgressBar>);

impl Busy {
    pub(super) fn new(ui: Ui, doing: &str) -> Self {
        if ui.is_quiet() {
            return Self(None);
        }
        let line = living_line("{spinner} {wide_msg} {elapsed}");
        match &line {
            Some(line) => line.set_message(visible(doing).into_owned()),
            None => warn(doing),
        }
        Self(line)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
        }
    }
}

/// A line that is drawn again and again, where stderr is a terminal.
fn living_line(template: &str) -> Option<ProgressBar> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
    line.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
    line.enable_steady_tick(Duration::from_millis(125));
    Some(line)
}

impl Progress for Meter {
    fn update(&self, doing: &str, counts: &Counts) {
        match &self.shown {
            Shown::Line(line) => line.set_message(visible(&told(doing, counts, self.begun.elapsed())).into_owned()),
            Shown::Lines(last) => {
                // A poisoned lock would mean that another thread panicked while it printed: then nothing is printed.
                let Ok(mut last) = last.lock() else { return };
                if last.elapsed() >= BETWEEN_LINES {
                    *last = Instant::now();
                    warn(&told(doing, counts, self.begun.elapsed()));
                }
            }
            Shown::Nothing => {}
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Shown::Line(line) = &self.shown {
            line.finish_and_clear();
        }
    }
}

/// One line: what is done, the counts, and, where there is enough to tell it by, the rate and the time left.
fn told(doing: &str, counts: &Counts, elapsed: Duration) -> String {
    let mut line = format!(
        "{doing}: {} discovered, {} known, {} read, {} facts decoded, {} committed, {} rejected, {}",
        counts.discovered,
        counts.known,
        counts.read,
        counts.facts,
        counts.committed,
        counts.rejected,
        HumanBytes(counts.bytes)
    );
    let seconds = elapsed.as_secs();
    if seconds > 0 && counts.bytes > 0 {
        let rate = counts.bytes / seconds;
        line += &format!(", {}/s", HumanBytes(rate));
        if counts.bytes_ahead > 0 && rate > 0 {
            line += &format!(", {} left of what is known so far", HumanDuration(Duration::from_secs(counts.bytes_ahead / rate)));
        }
    }
    line
}

const BETWEEN_LINES: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_every_count_and_the_time_left() {
        let counts =
            Counts { discovered: 10, known: 3, read: 5, bytes: 20 << 20, bytes_ahead: 40 << 20, facts: 6, committed: 4, rejected: 1, ..Counts::default() };
        let line = told("org-trail", &counts, Duration::from_secs(10));
        assert_eq!(
            line,
            "org-trail: 10 discovered, 3 known, 5 read, 6 facts decoded, 4 committed, 1 rejected, 20.00 MiB, 2.00 MiB/s, 20 seconds left of what is known so far"
        );
        assert!(!told("org-trail", &counts, Duration::ZERO).contains("/s"), "no rate before there is one");
    }
}
