//! Digests all that an answer depends on beside the lake and the policy: the code that judges and counts, and the versions of the libraries that it
//! does so with. Answers that were published by other code are then known for what they are.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What the digest is of, seen from this room.
const DIGESTED: [&str; 8] =
    ["../schemas/src", "../ingest/sessions/src", "../ingest/policy/src", "../queries/findings", "../queries/kpi", "../queries/views", "src", "../Cargo.lock"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for place in DIGESTED {
        println!("cargo::rerun-if-changed={place}");
        below(Path::new(place), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(&file)?);
    }
    println!("cargo::rustc-env=SESSIONTRAIL_CODE={:016x}", hasher.finish());
    Ok(())
}

fn below(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if place.is_dir() {
        for entry in fs::read_dir(place)? {
            below(&entry?.path(), files)?;
        }
    } else {
        files.push(place.to_owned());
    }
    Ok(())
}
