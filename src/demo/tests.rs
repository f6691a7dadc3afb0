//! What the estate promises: the same bytes for the same seed, nothing after the last snapshot, and the sessions of the story.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::session::{Ending, Kind, Session};
use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

type Files = BTreeMap<PathBuf, (Vec<u8>, SystemTime)>;

fn files(root: &Path) -> Files {
    let (mut files, mut folders) = (Files::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                files.insert(path.strip_prefix(root).unwrap().to_owned(), (fs::read(&path).unwrap(), modified));
            }
        }
    }
    files
}

fn estate(seed: u64) -> Files {
    let folder = tempfile::tempdir().unwrap();
    write_estate(folder.path(), seed).unwrap();
    files(folder.path())
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_times() {
    let first = estate(7);
    assert!(first == estate(7));
    let other = estate(8);
    assert!(first != other);
    assert!(first.len() <= 1_500, "{} files", first.len());
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(place::LAST_SNAPSHOT.millis()).unwrap());
    for (path, (_, modified)) in first.iter().chain(&other) {
        assert!(*modified <= end, "{} is later than the last snapshot", path.display());
    }
    assert!(first[Path::new("sessiontrail.toml")].0.starts_with(mark(7).as_bytes()));
}

#[test]
fn sessions_are_such_as_aws_would_have_them() {
    for seed in 0..20 {
        let story = story::tell(&mut random::Random::new(seed));
        assert!((400..=600).contains(&story.sessions.len()), "{}", story.sessions.len());
        for session in &story.sessions {
            schemas::SessionId::parse(&session.id).unwrap();
            let end = session.end.map_or(place::LAST_SNAPSHOT, |(end, _)| end);
            assert!(session.started < end && end <= place::LAST_SNAPSHOT, "{session:?}");
            assert!(session.activity.is_sorted());
            assert!(session.activity.iter().all(|at| session.started <= *at && *at <= end), "{session:?}");
            assert!(session.target.starts_with("i-0") || session.target.starts_with("mi-0") || session.kind == Kind::Ecs);
        }
    }
}

#[test]
fn the_story_holds_what_the_kpis_are_about() {
    let story = story::tell(&mut random::Random::new(7));
    let lasted = |session: &Session, hours: i64| session.end.map_or(place::LAST_SNAPSHOT, |(end, _)| end).since(session.started) > hours * 3_600;
    let count = |fits: &dyn Fn(&Session) -> bool| story.sessions.iter().filter(|session| fits(session)).count();
    assert_eq!(count(&|session| session.caller == cast::BREAK_GLASS && lasted(session, 8)), 3);
    assert_eq!(count(&|session| session.caller == cast::DEPLOY && lasted(session, 24)), 2);
    assert_eq!(count(&|session| session.end.is_none()), 2, "one emergency and one ghost are open");
    assert!(count(&|session| matches!(session.end, Some((_, Ending::Maximum)))) >= 3);
    assert!(count(&|session| matches!(session.end, Some((_, Ending::Idle)))) >= 30);
    assert!(count(&|session| matches!(session.end, Some((_, Ending::Failed)))) >= 1);
    assert!(count(&|session| !lasted(session, 1)) > story.sessions.len() / 2, "most sessions are short");
    assert_eq!(story.machines.len(), 43);
}
