//! The only printing: answers on stdout, everything that is told to people on stderr, and nothing that a terminal would obey.

use std::io::{self, IsTerminal, Write};

mod progress;
mod visible;

pub(crate) use progress::{Busy, Meter};
pub(crate) use visible::visible;

/// What people see of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    quiet: bool,
}

impl Ui {
    pub(crate) const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    pub(crate) const fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Tells something on stderr, unless that is silenced. The text is escaped but for its line ends; values in it are escaped by whoever puts them there.
    pub(crate) fn say(self, text: &str) {
        if !self.quiet {
            warn(text);
        }
    }

    /// How a long run is shown.
    pub(crate) fn meter(self) -> Meter {
        Meter::new(self)
    }

    /// Tells what takes long, until the answer is dropped.
    pub(crate) fn busy(self, doing: &str) -> Busy {
        Busy::new(self, doing)
    }
}

/// Tells something on stderr that must not be silenced, such as an error.
pub(crate) fn warn(text: &str) {
    // Where stderr is closed, there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{}", visible::lines(text));
}

/// Prints what could be piped. The text is escaped but for its line ends; values in it are escaped by whoever puts them there.
///
/// # Errors
/// Where stdout cannot be written.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", visible::lines(text))?;
    out.flush()
}

/// Whether somebody types at stdin.
pub(crate) fn is_typed() -> bool {
    io::stdin().is_terminal()
}
