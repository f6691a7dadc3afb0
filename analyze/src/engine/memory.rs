//! How much memory a question may hold, and who gets it.
//!
//! DataFusion's fair pool shares everything among the operators that can spill; the merge behind them, which cannot, then finds nothing left and the
//! question fails, or not, as the threads happen to run. Here what cannot spill has a part of its own.

use std::fmt;

use datafusion::error::Result;
use datafusion::execution::memory_pool::{FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// Two pools: one for operators that spill where it is empty, one for those that fail there.
#[derive(Debug)]
pub(super) struct Pool {
    spilling: FairSpillPool,
    holding: GreedyMemoryPool,
    bytes: usize,
}

impl Pool {
    pub(super) fn new(bytes: usize) -> Self {
        let holding = bytes / HOLDING_PART;
        Self { spilling: FairSpillPool::new(bytes - holding), holding: GreedyMemoryPool::new(holding), bytes }
    }

    fn part(&self, consumer: &MemoryConsumer) -> &dyn MemoryPool {
        if consumer.can_spill() { &self.spilling } else { &self.holding }
    }
}

impl MemoryPool for Pool {
    fn name(&self) -> &'static str {
        "sessiontrail"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.part(consumer).register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.part(consumer).unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.part(reservation.consumer()).grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.part(reservation.consumer()).shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.part(reservation.consumer()).try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.spilling.reserved() + self.holding.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes)
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}, {})", self.name(), self.spilling, self.holding)
    }
}

/// One part in so many is for what cannot spill: merges, which hold a batch of each of their inputs, and the built side of hash joins.
const HOLDING_PART: usize = 4;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_spills_leaves_the_rest_to_what_cannot() {
        let pool: Arc<dyn MemoryPool> = Arc::new(Pool::new(400));
        let sort = MemoryConsumer::new("sort").with_can_spill(true).register(&pool);
        let merge = MemoryConsumer::new("merge").register(&pool);
        assert!(sort.try_grow(300).is_ok());
        assert!(sort.try_grow(1).is_err(), "it must spill");
        assert!(merge.try_grow(100).is_ok(), "whatever sorts hold");
        assert!(merge.try_grow(1).is_err());
        assert_eq!(pool.reserved(), 400);
        drop((sort, merge));
        assert_eq!(pool.reserved(), 0);
    }
}
