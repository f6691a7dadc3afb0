//! Walking a folder: every file once, in the order of the bytes of the keys, with bounded memory and no recursion.
//!
//! A folder's names are read page by page: the smallest names after the last one handed over, as many as may be held. So a
//! folder of ten million files costs a few more passes over its names, and no more memory than one of half a million.

use std::collections::BinaryHeap;
use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::vec;

use super::super::{ErrorKind, Listed, SIDE_FILE, SourceError};
use super::Folder;

#[derive(Debug)]
pub(super) struct Walk {
    folder: Arc<Folder>,
    names_held: usize,
    /// The folder with all links resolved; `None` before the first step.
    real_root: Option<PathBuf>,
    /// The path of folders that the walk stands in, the innermost last.
    frames: Vec<Frame>,
    /// Places that could not be read while a page was made.
    errors: Vec<SourceError>,
}

#[derive(Debug)]
struct Frame {
    /// Key prefix of the folder: empty, or ending in a slash.
    prefix: String,
    page: vec::IntoIter<Name>,
    /// Where the next page begins; `None` where this one is the last.
    after: Option<Name>,
    /// Whether any name in the folder is that of a side file.
    has_side_files: bool,
}

/// A name in a folder. The bytes order it as the keys below it are ordered: a folder's name ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    bytes: Vec<u8>,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    File,
    Folder,
    Link,
    Other,
}

impl Walk {
    pub(super) const fn new(folder: Arc<Folder>, names_held: usize) -> Self {
        Self { folder, names_held, real_root: None, frames: Vec::new(), errors: Vec::new() }
    }

    fn begin(&mut self) -> Result<(), SourceError> {
        let root = self.folder.root();
        let resolved = fs::canonicalize(root).and_then(|real| if real.is_dir() { Ok(real) } else { Err(io::ErrorKind::NotADirectory.into()) });
        match resolved {
            Ok(real) => {
                self.real_root = Some(real);
                self.enter(String::new());
                Ok(())
            }
            Err(error) => {
                self.real_root = Some(PathBuf::new());
                let kind = match ErrorKind::of(&error) {
                    ErrorKind::NotFound => ErrorKind::Missing,
                    kind => kind,
                };
                Err(self.folder.origin.error(kind, "", format!("the source's folder {} cannot be read", root.display())).caused_by(error))
            }
        }
    }

    /// Steps into a folder.
    fn enter(&mut self, prefix: String) {
        let frame = Frame { prefix, page: Vec::new().into_iter(), after: None, has_side_files: false };
        self.frames.push(frame);
        self.turn_page();
    }

    /// Reads the next page of names of the innermost folder.
    fn turn_page(&mut self) {
        let held: usize = self.frames.iter().map(|frame| frame.page.len()).sum();
        let room = self.names_held.saturating_sub(held).max(FEWEST_NAMES);
        let Some(frame) = self.frames.last_mut() else { return };
        let (after, place) = (frame.after.take(), frame.prefix.as_str());
        let mut smallest = BinaryHeap::new();
        let mut is_cut = false;
        match fs::read_dir(self.folder.root().join(place)) {
            Ok(entries) => {
                for entry in entries {
                    let entry = match entry {
                        Ok(entry) => entry,
                        Err(error) => {
                            self.errors.push(self.folder.refused(place, "could not be listed to its end", error));
                            continue;
                        }
                    };
                    match Name::of(&entry) {
                        Ok(name) => {
                            frame.has_side_files |= name.bytes.ends_with(SIDE_FILE.as_bytes());
                            if after.as_ref().is_none_or(|after| name > *after) {
                                smallest.push(name);
                                if smallest.len() > room {
                                    smallest.pop();
                                    is_cut = true;
                                }
                            }
                        }
                        // It went away since its name was read.
                        Err(error) if ErrorKind::of(&error) == ErrorKind::NotFound => {}
                        Err(error) => {
                            let place = format!("{place}{}", entry.file_name().to_string_lossy());
                            self.errors.push(self.folder.refused(&place, "could not be looked at", error));
                        }
                    }
                }
            }
            // A folder that went away since its name was read holds nothing now; the source's own folder must be there.
            Err(error) if ErrorKind::of(&error) == ErrorKind::NotFound && !place.is_empty() => {}
            Err(error) => self.errors.push(self.folder.refused(place, "could not be listed", error)),
        }
        let page = smallest.into_sorted_vec();
        frame.after = page.last().filter(|_| is_cut).cloned();
        frame.page = page.into_iter();
    }

    /// What stands at a name of the innermost folder, where it is an object or an error.
    fn visit(&mut self, name: Name) -> Option<Result<Listed, SourceError>> {
        let frame = self.frames.last()?;
        let (prefix, has_side_files) = (&frame.prefix, frame.has_side_files);
        let key = match String::from_utf8(name.bytes) {
            Ok(text) => format!("{prefix}{text}"),
            Err(error) => {
                let place = format!("{prefix}{}", String::from_utf8_lossy(error.as_bytes()));
                return Some(Err(self.folder.origin.error(ErrorKind::Corrupt, &place, "has a name that is no UTF-8 text")));
            }
        };
        match name.what {
            What::File if self.folder.origin.has_object(&key) => self.folder.look(&key, has_side_files).transpose(),
            What::File => None,
            What::Folder => {
                self.enter(key);
                None
            }
            What::Link => self.link(&key).err().map(Err),
            What::Other => Some(Err(self.folder.origin.error(ErrorKind::Corrupt, &key, "is no plain file"))),
        }
    }

    /// A link is never followed. One whose name is no evidence's and that leads to a file, or nowhere, is passed over as a file of this name
    /// would be. One that stays inside needs no word where what it leads to is listed at its own place.
    fn link(&self, key: &str) -> Result<(), SourceError> {
        let origin = &self.folder.origin;
        let target = match fs::canonicalize(self.folder.root().join(key)) {
            Ok(target) => target,
            Err(error) if ErrorKind::of(&error) == ErrorKind::NotFound && !origin.has_object(key) => return Ok(()),
            Err(error) => return Err(self.folder.refused(key, "is a link that leads nowhere", error)),
        };
        let is_folder = target.is_dir();
        if !is_folder && !origin.has_object(key) {
            return Ok(());
        }
        let Some(inside) = self.real_root.as_ref().and_then(|root| target.strip_prefix(root).ok()) else {
            return Err(origin.error(ErrorKind::Denied, key, "is a link that leads out of the source's folder"));
        };
        if is_folder || inside.to_str().is_some_and(|target| origin.has_object(target)) {
            return Ok(());
        }
        Err(origin.error(ErrorKind::Corrupt, key, format!("is a link to {}, which has no name of evidence", inside.display())))
    }
}

impl Iterator for Walk {
    type Item = Result<Listed, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.real_root.is_none()
            && let Err(error) = self.begin()
        {
            return Some(Err(error));
        }
        loop {
            if let Some(error) = self.errors.pop() {
                return Some(Err(error));
            }
            let frame = self.frames.last_mut()?;
            if let Some(name) = frame.page.next() {
                if let Some(item) = self.visit(name) {
                    return Some(item);
                }
            } else if frame.after.is_some() {
                self.turn_page();
            } else {
                self.frames.pop();
            }
        }
    }
}

impl Name {
    fn of(entry: &DirEntry) -> io::Result<Self> {
        let kind = entry.file_type()?;
        let what = if kind.is_dir() {
            What::Folder
        } else if kind.is_symlink() {
            What::Link
        } else if kind.is_file() {
            What::File
        } else {
            What::Other
        };
        let mut bytes = OsString::into_vec(entry.file_name());
        if what == What::Folder {
            bytes.push(b'/');
        }
        Ok(Self { bytes, what })
    }
}

/// Names that even the innermost of many folders may hold.
const FEWEST_NAMES: usize = 64;

#[cfg(test)]
mod tests;
