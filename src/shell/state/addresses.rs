//! What the stores call their listings, as their connectors told it: opaque, kept until a store says that it is gone.

use super::{Address, runs};
use rusqlite::{Connection, params};

pub(super) fn each(
    connection: &Connection,
    store: &str,
    each: &mut dyn FnMut(Address<'_>),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT store_sku, address, parent FROM address
         WHERE store = (SELECT id FROM name WHERE text = ?1) ORDER BY store_sku",
    )?;
    let mut rows = select.query([store])?;
    while let Some(row) = rows.next()? {
        each(Address {
            store_sku: row.get_ref(0)?.as_str()?,
            address: row.get_ref(1)?.as_str()?,
            parent: row.get_ref(2)?.as_str()?,
        });
    }
    Ok(())
}

pub(super) fn keep(
    connection: &Connection,
    store: &str,
    addresses: &mut dyn Iterator<Item = Address<'_>>,
    now: i64,
) -> rusqlite::Result<()> {
    let store = runs::intern(connection, store)?;
    let mut upsert = connection.prepare_cached(
        "INSERT OR REPLACE INTO address (store, store_sku, address, parent, time) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for Address { store_sku, address, parent } in addresses {
        upsert.execute(params![store, store_sku, address, parent, now])?;
    }
    Ok(())
}

pub(super) fn forget(
    connection: &Connection,
    store: &str,
    store_skus: &mut dyn Iterator<Item = &str>,
) -> rusqlite::Result<()> {
    let store = runs::intern(connection, store)?;
    let mut delete = connection.prepare_cached("DELETE FROM address WHERE store = ?1 AND store_sku = ?2")?;
    for store_sku in store_skus {
        delete.execute(params![store, store_sku])?;
    }
    Ok(())
}
