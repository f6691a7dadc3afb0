//! The configuration and the policy of the estate: what a user would write by hand.

/// `sessiontrail.toml`; its first line tells the seed, so that a second `demo` knows the folder as its own.
pub(super) fn configuration(seed: u64) -> String {
    format!("{}\n{CONFIGURATION}", super::mark(seed))
}

const CONFIGURATION: &str = r#"# A configuration such as you would write for your own estate. Sources here are folders, as `aws s3 sync` would leave them.

[lake]
uri = "./lake"

[report]
timezone = "UTC"
fiscal_year_start = 1

[policy]
file = "policy.toml"

[[source]]
name = "transcripts"                 # the bucket that sessions are logged to
kind = "transcripts"
uri = "sources/transcripts"

[[source]]
name = "prod-streams"                # export tasks of the log group /ssm/sessions
kind = "cloudwatch"
uri = "sources/prod-streams"

[[source]]
name = "data-streams"                # the same of another account, pulled as NDJSON
kind = "cloudwatch"
uri = "sources/data-streams"

[[source]]
name = "org-trail"                   # the organisation's CloudTrail
kind = "cloudtrail"
uri = "sources/org-trail"

[[source]]
name = "staging-trail"               # an account with a trail of its own
kind = "cloudtrail"
uri = "sources/staging-trail"

[[source]]
name = "accounts"                    # weekly answers of the AWS CLI
kind = "account"
uri = "sources/accounts"
"#;

/// `policy.toml`.
pub(super) const POLICY: &str = r#"# How long sessions may last. The version in force when a session starts rules it.
grace = "120s"

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
  max_duration = "2h"
  idle_timeout = "15m"

  [[policy.tier]]
  name = "production"
  tags = { Environment = ["prod", "production"] }
  max_duration = "4h"
  idle_timeout = "15m"

[[policy]]                             # since May: emergencies are shorter, and one migration has longer
effective_from = "2026-05-18T00:00:00Z"

  [policy.default]
  max_duration = "8h"
  idle_timeout = "20m"
  terminate_within = "1h"

  [[policy.tier]]
  name = "break-glass"
  break_glass = true
  principals = ["arn:aws:sts::*:assumed-role/BreakGlass*/*"]
  max_duration = "1h"
  idle_timeout = "15m"

  [[policy.tier]]
  name = "production"
  tags = { Environment = ["prod", "production"] }
  max_duration = "4h"
  idle_timeout = "15m"

  [[policy.exception]]
  principals = ["arn:aws:sts::*:assumed-role/DbMigration/*"]
  from = "2026-06-01T00:00:00Z"
  until = "2026-07-01T00:00:00Z"
  max_duration = "12h"
  owner = "data-platform"
  reason = "partition move CHG-1234"

[automation]
principals = ["arn:aws:sts::*:assumed-role/ci-*/*"]

[tags]
environment = "Environment"
owner = "Owner"
cost_center = "CostCenter"
"#;
