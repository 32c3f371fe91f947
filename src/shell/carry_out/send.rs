//! Writes one store: several sessions side by side, as many as it takes.

mod abreast;

use super::desk::Desk;
use super::{Order, poll};
use crate::config::ReadBefore;
use crate::dispatch::{BatchRange, Batches, Class, Outcome, Sent, group, idempotency_key};
use crate::hex::hex;
use crate::shell::connect;
use crate::shell::exit::Stop;
use crate::shell::state::{Claim, Pending, State};
use crate::shell::store::{ItemOutcome, ItemSource, SkuSource, Store, Written};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// The most sessions of one store side by side.
const SESSIONS_MAX: usize = 64;

pub(super) fn send(order: &Order<'_>, store: &mut Store, desk: &Desk<'_>) -> Result<(), Stop> {
    let name = store.name().to_owned();
    read_again(order, store, desk)?;
    let pending = desk.read(|state| state.pending(&name, usize::MAX))?;
    desk.expect(pending.len());
    if let Err(fault) = store.prepare(&Items(&pending)) {
        desk.fault(&fault);
        return desk.settle(&name, &pending, &vec![not_sent(&fault.what); pending.len()]);
    }
    keep_addresses(store, desk)?;
    let sending = Sending::new(order, store, desk, pending);
    if store.writes_abreast() {
        desk.keep(sending.abreast());
    } else {
        thread::scope(|scope| {
            for _ in 0..sending.sessions {
                scope.spawn(|| desk.keep(sending.run()));
            }
        });
    }
    let accepted = sending.accepted.into_inner();
    if desk.is_stopped() {
        return Ok(());
    }
    keep_addresses(store, desk)?;
    if accepted { poll::poll_now(order, store, desk) } else { Ok(()) }
}

/// Keeps in the state what was learnt of addresses.
fn keep_addresses(store: &mut Store, desk: &Desk<'_>) -> Result<(), Stop> {
    let changes = store.address_changes();
    Ok(desk.write(|state| connect::keep_addresses(state, store.name(), &changes, Timestamp::now()))?)
}

pub(super) fn not_sent(what: &str) -> Outcome {
    Outcome::Failed(format!("not sent: {what}"))
}

/// What the sessions of one store share.
struct Sending<'a, 'd> {
    order: &'a Order<'a>,
    store: &'a Store,
    desk: &'a Desk<'d>,
    /// Those of one group stand together.
    items: Vec<Pending>,
    batches: Mutex<Batches>,
    broken: Mutex<Option<String>>,
    sessions: usize,
    /// Whether something was only accepted.
    accepted: AtomicBool,
}

impl<'a, 'd> Sending<'a, 'd> {
    fn new(order: &'a Order<'a>, store: &'a Store, desk: &'a Desk<'d>, pending: Vec<Pending>) -> Self {
        let groups = group(pending.iter().map(|item| store.group_of(&item.store_sku)));
        let batches = Batches::of_groups(groups.lens.iter().copied(), &store.batch_limits());
        let mut pending: Vec<Option<Pending>> = pending.into_iter().map(Some).collect();
        let items = groups.order.iter().filter_map(|&at| pending.get_mut(at)?.take()).collect();
        let sessions = store.sessions_max().min(SESSIONS_MAX).min(batches.left());
        let (batches, broken) = (Mutex::new(batches), Mutex::new(None));
        let accepted = AtomicBool::new(false);
        Self { order, store, desk, items, batches, broken, sessions, accepted }
    }

    /// One session after another, as long as there are batches.
    fn run(&self) -> Result<(), Stop> {
        while !self.desk.is_stopped() {
            let Some(range) = self.batches().next() else { break };
            let items = self.items(&range);
            let broken = self.broken().clone();
            let outcomes = match &broken {
                // A connector that misbehaved once is not asked again.
                Some(what) => vec![not_sent(what); items.len()],
                None => self.send(items)?,
            };
            if self.is_final(&range, &outcomes) {
                self.desk.settle(self.store.name(), items, &outcomes)?;
            }
        }
        Ok(())
    }

    /// Whether that is how a batch ended; one that was refused whole is tried again in halves.
    fn is_final(&self, range: &BatchRange, outcomes: &[Outcome]) -> bool {
        let batch = &self.store.manifest().batch;
        let all_failed = outcomes.iter().all(|o| matches!(o, Outcome::Failed(_)));
        let halves = batch.all_or_nothing && !batch.whole_groups && range.len() > 1;
        if halves && all_failed && self.broken().is_none() {
            // One item at fault must not block the others: the halves are tried by themselves.
            self.batches().settled(range.clone(), Sent::RefusedWhole);
            return false;
        }
        if outcomes.iter().any(|o| matches!(o, Outcome::Accepted(_))) {
            self.accepted.store(true, Ordering::Relaxed);
        }
        true
    }

    fn send(&self, items: &[Pending]) -> Result<Vec<Outcome>, Stop> {
        let (key, body_hash) = self.names(items);
        let store = self.store.name();
        let claim = Claim { store, key: &key, body_hash: &body_hash, now: Timestamp::now() };
        self.desk.write(|state| state.claim_batch(&claim, items))?;
        Ok(self.outcomes(self.store.send(&Items(items), &key)))
    }

    /// The key of a batch, and the hash of its body.
    fn names(&self, items: &[Pending]) -> (String, String) {
        let keyed = items.iter().map(|item| (item.store_sku.as_str(), item.after));
        (idempotency_key(self.order.plan_id, self.store.name(), keyed), body_hash(items))
    }

    fn outcomes(&self, written: Written) -> Vec<Outcome> {
        if let Some(fault) = &written.fault {
            self.desk.fault(fault);
            self.broken().get_or_insert(fault.what.clone());
        }
        written.outcomes.into_iter().map(outcome).collect()
    }

    fn items(&self, range: &BatchRange) -> &[Pending] {
        self.items.get(range.clone()).unwrap_or_default()
    }

    fn batches(&self) -> MutexGuard<'_, Batches> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn broken(&self) -> MutexGuard<'_, Option<String>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listings that are to be raised are read again where the store cannot compare by itself: an order may have come since.
fn read_again(order: &Order<'_>, store: &mut Store, desk: &Desk<'_>) -> Result<(), Stop> {
    let name = store.name().to_owned();
    let config = order.project.config.stores.iter().find(|config| config.name == name);
    let policy = config.map(|config| config.read_before).unwrap_or_default();
    if store.manifest().write.conditional || policy == ReadBefore::Never {
        return Ok(());
    }
    let mut items = desk.read(|state| state.pending(&name, usize::MAX))?;
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
        desk.fault(fault);
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
    desk.expect(items.len());
    desk.settle(&name, &items, &outcomes)
}

pub(in crate::shell) fn outcome(outcome: ItemOutcome) -> Outcome {
    match outcome {
        ItemOutcome::Sent => Outcome::Sent,
        ItemOutcome::Failed(why) => Outcome::Failed(why),
        ItemOutcome::Conflict => Outcome::Conflict,
        ItemOutcome::Accepted(ticket) => Outcome::Accepted(ticket),
        ItemOutcome::Unknown(why) => Outcome::Unknown(why),
    }
}

/// A batch's items as they go to the store; the host's page of them is the body of which a retry is the repetition.
pub(in crate::shell) fn body_hash(items: &[Pending]) -> String {
    let mut hash = Sha256::new();
    for item in items {
        hash.update((item.store_sku.len() as u64).to_le_bytes());
        hash.update(&item.store_sku);
        hash.update(item.after.to_le_bytes());
    }
    hex(&hash.finalize())
}

/// Writes, as a connector is given them.
pub(in crate::shell) struct Items<'a>(pub(in crate::shell) &'a [Pending]);

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
