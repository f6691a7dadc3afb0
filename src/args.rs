//! What was typed: the commands, their options, and the help that teaches them. What it means is `plan`'s to say.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use schemas::Timestamp;

/// The session ledger for AWS Systems Manager Session Manager.
///
/// Reads session logs and the evidence around them, reconstructs one row per session, holds it against your policy, and answers: who is
/// over the limit, how fast such sessions end, and which instances the limits cover.
#[derive(Debug, Parser)]
#[command(name = "sessiontrail", version, max_term_width = 120, after_help = EXAMPLES, after_long_help = EXAMPLES_AND_CODES)]
pub(crate) struct Typed {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The configuration [default: ./sessiontrail.toml]
    #[arg(long, global = true, value_name = "FILE", env = "SESSIONTRAIL_CONFIG", value_parser = OsStringValueParser::new().try_map(file))]
    pub(crate) config: Option<PathBuf>,
    /// The lake, in place of the configuration's: a folder, a file:// or an s3:// address
    #[arg(long, global = true, value_name = "URI")]
    pub(crate) lake: Option<String>,
    /// The moment of all answers, such as 2026-07-14T09:15:00Z [default: the latest time that AWS vouches for]
    #[arg(long, global = true, value_name = "T", value_parser = Timestamp::parse)]
    pub(crate) as_of: Option<Timestamp>,
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// A variable that is set to nothing names no file, whatever whoever set it had in mind.
fn file(name: OsString) -> Result<PathBuf, &'static str> {
    if name.is_empty() { Err("the name is empty: name the file, and unset SESSIONTRAIL_CONFIG where it is set to nothing") } else { Ok(name.into()) }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a small estate on disk, ingest it, and print its KPIs: no AWS account, no network
    #[command(
        after_help = "Examples:\n  sessiontrail demo\n  cd sessiontrail-demo && sessiontrail status\n\nThe same seed gives the same estate, byte for byte."
    )]
    Demo(Demo),
    /// Pull what is new from every source into the lake
    #[command(after_help = INGEST)]
    Ingest(Ingest),
    /// Recompute everything derived from the stored events; must equal what ingest left
    #[command(after_help = "Examples:\n  sessiontrail rebuild                  # after a new version of the program that reconstructs better")]
    Rebuild,
    /// Answer one SQL query
    #[command(after_help = QUERY)]
    Query(Query),
    /// List the KPIs with their definitions, or print one
    #[command(after_help = "Examples:\n  sessiontrail kpi\n  sessiontrail kpi kpi_weekly\n  sessiontrail kpi kpi_coverage --format csv -o coverage.csv")]
    Kpi(Kpi),
    /// Write a report that people read, or say what a later one says otherwise
    #[command(subcommand)]
    Report(Report),
    /// Show sources, freshness, rejects, gaps, findings, and open sessions over their limit with the command that ends each
    #[command(after_help = STATUS)]
    Status(Status),
    /// Check the policy file, or say which tier something falls into and why
    #[command(subcommand)]
    Policy(Policy),
    /// Merge small files of the lake into large ones, and delete files that nothing refers to
    #[command(after_help = "Examples:\n  sessiontrail compact                  # such as once a week; queries and other runs may go on meanwhile")]
    Compact,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The folder to write; it must be empty, absent, or a demo of the same seed
    #[arg(long, value_name = "DIR", default_value = "./sessiontrail-demo")]
    pub(crate) dir: PathBuf,
    /// Another estate for another number
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// Only this source; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Vec<String>,
    /// Only objects modified at or after this time
    #[arg(long, value_name = "T", value_parser = Timestamp::parse)]
    pub(crate) from: Option<Timestamp>,
    /// Only objects modified before this time
    #[arg(long, value_name = "T", value_parser = Timestamp::parse)]
    pub(crate) to: Option<Timestamp>,
    /// Read and decode everything, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Then send each new finding, once, to the SNS topic and the webhook of the configuration
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) notify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    /// The query; without it, it is read from --file or from standard input
    pub(crate) sql: Option<String>,
    /// Read the query from a file
    #[arg(long, value_name = "FILE", conflicts_with = "sql")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Kpi {
    /// Its name; without one, all of them are listed
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The form of an answer, and where it goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Output {
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Write to a file, whole or not at all, in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// RFC 4180; texts that a spreadsheet would run begin with '
    Csv,
    /// One array of objects
    Json,
    /// One object per line
    Ndjson,
    /// For other engines; a terminal cannot show it: use -o, or a pipe
    Parquet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Write the report of a week: HTML, XLSX, Markdown, CSV and JSON
    #[command(after_help = WEEKLY)]
    Weekly(Period),
    /// Write the report of a quarter, with a sample for the auditor
    #[command(
        after_help = "Examples:\n  sessiontrail report quarterly --out reports\n  sessiontrail report quarterly --period 2026-Q3 --out s3://org-reports/sessiontrail"
    )]
    Quarterly(Period),
    /// Say what the later of two reports of one period says otherwise
    #[command(after_help = "Examples:\n  sessiontrail report diff reports/weekly/2026-W28/20260713T060000Z reports/weekly/2026-W28/20260720T060000Z")]
    Diff(ReportDiff),
}

/// What is reported, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct Period {
    /// The period, such as 2026-W28, 2026-Q3 or FY2027-Q1; `last` is the newest that is over [default: the one that holds the last instant before as_of]
    #[arg(long, value_name = "NAME")]
    pub(crate) period: Option<String>,
    /// Where reports lie: a folder or an s3:// address; each run has a folder of its own below it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: String,
    /// Then send its headline and its link, once, to the SNS topic and the webhook of the configuration
    #[arg(long)]
    pub(crate) notify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportDiff {
    /// The earlier report: its folder, or its report.json; a path or an s3:// address, which is asked with the access of the configuration's lake
    pub(crate) before: String,
    /// The later one
    pub(crate) after: String,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// End with code 4 where one of these is so; may be given several times, or with commas
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    /// Also send each new finding, once, to the SNS topic and the webhook of the configuration
    #[arg(long)]
    pub(crate) notify: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// An open session is over its limit, certainly
    OverLimit,
    /// A change of the preferences is not acknowledged in the policy
    PrefsChanged,
    /// A source is older than its stale_after, or has never held anything
    Stale,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Validate the policy file
    #[command(after_help = "Examples:\n  sessiontrail policy check             # exit code 2 where it cannot be used, with file, line and key")]
    Check,
    /// Say which tier a session, an instance, or a caller and target fall into, and why
    #[command(after_help = EXPLAIN)]
    Explain(Box<Explain>),
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A session of the lake
    #[arg(long, value_name = "ID", conflicts_with_all = ["instance", "principal", "target", "tag", "account", "region", "document"])]
    pub(crate) session: Option<String>,
    /// An instance of the lake, as coverage sees it
    #[arg(long, value_name = "ID", conflicts_with_all = ["principal", "target", "tag", "account", "region", "document"])]
    pub(crate) instance: Option<String>,
    /// ARN of a caller
    #[arg(long, value_name = "ARN")]
    pub(crate) principal: Option<String>,
    /// What the session reaches, such as i-0123456789abcdef0
    #[arg(long, value_name = "ID")]
    pub(crate) target: Option<String>,
    /// A tag of the target; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// The account
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// The region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The Session document
    #[arg(long, value_name = "NAME")]
    pub(crate) document: Option<String>,
    /// When the session starts [default: the start of --session, the newest snapshot of --instance, else this very moment]
    #[arg(long, value_name = "T", value_parser = Timestamp::parse)]
    pub(crate) at: Option<Timestamp>,
}

fn tag(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("a tag is written KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

macro_rules! examples {
    () => {
        "\
Examples:
  sessiontrail demo                                 # start here
  sessiontrail ingest                               # what ./sessiontrail.toml names, into its lake
  sessiontrail kpi kpi_weekly                       # who is over the limit, week by week
  sessiontrail query \"SELECT * FROM sessions WHERE over_limit_certainty = 'certain'\""
    };
}

const EXAMPLES: &str = examples!();

const EXAMPLES_AND_CODES: &str = concat!(
    examples!(),
    "

Exit codes:
  0  done; nothing new counts as done
  1  failed
  2  usage, configuration or SQL
  3  done but incomplete: something was rejected, denied, unreachable, not answered or not delivered, or a source is empty or stale
  4  a threshold asked for with --fail-on is breached, incomplete or not
  5  verification failed"
);

const INGEST: &str = "\
Safe to repeat, to interrupt, and to run twice at once: the same evidence gives the same rows.

Examples:
  sessiontrail ingest
  sessiontrail ingest --source org-trail --from 2026-07-01T00:00:00Z
  sessiontrail ingest --dry-run                     # what would be read, and what would be rejected
  sessiontrail ingest --notify                      # and then tell who is on call what was found

--notify sends each finding at least once: once where nothing goes wrong, again where a run was killed in between. A topic or webhook that is used for the
first time gets what was opened in the 24 hours before the latest known time, and everything that is found from then on. What cannot be delivered is
said, ends with exit code 3, and is tried again at the next run.";

const STATUS: &str = "\
Examples:
  sessiontrail status
  sessiontrail status --fail-on over-limit                # exit code 4 where somebody is over the limit now
  sessiontrail status --fail-on prefs-changed,stale -q    # such as for a monitor
  sessiontrail status --notify                            # send what was found and not sent yet

A threshold that is breached ends with exit code 4, also where something is incomplete (3). Of --notify, see `sessiontrail help ingest`.";

const WEEKLY: &str = "\
Prints the folder that it wrote: <out>/weekly/<week>/<as_of>. Nothing is ever written over; <out>/weekly/latest names the newest.

Examples:
  sessiontrail report weekly --out reports
  sessiontrail report weekly --period last --out reports --notify   # such as every Monday: the week that is over, and its headline to whom it concerns
  sessiontrail report weekly --period 2026-W28 --out s3://org-reports/sessiontrail

A headline that says the same of its period is sent once; what cannot be delivered is said, ends with exit code 3, and is tried again at the next run.";

const QUERY: &str = "\
Tables: sessions, events, activity, api_calls, instances, preferences, policy_tiers, objects, rejects, gaps, runs, and every KPI.

Examples:
  sessiontrail query \"SELECT owner, count(*) FROM sessions GROUP BY owner\"
  sessiontrail query --file monthly.sql --format csv -o monthly.csv
  echo 'SELECT count(*) FROM events' | sessiontrail query --format ndjson";

const EXPLAIN: &str = "\
Examples:
  sessiontrail policy explain --session jane.doe@example.com-0a1b2c3d4e5f60718
  sessiontrail policy explain --instance i-0123456789abcdef0
  sessiontrail policy explain --principal arn:aws:sts::111122223333:assumed-role/Ops/jane --tag Environment=prod --at 2026-07-14T09:15:00Z";

#[cfg(test)]
mod tests;
