//! The contract of sources, held on the stand-in and on `s3s-fs`.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use ingest::source::contract::{Disturbance, Ground, Planted, holds};
use ingest::source::{Origin, S3, Source};

use super::{BUCKET, config};
use crate::support::s3::{Kept, Server, StandIn};

fn time(planted: &Planted) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(planted.modified.micros()).expect("after 1970"))
}

/// A bucket of the stand-in; each plantation has a prefix of its own.
struct Ours {
    stand_in: StandIn,
    server: Server,
    planted: std::sync::Mutex<usize>,
}

impl Ours {
    fn prefix(&self, planted: usize) -> String {
        format!("plantation {planted}")
    }
}

#[async_trait]
impl Ground for Ours {
    async fn plant(&self, origin: Origin, objects: &[Planted]) -> Box<dyn Source> {
        let planted = {
            let mut planted = self.planted.lock().expect("nobody panics");
            *planted += 1;
            *planted
        };
        self.stand_in.allow_everything();
        let prefix = self.prefix(planted);
        for object in objects {
            let key = format!("{prefix}/{}", object.key);
            if object.is_denied {
                self.stand_in.deny_reading(&key);
            }
            self.stand_in.plant(BUCKET, &key, Kept::new(object.bytes.clone(), time(object)));
        }
        Box::new(S3::new(origin, &config(&self.server).await, BUCKET, &prefix))
    }

    async fn disturb(&self, key: &str, disturbance: Disturbance) {
        let key = format!("{}/{key}", self.prefix(*self.planted.lock().expect("nobody panics")));
        let kept = self.stand_in.kept(BUCKET, &key).expect("it was planted");
        self.stand_in.plant(BUCKET, &key, Kept::new(disturbed(&kept.bytes, disturbance), kept.modified));
    }

    fn can_deny(&self) -> bool {
        true
    }

    fn can_deny_folders(&self) -> bool {
        // What a listing shows is allowed or not by what it asks for.
        false
    }
}

fn disturbed(bytes: &[u8], disturbance: Disturbance) -> Vec<u8> {
    match disturbance {
        Disturbance::Grows => [bytes, b"more"].concat(),
        Disturbance::Shrinks => bytes[..bytes.len() / 2].to_vec(),
    }
}

/// A folder that `s3s-fs` serves; each plantation is a bucket of its own.
struct Theirs {
    root: tempfile::TempDir,
    server: Server,
    planted: std::sync::Mutex<usize>,
}

impl Theirs {
    fn bucket(&self, planted: usize) -> String {
        format!("plantation-{planted}")
    }

    fn path(&self, planted: usize, key: &str) -> PathBuf {
        self.root.path().join(self.bucket(planted)).join(key)
    }
}

#[async_trait]
impl Ground for Theirs {
    async fn plant(&self, origin: Origin, objects: &[Planted]) -> Box<dyn Source> {
        let planted = {
            let mut planted = self.planted.lock().expect("nobody panics");
            *planted += 1;
            *planted
        };
        std::fs::create_dir_all(self.path(planted, "")).expect("a bucket");
        for object in objects {
            let path = self.path(planted, &object.key);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, &object.bytes).expect("an object");
            std::fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(time(object))).expect("its time");
        }
        Box::new(S3::new(origin, &config(&self.server).await, &self.bucket(planted), ""))
    }

    async fn disturb(&self, key: &str, disturbance: Disturbance) {
        let path = self.path(*self.planted.lock().expect("nobody panics"), key);
        let bytes = std::fs::read(&path).expect("it was planted");
        std::fs::write(&path, disturbed(&bytes, disturbance)).expect("it can be written");
    }

    fn can_deny(&self) -> bool {
        false
    }

    fn resolves_steps(&self) -> bool {
        // Its keys are paths to it.
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_keeps_the_contract() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    holds(&Ours { stand_in, server, planted: Default::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_s3_that_others_wrote_keeps_the_contract() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let server = Server::of_folder(root.path());
    holds(&Theirs { root, server, planted: Default::default() }).await;
}
