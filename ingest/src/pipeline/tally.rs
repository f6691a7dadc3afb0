//! What was found in one object so far: the row that it leaves in `objects`.

use schemas::Timestamp;
use sessions::decode::{Explained, Fact};

use crate::lake::{ObjectRow, Status};
use crate::source::{Custody, Listed};

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) rejects: i64,
    events: i64,
    others: i64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Tally {
    pub(super) fn note(&mut self, fact: &Fact) {
        let Fact::Event(event) = fact else {
            self.others += 1;
            return;
        };
        self.events += 1;
        if let Some(at) = event.event_time {
            self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
            self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
        }
    }

    /// The latest time in the object: of an event, or one that AWS vouches for.
    pub(super) fn latest(&self, explained: &Explained) -> Option<Timestamp> {
        self.newest.max(explained.vouched_at)
    }

    /// `custody` is what the store said of the object when it was opened.
    pub(super) fn row(&self, listed: &Listed, custody: Custody, explained: &Explained) -> ObjectRow {
        let nothing = self.events == 0 && self.others == 0 && self.rejects > 0;
        let object = listed.object.clone();
        ObjectRow {
            source: object.source,
            object: object.key,
            object_version: object.object_version,
            size: i64::try_from(object.size).unwrap_or(i64::MAX),
            last_modified: object.last_modified,
            sha256: explained.sha256.clone(),
            status: if nothing { Status::Rejected } else { Status::Read },
            events: self.events,
            rejects: self.rejects,
            oldest_event_at: self.oldest,
            newest_event_at: self.newest,
            vouched_at: explained.vouched_at,
            gzip_members: explained.gzip_members,
            custody,
        }
    }
}
