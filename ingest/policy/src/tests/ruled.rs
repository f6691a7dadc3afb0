//! What the policy rules.

use proptest::prelude::*;
use schemas::sha256_hex;

use super::*;
use crate::{Limits, TagNames};

const ADA: &str = "arn:aws:sts::111122223333:assumed-role/Admin/ada";
const MIGRATION: &str = "arn:aws:sts::111122223333:assumed-role/DbMigration/run-7";
const BROKEN_GLASS: &str = "arn:aws:sts::111122223333:assumed-role/BreakGlass-eu/path/ada";

const fn limits(max: i64, idle: i64, within: i64) -> Limits {
    Limits { max_duration_seconds: Some(max), idle_timeout_seconds: Some(idle), terminate_within_seconds: Some(within) }
}

#[test]
fn reads_every_part() {
    let policy = policy(EXAMPLE);
    assert_eq!(policy.grace_seconds(), 90);
    assert_eq!(policy.digest(), sha256_hex(EXAMPLE.as_bytes()));
    assert_eq!(*policy.tag_names(), TagNames { owner: "Team".to_owned(), ..TagNames::default() });
    assert!(policy.is_automation("arn:aws:sts::1:assumed-role/ci-build/42"));
    assert!(!policy.is_automation("arn:aws:sts::1:assumed-role/Ci-build/42"));
    let [acknowledged] = policy.acknowledged() else { panic!("one is acknowledged") };
    assert_eq!((acknowledged.finding.as_str(), acknowledged.at, acknowledged.note.as_deref()), ("f-1", at("2026-07-02T08:00:00Z"), Some("planned")));
    let exception = &policy.versions()[0].exceptions()[0];
    assert_eq!((exception.reason.as_str(), exception.until, exception.line), ("migration window CHG-1234", at("2026-07-01T00:00:00Z"), 29));
}

#[test]
fn an_absent_policy_rules_nothing() {
    let (empty, _) = Policy::parse("", "policy.toml").unwrap();
    assert_eq!(empty, Policy::none());
    assert_eq!(empty.grace_seconds(), 120);
    assert_eq!(empty.rule(&by(ADA), at("2026-07-14T00:00:00Z")), None);
    assert_eq!(empty.rows(), []);
}

#[test]
fn the_first_match_wins_and_the_default_fills_in() {
    let policy = policy(EXAMPLE);
    let start = at("2026-07-14T09:15:00Z");
    let prod = tags(&[("Environment", "production"), ("Owner", "team-")]);
    let in_prod = Subject { region: Some("eu-west-1"), tags: Some(&prod), ..by(ADA) };
    for (subject, tier, expected) in [
        (by(ADA), "default", limits(28_800, 1_200, 3_600)),
        (Subject::default(), "default", limits(28_800, 1_200, 3_600)),
        (by(BROKEN_GLASS), "break-glass", limits(3_600, 600, 3_600)),
        (in_prod, "production", limits(14_400, 1_200, 3_600)),
        (Subject { principal_arn: Some(BROKEN_GLASS), ..in_prod }, "break-glass", limits(3_600, 600, 3_600)),
        (Subject { region: Some("us-east-1"), ..in_prod }, "default", limits(28_800, 1_200, 3_600)),
        (Subject { region: None, ..in_prod }, "default", limits(28_800, 1_200, 3_600)),
        (Subject { tags: None, ..in_prod }, "default", limits(28_800, 1_200, 3_600)),
        (Subject { document_name: Some("Acme-Shell"), ..Subject::default() }, "documents", limits(28_800, 1_200, 1_800)),
    ] {
        let ruling = policy.rule(&subject, start).unwrap();
        assert_eq!((ruling.tier, ruling.limits, ruling.break_glass), (tier, expected, tier == "break-glass"), "{subject:?}");
    }
    for pairs in [&[("Environment", "prod")][..], &[("Environment", "Prod"), ("Owner", "team-a")], &[("environment", "prod"), ("Owner", "team-a")], &[]] {
        let lacking = tags(pairs);
        assert_eq!(policy.rule(&Subject { tags: Some(&lacking), ..in_prod }, start).unwrap().tier, "default", "{pairs:?}");
    }
}

#[test]
fn a_version_begins_at_its_instant() {
    let text = "[[policy]]\neffective_from = '2026-03-01T00:00:00Z'\n[policy.default]\nmax_duration = '2h'\n[[policy]]\neffective_from = '2026-01-01T00:00:00Z'\n[policy.default]\nmax_duration = '1h'\n";
    let policy = policy(text);
    let max = |time| policy.rule(&Subject::default(), at(time)).map(|ruling| ruling.limits.max_duration_seconds);
    assert_eq!(max("2025-12-31T23:59:59.999999Z"), None);
    assert_eq!(max("2026-01-01T00:00:00Z"), Some(Some(3_600)));
    assert_eq!(max("2026-02-28T23:59:59.999999Z"), Some(Some(3_600)));
    assert_eq!(max("2026-03-01T00:00:00Z"), Some(Some(7_200)));
    let lines: Vec<_> = policy.versions().iter().map(|version| version.line).collect();
    assert_eq!(lines, [5, 1], "ascending, whatever their order in the file");
    let later = |time| policy.versions_after(at(time)).len();
    assert_eq!([later("2025-01-01T00:00:00Z"), later("2026-01-01T00:00:00Z"), later("2026-03-01T00:00:00Z")], [2, 1, 0]);
    let stricter = policy.versions()[0].rule(&Subject::default(), at("2026-04-01T00:00:00Z"));
    assert_eq!(stricter.limits.max_duration_seconds, Some(3_600), "a version can be asked whether or not it is in force");
}

#[test]
fn an_exception_changes_limits_and_never_the_tier() {
    let policy = policy(EXAMPLE);
    let max = |principal, time| {
        let ruling = policy.rule(&by(principal), at(time)).unwrap();
        (ruling.tier.to_owned(), ruling.limits.max_duration_seconds.unwrap(), ruling.limits.idle_timeout_seconds, ruling.exception.is_some())
    };
    let excepted = ("default".to_owned(), 43_200, Some(1_200), true);
    let ordinary = ("default".to_owned(), 28_800, Some(1_200), false);
    assert_eq!(max(MIGRATION, "2026-05-31T23:59:59.999999Z"), ordinary);
    assert_eq!(max(MIGRATION, "2026-06-01T00:00:00Z"), excepted);
    assert_eq!(max(MIGRATION, "2026-06-30T23:59:59.999999Z"), excepted);
    assert_eq!(max(MIGRATION, "2026-07-01T00:00:00Z"), ordinary);
    assert_eq!(max(ADA, "2026-06-15T00:00:00Z"), ordinary);
}

#[test]
fn an_exception_of_another_version_does_not_hold() {
    let later = "[[policy]]\neffective_from = '2026-06-15T00:00:00Z'\n[policy.default]\nmax_duration = '6h'\n";
    let policy = policy(&EXAMPLE.replacen("[automation]", &format!("{later}[automation]"), 1));
    let max = |time| policy.rule(&by(MIGRATION), at(time)).unwrap().limits.max_duration_seconds;
    assert_eq!((max("2026-06-14T23:59:59Z"), max("2026-06-15T00:00:00Z")), (Some(43_200), Some(21_600)));
}

#[test]
fn the_first_exception_that_matches_and_holds_applies() {
    let mut text = "[[policy]]\neffective_from = '2026-01-01T00:00:00Z'\n[policy.default]\nmax_duration = '1h'\nidle_timeout = '5m'\n".to_owned();
    for (accounts, from, until, limit) in
        [("1111*", "02", "03", "max_duration = '2h'"), ("1111*", "01", "06", "idle_timeout = '9m'"), ("*", "01", "12", "max_duration = '3h'")]
    {
        text += &format!(
            "[[policy.exception]]\naccounts = '{accounts}'\nfrom = '2026-{from}-01T00:00:00Z'\nuntil = '2026-{until}-01T00:00:00Z'\n{limit}\nowner = 'o'\nreason = 'r'\n"
        );
    }
    let policy = policy(&text);
    let ruled = |account, month: &str| {
        let ruling = policy.rule(&Subject { account_id: account, ..Subject::default() }, at(&format!("2026-{month}-15T00:00:00Z"))).unwrap();
        (ruling.limits.max_duration_seconds, ruling.limits.idle_timeout_seconds)
    };
    assert_eq!(ruled(Some("111122223333"), "02"), (Some(7_200), Some(300)));
    assert_eq!(ruled(Some("111122223333"), "04"), (Some(3_600), Some(540)));
    assert_eq!(ruled(Some("111122223333"), "08"), (Some(10_800), Some(300)));
    assert_eq!(ruled(Some("444455556666"), "02"), (Some(10_800), Some(300)));
    assert_eq!(ruled(None, "02"), (Some(3_600), Some(300)), "what is not known matches nothing, not even a star");
}

#[test]
fn instances_see_neither_principals_documents_nor_exceptions() {
    let text = EXAMPLE.replacen("principals = [\"arn:aws:sts::*:assumed-role/DbMigration/*\"]", "regions = \"*\"", 1);
    let policy = policy(&text);
    let prod = tags(&[("Environment", "prod"), ("Owner", "team-a")]);
    let instance = Subject { account_id: Some("111122223333"), region: Some("eu-west-1"), target_id: Some("i-0a"), tags: Some(&prod), ..Subject::default() };
    let moment = at("2026-06-15T00:00:00Z");
    let ruling = policy.rule_instance(&instance, moment).unwrap();
    assert_eq!((ruling.tier, ruling.limits.max_duration_seconds, ruling.exception), ("production", Some(14_400), None));
    assert_eq!(policy.rule(&instance, moment).unwrap().limits.max_duration_seconds, Some(43_200), "as a session it would be excepted");
    // A subject that carries a principal or document all the same is still an instance.
    let odd = Subject { principal_arn: Some(BROKEN_GLASS), document_name: Some("Acme-Shell"), tags: None, ..instance };
    assert_eq!(policy.rule_instance(&odd, moment).unwrap().tier, "default");
    assert_eq!(policy.rule_instance(&instance, at("2025-06-15T00:00:00Z")), None);
}

#[test]
fn the_digest_is_of_the_text() {
    assert_eq!(policy(EXAMPLE).digest(), policy(EXAMPLE).digest());
    assert_ne!(policy(EXAMPLE).digest(), policy(&EXAMPLE.replace("8h", "7h")).digest());
}

#[test]
fn rows_carry_the_columns_of_the_contract() {
    let rows = policy(EXAMPLE).rows();
    let shown: Vec<_> = rows.iter().map(|row| (row.ordinal, row.kind, row.name.as_str(), row.matchers.as_str(), row.limits.max_duration_seconds)).collect();
    assert_eq!(
        shown,
        [
            (1, "tier", "break-glass", r#"{"principals":["arn:aws:sts::*:assumed-role/BreakGlass*/*"]}"#, Some(3_600)),
            (2, "tier", "production", r#"{"regions":["eu-*"],"tags":{"Environment":["prod","production"],"Owner":["team-*"]}}"#, Some(14_400)),
            (3, "tier", "documents", r#"{"documents":["Acme-*"]}"#, Some(28_800)),
            (4, "exception", "data-platform", r#"{"principals":["arn:aws:sts::*:assumed-role/DbMigration/*"]}"#, Some(43_200)),
            (5, "tier", "default", "{}", Some(28_800)),
        ]
    );
    assert_eq!(rows.iter().map(|row| row.break_glass).collect::<Vec<_>>(), [true, false, false, false, false]);
    let exception = &rows[3];
    assert_eq!((exception.from_at, exception.until_at), (Some(at("2026-06-01T00:00:00Z")), Some(at("2026-07-01T00:00:00Z"))));
    assert_eq!((exception.limits.idle_timeout_seconds, exception.reason.as_deref()), (None, Some("migration window CHG-1234")));
    // As many fields as the contract has columns: a new column must come here too.
    assert_eq!(schemas::table::POLICY_TIERS.columns.len(), 12);
}

/// A policy of some tiers and exceptions over two fields and one tag, as text.
fn any_policy() -> impl Strategy<Value = (String, Vec<Drawn>, Vec<Drawn>)> {
    let drawn = || {
        let pattern = proptest::option::of("[ab*]{1,2}");
        (pattern.clone(), pattern.clone(), pattern, proptest::option::of(1_i64..9)).prop_map(|(principal, account, tag, max)| Drawn {
            principal,
            account,
            tag,
            max,
        })
    };
    (proptest::collection::vec(drawn(), 0..4), proptest::collection::vec(drawn(), 0..3)).prop_map(|(tiers, exceptions)| {
        let mut text = "[[policy]]\neffective_from = '2026-01-01T00:00:00Z'\n[policy.default]\nmax_duration = '99h'\n".to_owned();
        for (index, tier) in tiers.iter().enumerate() {
            text += &format!("[[policy.tier]]\nname = 't{index}'\n{}", tier.text());
        }
        for exception in &exceptions {
            text += &format!(
                "[[policy.exception]]\nfrom = '2026-01-01T00:00:00Z'\nuntil = '2027-01-01T00:00:00Z'\nowner = 'o'\nreason = 'r'\n{}",
                exception.text()
            );
        }
        (text, tiers, exceptions)
    })
}

#[derive(Debug, Clone)]
struct Drawn {
    principal: Option<String>,
    account: Option<String>,
    tag: Option<String>,
    max: Option<i64>,
}

impl Drawn {
    fn text(&self) -> String {
        let line = |key: &str, value: Option<String>| value.map(|value| format!("{key} = {value}\n")).unwrap_or_default();
        line("principals", self.principal.as_ref().map(|p| format!("['zz', '{p}']")))
            + &line("accounts", self.account.as_ref().map(|p| format!("'{p}'")))
            + &line("tags", self.tag.as_ref().map(|p| format!("{{ T = '{p}' }}")))
            + &line("max_duration", self.max.map(|hours| format!("'{hours}h'")))
    }

    fn matches(&self, [principal, account, tag]: &[Option<String>; 3]) -> bool {
        let met = |pattern: &Option<String>, value: &Option<String>| match (pattern, value) {
            (None, _) => true,
            (Some(pattern), Some(value)) => fits(pattern.as_bytes(), value.as_bytes()),
            (Some(_), None) => false,
        };
        let principal_met = met(&self.principal, principal) || principal.as_deref() == Some("zz");
        principal_met && met(&self.account, account) && met(&self.tag, tag)
    }
}

fn fits(pattern: &[u8], value: &[u8]) -> bool {
    match pattern {
        [] => value.is_empty(),
        [b'*', rest @ ..] => fits(rest, value) || (!value.is_empty() && fits(pattern, &value[1..])),
        [first, rest @ ..] => value.first() == Some(first) && fits(rest, &value[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn rules_as_the_definition_says_and_explains_what_it_rules(
        (text, tiers, exceptions) in any_policy(),
        subject in proptest::array::uniform3(proptest::option::of("[abz]{0,2}".prop_map(String::from))),
    ) {
        let policy = policy(&text);
        let found = tiers.iter().position(|tier| tier.matches(&subject));
        let (tier, own) = found.map_or(("default".to_owned(), None), |index| (format!("t{index}"), tiers[index].max));
        let excepted = exceptions.iter().find(|exception| exception.matches(&subject));
        let expected = excepted.and_then(|exception| exception.max).or(own).unwrap_or(99) * 3_600;

        let [principal, account, tag] = &subject;
        let tags = tag.as_ref().map(|value| tags(&[("T", value)]));
        let asked = Subject { principal_arn: principal.as_deref(), account_id: account.as_deref(), tags: tags.as_ref(), ..Subject::default() };
        let start = at("2026-05-01T00:00:00Z");
        let ruling = policy.rule(&asked, start).unwrap();
        prop_assert_eq!(ruling.tier, &tier);
        prop_assert_eq!(ruling.limits.max_duration_seconds, Some(expected));
        prop_assert_eq!(ruling.exception.is_some(), excepted.is_some());

        let explanation = policy.explain(&asked, start);
        prop_assert_eq!(explanation.tier, Some(tier.clone()));
        prop_assert_eq!(explanation.limits, ruling.limits);
        let applied: Vec<_> = explanation.steps.iter().filter(|step| step.outcome == crate::Outcome::Applies).collect();
        prop_assert_eq!(applied.iter().filter(|step| step.kind == "tier").map(|step| step.name.clone()).collect::<Vec<_>>(), found.map(|_| tier).into_iter().collect::<Vec<_>>());
        prop_assert_eq!(applied.iter().filter(|step| step.kind == "exception").count(), usize::from(excepted.is_some()));
    }

    #[test]
    fn a_tier_that_is_called_shadowed_is_never_reached(
        (text, _, _) in any_policy(),
        subject in proptest::array::uniform3(proptest::option::of("[abz]{0,2}".prop_map(String::from))),
    ) {
        let (policy, warnings) = Policy::parse(&text, "policy.toml").unwrap();
        let [principal, account, tag] = &subject;
        let tags = tag.as_ref().map(|value| tags(&[("T", value)]));
        let asked = Subject { principal_arn: principal.as_deref(), account_id: account.as_deref(), tags: tags.as_ref(), ..Subject::default() };
        let ruled = policy.rule(&asked, at("2026-05-01T00:00:00Z")).unwrap().tier;
        for warning in warnings {
            if let crate::Concern::ShadowedTier { tier, .. } = warning.concern {
                prop_assert_ne!(ruled, tier);
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\[\\[?[a-z.]{0,9}\\]?\\]\n|[a-z_]{0,9} ?= ?[\"0-9a-z\\[\\]{}, ]{0,9}\n|.{0,9}\n){0,9}") {
        let _ = Policy::parse(&text, "policy.toml");
    }
}
