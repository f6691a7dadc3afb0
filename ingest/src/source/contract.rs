//! The behaviour that every source shows, whatever it reads from.

use std::collections::BTreeMap;
use std::io::Read;

use futures::StreamExt;

use super::{Kind, Listed, Source};

/// What a source must hold for [`holds`]: keys and bytes, and one place that it denies.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Every readable object.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// The beginning of the place that is denied, where there is one.
    pub denied: Option<String>,
}

/// Keys that a source must be able to tell: blanks, signs, other scripts, a long one.
#[must_use]
pub fn awkward_keys() -> Vec<String> {
    let long = "deep/".repeat(60) + &"x".repeat(200);
    ["plain.log", "ssm/a b=c@d+e,f.log", "übung/ユニコード.log", "a/b/c/d/e.log", "percent%2Fencoded.log", "quote'\"$HOME.log"].into_iter().map(str::to_owned).chain([long]).collect()
}

/// Lists everything exactly once, again the same, with the bytes that are there; a denied place is an error item, and the rest still comes.
///
/// # Panics
/// Where the source does otherwise.
#[expect(clippy::panic, clippy::expect_used, reason = "a suite of tests")]
pub async fn holds(source: &dyn Source, expected: &Expected) {
    let (first, first_errors) = listed(source).await;
    let (second, _) = listed(source).await;
    assert_eq!(first, second, "listing twice gives the same");
    let keys: Vec<&String> = first.iter().map(|listed| &listed.object.key).collect();
    assert_eq!(keys, expected.objects.keys().collect::<Vec<_>>(), "every object, each once");
    for listed in &first {
        assert_eq!(listed.object.source, source.name());
        assert_eq!(listed.object.kind, source.kind());
        let bytes = &expected.objects[&listed.object.key];
        assert_eq!(listed.object.size, bytes.len() as u64, "{}", listed.object.key);
        assert!(listed.object.last_modified.is_some() && !listed.object.object_version.is_empty());
        for _ in 0..2 {
            let mut body = source.open(&listed.object).await.expect("a listed object can be opened, as often as one likes");
            let read = tokio::task::spawn_blocking(move || {
                let mut read = Vec::new();
                body.read_to_end(&mut read).map(|_| read)
            });
            assert!(read.await.expect("the reader ends").expect("the bytes can be read") == *bytes, "{}", listed.object.key);
        }
    }
    match &expected.denied {
        None => assert!(first_errors.is_empty(), "{first_errors:?}"),
        Some(place) => assert!(first_errors.iter().any(|(kind, at)| *kind == Kind::Denied && at.starts_with(place.as_str())), "{first_errors:?}"),
    }
    let mut gone = first.first().expect("the suite needs an object").object.clone();
    gone.key.push_str(".gone");
    match source.open(&gone).await {
        Err(error) => assert_eq!(error.kind, Kind::NotFound),
        Ok(_) => panic!("an object that is not there was opened"),
    }
}

async fn listed(source: &dyn Source) -> (Vec<Listed>, Vec<(Kind, String)>) {
    let (mut objects, mut errors) = (Vec::new(), Vec::new());
    let mut items = source.objects();
    while let Some(item) = items.next().await {
        match item {
            Ok(listed) => objects.push(listed),
            Err(error) => errors.push((error.kind, error.place)),
        }
    }
    objects.sort_by(|a, b| a.object.key.cmp(&b.object.key));
    (objects, errors)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use schemas::Timestamp;
    use sessions::decode::SourceKind;

    use super::*;
    use crate::source::directory::Directory;
    use crate::source::memory::Memory;

    fn objects() -> BTreeMap<String, Vec<u8>> {
        let big: Vec<u8> = (0..5_000_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let mut objects: BTreeMap<String, Vec<u8>> = awkward_keys().into_iter().map(|key| (key.clone(), key.into_bytes())).collect();
        objects.insert("empty.log".to_owned(), Vec::new());
        objects.insert("big.log".to_owned(), big);
        objects
    }

    #[tokio::test]
    async fn memory() {
        let at = Timestamp::from_micros(1_000_000);
        let source = objects().into_iter().fold(Memory::new("memory", SourceKind::Transcripts), |memory, (key, bytes)| memory.with(key, bytes, at));
        let source = source.with("locked/secret.log", "secret", at).without("locked/");
        holds(&source, &Expected { objects: objects(), denied: Some("locked/".to_owned()) }).await;
    }

    #[tokio::test]
    async fn directory() {
        let folder = tempfile::tempdir().unwrap();
        for (key, bytes) in objects() {
            let path = folder.path().join(key);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let source = Directory::new("directory", SourceKind::Transcripts, folder.path(), None, None);
        holds(&source, &Expected { objects: objects(), denied: None }).await;
    }

    #[tokio::test]
    async fn what_a_folder_holds_beside_files_is_named_and_not_followed() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("secret.log"), "secret").unwrap();
        std::fs::write(folder.path().join("plain.log"), "plain").unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        let source = Directory::new("directory", SourceKind::Transcripts, folder.path(), None, None);
        let (objects, mut errors) = listed(&source).await;
        errors.sort();
        assert_eq!(objects.len(), 1);
        assert_eq!(errors, [(Kind::Unreachable, "elsewhere".to_owned()), (Kind::Unreachable, "loop".to_owned())]);
    }

    #[tokio::test]
    async fn a_missing_folder_is_an_error_item() {
        let source = Directory::new("directory", SourceKind::Transcripts, "nowhere/at/all", None, None);
        let (objects, errors) = listed(&source).await;
        assert!(objects.is_empty());
        assert_eq!(errors[0].0, Kind::NotFound);
    }

    #[tokio::test]
    async fn the_file_beside_an_object_tells_its_keeping() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.log"), "a").unwrap();
        std::fs::write(folder.path().join("a.log.metadata.json"), r#"{"VersionId":"v7","LastModified":"2026-07-06T10:00:05+00:00"}"#).unwrap();
        let (objects, _) = listed(&Directory::new("directory", SourceKind::Transcripts, folder.path(), None, None)).await;
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].object.object_version, "v7");
        assert_eq!(objects[0].object.last_modified, Some(Timestamp::parse("2026-07-06T10:00:05Z").unwrap()));
    }
}
