//! Decoding alone, in this process and on one thread: what reading costs before anything is written.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use libdeflater::Decompressor;
use schemas::{Reject, Timestamp};
use sessions::decode::{Desk, Fact, Object, Sink, SourceKind};

use crate::corpus::{corpus, logs, trail};
use crate::{fastest, line, ratio};

pub(crate) fn bench() {
    let corpus = corpus("trail", |dir| trail(dir, 400, 2_000, 1));
    let calls = objects(&corpus.dir.join("cloudtrail"), SourceKind::CloudTrail);
    let ours = fastest(|| decode(&calls));
    line("decoding CloudTrail", ours, corpus.bytes / 1_000_000, "MB");
    let mut text = vec![0; 64 << 20];
    let inflate = fastest(|| timed(|| calls.iter().map(|(_, bytes)| Decompressor::new().gzip_decompress(bytes, &mut text).expect("gzip")).sum()));
    line("libdeflate, plain inflate of the same files", inflate, corpus.bytes / 1_000_000, "MB");
    ratio("decoding against it", inflate, ours);

    let corpus = self::corpus("logs", |dir| logs(dir, 2_000, 1_600));
    for (folder, kind) in [("transcripts", SourceKind::Transcripts), ("cloudwatch", SourceKind::CloudWatch)] {
        let objects = objects(&corpus.dir.join(folder), kind);
        let texts: Vec<Vec<u8>> = objects.iter().map(|(_, bytes)| unpacked(bytes)).collect();
        let megabytes = texts.iter().map(|text| text.len() as u64).sum::<u64>() / 1_000_000;
        let ours = fastest(|| decode(&objects));
        line(&format!("decoding {folder}"), ours, megabytes, "MB");
        let zstd = fastest(|| timed(|| texts.iter().map(|text| zstd::bulk::compress(text, 3).expect("zstd").len()).sum()));
        line("zstd -3 of the same bytes", zstd, megabytes, "MB");
        ratio("decoding against it", zstd, ours);
    }
}

/// Takes what is found, and lets it go.
struct Nothing;

impl Sink for Nothing {
    fn fact(&mut self, fact: Fact) {
        std::hint::black_box(&fact);
    }

    fn reject(&mut self, reject: Reject) {
        panic!("{reject:?}");
    }
}

fn decode(objects: &[(Object, Vec<u8>)]) -> Duration {
    let mut desk = Desk::default();
    timed(|| objects.iter().map(|(object, bytes)| desk.decode(object, &mut &bytes[..], &mut Nothing).bytes as usize).sum())
}

fn timed(work: impl FnOnce() -> usize) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(work());
    begin.elapsed()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes).read_to_end(&mut text).expect("gzip");
    } else {
        text.extend_from_slice(bytes);
    }
    text
}

/// Every file below a folder, in memory.
fn objects(folder: &Path, kind: SourceKind) -> Vec<(Object, Vec<u8>)> {
    let mut paths = Vec::new();
    gather(folder, &mut paths);
    let object = |path: &PathBuf, bytes: &[u8]| Object {
        source: kind.as_str().to_owned(),
        kind,
        key: path.strip_prefix(folder).expect("below the folder").to_string_lossy().into_owned(),
        object_version: "1".to_owned(),
        size: bytes.len() as u64,
        last_modified: Timestamp::parse("2026-07-14T09:15:00Z").ok(),
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
    };
    paths
        .iter()
        .map(|path| {
            let bytes = std::fs::read(path).expect("a file");
            (object(path, &bytes), bytes)
        })
        .collect()
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { gather(&path, paths) } else { paths.push(path) }
    }
}
