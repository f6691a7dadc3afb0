//! Settings files (the policy and the configuration), read key by key, so that every complaint names file, line and key.
//!
//! In: TOML text. Out: [`Section`]s and [`Setting`]s that know their place. This room refuses to know which keys there are: the reader of a
//! section says so with [`Section::only`]. It is not serde's derive, whose errors know no key for a missing field and no place for a wrong meaning.

mod problem;
mod value;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use problem::{Place, Problem, SettingsError};
pub use value::Setting;

/// A settings file in memory.
#[derive(Debug)]
pub struct SettingsFile<'t> {
    name: String,
    text: &'t str,
    table: Spanned<DeTable<'t>>,
}

impl<'t> SettingsFile<'t> {
    /// Parses `text`; `name` is only for messages.
    ///
    /// # Errors
    /// Where the text is no TOML; a key that stands twice in one table is none.
    pub fn parse(text: &'t str, name: &str) -> Result<Self, SettingsError> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Self { name: name.to_owned(), text, table }),
            Err(error) => {
                let at = error.span().map_or(text.len(), |span| span.start);
                let place = Place { file: name.to_owned(), line: line_of(text, at), key: String::new() };
                Err(SettingsError::new(place, Problem::Syntax(error.message().to_owned())))
            }
        }
    }

    /// The whole file as a section.
    #[must_use]
    pub fn root(&self) -> Section<'_> {
        Section { file: self, path: String::new(), at: 0, table: self.table.get_ref() }
    }

    fn place(&self, path: &str, at: usize) -> Place {
        Place { file: self.name.clone(), line: line_of(self.text, at), key: path.to_owned() }
    }
}

/// One table of a settings file.
#[derive(Debug, Clone)]
pub struct Section<'s> {
    file: &'s SettingsFile<'s>,
    path: String,
    at: usize,
    table: &'s DeTable<'s>,
}

impl<'s> Section<'s> {
    /// Allows no other keys than `known`.
    ///
    /// # Errors
    /// At the first key, in the order of the file, that is none of them.
    pub fn only(&self, known: &[&str]) -> Result<(), SettingsError> {
        let unknown = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())).min_by_key(|key| key.span().start);
        let Some(key) = unknown else {
            return Ok(());
        };
        let name = key.get_ref().as_ref();
        let place = self.file.place(&joined(&self.path, name), key.span().start);
        let hint = match closest(name, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        Err(SettingsError::new(place, Problem::UnknownKey).hint(hint))
    }

    /// The setting `key`, where it is there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Setting<'s>> {
        self.table.get(key).map(|value| Setting::new(self.file, joined(&self.path, key), value))
    }

    /// The setting `key`.
    ///
    /// # Errors
    /// Where it is not there; the line is the section's own.
    pub fn need(&self, key: &str) -> Result<Setting<'s>, SettingsError> {
        self.get(key).ok_or_else(|| SettingsError::new(self.place_of(key), Problem::Missing))
    }

    /// Every setting, in the order of the file.
    #[must_use]
    pub fn all(&self) -> Vec<(&'s str, Setting<'s>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries.into_iter().map(|(key, value)| (key.get_ref().as_ref(), Setting::new(self.file, joined(&self.path, key.get_ref()), value))).collect()
    }

    /// The sections of the array of tables `key` (`[[key]]`); none where it is not there.
    ///
    /// # Errors
    /// Where `key` is something else.
    pub fn sections(&self, key: &str) -> Result<Vec<Self>, SettingsError> {
        self.get(key).map_or_else(|| Ok(Vec::new()), |setting| setting.sections())
    }

    /// The section `key`, where it is there.
    ///
    /// # Errors
    /// Where `key` is something else.
    pub fn section(&self, key: &str) -> Result<Option<Self>, SettingsError> {
        self.get(key).map(|setting| setting.section()).transpose()
    }

    /// Where the section begins.
    #[must_use]
    pub fn place(&self) -> Place {
        self.file.place(&self.path, self.at)
    }

    /// The place of a key that is not there: the section's line.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Place {
        self.file.place(&joined(&self.path, key), self.at)
    }
}

/// The line, counted from 1, on which the byte `at` stands.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// `path.key`; a key that TOML would not take bare is quoted and escaped.
fn joined(path: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    let shown = if bare { key.to_owned() } else { format!("{key:?}") };
    if path.is_empty() { shown } else { format!("{path}.{shown}") }
}

/// The known key that was most likely meant: at most two slips away, and less than half of the word.
fn closest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = name.replace('-', "_").to_lowercase();
    known.iter().map(|key| (slips(&name, key), *key)).filter(|(count, key)| *count <= 2 && *count * 2 < key.len()).min().map(|(_, key)| key)
}

/// Levenshtein's distance. Long names are no slip of the pen.
fn slips(left: &str, right: &str) -> usize {
    if left.len() > 64 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, b) in right.bytes().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
