//! The demo estate: what three accounts leave behind in thirteen weeks, written as the folders and files that the four kinds of
//! sources read, with a configuration and a policy.
//!
//! ```text
//!   seed ─▶ cast ─▶ story ─┬─▶ trail        CloudTrail files, of an organisation and of one account
//!                          ├─▶ logs         transcripts, export tasks, NDJSON
//!                          └─▶ snapshots    weekly answers of the AWS CLI
//! ```
//!
//! The module knows nothing of the pipeline that will read the files. It reads no clock; the same seed gives the same bytes and
//! the same modification times.

mod cast;
mod disk;
mod logs;
mod moment;
mod place;
mod random;
mod screen;
mod session;
mod settings;
mod snapshots;
mod story;
mod trail;

use std::io;
use std::path::Path;

/// Writes the estate of a seed into a folder, which is made. The mark comes first and the configuration last: a folder with the mark alone was
/// left by a run that was interrupted, and is written again over what is there; one with a configuration is complete.
///
/// # Errors
/// Where a folder or file cannot be written.
pub(crate) fn write_estate(dir: &Path, seed: u64) -> io::Result<()> {
    let mut random = random::Random::new(seed);
    let story = story::tell(&mut random);
    let disk = disk::Disk::new(dir);
    disk.file(MARK, place::BEGIN, mark(seed).as_bytes())?;
    trail::write(&disk, &mut random, &story)?;
    logs::write_transcripts(&disk, &story.sessions)?;
    logs::write_streams(&disk, &story.sessions)?;
    snapshots::write(&disk, &story)?;
    disk.file("policy.toml", place::BEGIN, settings::POLICY.as_bytes())?;
    disk.file("sessiontrail.toml", place::BEGIN, settings::configuration(seed).as_bytes())
}

/// What the mark of an estate of a seed says, and the first line of its configuration.
pub(crate) fn mark(seed: u64) -> String {
    format!("# Made by `sessiontrail demo --seed {seed}`.")
}

/// The last week of the estate that has ended: the one of which there is most to tell.
pub(crate) const WEEK: &str = "2026-W26";

/// The file that says whose folder this is, from the first moment on.
pub(crate) const MARK: &str = ".sessiontrail-demo";

#[cfg(test)]
mod tests;
