//! Which objects the lake holds, looked up in `objects` page by page as somebody asks.
//!
//! Nothing is read when the lake is opened. Who lists a source asks in the order of its keys, which is the order of the rows: so a listing
//! of everything reads each page of the keys once, and a listing of one day reads the few pages around that day. Which pages may hold a key
//! is told by their bounds; what is not sorted, since another engine wrote it, is only read more often.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use futures::TryStreamExt;
use object_store::path::Path;
use parquet::file::metadata::ParquetMetaData;
use schemas::table::OBJECTS;
use sessions::rows::Read;

use super::error::LakeError;
use super::file::StoredFile;
use super::pages::{Page, column, texts, whole_texts};
use super::read::{Folder, Opened};
use crate::source::{ErrorKind, Positions, SourceError};

/// A version of an object that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked<'a> {
    /// Name of the configured source.
    pub source: &'a str,
    /// Key of the object within the source.
    pub object: &'a str,
    /// Its version.
    pub object_version: &'a str,
}

/// The files of `objects` at one version.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    folder: Option<Folder>,
    files: Vec<StoredFile>,
}

/// A page that may hold what is looked for: the greatest key in it where it says so, its file, and its rows.
type Candidate<'f> = (Option<Vec<u8>>, &'f StoredFile, Range<usize>);

impl Catalogue {
    pub(super) fn new(folder: Folder, files: Vec<StoredFile>) -> Self {
        Self { folder: Some(folder), files }
    }

    /// Whether any object of a source is there.
    pub(super) async fn holds_source(&self, source: &str) -> Result<bool, LakeError> {
        Ok(self.last_below(source, "").await?.is_some())
    }

    /// The greatest key of a source that begins with `prefix`.
    pub(super) async fn last_below(&self, source: &str, prefix: &str) -> Result<Option<String>, LakeError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let may_begin = |low: &[u8], high: &[u8]| high >= prefix.as_bytes() && (low <= prefix.as_bytes() || low.starts_with(prefix.as_bytes()));
        let mut pages: Vec<Candidate<'_>> = Vec::new();
        for file in self.files_of(source) {
            if file.objects.as_ref().is_some_and(|keys| !may_begin(keys.start().as_bytes(), keys.end().as_bytes())) {
                continue;
            }
            for page in pages_of(folder.open_pages(file).await?.metadata(), source) {
                if page.bounds.is_none_or(|(low, high)| may_begin(low, high)) {
                    pages.push((page.bounds.map(|(_, high)| high.to_vec()), file, page.rows));
                }
            }
        }
        // Where the greatest may be comes first, and what says no bounds before all.
        pages.sort_by(|(one, ..), (other, ..)| other.is_none().cmp(&one.is_none()).then_with(|| other.cmp(one)));
        let mut last: Option<String> = None;
        for (high, file, rows) in pages {
            if let (Some(high), Some(last)) = (&high, &last)
                && last.as_bytes() >= high.as_slice()
            {
                break;
            }
            each_row(&folder.open_pages(file).await?, &[rows], |row| {
                if row.source == source && row.object.starts_with(prefix) && last.as_deref().is_none_or(|last| last < row.object) {
                    last = Some(row.object.to_owned());
                }
            })
            .await?;
        }
        Ok(last)
    }

    fn files_of(&self, source: &str) -> impl Iterator<Item = &StoredFile> {
        self.files.iter().filter(move |file| file.sources.as_ref().is_none_or(|sources| sources.start().as_str() <= source && source <= sources.end().as_str()))
    }
}

/// The pages of a file that may hold objects of a source, by the bounds of their keys.
fn pages_of<'m>(metadata: &'m ParquetMetaData, source: &str) -> Vec<Page<&'m [u8]>> {
    let (Some(sources), Some(objects)) = (column(metadata, "source"), column(metadata, "object")) else { return Vec::new() };
    let holds = |group: &usize| whole_texts(metadata, *group, sources).is_some_and(|page| page.may_hold(&source.as_bytes()));
    (0..metadata.num_row_groups()).filter(holds).flat_map(|group| texts(metadata, group, objects)).collect()
}

/// Visits the objects in these ranges of a file.
async fn each_row(opened: &Opened, ranges: &[Range<usize>], mut visit: impl FnMut(Asked<'_>)) -> Result<(), LakeError> {
    let mut batches = opened.rows(Some(&["source", "object", "object_version"]), ranges)?;
    while let Some(batch) = batches.try_next().await? {
        let read = Read::new(&OBJECTS, &batch);
        let (sources, objects, versions) = (read.texts("source")?, read.texts("object")?, read.texts("object_version")?);
        for row in 0..batch.num_rows() {
            if let (Some(source), Some(object), Some(object_version)) = (sources.get(row), objects.get(row), versions.get(row)) {
                visit(Asked { source, object, object_version });
            }
        }
    }
    Ok(())
}

/// What was read of the catalogue lately. Rows of `objects` stay for good, so what was seen once holds, whatever is committed or merged since.
#[derive(Debug, Default)]
pub(super) struct Seen {
    names: Names,
    now: Generation,
    before: Generation,
}

/// Pages of which everything was seen, and the names in them.
#[derive(Debug, Default)]
struct Generation {
    pages: HashSet<(Path, usize)>,
    names: HashSet<u128>,
}

/// Names that are held before those of older pages are let go of: some 20 bytes each, twice.
const NAMES: usize = 131_072;

impl Seen {
    /// Whether the catalogue holds each of these.
    pub(super) async fn holds_each(&mut self, catalogue: &Catalogue, asked: &[Asked<'_>]) -> Result<Vec<bool>, LakeError> {
        if self.now.names.len() > NAMES {
            self.before = std::mem::take(&mut self.now);
        }
        let mut sorted = asked.to_vec();
        sorted.sort_unstable();
        for of_source in sorted.chunk_by(|one, other| one.source == other.source) {
            self.see(catalogue, of_source).await?;
        }
        Ok(asked.iter().map(|asked| self.holds(asked)).collect())
    }

    fn holds(&self, asked: &Asked<'_>) -> bool {
        let name = self.names.of(asked);
        self.now.names.contains(&name) || self.before.names.contains(&name)
    }

    /// Sees what these, of one source and in order, may be in.
    async fn see(&mut self, catalogue: &Catalogue, asked: &[Asked<'_>]) -> Result<(), LakeError> {
        let (Some(folder), Some(first)) = (&catalogue.folder, asked.first()) else { return Ok(()) };
        let is_asked = |low: &[u8], high: &[u8]| {
            let place = asked.partition_point(|asked| asked.object.as_bytes() < low);
            asked.get(place).is_some_and(|asked| asked.object.as_bytes() <= high)
        };
        for file in catalogue.files_of(first.source) {
            if file.objects.as_ref().is_some_and(|keys| !is_asked(keys.start().as_bytes(), keys.end().as_bytes())) {
                continue;
            }
            let opened = folder.open_pages(file).await?;
            let mut pages = pages_of(opened.metadata(), first.source);
            pages.retain(|page| page.bounds.is_none_or(|(low, high)| is_asked(low, high)) && !self.has_seen(file, page));
            let ranges: Vec<Range<usize>> = pages.iter().map(|page| page.rows.clone()).collect();
            if ranges.is_empty() {
                continue;
            }
            if ranges.iter().map(ExactSizeIterator::len).sum::<usize>() <= NAMES {
                each_row(&opened, &ranges, |row| {
                    self.now.names.insert(self.names.of(&row));
                })
                .await?;
                self.now.pages.extend(ranges.iter().map(|rows| (file.path.clone(), rows.start)));
            } else {
                // Few of many pages' rows are asked for: only those are held.
                let asked: HashSet<&str> = asked.iter().map(|asked| asked.object).collect();
                each_row(&opened, &ranges, |row| {
                    if asked.contains(row.object) {
                        self.now.names.insert(self.names.of(&row));
                    }
                })
                .await?;
            }
        }
        Ok(())
    }

    fn has_seen(&self, file: &StoredFile, page: &Page<&[u8]>) -> bool {
        let page = (file.path.clone(), page.rows.start);
        self.now.pages.contains(&page) || self.before.pages.contains(&page)
    }
}

/// Two keyed hashes of a name, as one: with keys that nobody knows, no two names meet, also where somebody tries.
#[derive(Debug, Default)]
struct Names([RandomState; 2]);

impl Names {
    fn of(&self, asked: &Asked<'_>) -> u128 {
        let [one, other] = self.0.each_ref().map(|keys| u128::from(keys.hash_one(asked)));
        one << 64 | other
    }
}

/// What the lake holds of one source.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) source: String,
}

#[async_trait]
impl Positions for Reached {
    async fn last_below(&self, prefix: &str) -> Result<Option<String>, SourceError> {
        self.catalogue.last_below(&self.source, prefix).await.map_err(|error| SourceError {
            kind: ErrorKind::Unreachable,
            source_name: self.source.clone(),
            place: String::new(),
            detail: "what the lake holds of it could not be looked up".to_owned(),
            source: Some(std::io::Error::other(error)),
        })
    }
}
