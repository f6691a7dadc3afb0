//! A source of transcripts and log files that does what a test asks of it.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::ObjectStore;
use schemas::Timestamp;
use sessions::decode::{Object, SourceKind};

use crate::lake::{Lake, LakeError};
use crate::pipeline::{Options, run};
use crate::source::{Body, ErrorKind, Listed, Memory, Opened, Origin, Resume, Source, SourceError};
use crate::summary::{Silent, Summary};

pub(super) const EVERYTHING: Options = Options { from: None, to: None };

pub(super) fn noon() -> Timestamp {
    Timestamp::parse("2026-07-14T12:00:00Z").unwrap()
}

fn origin(kind: SourceKind) -> Origin {
    Origin { name: "logs".to_owned(), kind, account_id: Some("111122223333".to_owned()), region: Some("eu-west-1".to_owned()) }
}

/// A source of transcripts without one.
pub(super) fn transcripts() -> Memory {
    Memory::new(origin(SourceKind::Transcripts))
}

/// A source of log files without one.
pub(super) fn logs() -> Memory {
    Memory::new(origin(SourceKind::CloudWatch))
}

/// The key of a transcript.
pub(super) fn key(number: usize) -> String {
    format!("jane-0a1b2c3d4e5f{number:05}.log")
}

pub(super) const TEXT: &str = "Script started on 2026-07-14 09:14:58+00:00\nsh-5.2$ exit\n";

/// A source with so many transcripts.
pub(super) fn many(count: usize) -> Memory {
    (0..count).fold(transcripts(), |source, number| source.with(&key(number), noon(), TEXT))
}

/// The lines of an export task: one streaming event each.
pub(super) fn export(lines: usize) -> String {
    let line = |number: usize| {
        format!("2026-07-14T09:00:02.017Z {{\"eventVersion\":\"1.0\",\"sessionId\":\"ana-0c3d5e7f90a1b2c3d\",\"sessionData\":[\"{number}\"]}}\n")
    };
    (0..lines).map(line).collect()
}

pub(super) const EXPORT_KEY: &str = "exports/task/ana-0c3d5e7f90a1b2c3d/000000.gz";

/// What goes wrong with an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// It is gone when it is opened.
    Gone,
    /// It is another one when it is opened.
    Changed,
    /// Reading it breaks off after its last byte.
    Breaks(ErrorKind),
    /// Reading it meets a fault of the program after its last byte.
    Panics,
}

/// A source in memory with faults.
#[derive(Debug)]
pub(super) struct Rigged {
    pub(super) memory: Memory,
    pub(super) faults: BTreeMap<String, Fault>,
}

pub(super) fn rigged(memory: Memory, faults: impl IntoIterator<Item = (String, Fault)>) -> Arc<dyn Source> {
    Arc::new(Rigged { memory, faults: faults.into_iter().collect() })
}

fn error(kind: ErrorKind, object: &Object) -> SourceError {
    let cause = Some(io::Error::other("the line is dead"));
    SourceError { kind, source_name: object.source.clone(), place: object.key.clone(), detail: "changed or broke off".to_owned(), source: cause }
}

#[async_trait]
impl Source for Rigged {
    fn name(&self) -> &str {
        self.memory.name()
    }

    fn kind(&self) -> SourceKind {
        self.memory.kind()
    }

    fn objects(&self, resume: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        self.memory.objects(resume)
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        let object = &listed.object;
        match self.faults.get(&object.key) {
            None => self.memory.open(listed).await,
            Some(Fault::Gone) => Err(error(ErrorKind::NotFound, object)),
            Some(Fault::Changed) => Err(error(ErrorKind::Conflict, object)),
            Some(fault) => {
                let Opened { body, custody } = self.memory.open(listed).await?;
                Ok(Opened { body: Body::from_reader(body.chain(Broken { fault: *fault, object: object.clone() })), custody })
            }
        }
    }
}

/// The end of a body that breaks off.
struct Broken {
    fault: Fault,
    object: Object,
}

impl Read for Broken {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        match self.fault {
            Fault::Breaks(kind) => Err(error(kind, &self.object).into_io()),
            _ => std::panic::resume_unwind(Box::new("a fault of the program")),
        }
    }
}

pub(super) async fn ingest(lake: &mut Lake, source: &Arc<dyn Source>) -> Result<Summary, LakeError> {
    run(lake, std::slice::from_ref(source), &EVERYTHING, &Silent).await
}

/// The lake of `lake::tests::world`, with files as large as those of every day.
pub(super) async fn open_large(store: &Arc<dyn ObjectStore>) -> Lake {
    Lake::open(Arc::clone(store), &url::Url::parse("memory:///some/lake").unwrap()).await.unwrap()
}

/// What could not be read: source, cause, number, the first place and what is said of it.
pub(super) fn unread(summary: &Summary) -> Vec<(&'static str, u64, &str, &str)> {
    summary.unread.values().map(|missed| (missed.sample.cause, missed.count, missed.sample.place.as_str(), missed.sample.detail.as_str())).collect()
}

/// The places of the gaps that are open, by whoever opens the lake.
pub(super) async fn open_places(store: &Arc<dyn ObjectStore>) -> Vec<String> {
    let lake = crate::lake::tests::world::open(store).await.unwrap();
    let mut places: Vec<String> = lake.known().open_gaps("logs").map(|gap| format!("{} {}", gap.place, gap.cause)).collect();
    places.sort();
    places
}
