//! What opening, ingesting nothing and ingesting one more hour read and rewrite: in proportion to what is new, whatever else is there.

use std::collections::BTreeSet;
use std::sync::Arc;

use deltalake::kernel::Action;
use object_store::ObjectStore;
use schemas::{Event, EventKind};
use url::Url;

use super::recording_store::{Reading, RecordingStore};
use super::world::{event, memory, object_row};
use crate::lake::tuning::{TUNING, Tuning};
use crate::lake::{Asked, Lake, ObjectRow};

/// Files with several row groups and many pages, and larger than what is read of a file to find its footer.
const TALL: Tuning = Tuning { row_group_rows: 2_048, page_rows: 256, spill_rows: 6_144, ..TUNING };

/// Bytes of a file's end that are read to find its footer.
const END: u64 = 64 << 10;

async fn open(store: &Arc<RecordingStore>, tuning: Tuning) -> Lake {
    let store: Arc<dyn ObjectStore> = Arc::clone(store) as Arc<dyn ObjectStore>;
    Lake::open_tuned(store, &Url::parse("memory:///some/lake").unwrap(), tuning).await.unwrap()
}

/// Commits an event of each of these sessions, and brings the facts up to date.
async fn hour(lake: &mut Lake, object: usize, sessions: impl IntoIterator<Item = usize>) {
    let mut batch = lake.stage();
    for (position, session) in sessions.into_iter().enumerate() {
        // Texts that no compression makes small.
        let noise = schemas::sha256_hex(&session.to_le_bytes());
        let session_id = Some(format!("jane-{}", &noise[..17]));
        let (event_id, sha256) = (format!("ct:{object}-{noise}"), noise.clone());
        let event = Event { session_id, event_id, sha256, reason: Some(noise), ..event(object, position, EventKind::StartCall, None) };
        batch.event(event).await.unwrap();
    }
    batch.object(ObjectRow { object: format!("{object:09}"), ..object_row(0) });
    lake.commit(batch).await.unwrap();
    lake.refresh().await.unwrap();
}

async fn files_of(lake: &mut Lake, table: &str) -> BTreeSet<String> {
    let shelf = lake.shelves_mut().into_iter().find(|shelf| shelf.folder.table.name == table).unwrap();
    shelf.files().into_iter().map(|file| format!("some/lake/{table}/{}", file.path)).collect()
}

/// The files of rows that were read of, without the gaps, which are few and read when the lake is opened.
fn files_read(readings: &[Reading]) -> BTreeSet<&str> {
    let paths = readings.iter().map(|reading| reading.path.as_str());
    paths.filter(|path| path.ends_with(".parquet") && !path.contains("/_delta_log/") && !path.contains("/gaps/")).collect()
}

fn bytes_of(readings: &[Reading], path: &str) -> u64 {
    readings.iter().filter(|reading| reading.path == path).map(|reading| reading.bytes.end - reading.bytes.start).sum()
}

#[tokio::test]
async fn one_more_hour_reads_and_rewrites_what_holds_its_sessions_and_nothing_else() {
    let store = RecordingStore::new(memory());
    let mut lake = open(&store, TALL).await;
    // Three large files of other hours, of facts and of events.
    for part in 0..3 {
        hour(&mut lake, part, part * 6_000..(part + 1) * 6_000).await;
    }
    let (events, facts) = (files_of(&mut lake, "events").await, files_of(&mut lake, "session_facts").await);
    assert!((events.len(), facts.len()) == (3, 3), "{events:?} {facts:?}");
    assert!(lake.events.files().iter().chain(&lake.facts.files()).all(|file| file.size > 4 * END));

    // New sessions alone: of every older file no more is read than its footer and its Bloom filters, and no file is removed.
    store.take();
    hour(&mut lake, 3, 100_000..100_200).await;
    let readings = store.take();
    for file in events.iter().chain(&facts) {
        let read = bytes_of(&readings, file);
        assert!(read < 2 * END, "{read} bytes of {file}");
    }
    assert!(files_of(&mut lake, "session_facts").await.is_superset(&facts));

    // One session of an older hour: one file of facts is rewritten, and only pages are read of the one of events.
    store.take();
    hour(&mut lake, 4, (200_000..200_100).chain([17])).await;
    let readings = store.take();
    let after = files_of(&mut lake, "session_facts").await;
    assert_eq!(facts.difference(&after).count(), 1);
    let size = |path: &str| lake.events.files().iter().find(|file| path.ends_with(file.path.as_ref())).unwrap().size;
    let touched: Vec<&String> = events.iter().filter(|file| bytes_of(&readings, file) >= 2 * END).collect();
    assert!(touched.len() <= 1, "{touched:?}");
    for file in &events {
        assert!(bytes_of(&readings, file) < size(file) / 2, "{} of {} bytes", bytes_of(&readings, file), size(file));
    }

    let actions = lake.facts.entry(lake.facts.version()).await.unwrap().unwrap();
    let adds = actions.iter().filter(|action| matches!(action, Action::Add(_))).count();
    assert_eq!(adds, 2, "the touched sessions, and the rest of the one file");
    let before = super::world::rows_of(&mut lake).await;
    lake.rebuild().await.unwrap();
    assert_eq!(super::world::rows_of(&mut lake).await["session_facts"], before["session_facts"]);
}

#[tokio::test]
async fn opening_reads_no_row_however_many_there_are() {
    let mut readings = Vec::new();
    for rows in [20, 2_000] {
        let store = RecordingStore::new(memory());
        let mut lake = open(&store, TALL).await;
        for part in 0..2 {
            let mut batch = lake.stage();
            for number in 0..rows {
                batch.object(ObjectRow { object: format!("{part}/{number:09}"), ..object_row(0) });
                batch.event(event(part, number, EventKind::StartCall, Some(part * 100_000 + number))).await.unwrap();
            }
            lake.commit(batch).await.unwrap();
            lake.refresh().await.unwrap();
        }
        store.take();
        drop(open(&store, TALL).await);
        let opening = store.take();
        assert!(files_read(&opening).is_empty(), "{:?}", files_read(&opening));
        readings.push((opening.len(), opening.iter().map(|reading| reading.bytes.end - reading.bytes.start).sum::<u64>()));
    }
    let [(calls, bytes), (calls_of_more, bytes_of_more)] = readings[..] else { panic!("two lakes") };
    assert_eq!(calls, calls_of_more);
    assert!(bytes_of_more < bytes + bytes / 10, "{bytes} bytes, and {bytes_of_more} of a hundred times the rows");
}

#[tokio::test]
async fn a_listing_of_one_day_reads_the_pages_around_it_and_one_of_everything_each_page_once() {
    let store = RecordingStore::new(memory());
    let tuning = Tuning { page_rows: 256, row_group_rows: 100_000, ..TALL };
    let mut lake = open(&store, tuning).await;
    let name = |number: usize| format!("AWSLogs/eu-central-1/{:04}/{number:06}-{}", number / 100, &schemas::sha256_hex(&number.to_le_bytes())[..32]);
    let keys: Vec<String> = (0..24_000).map(name).collect();
    let mut batch = lake.stage();
    keys.iter().for_each(|key| batch.object(ObjectRow { object: key.clone(), ..object_row(0) }));
    lake.commit(batch).await.unwrap();
    let file = files_of(&mut lake, "objects").await.into_iter().next().unwrap();

    // By whoever opens the lake anew: bytes of the file that are read where these keys are asked for, so many at once.
    let read = async |keys: &[String], at_once: usize| {
        let lake = open(&store, tuning).await;
        store.take();
        for keys in keys.chunks(at_once) {
            let asked: Vec<Asked<'_>> = keys.iter().map(|object| Asked { source: "world", object, object_version: "1" }).collect();
            assert!(lake.known().holds_each(&asked).await.unwrap().iter().all(|held| *held));
        }
        bytes_of(&store.take(), &file)
    };
    let everything = read(&keys, keys.len()).await;
    let (in_portions, of_a_day) = (read(&keys, 1_000).await, read(&keys[12_000..12_100], 100).await);
    assert!(in_portions < everything + everything / 4, "{in_portions} bytes in portions, {everything} at once");
    assert!(of_a_day < everything / 3, "{of_a_day} of {everything} bytes");

    let lake = open(&store, tuning).await;
    store.take();
    let last = lake.known().positions("world").last_below("AWSLogs/eu-central-1/0117/").await.unwrap();
    assert_eq!(last.as_ref(), Some(&keys[11_799]));
    let of_a_prefix = bytes_of(&store.take(), &file);
    assert!(of_a_prefix < everything / 3, "{of_a_prefix} of {everything} bytes");
}
