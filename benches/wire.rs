//! Small objects from an S3 on this machine to a lake, whole process: against the 55 objects a second that Tailpipe publishes for S3.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::corpus::{Corpus, corpus};
use crate::product::{product, run};
use crate::random::{HEX, Random};
use crate::s3::{ACCESS_KEY, Kept, SECRET_KEY, Server, StandIn};
use crate::{fastest, line};

const BUCKET: &str = "bench-wire";

pub(crate) fn bench() {
    let corpus = corpus("wire", |dir| transcripts(&dir.join(BUCKET), 10_000));
    println!("{} objects, {} MB", corpus.files, corpus.bytes / 1_000_000);
    let stand_in = StandIn::with_bucket(BUCKET);
    for entry in fs::read_dir(corpus.dir.join(BUCKET)).expect("a folder") {
        let path = entry.expect("an entry").path();
        let key = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        stand_in.plant(BUCKET, &key, Kept::new(fs::read(&path).expect("a file"), SystemTime::UNIX_EPOCH + Duration::from_secs(1_784_030_400)));
    }
    for (name, server) in [("in memory", stand_in.serve()), ("s3s-fs", Server::of_folder(&corpus.dir))] {
        let took = fastest(|| ingest(&corpus, &server));
        line(&format!("sessiontrail ingest from S3 ({name})"), took, corpus.files, "objects");
        println!("  → {:.1} × the 55 objects/s of Tailpipe", corpus.files as f64 / took.as_secs_f64() / 55.0);
    }
}

/// Ingests into a new lake.
fn ingest(corpus: &Corpus, server: &Server) -> Duration {
    let _ = fs::remove_dir_all(corpus.dir.join("lake"));
    let text =
        format!("[[source]]\nname = \"wire\"\nkind = \"transcripts\"\nuri = \"s3://{BUCKET}\"\nregion = \"eu-west-1\"\nendpoint_url = \"{}\"\n", server.url());
    fs::write(corpus.dir.join("sessiontrail.toml"), text).expect("a file");
    run(product(&corpus.dir).args(["ingest", "--quiet"]).envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]))
}

/// Transcripts of a few lines, as most are.
fn transcripts(folder: &Path, count: u64) -> (u64, u64) {
    let mut random = Random::new(count);
    fs::create_dir_all(folder).expect("a folder");
    let mut bytes = 0;
    for _ in 0..count {
        let text = format!("Script started on 2026-07-14 09:14:58+00:00\nsh-5.2$ {}\nsh-5.2$ exit\n", random.text(HEX, 400));
        bytes += text.len() as u64;
        fs::write(folder.join(format!("jane.doe@example.com-0{}.log", random.text(HEX, 16))), text).expect("a file");
    }
    (bytes, count)
}
