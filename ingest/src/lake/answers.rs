//! Where the lake keeps answers that nobody can ask for again: `answers/<source>/<key>`, in the layout that a folder of snapshots has.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;

use super::Lake;

impl Lake {
    /// The place of a source's answers, for who keeps them. It begins where the keys of the source begin.
    #[must_use]
    pub fn answers(&self, source_name: &str) -> Arc<dyn ObjectStore> {
        let folder = Path::from_iter([ANSWERS, folder(source_name).as_str()]);
        Arc::new(PrefixStore::new(Arc::clone(&self.folder), folder))
    }
}

/// The name of a source as that of a folder, which every store and every shell takes: where it had to be changed, no other source has the same.
fn folder(source_name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let safe: String = source_name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    if safe == source_name && !safe.starts_with('.') && !safe.is_empty() {
        return safe;
    }
    format!("{}-{}", safe.trim_start_matches('.'), &schemas::sha256_hex(source_name.as_bytes())[..8])
}

const ANSWERS: &str = "answers";

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn a_name_is_one_folder_and_of_one_source() {
        assert_eq!(folder("prod-account_1.eu"), "prod-account_1.eu");
        let changed = ["", ".", "..", "../x", "a b", "a/b", "a\u{fc}b", "a%2Fb"].map(folder);
        for name in &changed {
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) && !name.starts_with('.'), "{name}");
        }
        let different: std::collections::BTreeSet<_> = changed.iter().collect();
        assert_eq!(different.len(), changed.len());
    }
}
