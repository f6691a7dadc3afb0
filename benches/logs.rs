//! Transcripts and CloudWatch export files to Parquet: against `zstd -3` of the same bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use flate2::read::MultiGzDecoder;

use crate::corpus::{corpus, logs};
use crate::product::ingest;
use crate::{fastest, line, ratio};

pub(crate) fn bench() {
    let corpus = corpus("logs", |dir| logs(dir, 2_000, 1_600));
    let megabytes = corpus.bytes / 1_000_000;
    println!("{} files, {megabytes} MB of text", corpus.files);
    let ours = fastest(|| ingest(&corpus.dir));
    line("sessiontrail ingest, whole process", ours, megabytes, "MB");
    let mut texts = Vec::new();
    gather(&corpus.dir.join("transcripts"), &mut texts);
    gather(&corpus.dir.join("cloudwatch"), &mut texts);
    let zstd = fastest(|| {
        let begin = Instant::now();
        for text in &texts {
            std::hint::black_box(zstd::bulk::compress(text, 3).expect("zstd"));
        }
        begin.elapsed()
    });
    line("zstd -3 of the same bytes, in memory, 1 thread", zstd, megabytes, "MB");
    ratio("sessiontrail against it", zstd, ours);
}

/// The text of every file below a folder.
fn gather(folder: &Path, texts: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, texts);
            continue;
        }
        let mut text = Vec::new();
        let mut file = File::open(&path).expect("a file");
        if path.extension().is_some_and(|ending| ending == "gz") {
            MultiGzDecoder::new(file).read_to_end(&mut text).expect("gzip");
        } else {
            file.read_to_end(&mut text).expect("a file");
        }
        texts.push(text);
    }
}
