//! The policy, from its text to what it rules.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod explained;
mod refused;
mod ruled;
mod warned;

use std::collections::BTreeMap;

use schemas::Timestamp;

use crate::{Policy, Subject};

/// Every part of a policy file, in the shape of the documentation.
const EXAMPLE: &str = r#"grace = "90s"

[[policy]]
effective_from = "2026-01-01T00:00:00Z"

  [policy.default]
  max_duration = "8h"
  idle_timeout = "20m"
  terminate_within = "1h"

  [[policy.tier]]
  name = "break-glass"
  break_glass = true
  principals = ["arn:aws:sts::*:assumed-role/BreakGlass*/*"]
  max_duration = "1h"
  idle_timeout = "10m"

  [[policy.tier]]
  name = "production"
  tags = { Environment = ["prod", "production"], Owner = "team-*" }
  regions = ["eu-*"]
  max_duration = "4h"

  [[policy.tier]]
  name = "documents"
  documents = "Acme-*"
  terminate_within = "30m"

  [[policy.exception]]
  principals = ["arn:aws:sts::*:assumed-role/DbMigration/*"]
  from = "2026-06-01T00:00:00Z"
  until = 2026-07-01T00:00:00Z
  max_duration = "12h"
  owner = "data-platform"
  reason = """migration window
              CHG-1234"""

[automation]
principals = ["arn:aws:sts::*:assumed-role/ci-*/*"]

[tags]
owner = "Team"

[[acknowledged]]
finding = "f-1"
by = "ada"
at = "2026-07-02T10:00:00+02:00"
note = "planned"
"#;

fn policy(text: &str) -> Policy {
    Policy::parse(text, "policy.toml").unwrap_or_else(|error| panic!("{error}")).0
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn by(principal_arn: &str) -> Subject<'_> {
    Subject { principal_arn: Some(principal_arn), ..Subject::default() }
}
