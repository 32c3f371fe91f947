//! Events, orders and what they do to stock, as the book of orders keeps and reads them.
//!
//! Moments are microseconds since 1970 here: no two events are taken at the same one.

use super::{StateFault, Unmapped, open::fault, runs};
use crate::orders::{
    Changes, Entry, Kept, Moved, Movement, NewEvent, OrderRow, Pick, Source, StockSet, Told, read_event,
    write_event,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const LEDGER: i64 = 1;
const SNAPSHOT: i64 = 2;

/// What a movement belongs to, as it is asked for.
const MOVEMENTS: &str = "SELECT m.owner, m.sku, w.text, m.at, m.on_hand, m.reserved
   FROM movement m JOIN name w ON w.id = m.warehouse";

pub(super) fn accept(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    for event in &changes.events {
        insert_event(connection, event)?;
    }
    for order in &changes.orders {
        put_order(connection, order)?;
    }
    for StockSet { sku, warehouse, source, units, as_of } in &changes.sets {
        let source = if *source == Source::Ledger { LEDGER } else { SNAPSHOT };
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO stock_told (sku, warehouse, source, units, as_of)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                sku,
                runs::intern(connection, warehouse)?,
                source,
                units,
                as_of.as_microsecond()
            ])?;
    }
    let first = changes.events.first().map_or(0, |event| event.received.as_microsecond());
    for (at, movement) in changes.adjustments.iter().enumerate() {
        // Owners below 0 are no orders; one for each adjustment, in the order in which they came.
        insert_movement(connection, -(first + at as i64 + 1), movement)?;
    }
    Ok(())
}

fn insert_event(connection: &Connection, NewEvent { event, received }: &NewEvent) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO event (received, id, order_name, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            received.as_microsecond(),
            event.id,
            event.order(),
            write_event(event).to_string()
        ])?;
    Ok(())
}

fn put_order(connection: &Connection, order: &OrderRow) -> rusqlite::Result<()> {
    let store = runs::intern(connection, &order.store)?;
    let placed_at = order.placed_at.map(|at| at.as_microsecond());
    let picks: Value = order.picks.iter().map(pick_value).collect();
    let unknown = json!(order.unknown);
    // No `RETURNING`: it builds a table of its own for every row.
    connection
        .prepare_cached(
            "INSERT INTO customer_order (name, store, placed_at, picks, unknown) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET placed_at = excluded.placed_at, picks = excluded.picks,
               unknown = excluded.unknown",
        )?
        .execute(params![order.order, store, placed_at, picks.to_string(), unknown.to_string()])?;
    let owner: i64 = connection
        .prepare_cached("SELECT id FROM customer_order WHERE name = ?1 AND store = ?2")?
        .query_row(params![order.order, store], |row| row.get(0))?;
    connection.prepare_cached("DELETE FROM movement WHERE owner = ?1")?.execute([owner])?;
    order.movements.iter().try_for_each(|movement| insert_movement(connection, owner, movement))
}

fn insert_movement(connection: &Connection, owner: i64, movement: &Movement) -> rusqlite::Result<()> {
    let Movement { sku, warehouse, at, on_hand, reserved } = movement;
    let warehouse = runs::intern(connection, warehouse)?;
    connection
        .prepare_cached(
            "INSERT INTO movement (owner, sku, warehouse, at, on_hand, reserved) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![owner, sku, warehouse, at.as_microsecond(), on_hand, reserved])?;
    Ok(())
}

pub(super) fn has_event(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM event WHERE id = ?1")?.exists([id])
}

pub(super) fn has_orders(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM customer_order)")?.query_row([], |row| row.get(0))
}

pub(super) fn last_received(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let last: Option<i64> =
        connection.prepare_cached("SELECT max(received) FROM event")?.query_row([], |row| row.get(0))?;
    Ok(last.map(moment))
}

pub(super) fn entry(connection: &Connection, order: &str) -> Result<Entry, StateFault> {
    let (bodies, orders) = rows_of(connection, order).map_err(fault)?;
    let events = bodies.into_iter().map(|(received, body)| {
        let value = serde_json::from_str(&body).ok();
        let event = value.and_then(|value: Value| read_event(&value, &TimeZone::UTC).ok());
        event.map(|event| Kept { received: moment(received), event }).ok_or_else(damaged)
    });
    Ok(Entry { events: events.collect::<Result<_, _>>()?, orders })
}

type Bodies = Vec<(i64, String)>;

fn rows_of(connection: &Connection, order: &str) -> rusqlite::Result<(Bodies, Vec<OrderRow>)> {
    let bodies = connection
        .prepare_cached("SELECT received, body FROM event WHERE order_name = ?1 ORDER BY received")?
        .query_map([order], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut select = connection.prepare_cached(
        "SELECT o.id, s.text, o.placed_at, o.picks, o.unknown FROM customer_order o
         JOIN name s ON s.id = o.store WHERE o.name = ?1 ORDER BY o.id",
    )?;
    let mut rows = select.query([order])?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let placed_at: Option<i64> = row.get(2)?;
        orders.push(OrderRow {
            order: order.to_owned(),
            store: row.get(1)?,
            placed_at: placed_at.map(moment),
            picks: stored::<Vec<StoredPick>>(row, 3)?.into_iter().map(pick).collect(),
            unknown: stored(row, 4)?,
            movements: movements_of(connection, row.get(0)?)?,
        });
    }
    Ok((bodies, orders))
}

fn movements_of(connection: &Connection, owner: i64) -> rusqlite::Result<Vec<Movement>> {
    connection
        .prepare_cached(&format!("{MOVEMENTS} WHERE m.owner = ?1 ORDER BY m.sku, w.text, m.at"))?
        .query_map([owner], movement)?
        .collect()
}

fn movement(row: &Row<'_>) -> rusqlite::Result<Movement> {
    Ok(Movement {
        sku: row.get(1)?,
        warehouse: row.get(2)?,
        at: moment(row.get(3)?),
        on_hand: row.get(4)?,
        reserved: row.get(5)?,
    })
}

pub(super) fn told(connection: &Connection, sku: &str, warehouse: &str) -> rusqlite::Result<Option<Told>> {
    connection
        .prepare_cached(
            "SELECT source, units, as_of FROM stock_told
             WHERE sku = ?1 AND warehouse = (SELECT id FROM name WHERE text = ?2)",
        )?
        .query_row([sku, warehouse], |row| Ok((source(row.get(0)?), row.get(1)?, moment(row.get(2)?))))
        .optional()
}

fn source(number: i64) -> Source {
    if number == LEDGER { Source::Ledger } else { Source::Snapshot }
}

pub(super) fn moved(
    connection: &Connection,
    sku: &str,
    warehouse: &str,
    after: Option<Timestamp>,
) -> rusqlite::Result<Moved> {
    let after = after.map_or(i64::MIN, |after| after.as_microsecond());
    connection
        .prepare_cached(
            "SELECT coalesce(sum(CASE WHEN at > ?3 THEN on_hand END), 0),
               coalesce(sum(CASE WHEN at > ?3 THEN reserved END), 0), coalesce(sum(reserved), 0)
             FROM movement WHERE sku = ?1 AND warehouse = (SELECT id FROM name WHERE text = ?2)",
        )?
        .query_row(params![sku, warehouse, after], |row| {
            Ok(Moved { on_hand: row.get(0)?, reserved_after: row.get(1)?, reserved: row.get(2)? })
        })
}

pub(super) fn stock_told(connection: &Connection, each: &mut dyn FnMut(&StockSet)) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT t.sku, w.text, t.source, t.units, t.as_of FROM stock_told t
         JOIN name w ON w.id = t.warehouse ORDER BY t.sku, w.text",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        each(&StockSet {
            sku: row.get(0)?,
            warehouse: row.get(1)?,
            source: source(row.get(2)?),
            units: row.get(3)?,
            as_of: moment(row.get(4)?),
        });
    }
    Ok(())
}

/// Every movement, with the number of its order; by SKU.
pub(super) fn movements(
    connection: &Connection,
    each: &mut dyn FnMut(Option<u64>, &Movement),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(&format!("{MOVEMENTS} ORDER BY m.sku"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let owner: i64 = row.get(0)?;
        each(u64::try_from(owner).ok(), &movement(row)?);
    }
    Ok(())
}

/// The orders with movements of a SKU: order, store, movement; by when they were placed.
pub(super) fn orders_of(
    connection: &Connection,
    sku: &str,
    each: &mut dyn FnMut(&str, &str, &Movement),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT m.owner, m.sku, w.text, m.at, m.on_hand, m.reserved, o.name, s.text
         FROM movement m JOIN name w ON w.id = m.warehouse JOIN customer_order o ON o.id = m.owner
         JOIN name s ON s.id = o.store WHERE m.sku = ?1 ORDER BY o.placed_at, o.name, w.text, m.at",
    )?;
    let mut rows = select.query([sku])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(6)?.as_str()?, row.get_ref(7)?.as_str()?, &movement(row)?);
    }
    Ok(())
}

/// The orders with lines that no mapping knew.
pub(super) fn unmapped(connection: &Connection, each: &mut dyn FnMut(Unmapped<'_>)) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT o.id, o.name, s.text, o.unknown FROM customer_order o JOIN name s ON s.id = o.store
         WHERE o.unknown <> '[]' ORDER BY o.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let store_skus: Vec<String> = stored(row, 3)?;
        let (order, store) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
        each(Unmapped { number: row.get(0)?, order, store, store_skus: &store_skus });
    }
    Ok(())
}

/// Under which activation a SKU was synced last.
pub(super) fn synced(connection: &Connection, sku: &str) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("SELECT max(activation) FROM synced WHERE sku IN (?1, '')")?
        .query_row([sku], |row| row.get(0))
}

/// The same of each SKU that has an own row, and of all together.
pub(super) fn each_synced(
    connection: &Connection,
    each: &mut dyn FnMut(Option<&str>, u64),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached("SELECT sku, activation FROM synced ORDER BY sku")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let name = row.get_ref(0)?.as_str()?;
        each(Some(name).filter(|name| !name.is_empty()), row.get(1)?);
    }
    Ok(())
}

fn pick_value(pick: &Pick) -> Value {
    let Pick { line, store_sku, parts, taken } = pick;
    json!([line, store_sku, parts, taken])
}

/// Line, store SKU, parts, taken.
type StoredPick = (String, String, Vec<(String, u32)>, Vec<(String, u64)>);

fn pick((line, store_sku, parts, taken): StoredPick) -> Pick {
    Pick { line, store_sku, parts, taken }
}

/// What stands in a column as JSON.
fn stored<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|fault| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(fault))
    })
}

fn damaged() -> StateFault {
    StateFault::unusable("the state file holds an event that this program cannot read")
}

fn moment(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
