//! `rebuild`: everything derived, worked out anew from the stored events.

use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::publish::publish;
use crate::reading::Reading;

pub(super) async fn run(plan: &Plan) -> Result<Outcome, Failure> {
    // Opening for writing would make a lake where there is none: a mistyped --lake must not.
    drop(Reading::open(plan).await?);
    let busy = plan.ui.busy("recomputing the facts of every session");
    let sessions = plan.lake().await?.open().await?.rebuild().await?;
    drop(busy);
    publish(plan).await?;
    plan.ui.say(&format!("{sessions} sessions recomputed"));
    Ok(Outcome::Done)
}
