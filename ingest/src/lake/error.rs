//! Why the lake could not be read or written.

use std::path::PathBuf;

use arrow::error::ArrowError;
use deltalake::DeltaTableError;
use parquet::errors::ParquetError;
use schemas::FormatError;
use sessions::rows::RowError;

/// Why the lake could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The place of the lake is no place.
    #[error("{0} cannot be the place of a lake")]
    Place(String),
    /// The folder of the lake could not be made or looked into.
    #[error("the folder {} of the lake could not be made or looked into", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The log of a table could not be read or written.
    #[error("the table {table} of the lake could not be {doing}")]
    Log {
        /// The table.
        table: &'static str,
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: Box<DeltaTableError>,
    },
    /// A table of the lake has other columns than this version of the program knows.
    #[error("the table {table} of the lake has the column {column} in another form than this version of sessiontrail")]
    Contract {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// A table of the lake was written in a format that this version of the program does not know.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file of a table could not be read or written.
    #[error("the file {file} of the table {table} could not be {doing}")]
    File {
        /// The table.
        table: &'static str,
        /// The file within the table's folder.
        file: String,
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: ParquetError,
    },
    /// A merged file would not hold the very rows of the files it replaces; nothing was committed.
    #[error("files of the table {table} hold {found} rows where their log says {expected}")]
    Rows {
        /// The table.
        table: &'static str,
        /// Rows that the log says.
        expected: u64,
        /// Rows that were read.
        found: u64,
    },
    /// Rows could not be turned into a batch, or a batch into rows.
    #[error("rows of the lake could not be converted")]
    Convert(#[from] RowError),
    /// Arrow refused.
    #[error("columns of the lake could not be worked with")]
    Arrow(#[from] ArrowError),
    /// What a batch promised can no longer be found: a version of the log of `objects` is missing or damaged.
    #[error("the promise of batch {batch} is not in the log of the table objects; restore its log from a backup")]
    Promise {
        /// Number of the batch.
        batch: i64,
    },
    /// Others committed again and again in between.
    #[error("the table {table} of the lake is being written to without pause; try again later")]
    Contended {
        /// The table.
        table: &'static str,
    },
    /// A task of this process did not come back.
    #[error("a worker of this process was stopped")]
    Worker(#[from] tokio::task::JoinError),
}

impl LakeError {
    /// Whether a file that the log names is no longer there, as after a vacuum.
    pub(super) fn is_missing_file(&self) -> bool {
        let Self::File { source: ParquetError::External(cause), .. } = self else { return false };
        matches!(cause.downcast_ref::<object_store::Error>(), Some(object_store::Error::NotFound { .. }))
    }
}
