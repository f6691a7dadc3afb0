//! A small lake in memory, written as the write side writes, and the evidence to put into it.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::json::ReaderBuilder;
use deltalake::kernel::Transaction;
use deltalake::kernel::transaction::CommitProperties;
use deltalake::protocol::SaveMode;
use deltalake::{DeltaTable, DeltaTableBuilder};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use policy::Policy;
use schemas::{Answer, Event, EventKind, Observation, PREFERENCES_DOCUMENT, Preference, Table, Timestamp, table};
use serde_json::{Value, json};
use sessions::rows;
use url::Url;

use crate::answer::{Format, write};
use crate::engine;
use crate::lake::Lake;
use crate::ledger::{Cost, Ledger, Settings};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-central-1";
pub(super) const SESSION: &str = "jane-0a1b2c3d4e5f60718";

/// A moment of 2026-07-14, such as `10:30`.
pub(super) fn at(clock: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-07-14T{clock}:00Z")).unwrap()
}

/// An event of the one session here.
pub(super) fn event(kind: EventKind, clock: &str) -> Event {
    Event {
        event_time: Some(at(clock)),
        session_id: Some(SESSION.to_owned()),
        account_id: Some(ACCOUNT.to_owned()),
        region: Some(REGION.to_owned()),
        source: "trail".to_owned(),
        object: "object".to_owned(),
        object_version: "1".to_owned(),
        ..Event::blank(kind, format!("{}-{clock}", kind.as_str()))
    }
}

pub(super) fn observation(answer: Answer, clock: &str) -> Observation {
    Observation {
        account_id: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        observed_at: at(clock),
        answer,
        subject: None,
        complete: true,
        items: 1,
        detail: None,
        source: "account".to_owned(),
        object: format!("{clock}/{}.json", answer.as_str()),
        sha256: "0".to_owned(),
    }
}

/// A version of the preferences document, with idle timeout and maximum duration as written.
pub(super) fn preference(clock: &str, version: &str, idle: Option<&str>, maximum: Option<&str>) -> Preference {
    Preference {
        account_id: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        observed_at: at(clock),
        document_name: PREFERENCES_DOCUMENT.to_owned(),
        document_version: version.to_owned(),
        session_type: Some("Standard_Stream".to_owned()),
        idle_session_timeout: idle.map(str::to_owned),
        max_session_duration: maximum.map(str::to_owned),
        s3_bucket_name: None,
        s3_key_prefix: None,
        s3_encryption_enabled: None,
        cloud_watch_log_group_name: None,
        cloud_watch_encryption_enabled: None,
        cloud_watch_streaming_enabled: None,
        kms_key_id: None,
        run_as_enabled: None,
        run_as_default_user: None,
        shell_profile_linux: None,
        shell_profile_windows: None,
        created_at: None,
        content_sha256: "0".to_owned(),
        content: "{}".to_owned(),
        source: "account".to_owned(),
        object: format!("{clock}/get-document-{version}.json"),
    }
}

/// A lake in memory.
pub(super) struct World {
    store: Arc<dyn ObjectStore>,
    url: Url,
}

impl World {
    pub(super) fn new() -> Self {
        Self { store: Arc::new(InMemory::new()), url: Url::parse("memory:///some/lake").unwrap() }
    }

    /// One commit: these rows take the place of all others, or come to them, under an application transaction.
    pub(super) async fn put(&self, table: &'static Table, rows: RecordBatch, mode: SaveMode, mark: Option<(&str, i64)>) {
        let place = Url::parse(&format!("{}/{}/", self.url, table.name)).unwrap();
        let builder = DeltaTableBuilder::from_url(place.clone()).unwrap().with_storage_backend(Arc::clone(&self.store), place);
        let mut delta: DeltaTable = builder.build().unwrap();
        if delta.log_store().is_delta_table_location().await.unwrap() {
            delta.load().await.unwrap();
        }
        let marks = mark.map(|(application, version)| Transaction::new(application, version));
        let properties = CommitProperties::default().with_application_transactions(marks.into_iter().collect());
        // Delta keeps the meaning of every column, and not that of the table.
        let schema = Arc::new(Schema::new(rows.schema().fields().clone()));
        delta.write([RecordBatch::try_new(schema, rows.columns().to_vec()).unwrap()]).with_save_mode(mode).with_commit_properties(properties).await.unwrap();
    }

    /// A batch of the write side: an object, and what was read from it.
    pub(super) async fn commit(&self, batch: i64, source: &str, object: &str, events: &[Event], observations: &[Observation]) {
        let of = |events: &[Event]| {
            let own = |event: &Event| Event { source: source.to_owned(), object: object.to_owned(), ..event.clone() };
            events.iter().map(own).collect::<Vec<_>>()
        };
        let own = |answer: &Observation| Observation { source: source.to_owned(), object: object.to_owned(), ..answer.clone() };
        let observations: Vec<Observation> = observations.iter().map(own).collect();
        let times = events.iter().filter_map(|event| event.event_time);
        let newest = times.clone().chain(observations.iter().map(|answer| answer.observed_at)).max();
        let row = json!({
            "source": source, "object": object, "object_version": "1", "size": 1, "status": "read", "events": events.len(), "rejects": 0,
            "oldest_event_at": times.clone().min().map(|at| at.to_string()), "newest_event_at": times.max().map(|at| at.to_string()),
            "vouched_at": newest.map(|at| at.to_string()), "batch": batch,
        });
        let mark = Some(("sessiontrail.batch", batch));
        self.put(&table::OBJECTS, from_json(&table::OBJECTS, &[row]), SaveMode::Append, mark).await;
        if !events.is_empty() {
            self.put(&table::EVENTS, rows::events_batch(&of(events)).unwrap(), SaveMode::Append, mark).await;
        }
        if !observations.is_empty() {
            self.put(&table::OBSERVATIONS, rows::observations_batch(&observations).unwrap(), SaveMode::Append, mark).await;
        }
    }

    /// Brings the facts up to date with all events of the lake, which are these.
    pub(super) async fn refresh(&self, events: &[Event], mark: Option<(&str, i64)>) {
        let facts = sessions::reconstruct::reconstruct(events.to_vec(), None);
        self.put(&table::SESSION_FACTS, rows::facts_batch(&facts).unwrap(), SaveMode::Overwrite, mark).await;
    }

    /// Puts a file where copies lie.
    pub(super) async fn publish(&self, name: &str, file: Vec<u8>) {
        let path = object_store::path::Path::from(format!("some/lake/published/{name}.parquet"));
        self.store.put(&path, file.into()).await.unwrap();
    }

    pub(super) async fn ledger(&self, as_of: Option<&str>) -> Ledger {
        self.ledger_as(as_of, Voice::default()).await
    }

    pub(super) async fn ledger_as(&self, as_of: Option<&str>, voice: Voice) -> Ledger {
        let settings = Settings {
            timezone: voice.timezone.to_owned(),
            fiscal_year_start: voice.fiscal_year_start,
            sources: voice.sources,
            cost: voice.cost,
            engine: engine::Settings { memory_bytes: 64 << 20, cores: 2, spill_dir: None },
        };
        let lake = Lake::new(Arc::clone(&self.store), self.url.clone());
        Ledger::open(lake, voice.policy, &settings, as_of.map(at)).await.unwrap()
    }
}

/// How a ledger speaks.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) timezone: &'static str,
    pub(super) fiscal_year_start: u8,
    pub(super) sources: Vec<String>,
    pub(super) cost: Cost,
    pub(super) policy: Arc<Policy>,
}

impl Default for Voice {
    fn default() -> Self {
        Self { timezone: "UTC", fiscal_year_start: 1, sources: Vec::new(), cost: Cost::default(), policy: Arc::new(Policy::none()) }
    }
}

/// All rows of an answer.
pub(super) async fn ask(ledger: &Ledger, sql: &str) -> Vec<Value> {
    let mut text = Vec::new();
    write(ledger.engine().ask(sql).await.unwrap(), Format::Ndjson, &mut text).await.unwrap();
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Rows of a table, from objects that name its columns.
pub(super) fn from_json(table: &'static Table, rows: &[Value]) -> RecordBatch {
    let text: String = rows.iter().map(|row| row.to_string() + "\n").collect();
    let mut reader = ReaderBuilder::new(table.schema()).build(std::io::Cursor::new(text)).unwrap();
    reader.next().unwrap().unwrap()
}
