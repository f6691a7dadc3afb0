//! A part of a listing: what is asked of the bucket for it, and the parts that it turns out to consist of.

use std::collections::BTreeSet;

use tokio::sync::mpsc::Sender;

use super::super::{ErrorKind, Listed, Resume, SourceError};
use super::bucket::{Asked, Bucket, Name};
use super::layout::{Begin, Folder, Layout};
use super::range::Range;

/// What stands at one place of a listing.
#[derive(Debug)]
pub(super) enum Part {
    /// Objects, and what could not be had.
    Items(Items),
    /// A folder of a layout, or one that may hold it, with how many folders of none it may lie above it.
    Level(Layout, String, usize),
    /// The folder of an account and region in a layout.
    Region(Layout, String),
    /// Keys.
    Range(Range),
}

pub(super) type Items = Vec<Result<Listed, SourceError>>;

/// What a part says while it is listed.
#[derive(Debug)]
pub(super) enum Told {
    Items(Items),
    /// The last of it: what is left comes in these parts.
    Then(Vec<Part>),
}

impl Part {
    /// The part that is all of a source.
    pub(super) fn whole(bucket: &Bucket) -> Self {
        match Layout::of(bucket.origin.kind) {
            Some(layout) => folder(layout, bucket, String::new(), STRANGERS_ABOVE),
            None => Self::Range(Range::below("", None)),
        }
    }

    /// Lists the part. What cannot be listed is told, and what comes after it in the part is left out.
    pub(super) async fn list(self, bucket: &Bucket, resume: &Resume, sender: &Sender<Told>) -> Vec<Self> {
        let listed = match self {
            Self::Items(items) => {
                // Nobody receives any more only where the listing was given up.
                let _ = sender.send(Told::Items(items)).await;
                return Vec::new();
            }
            Self::Level(layout, folder, strangers) => level(layout, bucket, &folder, strangers).await,
            Self::Region(layout, folder) => match layout.begin(bucket, resume, &folder).await {
                Ok(Begin { after, leaves_out }) => {
                    if leaves_out {
                        let detail = "what is older than --from and not known yet is left out; the next run without --from reads it";
                        let _ = sender.send(Told::Items(vec![Err(bucket.origin.error(ErrorKind::Skipped, &folder, detail))])).await;
                    }
                    range(bucket, Range::below(&folder, after), sender).await
                }
                Err(error) => Err(error),
            },
            Self::Range(keys) => range(bucket, keys, sender).await,
        };
        listed.unwrap_or_else(|error| vec![Self::Items(vec![Err(error)])])
    }
}

/// The part that a folder is.
fn folder(layout: Layout, bucket: &Bucket, folder: String, strangers: usize) -> Part {
    match layout.folder(&format!("{}{folder}", bucket.prefix)) {
        Folder::Region => Part::Region(layout, folder),
        Folder::Layout => Part::Level(layout, folder, strangers),
        Folder::Other if strangers > 0 => Part::Level(layout, folder, strangers - 1),
        Folder::Other | Folder::Inside => Part::Range(Range::below(&folder, None)),
    }
}

/// The names of a folder, each as the part that it is.
async fn level(layout: Layout, bucket: &Bucket, place: &str, strangers: usize) -> Result<Vec<Part>, SourceError> {
    let (mut parts, mut token, mut others, mut objects) = (Vec::new(), None, 0, 0);
    loop {
        let page = bucket.page(Asked { folder: place, after: None, token: token.as_deref(), by_folder: true }).await?;
        for name in page.names {
            match name {
                Name::Object(listed) if bucket.origin.has_object(&listed.object.key) => {
                    objects += 1;
                    let key = listed.object.key.clone();
                    match parts.last_mut() {
                        Some(Part::Items(items)) => items.push(Ok(*listed)),
                        _ => parts.push(Part::Items(vec![Ok(*listed)])),
                    }
                    if objects >= OBJECTS_BESIDE {
                        // Nor is one that so many objects lie in: they are not held, but handed over page by page.
                        parts.push(Part::Range(Range { folder: place.to_owned(), after: Some(key), until: None }));
                        return Ok(parts);
                    }
                }
                Name::Object(_) => {}
                Name::Folder(name) if layout.is_beside(&name) => {}
                Name::Folder(name) => {
                    others += usize::from(layout.folder(&format!("{}{name}", bucket.prefix)) == Folder::Other);
                    if others > STRANGERS_BESIDE {
                        // This is no folder that such a thing was put in: what is left of it is listed as keys.
                        parts.push(Part::Range(Range { folder: place.to_owned(), after: Some(name), until: None }));
                        return Ok(parts);
                    }
                    parts.push(folder(layout, bucket, name, strangers));
                }
            }
        }
        match page.next {
            Some(next) => token = Some(next),
            None => return Ok(parts),
        }
    }
}

/// Some pages of a range, and what is left of it.
async fn range(bucket: &Bucket, range: Range, sender: &Sender<Told>) -> Result<Vec<Part>, SourceError> {
    let (mut first, mut last, mut token) = (None::<String>, None::<String>, None::<String>);
    let mut seen = BTreeSet::new();
    for _ in 0..PAGES {
        let page = bucket.page(Asked { folder: &range.folder, after: range.after.as_deref(), token: token.as_deref(), by_folder: false }).await?;
        let count = page.names.len();
        let names: Vec<Name> = page.names.into_iter().take_while(|name| range.holds(name.text())).collect();
        let is_end = names.len() < count || page.next.is_none();
        for name in &names {
            seen.extend(name.text().get(range.folder.len()..).unwrap_or_default().chars());
        }
        first = first.or_else(|| names.first().map(|name| name.text().to_owned()));
        last = names.last().map(|name| name.text().to_owned()).or(last);
        let objects = names.into_iter().filter_map(|name| match name {
            Name::Object(listed) if bucket.origin.has_object(&listed.object.key) => Some(Ok(*listed)),
            Name::Object(_) | Name::Folder(_) => None,
        });
        let given = sender.send(Told::Items(objects.collect())).await;
        if is_end || given.is_err() {
            return Ok(Vec::new());
        }
        token = page.next;
    }
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    Ok(range.rest(&first, &last, &seen).into_iter().map(Part::Range).collect())
}

/// Pages of a range that are listed one after the other before it is cut.
pub(super) const PAGES: usize = 4;
/// Folders that a layout may lie in, one within the other, above what it begins with.
const STRANGERS_ABOVE: usize = 3;
/// Folders of no layout beside each other, before their folder counts as one that holds none.
const STRANGERS_BESIDE: usize = 64;
/// Objects beside the folders of a layout, likewise.
const OBJECTS_BESIDE: usize = 1_000;
