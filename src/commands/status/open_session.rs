//! An open session over its limit, and the command that ends it: to be pasted into a shell, so nothing in it may be obeyed there.

use std::borrow::Cow;
use std::fmt::Write;

use schemas::Timestamp;

use super::profiles::Profiles;
use super::{shown, text, time};
use crate::reading::Row;
use crate::ui::visible;

pub(super) struct OpenSession {
    /// As it is: for the command, which must name this very session.
    session_id: String,
    region: String,
    /// What reaches its account, where that is known.
    profile: Option<String>,
    /// Account and region, for people; so are the next ones.
    told_place: String,
    target_id: String,
    principal_name: String,
    owner: String,
    tier: String,
    limit_seconds: Option<i64>,
    over_limit_at: Option<Timestamp>,
    pub(super) is_certain: bool,
    is_ghost: bool,
}

impl OpenSession {
    pub(super) fn of(row: &Row, profiles: &Profiles) -> Self {
        let told = |column| shown(row, column).into_owned();
        Self {
            session_id: text(row, "session_id").to_owned(),
            region: text(row, "region").to_owned(),
            profile: profiles.get(text(row, "account_id")).map(str::to_owned),
            told_place: format!("{} {}", told("account_id"), told("region")),
            target_id: told("target_id"),
            principal_name: told("principal_name"),
            owner: told("owner"),
            tier: told("tier"),
            limit_seconds: row.get("max_duration_seconds").and_then(serde_json::Value::as_i64),
            over_limit_at: time(row, "over_limit_at"),
            is_certain: text(row, "over_limit_certainty") == "certain",
            is_ghost: row.get("ghost").and_then(serde_json::Value::as_bool).unwrap_or(false),
        }
    }

    /// Who, where, whose, for how long, and the command.
    pub(super) fn told(&self, as_of: Option<Timestamp>) -> String {
        let certainty = if self.is_certain { "certain" } else { "possible" };
        let ghost = if self.is_ghost { ", its client is gone" } else { "" };
        let mut told = format!("  {certainty}: {} on {} in {}, tier {}", self.principal_name, self.target_id, self.told_place, self.tier);
        if !self.owner.is_empty() {
            let _ = write!(told, ", owner {}", self.owner);
        }
        if let (Some(limit), Some(over_limit_at)) = (self.limit_seconds, self.over_limit_at) {
            let _ = write!(told, ", over its {} since {over_limit_at}", policy::duration::written(limit));
            if let Some(as_of) = as_of {
                let _ = write!(told, " ({:.1} h)", as_of.seconds_since(over_limit_at) / 3_600.0);
            }
        }
        told + ghost + "\n    " + &self.command()
    }

    fn command(&self) -> String {
        if [&self.session_id, &self.region].into_iter().any(|word| *visible(word) != **word) {
            return "(its id or region holds characters that those of AWS never hold: somebody made it up, and no command can end it)".to_owned();
        }
        let mut command = format!("aws ssm terminate-session {}", option("--session-id", &self.session_id));
        if !self.region.is_empty() {
            let _ = write!(command, " {}", option("--region", &self.region));
        }
        if let Some(profile) = &self.profile {
            let _ = write!(command, " {}", option("--profile", profile));
        }
        command
    }
}

/// An option with its value. A value that begins with a dash would be taken for an option of its own.
fn option(name: &str, value: &str) -> String {
    if value.starts_with('-') { format!("{name}={}", quoted(value)) } else { format!("{name} {}", quoted(value)) }
}

/// A word as every POSIX shell reads it: bare where nothing in it is special anywhere, else in single quotes.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'+' | b',' | b'.' | b'-' | b':' | b'/');
    // `=` at the beginning of a word is special in zsh, `~` in all.
    if word.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) && word.bytes().all(|byte| is_plain(byte) || byte == b'=') {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_quoted_where_a_shell_would_obey_them() {
        for (id, expected) in [
            ("jane.doe@example.com-0a1b2c3d4e5f60718", "--session-id jane.doe@example.com-0a1b2c3d4e5f60718"),
            ("=1+1-0a1b2c3d4e5f60718", "--session-id '=1+1-0a1b2c3d4e5f60718'"),
            ("-rf-0a1b2c3d4e5f60718", "--session-id='-rf-0a1b2c3d4e5f60718'"),
            ("a;reboot", "--session-id 'a;reboot'"),
            ("$(reboot)", "--session-id '$(reboot)'"),
            ("it's", r"--session-id 'it'\''s'"),
            ("", "--session-id ''"),
        ] {
            assert_eq!(option("--session-id", id), expected);
        }
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() -> std::io::Result<()> {
        for word in ["plain", "=1+1", "a b", "$HOME `id` \"x\" \\ 'y' ;&|<>(){}*?[]#~!", "~root", "-n"] {
            let said = std::process::Command::new("sh").arg("-c").arg(format!("printf %s {}", quoted(word))).output()?;
            assert_eq!(String::from_utf8_lossy(&said.stdout), word);
        }
        Ok(())
    }
}
