//! One setting: its value, read as what it should be.

use schemas::{TimeError, Timestamp};

use super::{DeValue, Place, Problem, Section, SettingsError, SettingsFile, Spanned};
use crate::duration::{DurationError, parse_seconds};

/// A value that knows its place.
#[derive(Debug, Clone)]
pub struct Setting<'s> {
    file: &'s SettingsFile<'s>,
    path: String,
    at: usize,
    value: &'s DeValue<'s>,
}

impl<'s> Setting<'s> {
    pub(super) fn new(file: &'s SettingsFile<'s>, path: String, value: &'s Spanned<DeValue<'s>>) -> Self {
        Self { file, path, at: value.span().start, value: value.get_ref() }
    }

    /// Where the value stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.file.place(&self.path, self.at)
    }

    /// The problem, at this place.
    #[must_use]
    pub fn refuse(&self, problem: Problem) -> SettingsError {
        SettingsError::new(self.place(), problem)
    }

    /// A text without control characters; it may be empty.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn text_or_empty(&self) -> Result<&'s str, SettingsError> {
        let DeValue::String(text) = self.value else {
            return Err(self.wrong("a text in quotes"));
        };
        if text.chars().any(char::is_control) { Err(self.refuse(Problem::ControlCharacters(text.to_string()))) } else { Ok(text.as_ref()) }
    }

    /// A text that says something: not empty, not blank, no control characters.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn text(&self) -> Result<&'s str, SettingsError> {
        let text = self.text_or_empty()?;
        if text.trim().is_empty() { Err(self.refuse(Problem::Empty)) } else { Ok(text) }
    }

    /// A text of any number of lines, as one: every run of white space is a blank.
    ///
    /// # Errors
    /// Where the value is something else, has other control characters, or says nothing.
    pub fn prose(&self) -> Result<String, SettingsError> {
        let DeValue::String(text) = self.value else {
            return Err(self.wrong("a text in quotes"));
        };
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            return Err(self.refuse(Problem::Empty));
        }
        if line.chars().any(char::is_control) { Err(self.refuse(Problem::ControlCharacters(line))) } else { Ok(line) }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn flag(&self) -> Result<bool, SettingsError> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A whole number.
    ///
    /// # Errors
    /// Where the value is something else, or does not fit into 64 bits.
    pub fn whole_number(&self) -> Result<i64, SettingsError> {
        let integer = self.value.as_integer().ok_or_else(|| self.wrong("a whole number"))?;
        let too_large = || self.refuse(Problem::WrongType { expected: "a whole number", found: "a whole number that does not fit" });
        i64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| too_large())
    }

    /// A finite number, with or without a point.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn number(&self) -> Result<f64, SettingsError> {
        let written = match self.value {
            DeValue::Float(float) => float.as_str(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            _ => return Err(self.wrong("a number")),
        };
        written.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| self.wrong("a finite number"))
    }

    /// The seconds of a duration such as `"8h"`; it may be zero.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn seconds(&self) -> Result<i64, SettingsError> {
        const HINT: &str = "write it with a unit and in quotes, such as \"8h\", \"20m\", \"1h30m\" or \"120s\"";
        let refused = |problem| Err(self.refuse(problem).hint(HINT));
        match self.value {
            DeValue::String(text) => parse_seconds(text).or_else(|error| refused(Problem::NotADuration(error))),
            DeValue::Integer(integer) => refused(Problem::NotADuration(DurationError::NoUnit(integer.to_string()))),
            _ => refused(self.mismatch("a duration")),
        }
    }

    /// The seconds of a duration that is longer than nothing.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn positive_seconds(&self) -> Result<i64, SettingsError> {
        let seconds = self.seconds()?;
        if seconds > 0 { Ok(seconds) } else { Err(self.refuse(Problem::NotPositive).hint("leave the key out where there is no limit")) }
    }

    /// An instant: a text, or TOML's own form, with an offset.
    ///
    /// # Errors
    /// Where the value is something else, or has no offset: local times would depend on where the file is read.
    pub fn instant(&self) -> Result<Timestamp, SettingsError> {
        let parsed: Result<Timestamp, TimeError> = match self.value {
            DeValue::String(text) => Timestamp::parse(text),
            DeValue::Datetime(time) => Timestamp::parse(&time.to_string()),
            _ => return Err(self.wrong("a time").hint(TIME_HINT)),
        };
        parsed.map_err(|error| self.refuse(Problem::NotATime(error)).hint(TIME_HINT))
    }

    /// The values of an array that is not empty, or this one value.
    ///
    /// # Errors
    /// Where the array is empty.
    pub fn one_or_many(&self) -> Result<Vec<Self>, SettingsError> {
        match self.value {
            DeValue::Array(values) if values.is_empty() => Err(self.refuse(Problem::Empty).hint("leave the key out instead")),
            DeValue::Array(values) => Ok(values.iter().map(|value| Self::new(self.file, self.path.clone(), value)).collect()),
            _ => Ok(vec![self.clone()]),
        }
    }

    /// A table.
    ///
    /// # Errors
    /// Where the value is something else.
    pub fn section(&self) -> Result<Section<'s>, SettingsError> {
        let table = self.value.as_table().ok_or_else(|| self.wrong("a table").hint(format!("write [{}]", self.path)))?;
        Ok(Section { file: self.file, path: self.path.clone(), at: self.at, table })
    }

    /// Every table of an array of tables.
    ///
    /// # Errors
    /// Where the value, or one in it, is something else.
    pub fn sections(&self) -> Result<Vec<Section<'s>>, SettingsError> {
        let refused = |setting: &Self| setting.wrong("an array of tables").hint(format!("write [[{}]]", self.path));
        let values = self.value.as_array().ok_or_else(|| refused(self))?;
        let settings = values.iter().map(|value| Self::new(self.file, self.path.clone(), value));
        settings.map(|setting| setting.section().map_err(|_| refused(&setting))).collect()
    }

    fn wrong(&self, expected: &'static str) -> SettingsError {
        self.refuse(self.mismatch(expected))
    }

    fn mismatch(&self, expected: &'static str) -> Problem {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a time without quotes",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        Problem::WrongType { expected, found }
    }
}

const TIME_HINT: &str = "write it with its offset, such as \"2026-01-01T00:00:00Z\"";
