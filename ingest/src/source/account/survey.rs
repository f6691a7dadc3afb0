//! Everything that an account is asked in one region, in an order in which each question can be asked.
//!
//! ```text
//!   sessions: active ─▶ history        instances        managed nodes
//!   documents ─▶ each: description, versions ─▶ each version's content ─▶ buckets, log groups that live versions name
//! ```

use std::collections::BTreeSet;

use aws_sdk_ssm::types::SessionState;
use futures::{FutureExt, StreamExt, stream};
use serde_json::Value;

use super::failure::Failure;
use super::page::{Frame, Joined, Page};
use super::question::{Question, checked, is_of_settings, versions_place};
use super::region::{DOCUMENTS, LOG_GROUPS, NODES, RESERVATIONS, Region, SESSIONS};
use super::spool::{Answer, Spool};
use crate::source::ErrorKind;

/// What a region has answered, and what it has not.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// By the names of their files.
    pub(super) answers: Vec<(String, Answer)>,
    /// By their places within that of the region.
    pub(super) failures: Vec<(String, Failure)>,
}

/// What documents in force name.
#[derive(Debug, Default)]
struct Named {
    buckets: BTreeSet<String>,
    log_groups: BTreeSet<String>,
}

/// One region, as it is asked.
#[derive(Debug, Clone, Copy)]
struct Survey<'s> {
    region: &'s Region,
    spool: &'s Spool,
}

/// Asks a region. `missing`: the places within that of the region where something was missing when it was asked before.
pub(super) async fn survey(region: &Region, spool: &Spool, missing: &[&str]) -> Findings {
    let survey = Survey { region, spool };
    let (mut findings, instances, nodes, settings) = futures::join!(survey.sessions(), survey.instances(), survey.nodes(), survey.settings(missing));
    for more in [instances, nodes, settings] {
        findings.join(more);
    }
    // Parts were asked side by side, and came as they came.
    findings.answers.sort_by(|(a, _), (b, _)| a.cmp(b));
    findings.failures.sort_by(|(a, _), (b, _)| a.cmp(b));
    findings
}

impl Findings {
    fn join(&mut self, more: Self) {
        self.answers.extend(more.answers);
        self.failures.extend(more.failures);
    }

    fn note(&mut self, question: &Question, answer: Result<Answer, Failure>) {
        match answer {
            Ok(answer) => self.answers.push((question.file(), answer)),
            Err(failure) => self.failures.push((question.place(), failure)),
        }
    }
}

impl Survey<'_> {
    /// The active ones first: that moment is the snapshot's. A session that ends while they are told is in the history then, and never in neither.
    async fn sessions(&self) -> Findings {
        let mut findings = Findings::default();
        for (question, state) in [(Question::SessionsActive, SessionState::Active), (Question::SessionsHistory, SessionState::History)] {
            self.list(&mut findings, &question, SESSIONS, |token| self.region.sessions(state.clone(), token), |_| {}).await;
        }
        findings
    }

    async fn instances(&self) -> Findings {
        let mut findings = Findings::default();
        self.list(&mut findings, &Question::Instances, RESERVATIONS, |token| self.region.instances(token), |_| {}).await;
        findings
    }

    async fn nodes(&self) -> Findings {
        let mut findings = Findings::default();
        self.list(&mut findings, &Question::InstanceInformation, NODES, |token| self.region.nodes(token), |_| {}).await;
        findings
    }

    /// The documents, and the settings of what they name.
    async fn settings(&self, missing: &[&str]) -> Findings {
        let (mut findings, mut named, mut documents) = (Findings::default(), Named::default(), BTreeSet::new());
        let note = |entries: &[Value]| {
            let sessions = entries.iter().filter(|entry| entry.get("DocumentType").is_none_or(|kind| kind == "Session"));
            documents.extend(sessions.filter_map(|entry| Some(entry.get("Name")?.as_str()?.to_owned())));
        };
        self.list(&mut findings, &Question::ListDocuments, DOCUMENTS, |token| self.region.documents(token), note).await;
        let asks: Vec<_> = documents.iter().map(|name| self.document(name).boxed()).collect();
        let mut answered = stream::iter(asks).buffer_unordered(DOCUMENTS_AT_ONCE);
        while let Some((of_one, names)) = answered.next().await {
            findings.join(of_one);
            named.buckets.extend(names.buckets);
            named.log_groups.extend(names.log_groups);
        }
        let is_whole = findings.failures.is_empty();
        let mut asked = BTreeSet::new();
        for bucket in &named.buckets {
            self.bucket(&mut findings, bucket, &mut asked).await;
        }
        if !named.log_groups.is_empty() {
            self.log_groups(&mut findings, &named.log_groups).await;
            asked.insert(Question::LogGroups.place());
        }
        if !is_whole {
            // What was missing before is still missing, as far as is known: nobody could say what is to be asked for.
            let unasked = missing.iter().filter(|place| is_of_settings(place) && !asked.contains(**place));
            let detail = "it was not asked: the documents that name it could not be read";
            findings.failures.extend(unasked.map(|place| ((*place).to_owned(), Failure::new(ErrorKind::Unreachable, detail))));
        }
        findings
    }

    /// One document: what it is, and the content of each version.
    async fn document(&self, name: &str) -> (Findings, Named) {
        let (mut findings, mut named) = (Findings::default(), Named::default());
        if let Err(failure) = checked("document", name) {
            findings.failures.push((Question::ListDocuments.place(), failure));
            return (findings, named);
        }
        let description = self.region.document(name).await;
        let mut live = BTreeSet::new();
        if let Ok(description) = &description {
            let versions = ["LatestVersion", "DefaultVersion"].map(|key| description.get("Document")?.get(key)?.as_str().map(str::to_owned));
            live.extend(versions.into_iter().flatten());
        }
        let question = Question::DescribeDocument(name.to_owned());
        findings.note(&question, self.kept(description).await);
        let before = findings.failures.len();
        let mut versions = self.versions(name, &mut findings).await;
        if findings.failures.len() > before {
            // Those that are in force have been named already.
            versions.extend(live.iter().filter(|version| is_version(version)).cloned());
            versions.sort_by_key(|version| number(version));
            versions.dedup();
        }
        // Where nobody says which is in force, it is the newest.
        live.extend(versions.last().cloned());
        for (place, version) in versions.iter().enumerate() {
            let mut content = self.region.content(name, version).await;
            let is_denied = content.as_ref().is_err_and(|failure| failure.kind == ErrorKind::Denied);
            let more = versions.len() - place - 1;
            if let Err(failure) = &mut content
                && is_denied
                && more > 0
            {
                failure.detail += &format!("; {more} other versions were not asked for");
            }
            if let Ok(content) = content.as_ref()
                && live.contains(version)
            {
                named.note(content, &mut findings);
            }
            findings.note(&Question::GetDocument(name.to_owned(), version.clone()), self.kept(content).await);
            if is_denied {
                // No other version of it may be read either.
                break;
            }
        }
        (findings, named)
    }

    /// The versions of a document, in their order.
    async fn versions(&self, name: &str, findings: &mut Findings) -> Vec<String> {
        let (mut versions, mut token) = (Vec::new(), None);
        loop {
            let (more, next) = match self.region.versions(name, token.as_deref()).await {
                Ok(page) => page,
                Err(failure) => {
                    findings.failures.push((versions_place(name), failure));
                    break;
                }
            };
            versions.extend(more);
            if next.is_some() && next == token {
                findings.failures.push((versions_place(name), Failure::new(ErrorKind::Unreachable, "the service gives the same page again and again")));
                break;
            }
            token = next;
            if token.is_none() {
                break;
            }
        }
        // What is no number is a version of no document, and would be a name of no file.
        let strange: Vec<String> = versions.extract_if(.., |version| !is_version(version)).collect();
        if let Some(version) = strange.first() {
            findings.failures.push((versions_place(name), Failure::new(ErrorKind::Corrupt, format!("this is no version of a document: {version:?}"))));
        }
        versions.sort_by_key(|version| number(version));
        versions.dedup();
        versions
    }

    async fn bucket(&self, findings: &mut Findings, bucket: &str, asked: &mut BTreeSet<String>) {
        let (versioning, encryption, object_lock) =
            futures::join!(self.region.versioning(bucket), self.region.encryption(bucket), self.region.object_lock(bucket));
        let name = || bucket.to_owned();
        let questions = [Question::BucketVersioning(name()), Question::BucketEncryption(name()), Question::ObjectLock(name())];
        for (question, answer) in questions.into_iter().zip([versioning, encryption, object_lock]) {
            asked.insert(question.place());
            findings.note(&question, self.kept(answer).await);
        }
    }

    /// All groups whose names begin like one of these, as one answer: it is whole or not at all, since no token says where it broke off.
    async fn log_groups(&self, findings: &mut Findings, names: &BTreeSet<String>) {
        let joined = async {
            let mut joined = Joined::begin(self.spool, LOG_GROUPS).await?;
            let mut before: Option<&str> = None;
            for name in names {
                // In the order of names comes first what others begin with; they have been answered with it.
                if before.is_some_and(|before| name.starts_with(before)) {
                    continue;
                }
                before = Some(name);
                joined.ask(|token| self.region.log_groups(name, token), |_| {}).await.map_err(|(failure, _)| failure)?;
            }
            joined.finish(None).await
        };
        findings.note(&Question::LogGroups, joined.await);
    }

    /// A list, every page. Where a later page is missing, what came is kept with its token, and so not taken for all.
    async fn list<F>(&self, findings: &mut Findings, question: &Question, frame: Frame, ask: impl Fn(Option<String>) -> F, see: impl FnMut(&[Value]))
    where
        F: Future<Output = Result<Page, Failure>>,
    {
        let mut joined = match Joined::begin(self.spool, frame).await {
            Ok(joined) => joined,
            Err(failure) => return findings.note(question, Err(failure)),
        };
        match joined.ask(ask, see).await {
            Ok(()) => findings.note(question, joined.finish(None).await),
            Err((failure, None)) => findings.note(question, Err(failure)),
            Err((failure, Some(token))) => {
                findings.note(question, joined.finish(Some(&token)).await);
                findings.note(question, Err(failure));
            }
        }
    }

    /// An answer of one piece, kept.
    async fn kept(&self, answer: Result<Value, Failure>) -> Result<Answer, Failure> {
        let mut draft = self.spool.draft();
        draft.write(format!("{}\n", answer?).into_bytes()).await.map_err(Failure::unkept)?;
        Ok(draft.finish())
    }
}

impl Named {
    /// Notes what a version of a document names. What it names by a template cannot be told from here, and is no bucket's name.
    fn note(&mut self, answer: &Value, findings: &mut Findings) {
        // A content that is no JSON is refused in its own words when it is decoded.
        let content: Value = answer.get("Content").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let input = |name: &str| content.get("inputs")?.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty() && !text.contains("{{"));
        if let Some(bucket) = input("s3BucketName") {
            match checked("bucket", bucket) {
                Ok(bucket) => drop(self.buckets.insert(bucket.to_owned())),
                Err(failure) => findings.failures.push((Question::ListDocuments.place(), failure)),
            }
        }
        self.log_groups.extend(input("cloudWatchLogGroupName").map(str::to_owned));
    }
}

/// Versions of documents are whole numbers.
fn number(version: &str) -> u64 {
    version.parse().unwrap_or(0)
}

fn is_version(version: &str) -> bool {
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) && version.len() < LONGEST_VERSION
}

/// The digits of the greatest number of 64 bits.
const LONGEST_VERSION: usize = 20;
/// Documents that are asked about side by side; their pace is that of the region.
const DOCUMENTS_AT_ONCE: usize = 4;
