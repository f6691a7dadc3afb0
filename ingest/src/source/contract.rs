//! The behaviour that every source must show, as one suite: for memory, folders, buckets and APIs.
//!
//! A new kind of source implements [`Ground`] in its tests and calls [`holds`]. The suite panics at the first breach.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use async_trait::async_trait;
use futures::StreamExt;
use schemas::Timestamp;
use sessions::decode::SourceKind;

use super::{Body, ErrorKind, Listed, Origin, Resume, Source, SourceError};

mod made;

/// Something that a source can be made to hold.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Its key.
    pub key: String,
    /// When it was stored, in whole seconds (the coarsest of the stores).
    pub modified: Timestamp,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// It may be listed and not be read; a folder, whose key ends with a slash, may be named and not be listed. Only asked for where
    /// [`Ground::can_deny`] says so.
    pub is_denied: bool,
}

/// What somebody else does to an object while it is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// Bytes are added at its end.
    Grows,
    /// It is cut in half.
    Shrinks,
}

/// Where a kind of source grows: a fresh folder, a fresh bucket.
#[async_trait]
pub trait Ground {
    /// A fresh source that holds exactly these objects.
    async fn plant(&self, origin: Origin, objects: &[Planted]) -> Box<dyn Source>;

    /// Does this to an object of the source that was planted last. A ground that keeps what is open as it was does nothing.
    async fn disturb(&self, key: &str, disturbance: Disturbance);

    /// Whether an object can be denied here: a folder's owner `root` is denied nothing.
    fn can_deny(&self) -> bool;

    /// Whether a folder can be denied while what is beside it is listed: what a bucket lists is not told by folders.
    fn can_deny_folders(&self) -> bool {
        self.can_deny()
    }

    /// Whether the ground itself takes steps such as `./` out of keys. A source cannot tell, and a store that does so is not one of AWS's.
    fn resolves_steps(&self) -> bool {
        false
    }

    /// What else this ground can do, where its sources make their own keys; `None` where objects are found under the keys they were planted with.
    fn made(&self) -> Option<&dyn Made> {
        None
    }
}

/// A ground of sources that make their own keys, such as those of an API: each planted thing is found in an object of its own, if they were stored a
/// day apart.
#[async_trait]
pub trait Made: Ground {
    /// Another source over what was planted last, which has listed nothing.
    async fn anew(&self) -> Box<dyn Source>;

    /// Takes away everything that was planted last.
    async fn clear(&self);
}

/// Checks every clause of the contract.
///
/// # Panics
/// At the first clause that the source breaks.
pub async fn holds(ground: &dyn Ground) {
    lists_nothing_of_an_empty_source(ground).await;
    if let Some(ground) = ground.made() {
        return made::hold(ground).await;
    }
    lists_each_object_once_in_order_and_again_the_same(ground).await;
    passes_over_what_is_no_object(ground).await;
    gives_every_byte_back(ground).await;
    opens_nothing_outside(ground).await;
    notices_what_is_not_as_listed(ground).await;
    notices_what_changes_while_it_is_read(ground).await;
    if ground.can_deny() {
        one_denied_object_leaves_the_rest(ground).await;
    }
    if ground.can_deny_folders() {
        a_denied_folder_is_told_as_one_and_leaves_the_rest(ground).await;
    }
}

async fn lists_nothing_of_an_empty_source(ground: &dyn Ground) {
    let source = ground.plant(origin(), &[]).await;
    assert_eq!(source.name(), "contract");
    assert_eq!(list(&*source).await.len(), 0, "an empty source lists nothing, and that is no error");
}

async fn lists_each_object_once_in_order_and_again_the_same(ground: &dyn Ground) {
    let planted = planted_keys();
    let source = ground.plant(origin(), &planted).await;
    assert_eq!(source.kind(), SourceKind::Transcripts);
    let first = all(list(&*source).await);
    let keys: Vec<&str> = first.iter().map(|listed| listed.object.key.as_str()).collect();
    let expected: BTreeSet<&str> = planted.iter().map(|planted| planted.key.as_str()).collect();
    assert_eq!(keys, expected.into_iter().collect::<Vec<_>>(), "each key once, in the order of its bytes");
    let by_key: BTreeMap<&str, &Planted> = planted.iter().map(|planted| (planted.key.as_str(), planted)).collect();
    for listed in &first {
        let (object, planted) = (&listed.object, by_key[listed.object.key.as_str()]);
        assert_eq!(object.size, planted.bytes.len() as u64, "size of {}", object.key);
        assert_eq!(object.last_modified, Some(planted.modified), "time of {}", object.key);
        assert!(!object.object_version.is_empty(), "version of {}", object.key);
        assert_eq!((object.source.as_str(), object.kind), ("contract", SourceKind::Transcripts));
        assert_eq!((object.account_id.as_deref(), object.region.as_deref()), (Some("111122223333"), Some("eu-west-1")));
    }
    assert_eq!(first, all(list(&*source).await), "listing twice gives the same");
}

async fn passes_over_what_is_no_object(ground: &dyn Ground) {
    let beside =
        [plant("a.log", noise(3)), plant("a.log.metadata.json", b"{}".to_vec()), plant("gone.log.metadata.json", b"{}".to_vec()), plant("notes.txt", noise(9))];
    let source = ground.plant(origin(), &beside).await;
    let keys: Vec<String> = all(list(&*source).await).into_iter().map(|listed| listed.object.key).collect();
    assert_eq!(keys, ["a.log"], "side files, and what holds no transcript by its name, are no objects");
}

async fn gives_every_byte_back(ground: &dyn Ground) {
    let sizes = [0, 1, 8_191, 8_192, 8_193, 5 * 1024 * 1024 + 3];
    let planted: Vec<Planted> = sizes.iter().map(|size| plant(&format!("bytes/{size}.log"), noise(*size))).collect();
    let source = ground.plant(origin(), &planted).await;
    for (listed, planted) in all(list(&*source).await).iter().zip(sorted(planted)) {
        let read = read(&*source, listed).await;
        assert!(matches!(&read, Ok(bytes) if *bytes == planted.bytes), "bytes of {}", planted.key);
        let again = self::read(&*source, listed).await;
        assert!(matches!(&again, Ok(bytes) if *bytes == planted.bytes), "bytes of {}, read again", planted.key);
    }
}

async fn opens_nothing_outside(ground: &dyn Ground) {
    let source = ground.plant(origin(), &[plant("inside/a.log", noise(10))]).await;
    let listed = all(list(&*source).await);
    let steps = ["inside/./a.log", "inside//a.log"].into_iter().filter(|_| !ground.resolves_steps());
    for key in ["../inside/a.log", "inside/../../a.log", "/etc/hostname", "", ".", "inside", "inside/", "inside/a.log\0"].into_iter().chain(steps) {
        let mut stray = listed[0].clone();
        stray.object.key = key.to_owned();
        assert!(read(&*source, &stray).await.is_err(), "{key:?} is no key of this source");
    }
}

async fn notices_what_is_not_as_listed(ground: &dyn Ground) {
    let source = ground.plant(origin(), &[plant("a.log", noise(10))]).await;
    let listed = all(list(&*source).await);
    let mut gone = listed[0].clone();
    gone.object.key = "b.log".to_owned();
    assert_eq!(read(&*source, &gone).await.err(), Some(ErrorKind::NotFound), "an object that is gone is told so");
    let mut older = listed[0].clone();
    older.object.object_version = "another".to_owned();
    assert_eq!(read(&*source, &older).await.err(), Some(ErrorKind::Conflict), "bytes of another version are not passed off");
}

async fn notices_what_changes_while_it_is_read(ground: &dyn Ground) {
    for disturbance in [Disturbance::Grows, Disturbance::Shrinks] {
        let planted = [plant("a.log", noise(3 * 1024 * 1024)), plant("b.log", noise(5))];
        let source = ground.plant(origin(), &planted).await;
        let listed = all(list(&*source).await);
        match read_disturbed(ground, &*source, &listed[0], disturbance).await {
            Ok(bytes) => assert!(bytes == planted[0].bytes, "an object is passed off as whole: {disturbance:?} while it is read"),
            Err(kind) => assert_eq!(kind, ErrorKind::Conflict, "{disturbance:?}"),
        }
        assert_eq!(read(&*source, &listed[1]).await.ok(), Some(noise(5)), "the rest is read");
    }
}

async fn one_denied_object_leaves_the_rest(ground: &dyn Ground) {
    let mut planted = vec![plant("a.log", noise(3)), plant("b.log", noise(4)), plant("c.log", noise(5))];
    planted[1].is_denied = true;
    let source = ground.plant(origin(), &planted).await;
    let mut denied = 0;
    let mut given = Vec::new();
    for item in list(&*source).await {
        match item {
            Ok(listed) => match read(&*source, &listed).await {
                Ok(bytes) => given.push(bytes.len()),
                Err(kind) => {
                    assert_eq!(kind, ErrorKind::Denied);
                    denied += 1;
                }
            },
            Err(error) => {
                assert_eq!((error.kind, error.source_name.as_str()), (ErrorKind::Denied, "contract"));
                denied += 1;
            }
        }
    }
    assert_eq!((denied, given), (1, vec![3, 5]), "what is denied is told once, at its listing or its opening, and the rest still comes");
}

async fn a_denied_folder_is_told_as_one_and_leaves_the_rest(ground: &dyn Ground) {
    let locked = Planted { is_denied: true, ..plant("locked/", Vec::new()) };
    let source = ground.plant(origin(), &[plant("a.log", noise(3)), locked, plant("z.log", noise(4))]).await;
    let (listed, errors): (Vec<_>, Vec<_>) = list(&*source).await.into_iter().partition(Result::is_ok);
    assert_eq!(all(listed).iter().map(|listed| listed.object.key.as_str()).collect::<Vec<_>>(), ["a.log", "z.log"]);
    let places: Vec<_> = errors.iter().filter_map(|error| error.as_ref().err()).map(|error| (error.kind, error.place.as_str())).collect();
    assert_eq!(places, [(ErrorKind::Denied, "locked/")], "the place of a folder ends with a slash");
}

fn origin() -> Origin {
    let (account_id, region) = (Some("111122223333".to_owned()), Some("eu-west-1".to_owned()));
    Origin { name: "contract".to_owned(), kind: SourceKind::Transcripts, account_id, region }
}

fn plant(key: &str, bytes: Vec<u8>) -> Planted {
    Planted { key: key.to_owned(), modified: Timestamp::from_micros(1_784_020_500_000_000), bytes, is_denied: false }
}

/// Keys that real estates have, and that naive code trips over.
fn planted_keys() -> Vec<Planted> {
    let long = format!("{}/{}.log", ["long".repeat(50).as_str(); 4].join("/"), "k".repeat(192));
    assert_eq!(long.chars().count(), 1_000, "the length that the clause names");
    let keys = [
        "plain.log",
        "ssm/111122223333/jane.doe@example.com-0a1b2c3d4e5f60718.log",
        "ssm/with space/a+b=c,d.log",
        "ssm/%2F%20.log",
        "ssm/\u{fc}ml\u{e4}ut-\u{65e5}\u{672c}-\u{1f642}.log",
        "ssm/back\\slash.log",
        "ssm/'quote\".log",
        "ssm/-dash.log",
        "ssm.log",
        "ssm-a/b.log",
        "ssm0/b.log",
        "a/b/c/d/e/f/g/h/i/j.log",
        "a/b.log",
        "a.b/c.log",
        long.as_str(),
    ];
    keys.iter().enumerate().map(|(size, key)| plant(key, noise(size))).collect()
}

fn sorted(mut planted: Vec<Planted>) -> Vec<Planted> {
    planted.sort_by(|a, b| a.key.cmp(&b.key));
    planted
}

/// Bytes without a period that a chunk could have.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(step).collect()
}

async fn list(source: &dyn Source) -> Vec<Result<Listed, SourceError>> {
    source.objects(Resume::beginning()).collect().await
}

fn all(items: Vec<Result<Listed, SourceError>>) -> Vec<Listed> {
    let (listed, errors): (Vec<_>, Vec<_>) = items.into_iter().partition(Result::is_ok);
    assert!(errors.is_empty(), "no error in a source without a fault: {errors:?}");
    listed.into_iter().flatten().collect()
}

/// All bytes of an object, read where blocking is allowed; or what kept us from them.
async fn read(source: &dyn Source, listed: &Listed) -> Result<Vec<u8>, ErrorKind> {
    let body = source.open(listed).await.map_err(|error| error.kind)?.body;
    read_rest(body, Vec::new()).await
}

/// As [`read`], with something that happens to the object once its first bytes are read.
async fn read_disturbed(ground: &dyn Ground, source: &dyn Source, listed: &Listed, disturbance: Disturbance) -> Result<Vec<u8>, ErrorKind> {
    let mut body = source.open(listed).await.map_err(|error| error.kind)?.body;
    let begun = tokio::task::spawn_blocking(move || {
        let mut start = vec![0; 10];
        body.read_exact(&mut start).map(|()| (body, start))
    });
    let (body, start) = begun.await.map_err(|_| ErrorKind::Bug)?.map_err(|error| kind(&error))?;
    ground.disturb(&listed.object.key, disturbance).await;
    read_rest(body, start).await
}

async fn read_rest(mut body: Body, mut bytes: Vec<u8>) -> Result<Vec<u8>, ErrorKind> {
    let read = tokio::task::spawn_blocking(move || body.read_to_end(&mut bytes).map(|_| bytes));
    read.await.map_err(|_| ErrorKind::Bug)?.map_err(|error| kind(&error))
}

fn kind(error: &std::io::Error) -> ErrorKind {
    SourceError::carried_by(error).map_or(ErrorKind::Unreachable, |error| error.kind)
}
