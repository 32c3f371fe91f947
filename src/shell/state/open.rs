//! Opening a state file, and what SQLite's faults mean for a person.

use super::{StateFault, schema};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long another process may keep the file busy.
const BUSY_MS_MAX: u64 = 5000;

/// How much of a write-ahead log is kept for the next run: a large sync leaves gigabytes otherwise.
const LOG_BYTES_MAX: i64 = 64 << 20;

/// So many statements are kept ready: all that there are. With fewer, a turn of the daemon spends a third of its time on making them anew.
const STATEMENTS_MAX: usize = 128;

/// Opens a state for writing, and makes its tables where there are none.
pub(super) fn writer(path: &Path) -> Result<Connection, StateFault> {
    let mut connection = Connection::open(path).map_err(fault)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS_MAX)).map_err(fault)?;
    let identity = schema::identify(&connection).map_err(fault)?;
    schema::refuse_foreign(&connection, identity)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(fault)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(fault)?;
    connection.pragma_update(None, "foreign_keys", "ON").map_err(fault)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_MAX).map_err(fault)?;
    connection.pragma_update(None, "cache_size", -65_536).map_err(fault)?;
    // What one statement may have to undo is kept in memory, not in a file that is opened for it.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(fault)?;
    schema::migrate(&mut connection).map_err(fault)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Plans each statement once.
fn keep_statements(connection: &Connection) -> Result<(), StateFault> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Otherwise SQLite looks for a better plan whenever a statement gets other values, which is a third of the work of a turn.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(fault).map(drop)
}

/// Opens a state for reading; where there is none, an empty one that is nowhere.
pub(super) fn reader(path: &Path) -> Result<Connection, StateFault> {
    if !path.exists() {
        return empty();
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fault)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS_MAX)).map_err(fault)?;
    let identity = schema::identify(&connection).map_err(fault)?;
    schema::refuse_foreign(&connection, identity)?;
    match identity.1 {
        0 => empty(),
        version if version < schema::VERSION => Err(StateFault::unusable(format!(
            "the state file has schema version {version}, and this program reads version {}",
            schema::VERSION
        ))
        .with_help("`stocksync sync` brings it forward")),
        _ => Ok(connection),
    }
}

/// Makes the folder of a state, which keeps itself out of git.
pub(super) fn folder(path: &Path) -> Result<(), StateFault> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let cannot = |error: std::io::Error| {
        StateFault::unusable(format!("cannot make the state folder `{}`: {error}", folder.display()))
            .with_help("the state needs a folder that can be written")
    };
    let is_new = !folder.exists();
    fs::create_dir_all(folder).map_err(cannot)?;
    let ignore = folder.join(".gitignore");
    let is_ours = is_new || folder.file_name().is_some_and(|name| name == ".stocksync");
    if is_ours && !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(cannot)?;
    }
    Ok(())
}

fn empty() -> Result<Connection, StateFault> {
    let mut connection = Connection::open_in_memory().map_err(fault)?;
    schema::migrate(&mut connection).map_err(fault)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// What a fault of SQLite means. Its own words are kept only where ours would say less.
pub(super) fn fault(error: rusqlite::Error) -> StateFault {
    if let rusqlite::Error::ToSqlConversionFailure(_) = error {
        return StateFault::unusable("a number is larger than the state can hold")
            .with_help(format!("the largest is {}", i64::MAX));
    }
    let (message, help) = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => ("the state file is no SQLite database", RESTORE),
        Some(ErrorCode::DatabaseCorrupt) => ("the state file is damaged", RESTORE),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            ("the state file cannot be written", "check the rights on the file and its folder")
        }
        Some(ErrorCode::CannotOpen) => {
            ("the state file cannot be opened", "check the path and the rights on the file and its folder")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ("the state file is busy", "another program keeps it locked; try again when that is done")
        }
        Some(ErrorCode::DiskFull) => ("the disk is full", "nothing was lost; make room and try again"),
        Some(ErrorCode::SystemIoFailure) if is_write(&error) => (
            "the state file cannot be written",
            "nothing was lost; make room, or raise the limit on the size of files, or check the disk, and try again",
        ),
        Some(ErrorCode::SystemIoFailure) => ("the state file cannot be read or written", "check the disk"),
        Some(_) => return StateFault::unusable(format!("the state refused: {}", one_line(&error))),
        None => ("the state file holds what this program cannot read", RESTORE),
    };
    StateFault::unusable(message).with_help(help)
}

fn is_write(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|fault| fault.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE)
}

const RESTORE: &str =
    "restore it from a copy, or move it away: the next sync makes a new one, without records and history";

fn one_line(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, text) => {
            text.clone().unwrap_or_else(|| code.to_string()).replace(char::is_control, " ")
        }
        other => other.to_string().replace(char::is_control, " "),
    }
}
