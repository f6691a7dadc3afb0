//! Where a listing may begin: what the lake holds of a source already, as a value that the pipeline hands over.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;
use schemas::Timestamp;

use super::SourceError;

/// What the lake holds of one source, as far as the source needs it to know where to resume.
#[async_trait]
pub trait Positions: Send + Sync + fmt::Debug {
    /// The greatest key, by its bytes, of the source's known objects that begins with `prefix`; `None` where none does.
    ///
    /// # Errors
    /// Where the lake could not be read.
    async fn last_below(&self, prefix: &str) -> Result<Option<String>, SourceError>;
}

/// From where a source is to be listed. Only a source whose keys are ordered by time may leave out what lies before; it goes back over what may
/// have come late, since what is known is passed over by the pipeline.
#[derive(Debug, Clone)]
pub struct Resume {
    /// What is known already.
    pub known: Arc<dyn Positions>,
    /// The places where something was missing and still is: what lies there is listed again, however long ago it was.
    pub gaps: Arc<BTreeSet<String>>,
    /// Objects from this moment on were asked for: list from there, whatever is known.
    pub from: Option<Timestamp>,
}

impl Resume {
    /// From the beginning: nothing is known.
    #[must_use]
    pub fn beginning() -> Self {
        Self { known: Arc::new(BTreeSet::new()), gaps: Arc::default(), from: None }
    }
}

/// Keys in memory.
#[async_trait]
impl Positions for BTreeSet<String> {
    async fn last_below(&self, prefix: &str) -> Result<Option<String>, SourceError> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        Ok(self.range::<str, _>(from).take_while(|key| key.starts_with(prefix)).last().cloned())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn the_last_key_below_a_prefix_is_not_that_of_a_neighbour() {
        let keys: BTreeSet<String> = ["a/1", "a/2", "a0/9", "b/1"].map(str::to_owned).into();
        let last = async |prefix| keys.last_below(prefix).await.unwrap();
        assert_eq!(last("a/").await.as_deref(), Some("a/2"));
        assert_eq!(last("").await.as_deref(), Some("b/1"));
        assert_eq!(last("c").await, None);
    }
}
