//! Every error, with its line and key.

use super::*;

/// The example with `old` replaced by `new`, refused: the message, and the hint.
fn refused(old: &str, new: &str) -> (String, String) {
    assert!(EXAMPLE.contains(old), "{old}");
    of(&EXAMPLE.replacen(old, new, 1))
}

fn of(text: &str) -> (String, String) {
    let error = Policy::parse(text, "policy.toml").err().unwrap_or_else(|| panic!("accepted: {text}"));
    (error.to_string(), error.hint.map(String::from).unwrap_or_default())
}

#[test]
fn the_example_itself_is_accepted() {
    policy(EXAMPLE);
}

#[test]
fn names_file_line_and_key() {
    let unit = "write it with a unit and in quotes, such as \"8h\", \"20m\", \"1h30m\" or \"120s\"";
    let time = "write it with its offset, such as \"2026-01-01T00:00:00Z\"";
    let limit = "leave the key out where there is no limit";
    for (old, new, message, hint) in [
        // Unknown keys, at every level.
        ("grace =", "gracee =", "policy.toml:1: gracee: unknown key", "did you mean `grace`?"),
        ("effective_from =", "efective-from =", "policy.toml:4: policy.efective-from: unknown key", "did you mean `effective_from`?"),
        (
            "  idle_timeout = \"20m\"",
            "  idle = '20m'",
            "policy.toml:8: policy.default.idle: unknown key",
            "known here: max_duration, idle_timeout, terminate_within",
        ),
        ("  break_glass =", "  breakglass =", "policy.toml:13: policy.tier.breakglass: unknown key", "did you mean `break_glass`?"),
        ("  owner = \"data-platform\"", "  \"ow\\u001bner\" = 1", "policy.toml:34: policy.exception.\"ow\\u{1b}ner\": unknown key", "*"),
        ("[automation]\nprincipals", "[automation]\nprincipal", "policy.toml:39: automation.principal: unknown key", "did you mean `principals`?"),
        ("owner = \"Team\"", "team = 'Team'", "policy.toml:42: tags.team: unknown key", "known here: environment, owner, cost_center"),
        ("note =", "notes =", "policy.toml:48: acknowledged.notes: unknown key", "did you mean `note`?"),
        ("  max_duration = \"8h\"", "  break_glass = true", "policy.toml:7: policy.default.break_glass: unknown key", "*"),
        // Missing fields, at the line of their table.
        ("effective_from = \"2026-01-01T00:00:00Z\"", "", "policy.toml:3: policy.effective_from: missing", ""),
        ("  name = \"production\"", "", "policy.toml:18: policy.tier.name: missing", ""),
        ("  from = \"2026-06-01T00:00:00Z\"", "", "policy.toml:29: policy.exception.from: missing", ""),
        ("  until = 2026-07-01T00:00:00Z", "", "policy.toml:29: policy.exception.until: missing", ""),
        ("  owner = \"data-platform\"", "", "policy.toml:29: policy.exception.owner: missing", ""),
        ("  reason = \"\"\"migration window\n              CHG-1234\"\"\"", "", "policy.toml:29: policy.exception.reason: missing", ""),
        ("finding = \"f-1\"", "", "policy.toml:44: acknowledged.finding: missing", ""),
        ("by = \"ada\"", "", "policy.toml:44: acknowledged.by: missing", ""),
        ("at = \"2026-07-02T10:00:00+02:00\"", "", "policy.toml:44: acknowledged.at: missing", ""),
        // Times.
        ("\"2026-01-01T00:00:00Z\"", "\"2026-01-01\"", "policy.toml:4: policy.effective_from: not a time with an offset: \"2026-01-01\"", time),
        ("\"2026-01-01T00:00:00Z\"", "2026-01-01T00:00:00", "policy.toml:4: policy.effective_from: not a time with an offset: \"2026-01-01T00:00:00\"", time),
        ("\"2026-01-01T00:00:00Z\"", "20260101", "policy.toml:4: policy.effective_from: expected a time, found a whole number", time),
        (
            "\"2026-06-01T00:00:00Z\"",
            "\"2026-06-31T00:00:00Z\"",
            "policy.toml:31: policy.exception.from: not a time with an offset: \"2026-06-31T00:00:00Z\"",
            time,
        ),
        ("2026-07-01T00:00:00Z", "'never'", "policy.toml:32: policy.exception.until: not a time with an offset: \"never\"", time),
        ("\"2026-07-02T10:00:00+02:00\"", "\"\"", "policy.toml:47: acknowledged.at: not a time with an offset: \"\"", time),
        // Durations and limits.
        ("\"90s\"", "\"-90s\"", "policy.toml:1: grace: not a duration such as \"8h\" or \"1h30m\": \"-90s\"", unit),
        ("\"8h\"", "480", "policy.toml:7: policy.default.max_duration: a duration without a unit: \"480\"", unit),
        ("\"8h\"", "\"480\"", "policy.toml:7: policy.default.max_duration: a duration without a unit: \"480\"", unit),
        ("\"8h\"", "8.5", "policy.toml:7: policy.default.max_duration: expected a duration, found a number with a point", unit),
        ("\"8h\"", "\"0s\"", "policy.toml:7: policy.default.max_duration: an impossible limit: it must be longer than nothing", limit),
        ("\"10m\"", "\"0m\"", "policy.toml:16: policy.tier.idle_timeout: an impossible limit: it must be longer than nothing", limit),
        ("\"12h\"", "\"-12h\"", "policy.toml:33: policy.exception.max_duration: not a duration such as \"8h\" or \"1h30m\": \"-12h\"", unit),
        ("\"30m\"", "\"999999d\"", "policy.toml:27: policy.tier.terminate_within: longer than a century: \"999999d\"", unit),
        // Intervals, names, twice.
        ("2026-07-01T00:00:00Z", "2026-06-01T00:00:00Z", "policy.toml:32: policy.exception.until: never holds: it must be later than `from`", ""),
        ("2026-07-01T00:00:00Z", "2026-05-01T00:00:00Z", "policy.toml:32: policy.exception.until: never holds: it must be later than `from`", ""),
        (
            "\"production\"\n",
            "\"default\"\n",
            "policy.toml:19: policy.tier.name: \"default\" is a name that sessiontrail gives itself",
            "its limits stand in [policy.default]",
        ),
        ("\"production\"\n", "\"(all)\"\n", "policy.toml:19: policy.tier.name: \"(all)\" is a name that sessiontrail gives itself", "choose another name"),
        ("\"production\"\n", "\"break-glass\"\n", "policy.toml:19: policy.tier.name: \"break-glass\" stands twice, first on line 12", ""),
        // Types and empty values.
        ("true", "\"yes\"", "policy.toml:13: policy.tier.break_glass: expected true or false, found a text", ""),
        ("\"production\"\n", "\" \"\n", "policy.toml:19: policy.tier.name: empty", ""),
        ("\"production\"\n", "\"pro\\nd\"\n", "policy.toml:19: policy.tier.name: has control characters: \"pro\\nd\"", ""),
        ("\"data-platform\"", "\"\"", "policy.toml:34: policy.exception.owner: empty", ""),
        ("\"data-platform\"", "[\"a\"]", "policy.toml:34: policy.exception.owner: expected a text in quotes, found an array", ""),
        ("[\"eu-*\"]", "[]", "policy.toml:21: policy.tier.regions: empty", "leave the key out instead"),
        ("[\"eu-*\"]", "[\"eu-*\",\n\n   \"\"]", "policy.toml:23: policy.tier.regions: empty", ""),
        ("[\"eu-*\"]", "[\"eu-*\", 1]", "policy.toml:21: policy.tier.regions: expected a text in quotes, found a whole number", ""),
        ("regions = [\"eu-*\"]", "accounts = [111122223333]", "policy.toml:21: policy.tier.accounts: expected a text in quotes, found a whole number", ""),
        ("\"team-*\"", "true", "policy.toml:20: policy.tier.tags.Owner: expected a text in quotes, found true or false", ""),
        ("{ Environment = [\"prod\", \"production\"], Owner = \"team-*\" }", "{}", "policy.toml:20: policy.tier.tags: empty", "leave the key out instead"),
        (
            "{ Environment = [\"prod\", \"production\"], Owner = \"team-*\" }",
            "\"prod\"",
            "policy.toml:20: policy.tier.tags: expected a table, found a text",
            "write [policy.tier.tags]",
        ),
        ("[[policy]]", "[policy]", "policy.toml:3: policy: expected an array of tables, found a table", "write [[policy]]"),
        ("[[acknowledged]]", "[acknowledged]", "policy.toml:44: acknowledged: expected an array of tables, found a table", "write [[acknowledged]]"),
        ("[automation]", "[[automation]]", "policy.toml:38: automation: expected a table, found an array", "write [automation]"),
        ("owner = \"Team\"", "owner = \"\"", "policy.toml:42: tags.owner: empty", ""),
    ] {
        let (found, hinted) = refused(old, new);
        assert_eq!(found, message, "{old} -> {new}");
        if hint != "*" {
            assert_eq!(hinted, hint, "{old} -> {new}");
        }
    }
}

#[test]
fn what_must_be_unique_across_the_file() {
    let twice = format!("{EXAMPLE}[[policy]]\neffective_from = 2026-01-01T01:00:00+01:00\n");
    assert_eq!(of(&twice).0, "policy.toml:50: policy.effective_from: \"2026-01-01T00:00:00.000000Z\" stands twice, first on line 4");
    let twice = format!("{EXAMPLE}[[acknowledged]]\nfinding = 'f-1'\nby = 'b'\nat = 2026-01-01T00:00:00Z\n");
    assert_eq!(of(&twice).0, "policy.toml:50: acknowledged.finding: \"f-1\" stands twice, first on line 45");
}

#[test]
fn what_is_no_toml_has_a_line_too() {
    for (text, message) in [
        ("grace = \n", "policy.toml:1: not TOML"),
        ("a = 1\nb = 'x\n", "policy.toml:2: not TOML"),
        ("grace = '1s'\ngrace = '2s'\n", "policy.toml:2: not TOML: duplicate key"),
        ("[[policy]]\n[policy]\n", "policy.toml:2: not TOML"),
    ] {
        let found = of(text).0;
        assert!(found.starts_with(message), "{text}: {found}");
    }
    let deep = format!("grace = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(of(&deep).0.starts_with("policy.toml:1: not TOML"));
}

#[test]
fn a_tier_of_a_version_that_is_not_there() {
    assert_eq!(of("[[policy.tier]]\nname = 'x'\n").0, "policy.toml:1: policy: expected an array of tables, found a table");
}
