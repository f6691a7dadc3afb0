//! What people read when they ask why.

use super::*;

#[test]
fn a_session_in_the_default_tier() {
    let prod = tags(&[("Environment", "pr\u{1b}[2Jod"), ("Owner", "team-a")]);
    let subject = Subject { region: Some("eu-west-1"), tags: Some(&prod), ..by("arn:aws:sts::111122223333:assumed-role/DbMigration/run-7") };
    let explanation = policy(EXAMPLE).explain(&subject, at("2026-06-14T09:15:00Z"));
    assert_eq!(
        explanation.to_string(),
        r#"in force at 2026-06-14T09:15:00.000000Z: the version of 2026-01-01T00:00:00.000000Z (line 3)
  tier "break-glass" (line 11): does not match, principals is "arn:aws:sts::111122223333:assumed-role/DbMigration/run-7" and must be "arn:aws:sts::*:assumed-role/BreakGlass*/*"
  tier "production" (line 18): does not match, tags.Environment is "pr\u{1b}[2Jod" and must be "prod" or "production"
  tier "documents" (line 24): does not match, documents is not known and must be "Acme-*"
  exception "data-platform (migration window CHG-1234)" (line 29): applies
result: tier "default"; duration 12h, idle 20m, to be ended within 1h of a breach"#
    );
}

#[test]
fn what_is_not_reached_and_what_does_not_hold() {
    let explanation = policy(EXAMPLE).explain(&by("arn:aws:sts::1:assumed-role/BreakGlass/ada"), at("2026-07-14T09:15:00Z"));
    assert_eq!(
        explanation.to_string(),
        r#"in force at 2026-07-14T09:15:00.000000Z: the version of 2026-01-01T00:00:00.000000Z (line 3)
  tier "break-glass" (line 11): applies
  tier "production" (line 18): not reached
  tier "documents" (line 24): not reached
  exception "data-platform (migration window CHG-1234)" (line 29): does not hold, it is for sessions that start from 2026-06-01T00:00:00.000000Z and before 2026-07-01T00:00:00.000000Z
result: tier "break-glass", break-glass; duration 1h, idle 10m, to be ended within 1h of a breach"#
    );
}

#[test]
fn an_instance() {
    let explanation = policy(EXAMPLE).explain_instance(&Subject { region: Some("us-east-1"), ..Subject::default() }, at("2026-06-14T09:15:00Z"));
    assert_eq!(
        explanation.to_string(),
        r#"in force at 2026-06-14T09:15:00.000000Z: the version of 2026-01-01T00:00:00.000000Z (line 3)
  tier "break-glass" (line 11): only for sessions
  tier "production" (line 18): does not match, regions is "us-east-1" and must be "eu-*"
  tier "documents" (line 24): only for sessions
  exception "data-platform (migration window CHG-1234)" (line 29): only for sessions
result: tier "default"; duration 8h, idle 20m, to be ended within 1h of a breach"#
    );
}

#[test]
fn before_the_first_version() {
    let explanation = policy(EXAMPLE).explain(&Subject::default(), at("2025-06-14T09:15:00Z"));
    assert_eq!(explanation.to_string(), "no version of the policy is in force at 2025-06-14T09:15:00.000000Z: no tier, no limits");
}
