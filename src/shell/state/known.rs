//! Last known numbers, and which stock rows and goods the last run saw.

use super::{Known, runs};
use rusqlite::{Connection, params};

/// How many hashes one row of a table of them holds: few rows, none of them large.
const HASHES_PER_ROW: usize = 8192;

pub(super) fn observe(
    connection: &Connection,
    store: &str,
    numbers: &mut dyn Iterator<Item = (&str, i64)>,
    now: i64,
) -> rusqlite::Result<()> {
    let store = runs::intern(connection, store)?;
    let mut upsert = connection.prepare_cached(
        "INSERT INTO known (store, store_sku, quantity, time) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET quantity = excluded.quantity, time = excluded.time
         WHERE quantity <> excluded.quantity",
    )?;
    for (store_sku, quantity) in numbers {
        upsert.execute(params![store, store_sku, quantity, now])?;
    }
    Ok(())
}

pub(super) fn each(
    connection: &Connection,
    store: &str,
    each: &mut dyn FnMut(Known<'_>),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT store_sku, quantity, written, activation FROM known
         WHERE store = (SELECT id FROM name WHERE text = ?1) ORDER BY store_sku",
    )?;
    let mut rows = select.query([store])?;
    while let Some(row) = rows.next()? {
        each(Known {
            store_sku: row.get_ref(0)?.as_str()?,
            quantity: row.get(1)?,
            written: row.get(2)?,
            activation: row.get(3)?,
        });
    }
    Ok(())
}

/// What is remembered by hashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    /// Rows of stock.
    Stock,
    /// Goods.
    Goods,
}

impl Seen {
    const fn table(self) -> &'static str {
        match self {
            Seen::Stock => "stock_seen",
            Seen::Goods => "goods_seen",
        }
    }
}

pub(super) fn remember(
    connection: &Connection,
    seen: Seen,
    hashes: &mut dyn Iterator<Item = u64>,
) -> rusqlite::Result<()> {
    let table = seen.table();
    let mut hashes: Vec<u64> = hashes.collect();
    hashes.sort_unstable();
    hashes.dedup();
    connection.prepare_cached(&format!("DELETE FROM {table}"))?.execute([])?;
    let mut insert = connection.prepare_cached(&format!("INSERT INTO {table} (hashes) VALUES (?1)"))?;
    for chunk in hashes.chunks(HASHES_PER_ROW) {
        let bytes: Vec<u8> = chunk.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        insert.execute([bytes])?;
    }
    Ok(())
}

pub(super) fn seen(connection: &Connection, seen: Seen, each: &mut dyn FnMut(u64)) -> rusqlite::Result<()> {
    let mut select =
        connection.prepare_cached(&format!("SELECT hashes FROM {} ORDER BY id", seen.table()))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (hashes, _) = row.get_ref(0)?.as_blob()?.as_chunks();
        hashes.iter().for_each(|&hash| each(u64::from_le_bytes(hash)));
    }
    Ok(())
}
