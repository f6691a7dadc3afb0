//! What a suite has tried, said where it is seen: what a test prints is shown only where it fails.

use std::io::Write as _;

/// Says a line, whatever becomes of the test.
pub fn say(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{text}");
}
