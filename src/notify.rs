//! `--notify`: what was found or reported and nobody was told of yet, to whom the configuration names.
//!
//! ```text
//!   findings since notifying began ─▶ less those that are marked as sent ─▶ notices of twenty ─▶ channel ─▶ accepted ─▶ marks
//! ```
//!
//! A mark is made once a notice was accepted, and not before: what is sent and not marked, for want of time or of luck, is sent again. So a finding is sent
//! at least once, and once where nothing goes wrong (docs/decisions/011-told-at-least-once.md). So is the headline of a report.

mod memory;

use std::fmt;

use deliver::{Channel, DeliveryError, Finding, Headline, MOST_FINDINGS, Notice, Sns, Trouble, Webhook};
use ingest::client;
use serde_json::Value;

use crate::asked;
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::Reading;
use crate::ui;

use memory::{Memory, Sent};

/// Where the configuration has notices sent. Nothing is asked of them yet.
pub(crate) async fn channels(plan: &Plan) -> Result<Vec<Channel>, Failure> {
    if plan.as_of.is_some() {
        let hint = "leave one of them out: who is told of the past would not be told of what comes after it";
        return Err(Failure::usage("--notify tells what is so now, and cannot stand beside --as-of").hint(hint));
    }
    let notify = &plan.config.notify;
    let mut channels = Vec::new();
    if let Some(topic) = &notify.sns_topic {
        let config = client::connect(&notify.access, "notify").await;
        channels.push(Channel::Sns(Sns::new(&config, topic.clone())));
    }
    if let Some(address) = &notify.webhook {
        channels.push(Channel::Webhook(Webhook::new(address.clone()).map_err(Failure::failed)?));
    }
    if channels.is_empty() {
        return Err(Failure::usage("--notify: the configuration names nobody to tell").hint("write `sns_topic` or `webhook` under [notify]"));
    }
    Ok(channels)
}

/// Sends through every channel what was not sent through it yet; incomplete where something is still to be sent.
pub(crate) async fn send(plan: &Plan, channels: &[Channel], reading: &Reading) -> Result<Outcome, Failure> {
    let Some(as_of) = reading.as_of() else {
        plan.ui.say("nothing dated is known yet: there is nothing to notify of");
        return Ok(Outcome::Done);
    };
    let mut memory = Memory::open(&plan.lake().await?).await?;
    let mut outcome = Outcome::Done;
    for channel in channels {
        let since = memory.since(channel, as_of.plus_seconds(-FIRST_SECONDS)).await?;
        let known = reading.rows(&asked::findings_since(since)).await?;
        let known = known.iter().filter_map(|row| row.get("finding_id")?.as_str());
        let unsent: Vec<String> = known.filter(|id| !memory.is_marked(channel, Sent::Finding(id))).map(str::to_owned).collect();
        let told = Telling { reading, channel, memory: &mut memory, as_of: as_of.to_string(), sent: 0, failed: None }.tell(&unsent).await?;
        plan.ui.say(&format!("{}: {} sent", channel.kind(), counted(told.sent)));
        if let Some(failed) = told.failed {
            // Silenced or not: who waits for a notice must know that there is one more.
            ui::warn(&format!("not notified: {failed}; left for the next run with --notify: {}", counted(unsent.len().saturating_sub(told.sent))));
            outcome = Outcome::Incomplete;
        }
    }
    Ok(outcome)
}

/// Sends the headline of a report through every channel that was not told the same of its period yet; incomplete where one did not take it.
pub(crate) async fn send_headline(plan: &Plan, channels: &[Channel], headline: &Headline) -> Result<Outcome, Failure> {
    let mut memory = Memory::open(&plan.lake().await?).await?;
    let mut outcome = Outcome::Done;
    let digest = headline.digest();
    for channel in channels {
        let sent = Sent::Headline(&digest);
        if memory.is_marked(channel, sent) {
            plan.ui.say(&format!("{}: a headline that says the same was sent before", channel.kind()));
            continue;
        }
        match channel.deliver(&headline.message()).await {
            Ok(()) => {
                memory.mark(channel, sent).await?;
                plan.ui.say(&format!("{}: the headline is sent", channel.kind()));
            }
            Err(error) => {
                let failed = Failed { kind: channel.kind(), error };
                ui::warn(&format!("not notified: {failed}; the report itself is written, and its headline is left for the next run with --notify"));
                outcome = Outcome::Incomplete;
            }
        }
    }
    Ok(outcome)
}

/// One channel, on its way through what it was not sent yet.
struct Telling<'t> {
    reading: &'t Reading,
    channel: &'t Channel,
    memory: &'t mut Memory,
    as_of: String,
    sent: usize,
    failed: Option<Failed>,
}

/// What came of it.
struct Told {
    sent: usize,
    failed: Option<Failed>,
}

/// The last trouble with a channel.
struct Failed {
    kind: &'static str,
    error: DeliveryError,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, ui::visible(&self.error.to_string()))
    }
}

impl Telling<'_> {
    async fn tell(mut self, ids: &[String]) -> Result<Told, Failure> {
        'open: for ids in ids.chunks(ASKED_AT_ONCE) {
            for findings in self.findings(ids).await?.chunks(MOST_FINDINGS) {
                if !self.whole_or_singly(Notice { as_of: self.as_of.clone(), findings: findings.to_vec() }).await? {
                    break 'open;
                }
            }
        }
        Ok(Told { sent: self.sent, failed: self.failed })
    }

    async fn findings(&self, ids: &[String]) -> Result<Vec<Finding>, Failure> {
        let rows = self.reading.rows(&asked::findings(ids)).await?;
        rows.into_iter().map(|row| serde_json::from_value(Value::Object(row)).map_err(Failure::failed)).collect()
    }

    /// Sends a notice; where it is refused for what it is, each of its findings alone, so that one of them does not keep back the others. Tells whether
    /// the channel may take another.
    async fn whole_or_singly(&mut self, notice: Notice) -> Result<bool, Failure> {
        let before = self.sent;
        match self.once(&notice).await? {
            Some(Trouble::Refused) if notice.findings.len() > 1 => {
                for finding in notice.findings {
                    if self.once(&Notice { as_of: notice.as_of.clone(), findings: vec![finding] }).await? == Some(Trouble::Closed) {
                        return Ok(false);
                    }
                }
                // Who takes none of twenty takes nothing at all.
                Ok(self.sent > before)
            }
            trouble => Ok(trouble != Some(Trouble::Closed)),
        }
    }

    /// Sends a notice, and remembers it where it was accepted.
    async fn once(&mut self, notice: &Notice) -> Result<Option<Trouble>, Failure> {
        match self.channel.deliver(&notice.message()).await {
            Ok(()) => {
                for finding in &notice.findings {
                    self.memory.mark(self.channel, Sent::Finding(&finding.finding_id)).await?;
                }
                self.sent += notice.findings.len();
                Ok(None)
            }
            Err(error) => {
                let trouble = error.trouble;
                self.failed = Some(Failed { kind: self.channel.kind(), error });
                Ok(Some(trouble))
            }
        }
    }
}

fn counted(findings: usize) -> String {
    if findings == 1 { "1 new finding".to_owned() } else { format!("{findings} new findings") }
}

/// How far back a channel is told that is used for the first time: who begins with an old lake is not flooded with what is long known.
const FIRST_SECONDS: i64 = 24 * 3_600;
/// Findings that are held at once.
const ASKED_AT_ONCE: usize = 1_000;
