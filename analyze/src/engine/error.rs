//! Why a question has no answer, in one sentence, and what to do about it.

use std::cmp::Reverse;

use arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

use super::statement;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The question itself is wrong: it cannot be understood, names what does not exist, or would change something.
    #[error("{message}")]
    Sql {
        /// A sentence without a full stop.
        message: String,
        /// What to do, where that can be told.
        hint: Option<String>,
    },
    /// The answer needs more memory than the session may use.
    #[error("the query needs more memory than it may use")]
    OutOfMemory(#[source] Box<DataFusionError>),
    /// The question is right, and something else failed.
    #[error("the query could not be answered")]
    Failed(#[source] Box<DataFusionError>),
    /// The answer could not be written where it should go.
    #[error("the answer could not be written")]
    Write(#[from] std::io::Error),
}

impl QueryError {
    /// What to do about it, where that can be told.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Sql { hint, .. } => hint.as_deref(),
            Self::OutOfMemory(_) => Some("ask for fewer rows or columns, or for a shorter time"),
            Self::Failed(_) | Self::Write(_) => None,
        }
    }

    /// Explains an error; `tables` are those that could have been meant.
    pub(super) fn explain(error: DataFusionError, tables: &[String]) -> Self {
        match error.find_root() {
            DataFusionError::SchemaError(schema, _) => match &**schema {
                SchemaError::FieldNotFound { field, valid_fields } => {
                    let columns: Vec<String> = valid_fields.iter().map(|column| column.name.clone()).collect();
                    Self::sql(format!("there is no column {:?}", field.name), nearest("columns", &field.name, &columns))
                }
                other => Self::sql(sentence(&other.to_string()), None),
            },
            DataFusionError::Plan(message) => Self::plan(message, tables),
            DataFusionError::SQL(parser, _) => Self::sql(format!("this is no SQL: {}", sentence(&parser.to_string())), None),
            // Functions say so of arguments that they cannot use. What fails in the world has kinds of its own.
            DataFusionError::NotImplemented(message) | DataFusionError::Execution(message) => Self::sql(sentence(message), None),
            DataFusionError::ArrowError(arrow, _) if is_of_the_question(arrow) => Self::sql(sentence(&arrow.to_string()), None),
            DataFusionError::ResourcesExhausted(_) => Self::OutOfMemory(Box::new(error)),
            _ => Self::Failed(Box::new(error)),
        }
    }

    fn plan(message: &str, tables: &[String]) -> Self {
        if let Some(name) = message.strip_prefix("table '").and_then(|rest| rest.strip_suffix("' not found")) {
            let name = name.rsplit('.').next().unwrap_or(name);
            return Self::sql(format!("there is no table {name:?}"), nearest("tables", name, tables));
        }
        if let Some(rest) = message.strip_prefix("Invalid function '") {
            let name = rest.split('\'').next().unwrap_or_default();
            let hint = if super::CLOCKS.contains(&name) {
                Some("the ledger's moment is as_of(), which does not change with the clock".to_owned())
            } else {
                rest.split("Did you mean '").nth(1).and_then(|rest| rest.split('\'').next()).map(|name| format!("did you mean {name}()?"))
            };
            return Self::sql(format!("there is no function {name}()"), hint);
        }
        Self::sql(sentence(message), statement::hint(message))
    }

    fn sql(message: String, hint: Option<String>) -> Self {
        Self::Sql { message, hint }
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        Self::explain(error, &[])
    }
}

/// Values that the question itself asked to read, divide or cast.
fn is_of_the_question(error: &ArrowError) -> bool {
    matches!(error, ArrowError::CastError(_) | ArrowError::ParseError(_) | ArrowError::DivideByZero | ArrowError::ArithmeticOverflow(_))
}

/// One line, without the prefixes that name a layer, and without a full stop.
fn sentence(message: &str) -> String {
    let message = LAYERS.iter().fold(message, |message, layer| message.strip_prefix(layer).unwrap_or(message));
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches('.').to_owned()
}

const LAYERS: [&str; 6] =
    ["Error during planning: ", "Execution error: ", "SQL error: ", "sql parser error: ", "This feature is not implemented: ", "Cast error: "];

/// The names closest to a wrong one, or how to list all.
fn nearest(kind: &str, wrong: &str, names: &[String]) -> Option<String> {
    let wrong = wrong.to_lowercase();
    let mut close: Vec<(usize, &String)> = names.iter().map(|name| (distance(&wrong, &name.to_lowercase()), name)).collect();
    close.retain(|(distance, name)| *distance <= 1 + wrong.chars().count().max(name.chars().count()) / 3 || name.starts_with(&wrong));
    close.sort_by_key(|(distance, name)| (*distance, Reverse(name.len())));
    close.dedup();
    let close: Vec<&str> = close.into_iter().take(3).map(|(_, name)| name.as_str()).collect();
    if !close.is_empty() {
        return Some(format!("did you mean {}?", close.join(" or ")));
    }
    match names {
        [] => None,
        names if names.len() <= 12 => Some(format!("the {kind} are {}", names.join(", "))),
        _ if kind == "tables" => Some("SHOW TABLES lists them".to_owned()),
        _ => Some("DESCRIBE lists the columns of a table".to_owned()),
    }
}

/// Letters to add, drop or change to make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in right.iter().enumerate() {
            let above = row[column + 1];
            let change = diagonal + usize::from(letter != *other);
            row[column + 1] = change.min(above + 1).min(row[column] + 1);
            diagonal = above;
        }
    }
    row[right.len()]
}
