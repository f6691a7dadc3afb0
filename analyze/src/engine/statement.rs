//! What may be asked: statements that read.

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as Sql};

/// Parses one statement, and refuses what is not a question.
pub(super) fn read_only(state: &SessionState, sql: &str) -> Result<Statement> {
    let dialect = state.config().options().sql_parser.dialect;
    let statement = match state.sql_to_statement(sql, &dialect) {
        Err(DataFusionError::NotImplemented(_)) => return Err(DataFusionError::Plan("one statement at a time".to_owned())),
        Err(DataFusionError::Plan(_)) => return Err(DataFusionError::Plan("there is no statement".to_owned())),
        parsed => parsed?,
    };
    match offence(&statement) {
        None => Ok(statement),
        Some(verb) => Err(refused(&verb)),
    }
}

/// What is no question, by its verb.
pub(super) fn refused(verb: &str) -> DataFusionError {
    DataFusionError::Plan(format!("{verb} {REFUSED}"))
}

/// What to do instead, where a message says that a statement is refused.
pub(super) fn hint(message: &str) -> Option<String> {
    let verb = message.strip_suffix(REFUSED)?.trim_end();
    Some(match verb {
        _ if verb.starts_with("SHOW") => "SHOW TABLES lists the tables, DESCRIBE the columns of one".to_owned(),
        INTO => "leave INTO out, and write the answer to a file with -o".to_owned(),
        _ => format!("{QUESTIONS} are questions"),
    })
}

/// The verb of what does not only read, however deep it stands.
fn offence(statement: &Statement) -> Option<String> {
    match statement {
        Statement::Statement(sql) => offence_of_sql(sql),
        Statement::Explain(explain) => offence(&explain.statement),
        Statement::CreateExternalTable(_) | Statement::CopyTo(_) | Statement::Reset(_) => Some(words(&statement.to_string(), 1)),
    }
}

fn offence_of_sql(sql: &Sql) -> Option<String> {
    match sql {
        Sql::Query(query) => makes_a_table(query).then(|| INTO.to_owned()),
        Sql::ShowTables { .. } | Sql::ShowColumns { .. } | Sql::ShowVariable { .. } | Sql::ShowFunctions { .. } | Sql::ExplainTable { .. } => None,
        Sql::Explain { statement, .. } => offence_of_sql(statement),
        other => {
            let text = other.to_string();
            // SHOW is a question, but not of everything.
            Some(words(&text, if text.starts_with("SHOW ") { 2 } else { 1 }))
        }
    }
}

/// `SELECT … INTO`, at any level.
fn makes_a_table(query: &Query) -> bool {
    fn body_does(body: &SetExpr) -> bool {
        match body {
            SetExpr::Select(select) => select.into.is_some(),
            SetExpr::SetOperation { left, right, .. } => body_does(left) || body_does(right),
            SetExpr::Query(query) => makes_a_table(query),
            _ => false,
        }
    }
    body_does(&query.body) || query.with.iter().flat_map(|with| &with.cte_tables).any(|cte| makes_a_table(&cte.query))
}

fn words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}

const REFUSED: &str = "is refused: this session only reads";
const INTO: &str = "SELECT INTO";
const QUESTIONS: &str = "SELECT, WITH, VALUES, EXPLAIN, SHOW and DESCRIBE";
