//! The outbox: what is to be sent, is under way, or has no outcome yet. Keyed by listing: the newest number holds the place.
//!
//! One that had left when a newer one took its place is `left_behind` until its end is known: nobody else knows its ticket.

use super::{Claim, Pending, StateFault, StateFaultKind, open::fault, runs};
use crate::dispatch::{Class, Outcome};
use crate::record::Status;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use std::collections::{BTreeSet, HashMap};

pub(super) const WAITING: i64 = 0;
const IN_FLIGHT: i64 = 1;
const UNKNOWN: i64 = 2;
pub(super) const ACCEPTED: i64 = 3;

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
            "SELECT record, store_sku, before, after, class FROM outbox INDEXED BY outbox_batch
             WHERE batch IS NOT NULL AND store = (SELECT id FROM name WHERE text = ?1) AND phase BETWEEN 1 AND 2
             UNION ALL SELECT record, store_sku, before, after, class FROM left_behind
             WHERE store = (SELECT id FROM name WHERE text = ?1) AND phase BETWEEN 1 AND 2
             ORDER BY store_sku, record LIMIT ?2",
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
            "SELECT record, store_sku, before, after, class, ticket FROM outbox INDEXED BY outbox_batch
             WHERE batch IS NOT NULL AND store = (SELECT id FROM name WHERE text = ?1) AND phase = 3
             UNION ALL SELECT record, store_sku, before, after, class, ticket FROM left_behind
             WHERE store = (SELECT id FROM name WHERE text = ?1) AND phase = 3
             ORDER BY store_sku, record LIMIT ?2",
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
    // All are looked at before anything is written: a batch that is refused leaves nothing behind.
    let mut newest = connection.prepare_cached(
        "SELECT batch FROM outbox
         WHERE store = ?1 AND store_sku = ?2 AND record = ?3 AND (phase = 0 OR phase = 1)",
    )?;
    let mut left = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let listing = params![store, item.store_sku, item.record];
        match newest.query_row(listing, |row| row.get::<_, Option<i64>>(0)).optional()? {
            Some(batch) => left.extend(batch),
            None => return Ok(Some(at)),
        }
    }
    let batch = connection
        .prepare_cached("INSERT INTO batch (key, body_hash, time) VALUES (?1, ?2, ?3)")?
        .insert(params![claim.key, claim.body_hash, claim.now.as_millisecond()])?;
    let mut update = connection.prepare_cached(
        "UPDATE outbox SET phase = ?4, batch = ?5, attempts = attempts + 1
         WHERE store = ?1 AND store_sku = ?2 AND record = ?3",
    )?;
    for item in items {
        update.execute(params![store, item.store_sku, item.record, IN_FLIGHT, batch])?;
    }
    forget_batches(connection, &left)?;
    Ok(None)
}

/// Drops those of these batches, which writes have left, that no write belongs to any more. There are never more than are under way.
fn forget_batches(connection: &Connection, left: &BTreeSet<i64>) -> rusqlite::Result<()> {
    let mut forget = connection.prepare_cached(
        "DELETE FROM batch WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.batch = ?1)
           AND NOT EXISTS (SELECT 1 FROM left_behind WHERE left_behind.batch = ?1)",
    )?;
    left.iter().try_for_each(|batch| forget.execute([batch]).map(drop))
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
            Outcome::Sent => settling.arrived(item)?,
            Outcome::Failed(_) | Outcome::Conflict | Outcome::Skipped(_) => drop(settling.leave(item)?),
            Outcome::Accepted(ticket) => settling.stay(item, ACCEPTED, Some(ticket))?,
            Outcome::Unknown(_) => settling.stay(item, UNKNOWN, None)?,
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
            settling.arrived(item)?;
        } else {
            // Whatever the store shows, the next plan starts from it: what was to be sent is not sent blindly again.
            settling.leave(item)?;
        }
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
    /// The batch of the item that was recorded last, and those that items have left.
    batch: Option<i64>,
    left: BTreeSet<i64>,
    look: CachedStatement<'c>,
    note: CachedStatement<'c>,
    leave: CachedStatement<'c>,
    know: CachedStatement<'c>,
}

impl<'c> Settling<'c> {
    fn of(connection: &'c Connection, store: &str, now: i64) -> rusqlite::Result<Self> {
        let prepare = |sql| connection.prepare_cached(sql);
        Ok(Self {
            connection,
            store: runs::intern(connection, store)?,
            now,
            runs: HashMap::new(),
            run: 0,
            batch: None,
            left: BTreeSet::new(),
            // No `RETURNING`, and no look elsewhere in an update: each builds a table of its own for every row.
            look: prepare(
                "SELECT r.run, o.attempts, o.batch FROM record r
                 LEFT JOIN outbox o ON o.store = ?2 AND o.store_sku = ?3 AND o.record = r.id WHERE r.id = ?1",
            )?,
            note: prepare(
                "UPDATE record SET status = ?2, detail = ?3, time = ?4, attempts = coalesce(?5, attempts)
                 WHERE id = ?1",
            )?,
            leave: prepare("DELETE FROM outbox WHERE store = ?1 AND store_sku = ?2 AND record = ?3")?,
            know: prepare(
                "INSERT INTO known (store, store_sku, quantity, time, written, activation)
                 VALUES (?1, ?2, ?3, ?4, ?3, ?5)
                 ON CONFLICT DO UPDATE SET quantity = excluded.quantity, time = excluded.time,
                   written = excluded.written, activation = excluded.activation",
            )?,
        })
    }

    fn record(&mut self, item: &Pending, outcome: &Outcome) -> rusqlite::Result<()> {
        let (status, detail) = outcome.settle();
        let (run, attempts, batch): (i64, Option<i64>, _) =
            self.look.query_row(params![item.record, self.store, item.store_sku], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        self.note.execute(params![item.record, status.number(), detail, self.now, attempts])?;
        (self.run, self.batch) = (run, batch);
        if !self.runs.contains_key(&run) {
            let activation = self
                .connection
                .prepare_cached("SELECT activation FROM run WHERE id = ?1")?
                .query_row([run], |row| row.get(0))
                .optional()?
                .flatten();
            self.runs.insert(run, activation);
        }
        Ok(())
    }

    /// The item that was recorded last is at its store.
    fn arrived(&mut self, item: &Pending) -> rusqlite::Result<()> {
        let was_left_behind = self.leave(item)?;
        // A newer number may have arrived before one that was left behind: that is what the store was given last.
        if was_left_behind && self.has_newer(item)? {
            return Ok(());
        }
        let activation = self.runs.get(&self.run).copied().flatten();
        self.know.execute(params![self.store, item.store_sku, item.after, self.now, activation])?;
        Ok(())
    }

    fn has_newer(&self, item: &Pending) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT 1 FROM record WHERE sku = (SELECT sku FROM record WHERE id = ?1) AND id > ?1
                   AND store = ?2 AND store_sku = ?3 AND status = ?4",
            )?
            .exists(params![item.record, self.store, item.store_sku, Status::Sent.number()])
    }

    /// Takes an item out; whether it was left behind.
    fn leave(&mut self, item: &Pending) -> rusqlite::Result<bool> {
        if self.leave.execute(params![self.store, item.store_sku, item.record])? > 0 {
            self.left.extend(self.batch);
            return Ok(false);
        }
        let behind: Option<Option<i64>> = self
            .connection
            .prepare_cached("SELECT batch FROM left_behind WHERE record = ?1")?
            .query_row([item.record], |row| row.get(0))
            .optional()?;
        let Some(batch) = behind else { return Ok(false) };
        self.connection
            .prepare_cached("DELETE FROM left_behind WHERE record = ?1")?
            .execute([item.record])?;
        self.left.extend(batch);
        Ok(true)
    }

    /// Keeps an item until its end is known.
    fn stay(&self, item: &Pending, phase: i64, ticket: Option<&str>) -> rusqlite::Result<()> {
        let kept = self
            .connection
            .prepare_cached(
                "UPDATE outbox SET phase = ?4, ticket = ?5 WHERE store = ?1 AND store_sku = ?2 AND record = ?3",
            )?
            .execute(params![self.store, item.store_sku, item.record, phase, ticket])?;
        if kept == 0 {
            self.connection
                .prepare_cached("UPDATE left_behind SET phase = ?2, ticket = ?3 WHERE record = ?1")?
                .execute(params![item.record, phase, ticket])?;
        }
        Ok(())
    }

    fn finish(self) -> rusqlite::Result<()> {
        forget_batches(self.connection, &self.left)?;
        runs::finish_plans(self.connection, self.runs.into_keys().collect(), self.now)
    }
}
