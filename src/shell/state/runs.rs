//! Runs, plans and activations.

use super::{
    Activation, Begun, Covers, NewRun, PlanStatus, StateFault, StateFaultKind, Version, Write, open::fault,
    outbox,
};
use crate::dispatch::Class;
use crate::record::{Skip, Status};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeSet, HashMap};

pub(super) fn begin<'w>(
    connection: &Connection,
    new: &NewRun<'_>,
    writes: &mut dyn Iterator<Item = Write<'w>>,
) -> Result<Begun, StateFault> {
    if let Some(plan_id) = new.plan_id
        && new.activate
        && plan_status(connection, plan_id).map_err(fault)? == PlanStatus::Finished
    {
        return Err(plan_finished(plan_id));
    }
    start(connection, new, writes).map_err(fault)
}

fn plan_finished(plan_id: &str) -> StateFault {
    StateFault {
        kind: StateFaultKind::PlanFinished,
        message: format!("the plan `{plan_id}` has been carried out already"),
        help: Some("make a new plan".to_owned()),
    }
}

fn start<'w>(
    connection: &Connection,
    new: &NewRun<'_>,
    writes: &mut dyn Iterator<Item = Write<'w>>,
) -> rusqlite::Result<Begun> {
    let now = new.now.as_millisecond();
    let version = intern_version(connection, &new.version)?;
    let activation = match new.pinned {
        _ if !new.activate => None,
        Some(pinned) => Some(pinned),
        None => Some(activate(connection, version, new)?),
    };
    connection
        .prepare_cached(
            "INSERT INTO run (plan_id, trigger_kind, actor, order_id, time, version, commit_id, activation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            new.plan_id,
            new.trigger.number(),
            new.actor,
            new.order_id,
            now,
            version,
            new.version.commit,
            activation,
        ])?;
    let run = connection.last_insert_rowid();
    let plan = new.plan_id.filter(|_| new.activate);
    if let Some(plan_id) = plan {
        connection.execute(
            "INSERT INTO plan (id, run) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET run = excluded.run",
            params![plan_id, run],
        )?;
    }
    for store in new.replaces {
        supersede_store(connection, store, now)?;
    }
    let mut cover = Cover::new(connection, activation, new.covers)?;
    let mut covered = writes.inspect(|write| cover.write(write.sku));
    let pending = enqueue(connection, run, now, &mut covered)?;
    cover.finish()?;
    if plan.is_some() {
        finish_plan(connection, run, now)?;
    }
    Ok(Begun { run: run.unsigned_abs(), activation, pending })
}

/// Marks SKUs as synced under an activation. One that was synced under a later one keeps that.
struct Cover<'c, 'a> {
    connection: &'c Connection,
    activation: Option<u64>,
    covers: Covers<'a>,
    written: BTreeSet<String>,
}

impl<'c, 'a> Cover<'c, 'a> {
    fn new(
        connection: &'c Connection,
        activation: Option<u64>,
        covers: Covers<'a>,
    ) -> rusqlite::Result<Self> {
        let cover = Self { connection, activation, covers, written: BTreeSet::new() };
        match covers {
            Covers::Written => {}
            Covers::All => cover.mark("")?,
            Covers::Skus(skus) => skus.iter().try_for_each(|sku| cover.mark(sku))?,
        }
        Ok(cover)
    }

    fn write(&mut self, sku: &str) {
        if self.covers == Covers::Written && self.activation.is_some() && !self.written.contains(sku) {
            self.written.insert(sku.to_owned());
        }
    }

    fn finish(&self) -> rusqlite::Result<()> {
        self.written.iter().try_for_each(|sku| self.mark(sku))
    }

    fn mark(&self, sku: &str) -> rusqlite::Result<()> {
        let Some(activation) = self.activation else { return Ok(()) };
        self.connection
            .prepare_cached(
                "INSERT INTO synced (sku, activation) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET activation = max(activation, excluded.activation)",
            )?
            .execute(params![sku, activation])?;
        Ok(())
    }
}

/// The number of the activation in force, which is a new one where the version is not the current one.
fn activate(connection: &Connection, version: i64, new: &NewRun<'_>) -> rusqlite::Result<u64> {
    let current = connection
        .prepare_cached("SELECT id, version FROM activation ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    if let Some((id, current)) = current
        && current == version
    {
        return Ok(id);
    }
    connection.execute(
        "INSERT INTO activation (version, time, commit_id) VALUES (?1, ?2, ?3)",
        params![version, new.now.as_millisecond(), new.version.commit],
    )?;
    Ok(connection.last_insert_rowid().unsigned_abs())
}

fn intern_version(connection: &Connection, version: &Version<'_>) -> rusqlite::Result<i64> {
    let mut select = connection.prepare_cached("SELECT id FROM version WHERE hash = ?1")?;
    if let Some(id) = select.query_row([version.version], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO version (hash, rules) VALUES (?1, ?2)")?
        .insert([version.version, version.rules])
}

/// The number of a store's or a rule's name.
pub(super) fn intern(connection: &Connection, text: &str) -> rusqlite::Result<i64> {
    let mut select = connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?;
    if let Some(id) = select.query_row([text], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.insert([text])
}

/// Takes every waiting write of a store out of the outbox. What is under way stays.
fn supersede_store(connection: &Connection, store: &str, now: i64) -> rusqlite::Result<()> {
    let store = intern(connection, store)?;
    let mut select =
        connection.prepare_cached("DELETE FROM outbox WHERE store = ?1 AND phase = 0 RETURNING record")?;
    let records: Vec<i64> = select.query_map([store], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut runs = Vec::new();
    for record in records {
        runs.push(overtake(connection, record, 0, now)?);
    }
    finish_plans(connection, runs, now)
}

/// What is said of a number that is under way while a newer one waits.
const OVERTAKEN: &str = "a newer number took its place while it was under way";

/// Records that a newer number took this one's place: never sent where it waited, else unknown until it is settled. What was
/// accepted is pending until then.
fn overtake(connection: &Connection, record: i64, phase: i64, now: i64) -> rusqlite::Result<i64> {
    let (status, detail) = match phase {
        outbox::WAITING => (Status::Skipped, Some(Skip::Superseded.name())),
        outbox::ACCEPTED => (Status::Pending, None),
        _ => (Status::Unknown, Some(OVERTAKEN)),
    };
    if phase != outbox::WAITING {
        leave_behind(connection, record)?;
    }
    connection
        .prepare_cached("UPDATE record SET status = ?2, detail = ?3, time = ?4 WHERE id = ?1")?
        .execute(params![record, status.number(), detail, now])?;
    // No `RETURNING`: it builds a table of its own for every row.
    connection.prepare_cached("SELECT run FROM record WHERE id = ?1")?.query_row([record], |row| row.get(0))
}

/// Keeps what had left: its end is still to be heard of.
fn leave_behind(connection: &Connection, record: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE record SET attempts = o.attempts FROM outbox o WHERE record.id = ?1
               AND o.store = record.store AND o.store_sku = record.store_sku AND o.record = ?1",
        )?
        .execute([record])?;
    connection
        .prepare_cached(
            "INSERT INTO left_behind (record, store, store_sku, phase, class, before, after, batch, ticket)
             SELECT o.record, o.store, o.store_sku, o.phase, o.class, o.before, o.after, o.batch, o.ticket
             FROM record r JOIN outbox o ON o.store = r.store AND o.store_sku = r.store_sku AND o.record = r.id
             WHERE r.id = ?1",
        )?
        .execute([record])?;
    Ok(())
}

fn enqueue<'w>(
    connection: &Connection,
    run: i64,
    now: i64,
    writes: &mut dyn Iterator<Item = Write<'w>>,
) -> rusqlite::Result<Vec<u64>> {
    let has_older = connection.prepare_cached("SELECT 1 FROM outbox LIMIT 1")?.exists([])?;
    let mut names = HashMap::new();
    let mut overtaken = Vec::new();
    let mut pending = Vec::new();
    for write in writes {
        let store = intern_once(connection, &mut names, write.store)?;
        let rule = write.rule.map(|rule| intern_once(connection, &mut names, rule)).transpose()?;
        let record = insert_record(connection, (run, now, store, rule), &write)?;
        if write.skip.is_some() {
            continue;
        }
        if has_older && let Some((older, phase)) = older(connection, store, write.store_sku)? {
            overtaken.push(overtake(connection, older, phase, now)?);
        }
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO outbox (store, store_sku, class, before, after, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                store,
                write.store_sku,
                Class::of(write.before, write.after) as u8,
                write.before,
                write.after,
                record
            ])?;
        pending.push(record.unsigned_abs());
    }
    finish_plans(connection, overtaken, now)?;
    Ok(pending)
}

fn intern_once<'w>(
    connection: &Connection,
    names: &mut HashMap<&'w str, i64>,
    text: &'w str,
) -> rusqlite::Result<i64> {
    if let Some(&id) = names.get(text) {
        return Ok(id);
    }
    let id = intern(connection, text)?;
    names.insert(text, id);
    Ok(id)
}

fn insert_record(
    connection: &Connection,
    (run, now, store, rule): (i64, i64, i64, Option<i64>),
    write: &Write<'_>,
) -> rusqlite::Result<i64> {
    let status = if write.skip.is_some() { Status::Skipped } else { Status::Pending };
    connection
        .prepare_cached(
            "INSERT INTO record (run, time, store, store_sku, sku, before, after, status, detail, rule)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .insert(params![
            run,
            now,
            store,
            write.store_sku,
            write.sku,
            write.before,
            write.after,
            status.number(),
            write.skip.map(Skip::name),
            rule,
        ])
}

fn older(connection: &Connection, store: i64, store_sku: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    connection
        .prepare_cached("SELECT record, phase FROM outbox WHERE store = ?1 AND store_sku = ?2")?
        .query_row(params![store, store_sku], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Marks the plans of these runs finished, where nothing of them is left to be done.
pub(super) fn finish_plans(connection: &Connection, mut runs: Vec<i64>, now: i64) -> rusqlite::Result<()> {
    runs.sort_unstable();
    runs.dedup();
    runs.into_iter().try_for_each(|run| finish_plan(connection, run, now))
}

fn finish_plan(connection: &Connection, run: i64, now: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE plan SET finished = ?2
             WHERE id = (SELECT plan_id FROM run WHERE id = ?1) AND run = ?1 AND finished IS NULL
             AND NOT EXISTS (SELECT 1 FROM record WHERE run = ?1 AND (status = 1 OR status = 3 OR status = 4))",
        )?
        .execute([run, now])?;
    Ok(())
}

pub(super) fn plan_status(connection: &Connection, plan_id: &str) -> rusqlite::Result<PlanStatus> {
    let finished: Option<Option<i64>> = connection
        .query_row("SELECT finished FROM plan WHERE id = ?1", [plan_id], |row| row.get(0))
        .optional()?;
    Ok(match finished {
        None => PlanStatus::New,
        Some(None) => PlanStatus::Started,
        Some(Some(_)) => PlanStatus::Finished,
    })
}

pub(super) fn activations(connection: &Connection) -> rusqlite::Result<Vec<Activation>> {
    connection
        .prepare_cached(
            "SELECT a.id, v.hash, a.time, a.commit_id FROM activation a JOIN version v ON v.id = a.version
             ORDER BY a.id DESC",
        )?
        .query_map([], |row| {
            Ok(Activation {
                number: row.get(0)?,
                version: row.get(1)?,
                time: moment(row.get(2)?),
                commit: row.get(3)?,
            })
        })?
        .collect()
}

pub(super) fn rules(connection: &Connection, version: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT rules FROM version WHERE hash = ?1")?
        .query_row([version], |row| row.get(0))
        .optional()
}

/// A moment as it was stored; one that no calendar holds is damage, and shown as 1970.
pub(super) fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
