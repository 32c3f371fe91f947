//! Records that are old enough to be forgotten, a few at a time.
//!
//! A round goes through the records in the order in which they were made, up to the first of a run that is too young, and then
//! begins anew; how far it has come is on disk. A listing's newest record stays for ever: it says what became of the listing,
//! and `records retry` asks for it. So does what is in the outbox.

use super::{Forgotten, notes};
use rusqlite::{Connection, params};

/// Where it is noted how far a round has come: the last record that was looked at, and its run.
const NOTE: &str = "forgotten";

/// Looks at so many records, and forgets those that ended before a moment, in milliseconds.
pub(super) fn records(connection: &Connection, before: i64, most: usize) -> rusqlite::Result<Forgotten> {
    let noted = notes::find(connection, NOTE)?;
    let (from, run) = noted.as_deref().and_then(come_to).unwrap_or((0, 0));
    let looked = look(connection, from, before, most)?;
    let mut delete = connection.prepare_cached("DELETE FROM record WHERE id = ?1")?;
    for record in looked.iter().filter(|record| record.is_over) {
        delete.execute([record.id])?;
    }
    let is_done = looked.len() < most;
    let mut next = None;
    if let Some(last) = looked.last() {
        forget_runs(connection, (run, last.run), (from, last.id))?;
        next = (!is_done).then(|| format!("{} {}", last.id, last.run));
    }
    notes::keep(connection, NOTE, next.as_deref())?;
    Ok(Forgotten { records: looked.iter().filter(|record| record.is_over).count() as u64, is_done })
}

fn come_to(noted: &str) -> Option<(i64, i64)> {
    let (record, run) = noted.split_once(' ')?;
    Some((record.parse().ok()?, run.parse().ok()?))
}

struct Looked {
    id: i64,
    run: i64,
    is_over: bool,
}

/// The records behind `from`, up to the first whose run is too young.
fn look(connection: &Connection, from: i64, before: i64, most: usize) -> rusqlite::Result<Vec<Looked>> {
    let mut select = connection.prepare_cached(
        "SELECT r.id, r.run, n.time < ?2, r.time < ?2 AND r.status <> 1
           AND EXISTS (SELECT 1 FROM record s
             WHERE s.sku = r.sku AND s.id > r.id AND s.store = r.store AND s.store_sku = r.store_sku)
           AND NOT EXISTS (SELECT 1 FROM outbox o
             WHERE o.store = r.store AND o.store_sku = r.store_sku AND o.record = r.id)
           AND NOT EXISTS (SELECT 1 FROM left_behind b WHERE b.record = r.id)
         FROM record r JOIN run n ON n.id = r.run
         WHERE r.id > ?1 ORDER BY r.id LIMIT ?3",
    )?;
    let mut rows = select.query(params![from, before, i64::try_from(most).unwrap_or(i64::MAX)])?;
    let mut looked = Vec::new();
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(2)? {
            break;
        }
        looked.push(Looked { id: row.get(0)?, run: row.get(1)?, is_over: row.get(3)? });
    }
    Ok(looked)
}

/// Forgets the runs from one up to another of which no record is left, but those that carried a plan out: a plan is carried out
/// once, for ever. The records of a run stand together; those that were looked at lie between `from` and `to`.
fn forget_runs(
    connection: &Connection,
    (first, last): (i64, i64),
    (from, to): (i64, i64),
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM run WHERE id >= ?1 AND id < ?2
               AND id NOT IN (SELECT run FROM plan)
               AND id NOT IN (SELECT run FROM record WHERE id > ?3 AND id <= ?4)
               AND id IS NOT (SELECT run FROM record WHERE id <= ?3 ORDER BY id DESC LIMIT 1)",
        )?
        .execute([first, last, from, to])?;
    Ok(())
}
