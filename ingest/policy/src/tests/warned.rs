//! What is accepted with a warning.

use super::*;

fn warnings(text: &str) -> Vec<String> {
    Policy::parse(text, "policy.toml").unwrap_or_else(|error| panic!("{error}")).1.iter().map(ToString::to_string).collect()
}

fn exception(lines: &str, from: &str, until: &str) -> String {
    format!("[[policy.exception]]\nfrom = '{from}T00:00:00Z'\nuntil = '{until}T00:00:00Z'\nowner = 'o'\nreason = 'r'\n{lines}\n")
}

const HEAD: &str = "[[policy]]\neffective_from = '2026-01-01T00:00:00Z'\n[policy.default]\nmax_duration = '8h'\n";

#[test]
fn the_example_warns_of_nothing() {
    assert_eq!(warnings(EXAMPLE), [""; 0]);
}

#[test]
fn limits_beyond_what_aws_enforces() {
    let limits = |max: &str, idle: &str| {
        warnings(&format!("[[policy]]\neffective_from = '2026-01-01T00:00:00Z'\ndefault = {{ max_duration = '{max}', idle_timeout = '{idle}' }}\n"))
    };
    assert_eq!(limits("1m", "1m"), [""; 0]);
    assert_eq!(limits("1440m", "60m"), [""; 0]);
    assert_eq!(
        limits("1441m", "3601s"),
        [
            "policy.toml:3: policy.default.idle_timeout: AWS cannot enforce 1h1s: its preferences take 1 to 60 minutes",
            "policy.toml:3: policy.default.max_duration: AWS cannot enforce 24h1m: its preferences take 1 to 1440 minutes"
        ]
    );
    assert_eq!(limits("59s", "59s").len(), 2);
    let elsewhere = format!(
        "{HEAD}[[policy.tier]]\nname = 't'\nidle_timeout = '2h'\nterminate_within = '9d'\n{}",
        exception("accounts = '*'\nmax_duration = '2d'", "2026-02-01", "2026-03-01")
    );
    assert_eq!(
        warnings(&elsewhere),
        [
            "policy.toml:7: policy.tier.idle_timeout: AWS cannot enforce 2h: its preferences take 1 to 60 minutes",
            "policy.toml:15: policy.exception.max_duration: AWS cannot enforce 48h: its preferences take 1 to 1440 minutes"
        ]
    );
}

#[test]
fn no_version_and_no_limits() {
    assert_eq!(warnings(""), ["policy.toml:1: policy: there is no [[policy]], so no session has a limit"]);
    assert_eq!(warnings("\n[[policy]]\neffective_from = '2026-01-01T00:00:00Z'\n"), ["policy.toml:2: policy: this version sets no limit at all"]);
}

#[test]
fn tiers_that_nothing_falls_into() {
    let shadowed =
        |first: &str, second: &str| !warnings(&format!("{HEAD}[[policy.tier]]\nname = 'a'\n{first}\n[[policy.tier]]\nname = 'b'\n{second}\n")).is_empty();
    assert_eq!(
        warnings(&format!("{HEAD}[[policy.tier]]\nname = 'a'\n[[policy.tier]]\nname = 'b'\nregions = 'eu-*'\n")),
        ["policy.toml:7: policy.tier: nothing falls into tier \"b\": whatever it matches falls into \"a\" (line 5) before"]
    );
    assert!(shadowed("regions = 'eu-*'", "regions = ['eu-west-*', 'eu-north-1']"));
    assert!(shadowed("tags = { E = ['p*', 'q'] }", "tags = { E = 'prod', F = 'x' }\nregions = '*'"));
    assert!(!shadowed("regions = 'eu-*'", "regions = ['eu-west-*', 'us-*']"));
    assert!(!shadowed("regions = 'eu-*'", ""));
    assert!(!shadowed("regions = '*'", ""), "a star does not match a region that is not known");
    assert!(!shadowed("tags = { E = '*' }", "tags = { F = 'x' }"));
    assert!(!shadowed("regions = 'eu-w*'", "regions = 'eu-*'"));
}

#[test]
fn exceptions_that_do_less_or_more_than_they_seem_to() {
    let of = |lines, from, until| warnings(&format!("{HEAD}{}", exception(lines, from, until)));
    let one = |concern: &str| vec![format!("policy.toml:5: policy.exception: {concern}")];
    assert_eq!(of("max_duration = '9h'", "2026-02-01", "2026-03-01"), one("has no matcher, so it holds for every session of its time"));
    assert_eq!(of("regions = '*'", "2026-02-01", "2026-03-01"), one("changes no limit"));
    let over = "is over before its version begins at 2026-01-01T00:00:00.000000Z";
    assert_eq!(of("regions = '*'\nmax_duration = '9h'", "2025-02-01", "2026-01-01"), one(over));
    let twice = exception("regions = 'eu-*'\nmax_duration = '9h'", "2026-02-01", "2026-03-01")
        + &exception("regions = 'eu-w*'\nmax_duration = '7h'", "2026-02-02", "2026-03-01");
    assert_eq!(
        warnings(&format!("{HEAD}{twice}")),
        ["policy.toml:12: policy.exception: never applies: the exception on line 5 matches the same and holds as long"]
    );
}

#[test]
fn an_exception_that_the_next_version_cuts() {
    let first = exception("regions = 'eu-*'\nmax_duration = '9h'", "2026-02-01", "2026-05-01");
    let next = HEAD.replace("2026-01-01", "2026-04-01");
    let cut =
        "policy.toml:5: policy.exception: loses its force at 2026-04-01T00:00:00.000000Z, where the next version begins; repeat it there if it should go on";
    assert_eq!(warnings(&format!("{HEAD}{first}{next}")), [cut]);
    assert_eq!(warnings(&format!("{HEAD}{first}{next}{first}")), [""; 0]);
    assert_eq!(warnings(&format!("{HEAD}{first}{}", next.replace("04-01", "05-01"))), [""; 0]);
    let late = exception("regions = 'eu-*'\nmax_duration = '9h'", "2026-04-02", "2026-05-01");
    assert_eq!(warnings(&format!("{HEAD}{first}{next}{late}")), [cut], "a day lies between");
    let in_time = exception("regions = 'eu-*'\nmax_duration = '9h'", "2026-04-01", "2026-05-01");
    assert_eq!(warnings(&format!("{HEAD}{first}{next}{in_time}")), [""; 0]);
}

#[test]
fn an_exception_that_begins_when_its_version_is_over() {
    let next = HEAD.replace("2026-01-01", "2026-04-01");
    let concern =
        "policy.toml:5: policy.exception: never applies: it begins when its version has given way to the next at 2026-04-01T00:00:00.000000Z; put it there";
    for from in ["2026-04-01", "2026-06-01"] {
        let late = exception("regions = 'eu-*'\nmax_duration = '9h'", from, "2026-07-01");
        assert_eq!(warnings(&format!("{HEAD}{late}{next}")), [concern]);
        assert_eq!(warnings(&format!("{HEAD}{late}{next}{late}")), [concern], "repeated or not, here it says nothing");
    }
}

#[test]
fn accounts_that_no_account_has() {
    let text = format!("{HEAD}[[policy.tier]]\nname = 't'\naccounts = ['111122223333', '1111*', '11112222333', 'prod']\n");
    assert_eq!(
        warnings(&text),
        [
            "policy.toml:5: policy.tier.accounts: \"11112222333\" matches no account: an account id has 12 digits",
            "policy.toml:5: policy.tier.accounts: \"prod\" matches no account: an account id has 12 digits"
        ]
    );
}
