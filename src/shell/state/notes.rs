//! Small things that outlive a run: up to when orders were asked for, what is paused.

use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT text FROM note WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

pub(super) fn keep(connection: &Connection, name: &str, text: Option<&str>) -> rusqlite::Result<()> {
    match text {
        Some(text) => connection
            .prepare_cached("INSERT OR REPLACE INTO note (name, text) VALUES (?1, ?2)")?
            .execute([name, text]),
        None => connection.prepare_cached("DELETE FROM note WHERE name = ?1")?.execute([name]),
    }
    .map(drop)
}

pub(super) fn all(connection: &Connection, prefix: &str) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare_cached("SELECT name, text FROM note WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name")?
        .query_map(params![prefix], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
