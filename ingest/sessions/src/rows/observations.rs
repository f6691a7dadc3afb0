//! `observations`.

use arrow::array::RecordBatch;
use schemas::table::OBSERVATIONS;
use schemas::{Answer, Observation};

use super::{Read, RowError, Write};

/// Answers as rows of `observations`, in their order.
///
/// # Errors
/// Where the code and the contract of the table have come apart.
pub fn observations_batch(observations: &[Observation]) -> Result<RecordBatch, RowError> {
    Write::new(&OBSERVATIONS, observations)
        .text("account_id", |observation| Some(&observation.account_id))?
        .text("region", |observation| Some(&observation.region))?
        .instant("observed_at", |observation| Some(observation.observed_at))?
        .text("answer", |observation| Some(observation.answer.as_str()))?
        .text("subject", |observation| observation.subject.as_deref())?
        .boolean("complete", |observation| Some(observation.complete))?
        .integer("items", |observation| Some(observation.items))?
        .text("detail", |observation| observation.detail.as_deref())?
        .text("source", |observation| Some(&observation.source))?
        .text("object", |observation| Some(&observation.object))?
        .text("sha256", |observation| Some(&observation.sha256))?
        .finish()
}

/// Rows of `observations` as answers, in their order.
///
/// # Errors
/// Where a column is missing, or holds what the contract does not allow.
pub fn observations_from(batch: &RecordBatch) -> Result<Vec<Observation>, RowError> {
    let read = Read::new(&OBSERVATIONS, batch);
    let account_id = read.texts("account_id")?;
    let region = read.texts("region")?;
    let observed_at = read.instants("observed_at")?;
    let answer = read.texts("answer")?;
    let subject = read.texts("subject")?;
    let complete = read.booleans("complete")?;
    let items = read.integers("items")?;
    let detail = read.texts("detail")?;
    let source = read.texts("source")?;
    let object = read.texts("object")?;
    let sha256 = read.texts("sha256")?;
    let observation = |row| {
        Ok(Observation {
            account_id: account_id.required(row)?,
            region: region.required(row)?,
            observed_at: observed_at.required(row)?,
            answer: answer.required_word(row, Answer::parse)?,
            subject: subject.owned(row),
            complete: complete.required(row)?,
            items: items.required(row)?,
            detail: detail.owned(row),
            source: source.required(row)?,
            object: object.required(row)?,
            sha256: sha256.required(row)?,
        })
    };
    (0..batch.num_rows()).map(observation).collect()
}
