//! The command line as typed: what is taken, what is refused, and that it teaches.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use clap::CommandFactory;

#[test]
fn the_definition_is_sound_and_every_command_teaches() {
    Typed::command().debug_assert();
    for command in Typed::command().get_subcommands() {
        assert!(command.get_about().is_some(), "{} says nothing of itself", command.get_name());
    }
}

#[test]
fn global_options_may_stand_anywhere() {
    for line in ["sessiontrail --as-of 2026-07-14T09:15:00Z kpi kpi_weekly -q", "sessiontrail kpi kpi_weekly --quiet --as-of 2026-07-14T11:15:00+02:00"] {
        let typed = Typed::try_parse_from(line.split(' ')).unwrap();
        assert!(typed.global.quiet);
        assert_eq!(typed.global.as_of, Timestamp::parse("2026-07-14T09:15:00Z").ok());
    }
}

#[test]
fn thresholds_may_be_repeated_and_listed() {
    for line in ["sessiontrail status --fail-on stale,over-limit", "sessiontrail status --fail-on stale --fail-on over-limit"] {
        let Command::Status(status) = Typed::try_parse_from(line.split(' ')).unwrap().command else { unreachable!("it is status") };
        assert_eq!(status.fail_on, [FailOn::Stale, FailOn::OverLimit], "{line}");
    }
}

#[test]
fn what_contradicts_itself_is_usage() {
    for line in [
        "sessiontrail",
        "sessiontrail kpi --as-of yesterday",
        "sessiontrail query --file a.sql SELECT",
        "sessiontrail status --fail-on everything",
        "sessiontrail status --fail-on stale,everything",
        "sessiontrail ingest --dry-run --notify",
        "sessiontrail policy explain --session a --instance b",
        "sessiontrail policy explain --tag prod",
        "sessiontrail ingest --from 2026-07-14",
    ] {
        assert_eq!(Typed::try_parse_from(line.split(' ')).unwrap_err().exit_code(), 2, "{line}");
    }
    assert_eq!(Typed::try_parse_from(["sessiontrail", "--help"]).unwrap_err().exit_code(), 0);
}
