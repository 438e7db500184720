//! A copy of the embedded database, while others use it.

use std::{
    fs::{self, File, OpenOptions},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, FromQueryResult};

use super::{
    Store,
    sql::{execute, query},
    sqlite_file::{file_of, folder_of, resolve, with_suffix},
};
use crate::domain::{Error, ErrorCode, Result};

/// The tables whose rows are counted.
const COUNTED: [&str; 5] = ["users", "sms_providers", "phone_numbers", "messages", "delivery_reports"];

/// A copy that was made and checked.
#[derive(Clone, Debug)]
pub struct BackupCopy {
    /// How large it is.
    pub bytes: u64,
    /// How many rows the main tables have in it.
    pub rows: Vec<(&'static str, i64)>,
}

/// A file that is removed unless it has become the copy.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Store {
    /// Copies a SQLite database into a new file, for its owner alone, checks the copy, and has it on the disk before it
    /// gets its name. `checking` is called when the copy is made. A server can go on meanwhile: the copy is what was
    /// committed when it began.
    ///
    /// `VACUUM INTO` reads one snapshot. SQLite's backup interface would begin again with every change that another
    /// process makes, and under load never come to an end.
    ///
    /// # Errors
    /// When there is no such database, the file exists already, or the copy is damaged.
    pub async fn back_up(url: &str, target: &Path, checking: impl FnOnce()) -> Result<BackupCopy> {
        let source = file_of(url)?.ok_or_else(|| refusal("this is no database of SQLite in a file"))?;
        let source = resolve(&source).map_err(|error| refusal(format!("cannot find {}: {error}", source.display())))?;
        let target = std::path::absolute(target).map_err(|error| refusal(error.to_string()))?;
        if fs::symlink_metadata(&target).is_ok() {
            return Err(refusal("there is such a file already, and it is not overwritten: name another"));
        }
        let unfinished = Unfinished(with_suffix(&target, &format!(".{}.partial", std::process::id())));
        let file = create_private(&unfinished.0)?;
        let copy = async {
            let connection = open(&source).await?;
            let path = unfinished.0.display().to_string();
            let copied = execute(&connection, "VACUUM INTO $1".to_owned(), [path.into()]).await;
            connection.close().await?;
            copied.map(drop)
        };
        copy.await.map_err(Error::from)?;
        checking();
        let rows = check(&unfinished.0).await?;
        // What is written is on the disk before the name is.
        let failed = |error: std::io::Error| refusal(error.to_string());
        file.sync_all().map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        place(&unfinished.0, &target)?;
        File::open(folder_of(&target)).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(BackupCopy { bytes, rows })
    }
}

fn refusal(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::Unavailable, message)
}

/// Creates an empty file, readable by its owner alone.
fn create_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| refusal(format!("cannot make {}: {error}", path.display())))
}

/// Opens a database to read it. Nothing beside it is written back.
async fn open(path: &Path) -> Result<DatabaseConnection, DbErr> {
    // A path may have characters that a URL may not: it is set below.
    let mut options = ConnectOptions::new("sqlite:backup");
    let path = path.to_owned();
    options
        .sqlx_logging(false)
        .max_connections(1)
        .map_sqlx_sqlite_opts(move |options| options.filename(&path).read_only(true));
    Database::connect(options).await
}

/// Reads the whole copy. Returns how many rows its main tables have.
async fn check(path: &Path) -> Result<Vec<(&'static str, i64)>> {
    #[derive(FromQueryResult)]
    struct Problem {
        integrity_check: String,
    }
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let read = async {
        let connection = open(path).await?;
        let problems: Vec<Problem> = query(&connection, "PRAGMA integrity_check(1)".to_owned(), []).await?;
        let mut rows = Vec::new();
        for table in COUNTED {
            let counts: Vec<Count> = query(&connection, format!("SELECT count(*) AS n FROM {table}"), []).await?;
            rows.push((table, counts.first().map_or(0, |count| count.n)));
        }
        connection.close().await?;
        Ok::<_, DbErr>((problems, rows))
    };
    let (problems, rows) = read.await.map_err(Error::from)?;
    match problems.first() {
        Some(problem) if problem.integrity_check == "ok" => Ok(rows),
        problem => {
            let what = problem.map_or("the check says nothing", |problem| problem.integrity_check.trim());
            Err(refusal(format!("the copy is damaged, and so may the database be: {what}")))
        }
    }
}

/// Gives a file its name, unless another has it.
fn place(from: &Path, to: &Path) -> Result<()> {
    let placed = match fs::hard_link(from, to) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // There are file systems without links.
        Err(_) if fs::symlink_metadata(to).is_err() => fs::rename(from, to),
        linked => linked,
    };
    placed.map_err(|error| refusal(format!("cannot make {}: {error}", to.display())))
}
