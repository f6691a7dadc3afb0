//! Everything that a lake holds, read in this process, as lines that can be compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use analyze::answer::{self, Format};
use analyze::engine;
use analyze::lake::Lake;
use analyze::ledger::{Cost, Ledger, Settings};
use object_store::ObjectStore;
use policy::Policy;
use serde_json::{Map, Value};
use url::Url;

/// The rows of these tables, as SQL knows them, sorted, but for the number of their batch: how many batches there are depends on how often somebody had
/// to begin.
pub async fn tables(store: Arc<dyn ObjectStore>, url: &Url, names: &[&'static str]) -> BTreeMap<&'static str, Vec<String>> {
    asked(store, url, names).await.expect("a lake that can be read")
}

/// The same of a lake that may be damaged: why it cannot be read, where it cannot.
pub async fn asked(store: Arc<dyn ObjectStore>, url: &Url, names: &[&'static str]) -> Result<BTreeMap<&'static str, Vec<String>>, String> {
    let engine = engine::Settings { memory_bytes: 64 << 20, cores: 1, spill_dir: None };
    let settings = Settings { timezone: "UTC".to_owned(), fiscal_year_start: 1, sources: Vec::new(), cost: Cost::default(), engine };
    let ledger = Ledger::open(Lake::new(store, url.clone()), Arc::new(Policy::none()), &settings, None).await.map_err(|error| format!("{error:?}"))?;
    if ledger.unreflected() > 0 {
        return Err(format!("{} objects that were read do not count", ledger.unreflected()));
    }
    let mut found = BTreeMap::new();
    for table in names.iter().copied() {
        let rows = ledger.engine().ask(&format!("SELECT * FROM {table}")).await.map_err(|error| format!("{table}: {error:?}"))?;
        let mut text = Vec::new();
        answer::write(rows, Format::Ndjson, &mut text).await.map_err(|error| format!("{table}: {error:?}"))?;
        let mut lines: Vec<String> = String::from_utf8(text).expect("UTF-8").lines().map(without_batch).collect();
        lines.sort();
        found.insert(table, lines);
    }
    Ok(found)
}

fn without_batch(line: &str) -> String {
    let mut row: Map<String, Value> = serde_json::from_str(line).expect("a row");
    row.remove("batch");
    Value::from(row).to_string()
}
