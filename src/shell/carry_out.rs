//! Writes a plan: the outbox first, then store by store, batch by batch, each outcome on disk before the next leaves.

use super::connect::Connected;
use super::exit::{Exit, Stop};
use super::held::held;
use super::output::Output;
use super::project::Project;
use super::state::{Claim, Covers, NewRun, Pending, SqliteState, State, Version, Write};
use super::store::{ItemOutcome, ItemSource, SkuSource, Store};
use crate::config::ReadBefore;
use crate::dispatch::{BatchLimits, BatchRange, Batches, Class, Outcome, Sent, idempotency_key};
use crate::plan::Row;
use crate::record::{Skip, Trigger};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is carried out, but for its rows.
pub(super) struct Order<'a> {
    pub(super) project: &'a Project,
    pub(super) plan_id: &'a str,
    pub(super) trigger: Trigger,
    pub(super) now: Timestamp,
    pub(super) version: &'a str,
    pub(super) canonical: &'a str,
    pub(super) covers: Covers<'a>,
}

/// What became of it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Done {
    pub(super) sent: u64,
    pub(super) accepted: u64,
    pub(super) failed: u64,
    pub(super) conflicts: u64,
    pub(super) unknown: u64,
    /// Left out for a reason of the run's; not what is paused or switched off.
    pub(super) skipped: u64,
}

impl Done {
    pub(super) fn exit(self) -> Exit {
        if self.failed + self.conflicts + self.unknown + self.skipped > 0 {
            Exit::Partial
        } else {
            Exit::Done
        }
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Conflict => self.conflicts += 1,
            Outcome::Accepted(_) => self.accepted += 1,
            Outcome::Unknown(_) => self.unknown += 1,
        }
    }
}

/// Puts `rows` into the outbox and sends them. A row with a `Skip` is recorded and not sent.
pub(super) fn carry_out<'r>(
    order: &Order<'_>,
    rows: &mut dyn Iterator<Item = (Row<'r>, Option<Skip>)>,
    stores: &mut [Connected],
    state: &mut SqliteState,
    output: &mut Output,
) -> Result<Done, Stop> {
    let mut done = Done::default();
    let open: Vec<String> = stores.iter().filter_map(open_name).collect();
    let names: Vec<&str> = open.iter().map(String::as_str).collect();
    let commit = commit(&order.project.root);
    let writes = order.project.config.inventory_features;
    let run = NewRun {
        plan_id: Some(order.plan_id),
        trigger: order.trigger,
        actor: &actor(),
        order_id: None,
        now: order.now,
        version: Version { version: order.version, rules: order.canonical, commit: commit.as_deref() },
        activate: writes,
        replaces: &names,
        pinned: None,
        covers: order.covers,
    };
    let mut skipped = 0;
    let mut writes = rows.map(|(row, skip)| {
        skipped += u64::from(skip.is_some());
        let skip = skip.or_else(|| held(order.project, row.store));
        Write {
            store: row.store,
            store_sku: row.store_sku,
            sku: row.sku,
            before: row.current,
            after: row.planned,
            rule: Some(row.rule),
            skip,
        }
    });
    state.begin(&run, &mut writes)?;
    done.skipped = skipped;
    for store in stores {
        if let Connected::Open(store) = store {
            send(order, store, state, &mut done, output)?;
        }
    }
    Ok(done)
}

fn open_name(store: &Connected) -> Option<String> {
    match store {
        Connected::Open(store) => Some(store.name().to_owned()),
        Connected::Aside | Connected::Faulty(_) => None,
    }
}

fn send(
    order: &Order<'_>,
    store: &mut Store,
    state: &mut SqliteState,
    done: &mut Done,
    output: &mut Output,
) -> Result<(), Stop> {
    let name = store.name().to_owned();
    read_again(order, store, state, done, output)?;
    let pending = state.pending(&name, usize::MAX)?;
    let batch = &store.manifest().batch;
    let (limits, whole) =
        (BatchLimits { items_max: batch.items_max, bytes_max: batch.bytes_max }, batch.all_or_nothing);
    // An item's weight in bytes is the connector's to know: only the number of items is counted here.
    let mut batches = Batches::new(pending.iter().map(|_| 0), &limits);
    let mut broken: Option<String> = None;
    while let Some(range) = batches.next() {
        output.progress(format_args!("writing {name}: {} of {}", range.start, pending.len()));
        let items = pending.get(range.clone()).unwrap_or_default();
        let outcomes = match &broken {
            // A connector that misbehaved once is not asked again.
            Some(what) => vec![not_sent(what); items.len()],
            None => send_batch(order, store, state, items, &mut broken, output)?,
        };
        let refused = whole && broken.is_none() && outcomes.iter().all(|o| matches!(o, Outcome::Failed(_)));
        if refused && items.len() > 1 {
            // One item at fault must not block the others: the halves are tried by themselves.
            batches.settled(range, Sent::RefusedWhole);
            continue;
        }
        settle(&name, state, items, &outcomes, done)?;
        batches.settled(range as BatchRange, Sent::Answered);
    }
    output.end_progress();
    Ok(())
}

fn not_sent(what: &str) -> Outcome {
    Outcome::Failed(format!("not sent: {what}"))
}

/// Listings that are to be raised are read again where the store cannot compare by itself: an order may have come since.
fn read_again(
    order: &Order<'_>,
    store: &mut Store,
    state: &mut SqliteState,
    done: &mut Done,
    output: &mut Output,
) -> Result<(), Stop> {
    let name = store.name().to_owned();
    let config = order.project.config.stores.iter().find(|config| config.name == name);
    let policy = config.map(|config| config.read_before).unwrap_or_default();
    if store.manifest().write.conditional || policy == ReadBefore::Never {
        return Ok(());
    }
    let mut items = state.pending(&name, usize::MAX)?;
    items.retain(|item| {
        item.before.is_some() && (policy == ReadBefore::Always || item.class == Class::Higher)
    });
    if items.is_empty() {
        return Ok(());
    }
    let mut live: HashMap<String, i64> = HashMap::new();
    let read = store.read(&Items(&items), &mut |store_sku, number| {
        live.insert(store_sku.to_owned(), number);
    });
    let fault = read.err();
    if let Some(fault) = &fault {
        output.fault(&fault.to_string(), fault.help.as_deref());
    }
    let judged = items.into_iter().filter_map(|item| {
        let outcome = match (&fault, live.get(&item.store_sku)) {
            (Some(fault), _) => not_sent(&fault.what),
            (None, Some(&live)) if item.before != Some(live) => Outcome::Conflict,
            (None, _) => return None,
        };
        Some((item, outcome))
    });
    let (items, outcomes): (Vec<_>, Vec<_>) = judged.unzip();
    settle(&name, state, &items, &outcomes, done)
}

fn settle(
    store: &str,
    state: &mut SqliteState,
    items: &[Pending],
    outcomes: &[Outcome],
    done: &mut Done,
) -> Result<(), Stop> {
    state.settle_batch(store, items, outcomes, Timestamp::now())?;
    for outcome in outcomes {
        done.count(outcome);
    }
    Ok(())
}

fn send_batch(
    order: &Order<'_>,
    store: &mut Store,
    state: &mut SqliteState,
    items: &[Pending],
    broken: &mut Option<String>,
    output: &mut Output,
) -> Result<Vec<Outcome>, Stop> {
    let name = store.name().to_owned();
    let key =
        idempotency_key(order.plan_id, &name, items.iter().map(|item| (item.store_sku.as_str(), item.after)));
    let claim = Claim { store: &name, key: &key, body_hash: &body_hash(items), now: Timestamp::now() };
    state.claim_batch(&claim, items)?;
    let written = store.write(&Items(items), &key);
    if let Some(fault) = &written.fault {
        output.fault(&fault.to_string(), fault.help.as_deref());
        *broken = Some(fault.what.clone());
    }
    Ok(written.outcomes.into_iter().map(outcome).collect())
}

fn outcome(outcome: ItemOutcome) -> Outcome {
    match outcome {
        ItemOutcome::Sent => Outcome::Sent,
        ItemOutcome::Failed(why) => Outcome::Failed(why),
        ItemOutcome::Conflict => Outcome::Conflict,
        ItemOutcome::Accepted(ticket) => Outcome::Accepted(ticket),
        ItemOutcome::Unknown(why) => Outcome::Unknown(why),
    }
}

/// A batch's items as they go to the store; the host's page of them is the body of which a retry is the repetition.
fn body_hash(items: &[Pending]) -> String {
    let mut hash = Sha256::new();
    for item in items {
        hash.update((item.store_sku.len() as u64).to_le_bytes());
        hash.update(&item.store_sku);
        hash.update(item.after.to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Items<'a>(&'a [Pending]);

impl SkuSource for Items<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn store_sku(&self, index: usize) -> &str {
        self.0.get(index).map_or("", |item| item.store_sku.as_str())
    }
}

impl ItemSource for Items<'_> {
    fn quantity(&self, index: usize) -> i64 {
        self.0.get(index).map_or(0, |item| i64::try_from(item.after).unwrap_or(i64::MAX))
    }
    fn expected(&self, index: usize) -> Option<i64> {
        self.0.get(index).and_then(|item| item.before)
    }
}

/// Who runs it, for the records.
fn actor() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_else(|| "unknown".into())
}

/// The commit that is checked out, where the project is in git; by git's own command line.
fn commit(root: &Path) -> Option<String> {
    let asked = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["rev-parse", "--verify", "--quiet", "HEAD"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(asked.stdout).ok()?;
    let commit = text.trim();
    (asked.status.success() && !commit.is_empty()).then(|| commit.to_owned())
}
