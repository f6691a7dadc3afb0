//! Reports in a bucket: the same folders, nothing written over, and pointers that work without links.

use super::{BUCKET, lake_on_s3, must, ran};
use crate::support::estate::make;
use crate::support::s3::{Call, Fault, StandIn, What};

#[test]
fn reports_lie_in_a_bucket_as_they_lie_in_a_folder() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let dir = tempfile::tempdir().expect("a folder");
    make(dir.path(), 6);
    lake_on_s3(dir.path(), &server);
    must(dir.path(), &["ingest", "--quiet"], &[0, 3]);
    let out = format!("s3://{BUCKET}/reports/team");
    let args = ["report", "weekly", "--quiet", "--out", out.as_str()];
    let folder = must(dir.path(), &args, &[0]).trim_end().to_owned();
    let below = folder.strip_prefix(&format!("s3://{BUCKET}/")).unwrap_or_else(|| panic!("{folder}")).to_owned();
    let there = || -> Vec<String> { stand_in.keys(BUCKET).into_iter().filter(|key| key.starts_with("reports/")).collect() };
    let first = there();
    for file in ["report.html", "report.xlsx", "report.md", "report.json", "csv/weeks.csv"] {
        assert!(first.contains(&format!("{below}/{file}")), "{file} is not in {first:?}");
    }
    let text = |key: &str| String::from_utf8(stand_in.kept(BUCKET, key).unwrap_or_else(|| panic!("there is no {key}")).bytes.to_vec()).expect("UTF-8");
    let (period, moment) = below.strip_prefix("reports/team/weekly/").and_then(|rest| rest.split_once('/')).unwrap_or_else(|| panic!("{below}"));
    assert_eq!(text(&format!("reports/team/weekly/{period}/latest")), format!("{moment}\n"));
    assert_eq!(text("reports/team/weekly/latest"), format!("{period}/{moment}\n"));

    // Once more: it is there, and stays.
    assert_eq!(must(dir.path(), &args, &[0]).trim_end(), folder);
    assert_eq!(there(), first);

    // The same into a folder is the same, byte for byte.
    let local = dir.path().join("reports");
    let kept = must(dir.path(), &["report", "weekly", "--quiet", "--out", local.to_str().expect("UTF-8")], &[0]);
    for file in ["report.html", "report.xlsx", "report.md", "report.json"] {
        let ours = std::fs::read(std::path::Path::new(kept.trim_end()).join(file)).expect("a file");
        assert!(stand_in.kept(BUCKET, &format!("{below}/{file}")).expect("an object").bytes[..] == ours[..], "{file} differs");
    }
    let html = stand_in.kept(BUCKET, &format!("{below}/report.html")).expect("an object").bytes;

    // Another policy makes other words of the same moment. Answers that are lost on the way lose and double nothing.
    let policy = dir.path().join("policy.toml");
    let text = std::fs::read_to_string(&policy).expect("a policy");
    std::fs::write(&policy, format!("# edited\n{text}")).expect("a policy");
    stand_in.faults(vec![Fault::first(3, Call::Put, What::Swallowed).at("reports/team")]);
    let other = must(dir.path(), &args, &[0]).trim_end().to_owned();
    stand_in.faults(Vec::new());
    assert_eq!(other, format!("{folder}-2"));
    assert!(stand_in.kept(BUCKET, &format!("{below}/report.html")).expect("an object").bytes == html, "the first is untouched");
    assert_eq!(
        there().iter().filter(|key| key.starts_with(&format!("{below}-2/"))).count(),
        first.iter().filter(|key| key.starts_with(&format!("{below}/"))).count()
    );

    // What a later one says otherwise: from the bucket, from a folder, and of one with the other.
    let file = format!("{other}/report.json");
    for (before, after) in [(folder.as_str(), other.as_str()), (kept.trim_end(), file.as_str()), (file.as_str(), kept.trim_end())] {
        assert!(must(dir.path(), &["report", "diff", before, after], &[0]).starts_with("as of "), "{before} {after}");
    }
    assert!(must(dir.path(), &["report", "diff", &folder, kept.trim_end()], &[0]).ends_with("\nboth say the same\n"));
    let nothing = ran(dir.path(), &["report", "diff", &out, &folder]);
    assert!(nothing.code == Some(2) && nothing.stderr.contains("there is no report.json"), "{}", nothing.stderr);

    // A bucket that refuses is told, with a way out.
    stand_in.deny_listing("reports");
    let refused = ran(dir.path(), &["report", "quarterly", "--quiet", "--out", &out]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint:"), "{}", refused.stderr);
}
