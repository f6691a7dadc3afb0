//! What may be asked: statements that read.

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as Sql;

/// Parses one statement, and refuses what is not a question.
pub(super) fn read_only(state: &SessionState, sql: &str) -> Result<Statement> {
    let dialect = state.config().options().sql_parser.dialect;
    let statement = match state.sql_to_statement(sql, &dialect) {
        Err(DataFusionError::NotImplemented(_)) => return Err(DataFusionError::Plan("one statement at a time".to_owned())),
        Err(DataFusionError::Plan(_)) => return Err(DataFusionError::Plan("there is no statement".to_owned())),
        parsed => parsed?,
    };
    if reads(&statement) {
        Ok(statement)
    } else {
        let verb = statement.to_string().split_whitespace().next().unwrap_or_default().to_owned();
        Err(DataFusionError::Plan(format!("{verb} is refused: this session only reads; {QUESTIONS} are questions")))
    }
}

fn reads(statement: &Statement) -> bool {
    match statement {
        Statement::Statement(sql) => sql_reads(sql),
        Statement::Explain(explain) => reads(&explain.statement),
        Statement::CreateExternalTable(_) | Statement::CopyTo(_) | Statement::Reset(_) => false,
    }
}

fn sql_reads(sql: &Sql) -> bool {
    match sql {
        Sql::Query(_) | Sql::ShowTables { .. } | Sql::ShowColumns { .. } | Sql::ShowVariable { .. } | Sql::ShowFunctions { .. } | Sql::ExplainTable { .. } => {
            true
        }
        Sql::Explain { statement, .. } => sql_reads(statement),
        _ => false,
    }
}

pub(super) const QUESTIONS: &str = "SELECT, WITH, VALUES, EXPLAIN, SHOW and DESCRIBE";
