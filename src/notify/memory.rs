//! What was sent, remembered in the lake: under `notices/`, an object for each finding or report and channel, and one for each channel that says where it
//! began.
//!
//! Every object is put only where there is none, so that any number of runs may write at once; none is ever changed. Names are digests: the address of a
//! webhook, which can hold a secret, is nowhere in the lake.

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;

use deliver::Channel;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use schemas::{Timestamp, computed_id};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::place::LakePlace;
use crate::plan::now;

/// What a channel has accepted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sent<'s> {
    /// The finding of this id.
    Finding(&'s str),
    /// The headline of this digest.
    Headline(&'s str),
}

/// The notices of one lake.
pub(super) struct Memory {
    store: Arc<dyn ObjectStore>,
    folder: Key,
    /// Names of all objects.
    names: HashSet<String>,
}

impl Memory {
    /// Looks up what is there: names, and nothing else.
    pub(super) async fn open(place: &LakePlace) -> Result<Self, Failure> {
        let (store, folder) = place.beside(FOLDER)?;
        let listed = store.list_with_delimiter(Some(&folder)).await.map_err(unremembered)?;
        let names = listed.objects.iter().filter_map(|object| object.location.filename().map(str::to_owned)).collect();
        Ok(Self { store, folder, names })
    }

    /// Since when findings are sent through a channel: `first` where it has never been used.
    pub(super) async fn since(&mut self, channel: &Channel, first: Timestamp) -> Result<Timestamp, Failure> {
        let name = format!("since-{}.json", computed_id(&[channel.kind().as_bytes(), channel.address().as_bytes()]));
        if !self.names.contains(&name) {
            let said = json!({ "schema": SCHEMA, "channel": channel.kind(), "since": first.to_string() });
            self.put(&name, &said).await?;
        }
        // Somebody else may have been faster: what is there holds.
        let key = self.folder.clone().join(name.as_str());
        let kept = self.store.get(&key).await.map_err(unremembered)?.bytes().await.map_err(unremembered)?;
        let said: Option<Value> = serde_json::from_slice(&kept).ok();
        let since = said.as_ref().and_then(|said| Timestamp::parse(said.get("since")?.as_str()?).ok());
        since.ok_or_else(|| Failure::failed(format!("{key} of the lake does not say since when findings are sent")).hint("delete it: the channel begins anew"))
    }

    /// Whether this was sent through a channel.
    pub(super) fn is_marked(&self, channel: &Channel, sent: Sent<'_>) -> bool {
        self.names.contains(&mark(channel, sent))
    }

    /// Remembers that this was sent through a channel.
    pub(super) async fn mark(&mut self, channel: &Channel, sent: Sent<'_>) -> Result<(), Failure> {
        let (what, which) = match sent {
            Sent::Finding(finding_id) => ("finding_id", finding_id),
            Sent::Headline(digest) => ("headline", digest),
        };
        let said = json!({ "schema": SCHEMA, "channel": channel.kind(), what: which, "sent_at": now().to_string() });
        self.put(&mark(channel, sent), &said).await
    }

    /// Puts an object where there is none.
    async fn put(&mut self, name: &str, said: &Value) -> Result<(), Failure> {
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&self.folder.clone().join(name), PutPayload::from(said.to_string()), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => {
                self.names.insert(name.to_owned());
                Ok(())
            }
            Err(error) => Err(unremembered(error)),
        }
    }
}

/// The name of the object that says that this was sent through a channel.
fn mark(channel: &Channel, sent: Sent<'_>) -> String {
    let (kind, address) = (channel.kind().as_bytes(), channel.address().as_bytes());
    let id = match sent {
        Sent::Finding(finding_id) => computed_id(&[kind, address, finding_id.as_bytes()]),
        Sent::Headline(digest) => computed_id(&[kind, address, b"headline", digest.as_bytes()]),
    };
    format!("{id}.json")
}

fn unremembered(error: object_store::Error) -> Failure {
    Failure::failed(Unremembered { source: Box::new(error) }).hint("--notify remembers in the lake what was sent: see that you may read and write it")
}

/// Why it cannot be told what was sent.
#[derive(Debug, thiserror::Error)]
#[error("cannot remember in the lake what was sent")]
struct Unremembered {
    source: Box<dyn Error + Send + Sync>,
}

/// The folder of the lake.
const FOLDER: &str = "notices";
/// The form of the objects, with its version.
const SCHEMA: &str = "sessiontrail.notices/1";
