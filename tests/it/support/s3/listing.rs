//! What a listing shows: the newest versions of keys, and a page of them.

use std::collections::BTreeMap;

use s3s::dto::*;

use super::shelf::{Kept, Shelf};

/// The newest versions of the keys that begin with `prefix`, from `from` on.
pub(super) fn newest(shelf: &Shelf, prefix: &str, from: &str) -> Vec<(String, Kept)> {
    let keys = shelf.keys.range(prefix.max(from).to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
    keys.filter_map(|(key, versions)| Some((key.clone(), versions.last()?.clone()))).collect()
}

/// One page.
pub(super) fn listed(input: ListObjectsV2Input, prefix: &str, all: Vec<(String, Kept)>) -> ListObjectsV2Output {
    let most = usize::try_from(input.max_keys.unwrap_or(1_000)).unwrap_or(1_000).min(1_000);
    let delimiter = input.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
    // A folder that ended the page before has been told with all that is in it; one that a listing is to start after has not.
    let is_told = |key: &str| match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => key <= token.as_str() || delimiter.is_some_and(|delimiter| token.ends_with(delimiter)) && key.starts_with(token.as_str()),
        (None, after) => after.as_ref().is_some_and(|after| key <= after.as_str()),
    };
    let folder = |key: &str| delimiter.and_then(|by| key[prefix.len()..].find(by).map(|at| key[..prefix.len() + at + by.len()].to_owned()));
    let mut names: BTreeMap<String, Option<Kept>> = BTreeMap::new();
    for (key, kept) in all.into_iter().filter(|(key, _)| key.starts_with(prefix) && !is_told(key)) {
        match folder(&key) {
            Some(folder) => names.insert(folder, None),
            None => names.insert(key, Some(kept)),
        };
    }
    let text = |text: &str| match input.encoding_type {
        Some(_) => url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace("%2F", "/"),
        None => text.to_owned(),
    };
    let is_truncated = names.len() > most;
    let page: Vec<(String, Option<Kept>)> = names.into_iter().take(most).collect();
    let (mut contents, mut common_prefixes) = (Vec::new(), Vec::new());
    for (name, kept) in &page {
        match kept {
            None => common_prefixes.push(CommonPrefix { prefix: Some(text(name)) }),
            Some(kept) => contents.push(Object {
                key: Some(text(name)),
                size: i64::try_from(kept.bytes.len()).ok(),
                last_modified: Some(kept.modified.into()),
                e_tag: Some(ETag::Strong(kept.etag.clone())),
                ..Default::default()
            }),
        }
    }
    ListObjectsV2Output {
        key_count: i32::try_from(page.len()).ok(),
        next_continuation_token: page.last().filter(|_| is_truncated).map(|(name, _)| name.clone()),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        is_truncated: Some(is_truncated),
        prefix: Some(text(prefix)),
        encoding_type: input.encoding_type,
        max_keys: input.max_keys.or(Some(1_000)),
        name: Some(input.bucket),
        ..Default::default()
    }
}
