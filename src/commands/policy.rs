//! `policy check` and `policy explain`: whether the policy can be used, and why something is ruled as it is.

use std::collections::BTreeMap;
use std::fmt::Write;

use policy::{Policy, Subject};
use schemas::Timestamp;

use crate::args;
use crate::asked;
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::{Reading, Row};
use crate::ui;

/// Validates the policy, and tells what in it may surprise.
pub(super) fn check(plan: &Plan) -> Result<Outcome, Failure> {
    let Some(file) = &plan.config.policy_file else {
        ui::print("the configuration names no policy, so no session has a limit").map_err(Failure::failed)?;
        return Ok(Outcome::Done);
    };
    let (policy, warnings) = plan.config.policy()?;
    let tiers: usize = policy.versions().iter().map(|version| version.tiers().len()).sum();
    let exceptions: usize = policy.versions().iter().map(|version| version.exceptions().len()).sum();
    let mut text = format!("{}: versions: {}, tiers: {tiers}, exceptions: {exceptions}", file.path.display(), policy.versions().len());
    for warning in &warnings {
        let _ = write!(text, "\nwarning: {warning}");
    }
    ui::print(&text).map_err(Failure::failed)?;
    Ok(Outcome::Done)
}

/// Says which tier something falls into, and why.
pub(super) async fn explain(plan: &Plan, typed: &args::Explain) -> Result<Outcome, Failure> {
    let (policy, _) = plan.config.policy()?;
    let text = match (&typed.session, &typed.instance) {
        (Some(session_id), _) => of_session(plan, &policy, session_id, typed.at).await?,
        (None, Some(instance_id)) => of_instance(plan, &policy, instance_id, typed.at).await?,
        (None, None) => of_typed(plan, &policy, typed)?,
    };
    ui::print(&text).map_err(Failure::failed)?;
    Ok(Outcome::Done)
}

async fn of_session(plan: &Plan, policy: &Policy, session_id: &str, at: Option<Timestamp>) -> Result<String, Failure> {
    let rows = Reading::open(plan).await?.rows(&asked::session(session_id)).await?;
    if rows.is_empty() {
        return Err(Failure::usage(format!("there is no session {session_id:?} in the lake"))
            .hint("`sessiontrail query \"SELECT session_id FROM sessions\"` lists them"));
    }
    let told = rows.iter().map(|row| {
        let seen = Seen::of(row)?;
        let Some(at) = at.or(seen.at) else {
            return Ok(format!("session {session_id} in {}: its start is not known, so no version of the policy rules it: no limits", seen.place()));
        };
        Ok(format!("session {session_id} in {}\n{}", seen.place(), policy.explain(&seen.subject(), at)))
    });
    Ok(told.collect::<Result<Vec<_>, Failure>>()?.join("\n\n"))
}

async fn of_instance(plan: &Plan, policy: &Policy, instance_id: &str, at: Option<Timestamp>) -> Result<String, Failure> {
    let rows = Reading::open(plan).await?.rows(&asked::instance(instance_id)).await?;
    if rows.is_empty() {
        return Err(Failure::usage(format!("there is no instance {instance_id:?} in the lake"))
            .hint("`sessiontrail query \"SELECT instance_id FROM instances\"` lists them"));
    }
    let mut told = Vec::new();
    for row in &rows {
        let mut seen = Seen::of(row)?;
        seen.target_id = Some(instance_id.to_owned());
        let at = at.or(seen.at).unwrap_or_else(|| plan.moment());
        let text = format!("instance {instance_id} in {}\n{}", seen.place(), policy.explain_instance(&seen.subject(), at));
        // EC2 and Systems Manager list the same instance; the first of them knows its tags.
        if !told.iter().any(|(place, _)| *place == seen.place()) {
            told.push((seen.place(), text));
        }
    }
    Ok(told.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n\n"))
}

fn of_typed(plan: &Plan, policy: &Policy, typed: &args::Explain) -> Result<String, Failure> {
    let args::Explain { principal, target, tag, account, region, document, .. } = typed;
    if [principal, target, account, region, document].iter().all(|field| field.is_none()) && tag.is_empty() {
        return Err(Failure::usage("there is nothing to explain").hint("name a --session, an --instance, or a --principal, --target or --tag"));
    }
    let seen = Seen {
        principal_arn: principal.clone(),
        account_id: account.clone(),
        region: region.clone(),
        target_id: target.clone(),
        document_name: document.clone(),
        tags: (!tag.is_empty()).then(|| tag.iter().cloned().collect()),
        at: None,
    };
    Ok(policy.explain(&seen.subject(), typed.at.unwrap_or_else(|| plan.moment())).to_string())
}

/// What the policy is asked about.
struct Seen {
    principal_arn: Option<String>,
    account_id: Option<String>,
    region: Option<String>,
    target_id: Option<String>,
    document_name: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    at: Option<Timestamp>,
}

impl Seen {
    fn of(row: &Row) -> Result<Self, Failure> {
        let text = |column: &str| row.get(column).and_then(serde_json::Value::as_str).map(str::to_owned);
        let tags = text("tags").map(|tags| serde_json::from_str(&tags)).transpose().map_err(Failure::failed)?;
        let at = text("started_at").or_else(|| text("observed_at")).and_then(|at| Timestamp::parse(&at).ok());
        Ok(Self {
            principal_arn: text("principal_arn"),
            account_id: text("account_id"),
            region: text("region"),
            target_id: text("target_id"),
            document_name: text("document_name"),
            tags,
            at,
        })
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            principal_arn: self.principal_arn.as_deref(),
            account_id: self.account_id.as_deref(),
            region: self.region.as_deref(),
            target_id: self.target_id.as_deref(),
            document_name: self.document_name.as_deref(),
            tags: self.tags.as_ref(),
        }
    }

    fn place(&self) -> String {
        let known = |field: &Option<String>, what: &str| field.clone().unwrap_or_else(|| format!("an unknown {what}"));
        format!("{}, {}", known(&self.account_id, "account"), known(&self.region, "region"))
    }
}
