//! `instances`.

use arrow::array::RecordBatch;
use schemas::table::INSTANCES;
use schemas::{Instance, Listed};

use super::{Read, RowError, Write};

/// Instances as rows of `instances`, in their order.
///
/// # Errors
/// Where the code and the contract of the table have come apart.
pub fn instances_batch(instances: &[Instance]) -> Result<RecordBatch, RowError> {
    Write::new(&INSTANCES, instances)
        .text("account_id", |instance| Some(&instance.account_id))?
        .text("region", |instance| Some(&instance.region))?
        .instant("observed_at", |instance| Some(instance.observed_at))?
        .text("instance_id", |instance| Some(&instance.instance_id))?
        .text("listed_by", |instance| Some(instance.listed_by.as_str()))?
        .text("state", |instance| instance.state.as_deref())?
        .text("tags", |instance| instance.tags.as_deref())?
        .text("ping_status", |instance| instance.ping_status.as_deref())?
        .instant("last_ping_at", |instance| instance.last_ping_at)?
        .text("agent_version", |instance| instance.agent_version.as_deref())?
        .text("platform", |instance| instance.platform.as_deref())?
        .text("source", |instance| Some(&instance.source))?
        .text("object", |instance| Some(&instance.object))?
        .finish()
}

/// Rows of `instances` as instances, in their order.
///
/// # Errors
/// Where a column is missing, or holds what the contract does not allow.
pub fn instances_from(batch: &RecordBatch) -> Result<Vec<Instance>, RowError> {
    let read = Read::new(&INSTANCES, batch);
    let account_id = read.texts("account_id")?;
    let region = read.texts("region")?;
    let observed_at = read.instants("observed_at")?;
    let instance_id = read.texts("instance_id")?;
    let listed_by = read.texts("listed_by")?;
    let state = read.texts("state")?;
    let tags = read.texts("tags")?;
    let ping_status = read.texts("ping_status")?;
    let last_ping_at = read.instants("last_ping_at")?;
    let agent_version = read.texts("agent_version")?;
    let platform = read.texts("platform")?;
    let source = read.texts("source")?;
    let object = read.texts("object")?;
    let instance = |row| {
        Ok(Instance {
            account_id: account_id.required(row)?,
            region: region.required(row)?,
            observed_at: observed_at.required(row)?,
            instance_id: instance_id.required(row)?,
            listed_by: listed_by.required_word(row, Listed::parse)?,
            state: state.owned(row),
            tags: tags.owned(row),
            ping_status: ping_status.owned(row),
            last_ping_at: last_ping_at.get(row),
            agent_version: agent_version.owned(row),
            platform: platform.owned(row),
            source: source.required(row)?,
            object: object.required(row)?,
        })
    };
    (0..batch.num_rows()).map(instance).collect()
}
