//! Pages of a list, joined into one answer as the AWS CLI joins them.

use serde_json::Value;

use super::failure::Failure;
use super::spool::{Answer, Draft, Spool};
use super::told;
use crate::source::ErrorKind;

/// One page.
#[derive(Debug)]
pub(super) struct Page {
    /// Its entries as JSON, with commas between them.
    pub(super) text: Vec<u8>,
    /// The entries, where somebody has to look into them.
    pub(super) entries: Vec<Value>,
    /// Where the next page begins, though this one be empty.
    pub(super) token: Option<String>,
}

/// What a list is called in its answer, and the token in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) list: &'static str,
    pub(super) token: &'static str,
}

impl Page {
    /// The page that an answer in JSON holds.
    pub(super) fn of(body: &[u8], frame: Frame) -> Result<Self, Failure> {
        let mut answer = told::answer(body)?;
        let entries = match answer.get_mut(frame.list).map(Value::take) {
            Some(Value::Array(entries)) => entries,
            // A list that is left out is an empty one, as the CLI has it.
            None | Some(Value::Null) => Vec::new(),
            Some(_) => return Err(Failure::new(ErrorKind::Corrupt, format!("{} is no list in the answer", frame.list))),
        };
        let token = answer.get(frame.token).and_then(Value::as_str).map(str::to_owned);
        Self::new(entries.iter(), token).map(|page| Self { entries, ..page })
    }

    /// The page of these entries.
    pub(super) fn new(entries: impl Iterator<Item = impl serde::Serialize>, token: Option<String>) -> Result<Self, Failure> {
        let mut text = Vec::new();
        for entry in entries {
            if !text.is_empty() {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, &entry).map_err(|error| Failure::unkept(error.into()))?;
        }
        // An empty token says that there is nothing more.
        Ok(Self { text, entries: Vec::new(), token: token.filter(|token| !token.is_empty()) })
    }
}

/// An answer that is being joined.
#[derive(Debug)]
pub(super) struct Joined {
    draft: Draft,
    frame: Frame,
    is_empty: bool,
}

impl Joined {
    pub(super) async fn begin(spool: &Spool, frame: Frame) -> Result<Self, Failure> {
        let mut draft = spool.draft();
        draft.write(format!("{{\"{}\":[", frame.list).into_bytes()).await.map_err(Failure::unkept)?;
        Ok(Self { draft, frame, is_empty: true })
    }

    /// Asks for one page after the other, through empty ones too, and shows each to `see`. What was not answered is told with the token of its page, which
    /// the first has not.
    pub(super) async fn ask<F>(&mut self, ask: impl Fn(Option<String>) -> F, mut see: impl FnMut(&[Value])) -> Result<(), (Failure, Option<String>)>
    where
        F: Future<Output = Result<Page, Failure>>,
    {
        let mut token = None;
        loop {
            let page = match ask(token.clone()).await {
                Ok(page) => page,
                Err(failure) => return Err((failure, token)),
            };
            see(&page.entries);
            if let Err(failure) = self.add(page.text).await {
                return Err((failure, token));
            }
            if page.token.is_none() {
                return Ok(());
            }
            if page.token == token {
                return Err((Failure::new(ErrorKind::Unreachable, "the service gives the same page again and again"), token));
            }
            token = page.token;
        }
    }

    async fn add(&mut self, mut text: Vec<u8>) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        if !std::mem::take(&mut self.is_empty) {
            text.insert(0, b',');
        }
        self.draft.write(text).await.map_err(Failure::unkept)
    }

    /// The answer; with the token of what is missing, where something is.
    pub(super) async fn finish(mut self, token: Option<&str>) -> Result<Answer, Failure> {
        let rest = token.map_or_else(String::new, |token| format!(",\"{}\":{}", self.frame.token, Value::from(token)));
        self.draft.write(format!("]{rest}}}\n").into_bytes()).await.map_err(Failure::unkept)?;
        Ok(self.draft.finish())
    }
}

/// The frame of a list, as all services but CloudWatch Logs have it.
pub(super) const fn frame(list: &'static str) -> Frame {
    Frame { list, token: "NextToken" }
}
