//! Errors of the database as errors of the application.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use crate::domain::{Error, StoreProblem};

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match store_problem(&error) {
            Some(problem) if is_pool_timeout(&error) => Self::unavailable(
                "no connection to the database within 5 seconds: all of database_connections are in use, \
                 or the server takes no more",
            )
            .with_store_problem(problem),
            Some(problem) => Self::unavailable(error).with_store_problem(problem),
            None => Self::internal(error),
        }
    }
}

pub(super) fn is_pool_timeout(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => matches!(**inner, sqlx::Error::PoolTimedOut),
        _ => false,
    }
}

/// Why the database cannot work at the moment: it is away, out of some resource, or damaged. Trying again later is
/// right for these errors, and pointless where the database has refused a statement: then there is no reason.
pub(super) fn store_problem(error: &DbErr) -> Option<StoreProblem> {
    let inner = match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Some(StoreProblem::Busy),
        DbErr::Conn(RuntimeErr::SqlxError(inner)) => {
            return Some(sqlx_problem(inner).unwrap_or(StoreProblem::Unreachable));
        }
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Some(StoreProblem::Unreachable),
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => inner.as_ref(),
        _ => return None,
    };
    sqlx_problem(inner)
}

fn sqlx_problem(error: &sqlx::Error) -> Option<StoreProblem> {
    match error {
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            match code.parse::<u32>() {
                // SQLite's extended codes keep the primary code in the low byte.
                Ok(number) if code.len() != 5 => match number & 0xff {
                    // Busy, locked, out of memory.
                    5..=7 => Some(StoreProblem::Busy),
                    8 => Some(StoreProblem::ReadOnly),
                    // An I/O error, a file that cannot be opened.
                    10 | 14 => Some(StoreProblem::IoError),
                    13 => Some(StoreProblem::DiskFull),
                    // A damaged page, no database at all.
                    11 | 26 => Some(StoreProblem::Corrupt),
                    _ => None,
                },
                _ => postgres_problem(&code),
            }
        }
        sqlx::Error::PoolTimedOut => Some(StoreProblem::Busy),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(StoreProblem::Unreachable),
        _ => None,
    }
}

fn postgres_problem(code: &str) -> Option<StoreProblem> {
    let is = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
    match code {
        "53100" => Some(StoreProblem::DiskFull),
        "25006" => Some(StoreProblem::ReadOnly),
        "XX001" | "XX002" => Some(StoreProblem::Corrupt),
        // Out of memory or connections; a deadlock or a serialization failure; a timeout of a lock or a statement.
        _ if is(&["53", "40001", "40P01", "55P03", "57014"]) => Some(StoreProblem::Busy),
        // A file that cannot be read or written.
        _ if is(&["58"]) => Some(StoreProblem::IoError),
        // The connection was lost, or an operator has shut the server down.
        _ if is(&["08", "57P"]) => Some(StoreProblem::Unreachable),
        _ => None,
    }
}
