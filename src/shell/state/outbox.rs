//! The outbox: what is to be sent, is under way, or has no outcome yet. Keyed by listing: the newest number holds the place.

use super::{Claim, Pending, StateFault, StateFaultKind, open::fault, runs};
use crate::dispatch::{Class, Outcome};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

const IN_FLIGHT: i64 = 1;
const UNKNOWN: i64 = 2;
const ACCEPTED: i64 = 3;

pub(super) fn waiting(connection: &Connection, store: &str, limit: usize) -> rusqlite::Result<Vec<Pending>> {
    connection
        .prepare_cached(
            "SELECT record, store_sku, before, after, class FROM outbox
             WHERE store = (SELECT id FROM name WHERE text = ?1) AND phase = 0
             ORDER BY class, after, store_sku LIMIT ?2",
        )?
        .query_map(params![store, limit_of(limit)], pending)?
        .collect()
}

pub(super) fn unresolved(
    connection: &Connection,
    store: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Pending>> {
    connection
        .prepare_cached(
            "SELECT record, store_sku, before, after, class FROM outbox
             WHERE store = (SELECT id FROM name WHERE text = ?1) AND phase IN (1, 2)
             ORDER BY store_sku LIMIT ?2",
        )?
        .query_map(params![store, limit_of(limit)], pending)?
        .collect()
}

pub(super) fn accepted(
    connection: &Connection,
    store: &str,
    limit: usize,
) -> rusqlite::Result<Vec<(Pending, String)>> {
    connection
        .prepare_cached(
            "SELECT record, store_sku, before, after, class, ticket FROM outbox
             WHERE store = (SELECT id FROM name WHERE text = ?1) AND phase = 3
             ORDER BY store_sku LIMIT ?2",
        )?
        .query_map(params![store, limit_of(limit)], |row| Ok((pending(row)?, row.get(5)?)))?
        .collect()
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn pending(row: &Row<'_>) -> rusqlite::Result<Pending> {
    Ok(Pending {
        record: row.get(0)?,
        store_sku: row.get(1)?,
        before: row.get(2)?,
        after: row.get(3)?,
        class: Class::from_number(row.get(4)?),
    })
}

pub(super) fn claim(connection: &Connection, claim: &Claim<'_>, items: &[Pending]) -> Result<(), StateFault> {
    let Some(at) = mark(connection, claim, items).map_err(fault)? else { return Ok(()) };
    let store_sku = items.get(at).map_or("", |item| item.store_sku.as_str());
    let fault = StateFault::unusable(format!(
        "the write of `{store_sku}` in `{}` is no longer its newest",
        claim.store
    ));
    Err(StateFault { kind: StateFaultKind::Overtaken(at), ..fault })
}

/// Marks the items in flight and gives back which one, if any, is no longer in its place.
fn mark(connection: &Connection, claim: &Claim<'_>, items: &[Pending]) -> rusqlite::Result<Option<usize>> {
    let store = runs::intern(connection, claim.store)?;
    let batch = connection
        .prepare_cached("INSERT INTO batch (key, body_hash, time) VALUES (?1, ?2, ?3)")?
        .insert(params![claim.key, claim.body_hash, claim.now.as_millisecond()])?;
    let mut update = connection.prepare_cached(
        "UPDATE outbox SET phase = ?4, batch = ?5, attempts = attempts + 1
         WHERE store = ?1 AND store_sku = ?2 AND record = ?3 AND phase IN (0, 1)",
    )?;
    for (at, item) in items.iter().enumerate() {
        if update.execute(params![store, item.store_sku, item.record, IN_FLIGHT, batch])? == 0 {
            return Ok(Some(at));
        }
    }
    forget_batches(connection)?;
    Ok(None)
}

/// Drops the batches that no write belongs to any more. There are never more than are under way.
fn forget_batches(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM batch WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.batch = batch.id)",
        )?
        .execute([])?;
    Ok(())
}

pub(super) fn settle<'a>(
    connection: &Connection,
    store: &str,
    settled: impl Iterator<Item = (&'a Pending, &'a Outcome)>,
    now: i64,
) -> rusqlite::Result<()> {
    let mut settling = Settling::of(connection, store, now)?;
    for (item, outcome) in settled {
        settling.record(item, outcome)?;
        match outcome {
            Outcome::Sent => {
                settling.write_known(item)?;
                settling.leave(item)?;
            }
            Outcome::Failed(_) | Outcome::Conflict | Outcome::Skipped(_) => settling.leave(item)?,
            Outcome::Accepted(ticket) => {
                if !settling.stay(item, ACCEPTED, Some(ticket))? {
                    // Nobody will ask for the ticket of a number that was overtaken while it was under way.
                    settling.record(item, &Outcome::Unknown(runs::OVERTAKEN.to_owned()))?;
                }
            }
            Outcome::Unknown(_) => drop(settling.stay(item, UNKNOWN, None)?),
        }
    }
    settling.finish()
}

pub(super) fn resolve<'a>(
    connection: &Connection,
    store: &str,
    read: impl Iterator<Item = (&'a Pending, Option<i64>)>,
    now: i64,
) -> rusqlite::Result<()> {
    let mut settling = Settling::of(connection, store, now)?;
    for (item, live) in read {
        let outcome = match live {
            Some(live) if u64::try_from(live) == Ok(item.after) => Outcome::Sent,
            Some(live) => Outcome::Unknown(format!("no answer came; the store shows {live}")),
            None => Outcome::Unknown("no answer came; the store does not have the listing".to_owned()),
        };
        settling.record(item, &outcome)?;
        if outcome == Outcome::Sent {
            settling.write_known(item)?;
        }
        // Whatever the store shows, the next plan starts from it: what was to be sent is not sent blindly again.
        settling.leave(item)?;
    }
    settling.finish()
}

/// Outcomes of one store, written in one transaction.
struct Settling<'c> {
    connection: &'c Connection,
    store: i64,
    now: i64,
    /// The activation of each run that is met, and that its plan may be finished by this.
    runs: HashMap<i64, Option<u64>>,
    run: i64,
}

impl<'c> Settling<'c> {
    fn of(connection: &'c Connection, store: &str, now: i64) -> rusqlite::Result<Self> {
        Ok(Self { connection, store: runs::intern(connection, store)?, now, runs: HashMap::new(), run: 0 })
    }

    fn record(&mut self, item: &Pending, outcome: &Outcome) -> rusqlite::Result<()> {
        let (status, detail) = outcome.settle();
        // No `RETURNING`: it builds a table of its own for every row.
        self.run = self
            .connection
            .prepare_cached("SELECT run FROM record WHERE id = ?1")?
            .query_row([item.record], |row| row.get(0))?;
        self.connection
            .prepare_cached(
                "UPDATE record SET status = ?2, detail = ?3, time = ?4, attempts = coalesce(
                   (SELECT attempts FROM outbox WHERE store = ?5 AND store_sku = ?6 AND record = ?1), attempts)
                 WHERE id = ?1",
            )?
            .execute(params![item.record, status.number(), detail, self.now, self.store, item.store_sku])?;
        if !self.runs.contains_key(&self.run) {
            let activation = self
                .connection
                .prepare_cached("SELECT activation FROM run WHERE id = ?1")?
                .query_row([self.run], |row| row.get(0))
                .optional()?
                .flatten();
            self.runs.insert(self.run, activation);
        }
        Ok(())
    }

    /// The store shows the number of the item that was recorded last.
    fn write_known(&self, item: &Pending) -> rusqlite::Result<()> {
        let activation = self.runs.get(&self.run).copied().flatten();
        self.connection
            .prepare_cached(
                "INSERT INTO known (store, store_sku, quantity, time, written, activation)
                 VALUES (?1, ?2, ?3, ?4, ?3, ?5)
                 ON CONFLICT DO UPDATE SET quantity = excluded.quantity, time = excluded.time,
                   written = excluded.written, activation = excluded.activation",
            )?
            .execute(params![self.store, item.store_sku, item.after, self.now, activation])?;
        Ok(())
    }

    fn leave(&self, item: &Pending) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM outbox WHERE store = ?1 AND store_sku = ?2 AND record = ?3")?
            .execute(params![self.store, item.store_sku, item.record])?;
        Ok(())
    }

    /// Keeps an item in the outbox; whether it is still there.
    fn stay(&self, item: &Pending, phase: i64, ticket: Option<&str>) -> rusqlite::Result<bool> {
        let kept = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET phase = ?4, ticket = ?5 WHERE store = ?1 AND store_sku = ?2 AND record = ?3",
            )?
            .execute(params![self.store, item.store_sku, item.record, phase, ticket])?;
        Ok(kept > 0)
    }

    fn finish(self) -> rusqlite::Result<()> {
        forget_batches(self.connection)?;
        runs::finish_plans(self.connection, self.runs.into_keys().collect(), self.now)
    }
}
