//! `compact`: small files of the lake merged into large ones, within a bounded amount of work.

use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::Reading;

pub(super) async fn run(plan: &Plan) -> Result<Outcome, Failure> {
    // Opening for writing would make a lake where there is none: a mistyped --lake must not.
    drop(Reading::open(plan).await?);
    let mut lake = plan.lake().await?.open().await?;
    let busy = plan.ui.busy("merging small files");
    let tables = lake.compact(BUDGET_BYTES).await?;
    let deleted = lake.vacuum().await?;
    drop(busy);
    for table in tables {
        if table.files_after < table.files_before {
            plan.ui.say(&format!("{}: {} files are now {}", table.table, table.files_before, table.files_after));
        }
    }
    plan.ui.say(&format!("{deleted} files that nothing refers to any more were deleted"));
    Ok(Outcome::Done)
}

/// Bytes that one run reads at most; what is left is the next run's.
const BUDGET_BYTES: u64 = 4 << 30;
