//! The file of the embedded database: one server at a time, and none on a damaged file.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, Database, DbErr, FromQueryResult, sqlx::sqlite::SqliteConnectOptions};

use super::{Store, sql::query};
use crate::domain::{Error, ErrorCode, Result, StoreProblem};

/// How long a check takes at least for the log to mention it.
const LONG: Duration = Duration::from_secs(1);

/// The right to serve a database file, or to revert its migrations. It ends when it is dropped, and with the process
/// however that ends. The lock is on a file beside the database, which may stay.
#[derive(Debug)]
pub struct FileLock(#[expect(dead_code, reason = "the lock is held for as long as the file is open")] File);

/// The file of a SQLite database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseFile {
    /// Its full path.
    pub path: PathBuf,
    /// Whether there is nothing in it: opening it makes a database.
    pub is_new: bool,
}

impl Store {
    /// The file of a SQLite database, whether or not it exists. A database in memory and PostgreSQL have none.
    ///
    /// # Errors
    /// When its folder does not exist.
    pub fn find_file(url: &str) -> Result<Option<DatabaseFile>> {
        let Some(path) = file_of(url)? else { return Ok(None) };
        let path = resolve(&path).map_err(|error| cannot("find", &path, &error))?;
        let is_new = fs::metadata(&path).map_or(true, |file| file.len() == 0);
        Ok(Some(DatabaseFile { path, is_new }))
    }

    /// Locks the file of a SQLite database for this process. A database in memory and PostgreSQL have none.
    ///
    /// # Errors
    /// When another process has the lock, or the folder cannot be written.
    pub fn lock_file(url: &str) -> Result<Option<FileLock>> {
        let Some(path) = file_of(url)? else { return Ok(None) };
        // Two spellings of a path are one file.
        let path = resolve(&path).map_err(|error| cannot("find", &path, &error))?;
        let beside = with_suffix(&path, ".lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(|error| cannot("open", &beside, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                let _ = file.read_to_string(&mut process);
                let process = match process.trim() {
                    "" => "another process".to_owned(),
                    id => format!("process {id}"),
                };
                return Err(Error::new(
                    ErrorCode::Unavailable,
                    format!(
                        "{process} serves the database {}: stop it first, or set database_url to another file",
                        path.display()
                    ),
                ));
            }
            Err(TryLockError::Error(error)) => tracing::warn!(
                path = %beside.display(),
                %error,
                "the file system has no locks: make sure yourself that no two processes serve this database"
            ),
        }
        // For the message to a second process. The lock holds even if a full disk keeps the id from being written.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Some(FileLock(file)))
    }

    /// Checks the whole file of a SQLite database without changing it. A file that does not exist is in order.
    ///
    /// # Errors
    /// What is wrong with the file, and what to do.
    pub async fn verify_file(url: &str) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Found {
            quick_check: String,
        }
        let Some(path) = file_of(url)? else { return Ok(()) };
        // SQLite keeps its other files beside the target of a link.
        let path = resolve(&path).map_err(|error| cannot("open", &path, &error))?;
        let length = match fs::metadata(&path) {
            Ok(file) => file.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(cannot("open", &path, &error)),
        };
        let log = with_suffix(&path, "-wal");
        if length == 0 {
            // SQLite would delete the log.
            return match fs::metadata(&log) {
                Ok(log) if log.len() > 0 => Err(damaged(&path, "it is empty, and its -wal file is not")),
                _ => Ok(()),
            };
        }
        OpenOptions::new().write(true).open(&path).map_err(|error| cannot("write", &path, &error))?;
        let started = Instant::now();
        let mut options = ConnectOptions::new(url);
        // A read-only connection does not write the log back when it closes.
        options.sqlx_logging(false).max_connections(1).map_sqlx_sqlite_opts(|options| options.read_only(true));
        let check = async {
            let connection = Database::connect(options).await?;
            let found: Vec<Found> = query(&connection, "PRAGMA quick_check(1)".to_owned(), []).await?;
            connection.close().await?;
            Ok::<_, DbErr>(found)
        };
        let found = match check.await.map_err(Error::from) {
            Ok(found) => found,
            Err(error) if error.store_problem() == Some(StoreProblem::Corrupt) => {
                return Err(damaged(&path, &cause(&error)));
            }
            Err(error) => return Err(error),
        };
        if started.elapsed() >= LONG {
            tracing::info!(seconds = started.elapsed().as_secs(), bytes = length, "checked the database file");
        }
        match found.first() {
            Some(found) if found.quick_check == "ok" => Ok(()),
            found => Err(damaged(&path, found.map_or("the check says nothing", |found| &found.quick_check))),
        }
    }
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Error::new(ErrorCode::Unavailable, format!("cannot {what} {}: {error}", path.display()))
}

fn cause(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn damaged(path: &Path, what: &str) -> Error {
    let path = path.display();
    // SQLite's messages name tables and pages, and quote no values.
    let what = what.trim().replace('\n', " ");
    Error::new(
        ErrorCode::Unavailable,
        format!(
            "the database {path} is damaged: {what}. Nothing was changed. Restore a backup (remove {path}-wal and \
             {path}-shm then), or save what can be read with `sqlite3 {path} .recover | sqlite3 recovered.sqlite`"
        ),
    )
    .with_store_problem(StoreProblem::Corrupt)
}

/// The file of a URL: none for PostgreSQL and for a database in memory.
///
/// # Errors
/// When the URL asks for a read-only database.
pub(super) fn file_of(url: &str) -> Result<Option<PathBuf>> {
    let Some(rest) = url.strip_prefix("sqlite:") else { return Ok(None) };
    let query = rest.split_once('?').map(|(_, query)| query).unwrap_or_default();
    if rest.contains(":memory:") || query.contains("mode=memory") || rest.trim_start_matches("//").is_empty() {
        return Ok(None);
    }
    if let Some(option) = query.split('&').find(|option| *option == "mode=ro" || option.starts_with("immutable=")) {
        return Err(Error::new(
            ErrorCode::Unavailable,
            format!("database_url: `{option}` does not go: it has to be written"),
        ));
    }
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| Error::new(ErrorCode::Unavailable, format!("database_url: {error}")))?;
    Ok(Some(options.get_filename().to_owned()))
}

/// How many symbolic links a path may have: as many as Linux follows.
const LINKS: usize = 40;

/// The file that a path leads to, whether or not it exists.
pub(super) fn resolve(path: &Path) -> std::io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(link) if !path.exists() => path = folder_of(&path).join(link),
            _ => break,
        }
    }
    match fs::canonicalize(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = fs::canonicalize(folder_of(&path))?;
            Ok(path.file_name().map_or(folder.clone(), |name| folder.join(name)))
        }
        resolved => resolved,
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_has_a_path() {
        for url in ["postgres://localhost/x", "sqlite::memory:", "sqlite://:memory:", "sqlite:x?mode=memory", "sqlite:"]
        {
            assert_eq!(file_of(url).unwrap(), None, "{url}");
        }
        for (url, path) in [("sqlite:a.sqlite", "a.sqlite"), ("sqlite:///x/a%20b?cache=shared", "/x/a b")] {
            assert_eq!(file_of(url).unwrap(), Some(path.into()), "{url}");
        }
        assert!(file_of("sqlite:x?mode=ro").unwrap_err().to_string().contains("`mode=ro` does not go"));
    }

    #[test]
    fn a_file_is_locked_however_its_path_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("sqlite:{}/{name}", folder.path().display());
        // Also before it exists.
        let first = Store::lock_file(&at("a.sqlite")).unwrap();
        assert!(first.is_some());
        #[cfg(unix)]
        std::os::unix::fs::symlink("a.sqlite", folder.path().join("link")).unwrap();
        for name in ["a.sqlite", "./a.sqlite", "../LAST/a.sqlite", "link"] {
            let last = folder.path().file_name().unwrap().to_str().unwrap();
            let refused = Store::lock_file(&at(&name.replace("LAST", last))).unwrap_err();
            let process = format!("process {} serves the database", std::process::id());
            assert!(refused.to_string().starts_with(&process), "{name}: {refused}");
        }
        assert!(Store::lock_file(&at("b.sqlite")).unwrap().is_some(), "another file is another");
        drop(first);
        assert!(Store::lock_file(&at("a.sqlite")).unwrap().is_some());
        let nowhere = Store::lock_file(&at("nowhere/a.sqlite")).unwrap_err();
        assert!(nowhere.to_string().contains("cannot find"), "{nowhere}");
    }
}
