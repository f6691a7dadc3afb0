//! A whole listing: parts side by side, handed over in the order of the keys.
//!
//! ```text
//!   parts, in the order of their keys:  [listed, waits to be taken] [being listed] [being listed] … [not begun] …
//!                                         └─▶ handed over             └─▶ at most PAGES of names held each
//! ```

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt};
use tokio::sync::mpsc::{self, Receiver};

use super::super::{ErrorKind, Listed, Resume, SourceError};
use super::bucket::Bucket;
use super::part::{Items, PAGES, Part, Told};

/// Every object of the bucket's prefix that `resume` asks for.
pub(super) fn listing(bucket: Arc<Bucket>, resume: Resume) -> impl Stream<Item = Result<Listed, SourceError>> + Send + 'static {
    let slots = VecDeque::from([Slot::Waiting(Part::whole(&bucket))]);
    let listing = Listing { bucket, resume, slots };
    stream::unfold(listing, |mut listing| async move { listing.next().await.map(|items| (items, listing)) }).flat_map(stream::iter)
}

struct Listing {
    bucket: Arc<Bucket>,
    resume: Resume,
    slots: VecDeque<Slot>,
}

enum Slot {
    Waiting(Part),
    Running(Receiver<Told>),
}

impl Listing {
    async fn next(&mut self) -> Option<Items> {
        loop {
            self.start();
            match self.slots.pop_front()? {
                Slot::Waiting(Part::Items(items)) => return Some(items),
                // It was started just now.
                Slot::Waiting(part) => self.slots.push_front(Slot::Waiting(part)),
                Slot::Running(mut told) => match told.recv().await {
                    Some(Told::Items(items)) => {
                        self.slots.push_front(Slot::Running(told));
                        return Some(items);
                    }
                    Some(Told::Then(parts)) => parts.into_iter().rev().for_each(|part| self.slots.push_front(Slot::Waiting(part))),
                    None => {
                        let stopped = self.bucket.origin.error(ErrorKind::Bug, "", "a task of the listing broke off");
                        return Some(vec![Err(stopped.caused_by(io::Error::other("it sent no end")))]);
                    }
                },
            }
        }
    }

    /// Starts the first parts that are not begun yet. Each ends by itself once nobody takes what it finds.
    fn start(&mut self) {
        let asked = |slot: &&mut Slot| !matches!(slot, Slot::Waiting(Part::Items(_)));
        for slot in self.slots.iter_mut().filter(asked).take(PARTS_AT_ONCE) {
            if let Slot::Waiting(_) = slot {
                let (sender, told) = mpsc::channel(PAGES + 2);
                if let Slot::Waiting(part) = std::mem::replace(slot, Slot::Running(told)) {
                    let (bucket, resume) = (Arc::clone(&self.bucket), self.resume.clone());
                    tokio::spawn(async move {
                        let rest = part.list(&bucket, &resume, &sender).await;
                        // As above: nobody may be listening any more.
                        let _ = sender.send(Told::Then(rest)).await;
                    });
                }
            }
        }
    }
}

/// Parts that are listed at a time.
const PARTS_AT_ONCE: usize = 16;
