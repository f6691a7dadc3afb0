//! What decoding finds, form by form; the fixtures are this crate's own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use schemas::{Code, Event, EventKind, Instance, Observation, Preference, Reject, Timestamp};

use super::*;

mod account;
mod cloudtrail;
mod cloudwatch;
mod hostile;
mod transcripts;

/// Everything that was found in one object.
#[derive(Debug, Default, PartialEq)]
struct Found {
    facts: Vec<Fact>,
    rejects: Vec<Reject>,
}

impl Sink for Found {
    fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }
}

impl Found {
    fn events(&self) -> Vec<&Event> {
        self.facts.iter().filter_map(|fact| if let Fact::Event(event) = fact { Some(&**event) } else { None }).collect()
    }

    fn observations(&self) -> Vec<&Observation> {
        self.facts.iter().filter_map(|fact| if let Fact::Observation(observation) = fact { Some(observation) } else { None }).collect()
    }

    fn instances(&self) -> Vec<&Instance> {
        self.facts.iter().filter_map(|fact| if let Fact::Instance(instance) = fact { Some(instance) } else { None }).collect()
    }

    fn preferences(&self) -> Vec<&Preference> {
        self.facts.iter().filter_map(|fact| if let Fact::Preference(preference) = fact { Some(&**preference) } else { None }).collect()
    }

    fn rejects(&self) -> Vec<(&str, Code)> {
        self.rejects.iter().map(|reject| (reject.at.as_str(), reject.code)).collect()
    }
}

const SESSION: &str = "ana-0c3d5e7f90a1b2c3d";
const OWNER: &str = "arn:aws:sts::210987654321:assumed-role/Operators/ana";
const NODE: &str = "i-0fe1dc2ba3987654f";

fn object(kind: SourceKind, key: &str) -> Object {
    Object {
        source: "source".to_owned(),
        kind,
        key: key.to_owned(),
        object_version: "1".to_owned(),
        size: 4_711,
        last_modified: Some(at("2026-07-14T09:15:07Z")),
        account_id: Some("999999999999".to_owned()),
        region: Some("eu-north-1".to_owned()),
    }
}

fn read(kind: SourceKind, key: &str, bytes: &[u8]) -> (Found, Explained) {
    let (mut found, mut body) = (Found::default(), bytes);
    let explained = decode(&object(kind, key), &mut body, &mut found);
    (found, explained)
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
