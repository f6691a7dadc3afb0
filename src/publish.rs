//! What other engines read: `sessions` and the KPIs as plain Parquet under `<lake>/published/`, each file whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use analyze::answer;

use crate::asked;
use crate::exit::Failure;
use crate::plan::Plan;
use crate::reading::Reading;

/// Publishes the ledger of the plan's lake, with its moment and the digest of its policy in each file's metadata.
pub(crate) async fn publish(plan: &Plan) -> Result<(), Failure> {
    let reading = Reading::open(plan).await?;
    let folder = plan.lake.join("published");
    fs::create_dir_all(&folder).map_err(Failure::failed)?;
    let as_of = reading.as_of().map(|as_of| as_of.to_string()).unwrap_or_default();
    let metadata = [("sessiontrail.as_of", as_of.as_str()), ("sessiontrail.policy_digest", reading.policy_digest.as_str())];
    let kpis = queries::KPIS.iter().map(|kpi| (kpi.id, kpi.sql));
    for (name, sql) in std::iter::once(("sessions", asked::SESSIONS)).chain(kpis) {
        let answer = reading.engine().ask(sql).await?;
        let mut file = WholeFile::create(&folder.join(format!("{name}.parquet"))).map_err(Failure::failed)?;
        answer::write_parquet(answer, &metadata, file.writer()).await?;
        file.keep().map_err(Failure::failed)?;
    }
    Ok(())
}

/// A file that appears under its name only when it is complete, in the place of one that was there.
pub(crate) struct WholeFile {
    writer: BufWriter<File>,
    partial: PathBuf,
    path: PathBuf,
    is_kept: bool,
}

impl WholeFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a file"))?.to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let partial = path.with_file_name(name);
        let file = File::create_new(&partial)?;
        Ok(Self { writer: BufWriter::new(file), partial, path: path.to_owned(), is_kept: false })
    }

    pub(crate) fn writer(&mut self) -> &mut (dyn Write + Send) {
        &mut self.writer
    }

    pub(crate) fn keep(mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()?;
        fs::rename(&self.partial, &self.path)?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // What is not complete must not be taken for an answer; where it cannot be removed, its name says what it is.
            let _ = fs::remove_file(&self.partial);
        }
    }
}
