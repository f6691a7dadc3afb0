//! What a session printed: harmless lines of an administrator's day, the same in transcript and stream.

use super::session::{Ending, Kind, Session};

const SCENES: [[&str; 3]; 8] = [
    ["sh-5.2$ systemctl is-active checkout", "active", ""],
    ["sh-5.2$ df -h /var | tail -1", "/dev/nvme1n1   200G   91G  110G  46% /var", ""],
    ["sh-5.2$ journalctl -u checkout --since -10min | wc -l", "184", ""],
    ["sh-5.2$ uptime", " 09:41:07 up 41 days,  2:13,  1 user,  load average: 0.31, 0.28, 0.22", ""],
    ["sh-5.2$ sudo logrotate -f /etc/logrotate.d/search", "rotating pattern: /var/log/search/*.log", "sh-5.2$ ls /var/log/search | wc -l"],
    ["sh-5.2$ curl -s -o /dev/null -w '%{http_code}' localhost:8080/health", "200", ""],
    ["sh-5.2$ free -m | head -2", "               total        used        free", "Mem:           15842        9120        1204"],
    ["sh-5.2$ ss -s | head -1", "Total: 214", ""],
];

/// The lines that a session printed at its `index`-th activity.
pub(super) fn lines(session: &Session, index: usize) -> Vec<String> {
    if session.kind == Kind::Command && index >= session.left_at {
        return vec![format!("waiting for the lock of the schema, attempt {}", index + 1 - session.left_at)];
    }
    if session.kind == Kind::Command {
        return vec![format!("step {} of the migration: ok", index + 1)];
    }
    let is_last = index + 1 == session.activity.len();
    if is_last && matches!(session.end, Some((_, Ending::Exit))) {
        return vec!["sh-5.2$ exit".to_owned(), "exit".to_owned()];
    }
    if index >= session.left_at {
        return vec!["checkout[812]: cache refreshed, 0 errors".to_owned()];
    }
    let suffix = session.id.as_bytes()[session.id.len() - 1];
    let scene = SCENES[(index + usize::from(suffix)) % SCENES.len()];
    scene.iter().filter(|line| !line.is_empty()).map(|line| (*line).to_owned()).collect()
}

/// The transcript as `script` of util-linux 2.38 makes it after the end, with the line ends of two terminals in a row.
pub(super) fn transcript(session: &Session, generated: &str) -> String {
    let mut text = format!(
        "Script started on {generated} [COMMAND=\"cat /var/lib/amazon/ssm/{}/session/orchestration/{}/Standard_Stream/ipcTempFile.log\" <not executed on terminal>]\n",
        session.target, session.id
    );
    for index in 0..session.activity.len() {
        for line in lines(session, index) {
            if line.starts_with("sh-") {
                text.push_str("\u{1b}[?2004h");
            }
            text.push_str(&line);
            text.push_str("\r\r\n");
        }
    }
    text.push_str("\nScript done on ");
    text.push_str(generated);
    text.push_str(" [COMMAND_EXIT_CODE=\"0\"]\n");
    text
}
