//! What people copy from the documents is real: every command is one that the program takes, and every policy is JSON that grants no more than it names.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::python::root;
use crate::support::trail::ran;

const COMMANDS: [&str; 9] = ["demo", "ingest", "rebuild", "query", "kpi", "report", "status", "policy", "compact"];

/// The README, and every document.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("documents").map(|entry| entry.expect("an entry").path());
        paths.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).expect("UTF-8"))).collect()
}

/// The words of each command of ours in a text, as a shell would take them.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines() {
        for (place, _) in line.match_indices("sessiontrail ") {
            let rest = &line[place + "sessiontrail ".len()..];
            if COMMANDS.iter().any(|command| rest.split(|letter: char| !letter.is_ascii_lowercase()).next() == Some(command)) {
                found.push(words(rest));
            }
        }
    }
    found
}

/// The words up to whatever ends a command: of a shell, of Markdown, or of the text around it.
fn words(rest: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in rest.chars() {
        let Some(word) = words.last_mut() else { break };
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => word.push(letter),
            (None, '"' | '\'') if word.is_empty() => quote = Some(letter),
            (None, ' ') if !word.is_empty() => words.push(String::new()),
            (None, ' ') => {}
            (None, '`' | ';' | '|' | '#' | '&' | ')' | '"' | '[') => break,
            (None, _) => word.push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_is_one_that_the_program_takes() {
    assert_eq!(
        commands("x `sessiontrail query \"SELECT 1 | 2\" -o a`, sessiontrail ingest; sessiontrail's"),
        [vec!["query", "SELECT 1 | 2", "-o", "a"], vec!["ingest"]]
    );
    let mut tried = 0;
    for (path, text) in documents() {
        for command in commands(&text) {
            // Asked for help, the program still refuses what it does not know, and does nothing else. `…` stands for whatever suits there.
            let suiting =
                command.iter().map(|word| if word == "…" { "2026-07-14T09:15:00Z" } else { word }).filter(|word| !word.contains("2>")).collect::<Vec<_>>();
            let told = ran(Path::new("/"), &[&suiting[..], &["--help"]].concat());
            assert_eq!(told.code, Some(0), "{}: sessiontrail {}\n{}", path.display(), command.join(" "), told.stderr);
            tried += 1;
        }
    }
    assert!(tried >= 30, "only {tried} commands were found");
}

/// What stands between fences of this language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_policy_is_json_that_grants_what_it_names() {
    let mut policies = 0;
    for (path, text) in documents() {
        for block in blocks(&text, "json") {
            let json: Value = serde_json::from_str(block).unwrap_or_else(|error| panic!("{}: {error}: {block}", path.display()));
            let Some(statements) = json["Statement"].as_array() else { continue };
            policies += 1;
            assert_eq!(json["Version"], "2012-10-17", "{}", path.display());
            for statement in statements {
                let actions: Vec<&str> = match &statement["Action"] {
                    Value::String(one) => vec![one],
                    Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
                    _ => Vec::new(),
                };
                assert!(!actions.is_empty(), "{}: {statement}", path.display());
                if statement["Effect"] == "Allow" {
                    assert!(actions.iter().all(|action| !action.contains('*') && action.contains(':')), "{}: {statement}", path.display());
                    let touches = ["ssm:StartSession", "ssm:ResumeSession", "ssm:TerminateSession", "ssm:SendCommand", "ssm:UpdateDocument"];
                    assert!(actions.iter().all(|action| !touches.contains(action)), "{}: a reader reads: {statement}", path.display());
                } else {
                    assert_eq!(statement["Effect"], "Deny", "{}: {statement}", path.display());
                }
            }
        }
    }
    assert!(policies >= 5, "only {policies} policies were found");
}
