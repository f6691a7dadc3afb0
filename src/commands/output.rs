//! Where an answer goes: standard output, or a file that appears when it is whole.

use std::io::{self, BufWriter, IsTerminal, Write};

use analyze::answer::{self, Answer};

use crate::args::{Format, Output};
use crate::exit::Failure;
use crate::publish::WholeFile;

impl From<Format> for answer::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Table,
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
            Format::Ndjson => Self::Ndjson,
            Format::Parquet => Self::Parquet,
        }
    }
}

/// Refuses what cannot be written before a long query is run for it.
pub(super) fn check(output: &Output) -> Result<(), Failure> {
    if output.format == Format::Parquet && output.output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::usage("a terminal cannot show Parquet").hint("name a file with -o"));
    }
    Ok(())
}

/// Writes every row of an answer.
pub(super) async fn write(answer: Answer, output: &Output) -> Result<(), Failure> {
    let Some(path) = &output.output else {
        let mut out = BufWriter::new(io::stdout());
        answer::write(answer, output.format.into(), &mut out).await?;
        return out.flush().map_err(Failure::failed);
    };
    let refused = |error: io::Error| Failure::failed(format!("cannot write {}: {error}", path.display()));
    let mut file = WholeFile::create(path).map_err(refused)?;
    answer::write(answer, output.format.into(), file.writer()).await?;
    file.keep().map(drop).map_err(refused)
}
