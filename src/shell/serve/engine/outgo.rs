//! What is to be done at a store next: the machine's wishes carried out, and the errands that are not about writing.

use super::board::{Cause, UnderWay};
use super::lane::{Errand, TICKET_SECONDS, TROUBLE_SECONDS, later};
use super::{Engine, Notice, Task, Work};
use crate::catalog::ListingId;
use crate::diff::Shown;
use crate::dispatch::{Do, Item, Outcome, idempotency_key};
use crate::record::Trigger;
use crate::rules::StoreId;
use crate::shell::carry_out::body_hash;
use crate::shell::serve::alerts::Alert;
use crate::shell::state::{Claim, Pending, State, StateFault, StateFaultKind};
use jiff::Timestamp;
use std::sync::Arc;

/// Who asks for what nobody asked for, in the records.
pub(super) const ACTOR: &str = "serve";

/// So many accepted writes are asked for at once.
const TICKETS_MAX: usize = 1_000;

impl<S: State> Engine<S> {
    /// What is to be done next at a store.
    pub(super) fn next_work(&mut self, at: usize, now: Timestamp) -> Result<Option<Work>, StateFault> {
        loop {
            let steady = self.clock.now();
            let Some(lane) = self.lanes.get_mut(at) else { return Ok(None) };
            if !lane.stragglers.is_empty() {
                return Ok(None);
            }
            match lane.machine.poll(steady) {
                Some(Do::Send { batch, items }) => {
                    if let Some(work) = self.claim(at, batch, items, now)? {
                        return Ok(Some(work));
                    }
                }
                Some(Do::Read { read, store_skus }) => {
                    let errand = Errand::Read(read, store_skus.clone());
                    return Ok(Some(self.send_out(at, errand, Task::Read { store_skus })));
                }
                Some(Do::Settle(settled)) => self.settle(at, settled, now)?,
                Some(Do::Resolve(resolved)) => self.resolve(at, &resolved, now)?,
                Some(Do::Replan(store_skus)) => self.replan(at, store_skus, now)?,
                Some(Do::Fill) => self.fill(at)?,
                None if self.is_to_seek(at) => self.empty_gone(at, now)?,
                None => return self.next_errand(at, now),
            }
        }
    }

    /// Marks a batch in flight. Nothing where disk has a newer number of one of its listings: the machine was told.
    fn claim(
        &mut self,
        at: usize,
        batch: u64,
        items: Vec<Item>,
        now: Timestamp,
    ) -> Result<Option<Work>, StateFault> {
        let store = self.shop.store_name(StoreId(at as u16));
        // The records make the key: the same numbers planned again are another batch.
        let records: Vec<String> = items.iter().map(|item| item.record.to_string()).collect();
        let keyed = items.iter().map(|item| (item.store_sku.as_str(), item.after));
        let key = idempotency_key(&records.join(" "), store, keyed);
        let pending: Vec<Pending> = items.iter().map(Pending::of).collect();
        let claim = Claim { store, key: &key, body_hash: &body_hash(&pending), now };
        match self.state.claim_batch(&claim, &pending) {
            Ok(()) => {
                let errand = Errand::Batch(batch, items.clone());
                Ok(Some(self.send_out(at, errand, Task::Send { key, items })))
            }
            Err(StateFault { kind: StateFaultKind::Overtaken(item), .. }) => {
                let store_sku = items.get(item).map_or("", |item| item.store_sku.as_str());
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.machine.overtaken(batch, store_sku);
                }
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    fn send_out(&mut self, at: usize, errand: Errand, task: Task) -> Work {
        self.last_work += 1;
        let id = self.last_work;
        self.fresh.push(id);
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.out.insert(id, errand);
        }
        Work { id, store: StoreId(at as u16), task }
    }

    fn fill(&mut self, at: usize) -> Result<(), StateFault> {
        let name = self.shop.store_name(StoreId(at as u16));
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        let room = lane.machine.room();
        let mut waiting = self.state.pending(name, room.saturating_add(1))?;
        let more = waiting.len() > room;
        waiting.truncate(room);
        lane.machine.offer(waiting.into_iter().map(item).collect(), more);
        Ok(())
    }

    /// Records what became of numbers.
    pub(super) fn settle(
        &mut self,
        at: usize,
        settled: Vec<(Item, Outcome)>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let store = StoreId(at as u16);
        let items: Vec<Pending> = settled.iter().map(|(item, _)| Pending::of(item)).collect();
        let outcomes: Vec<Outcome> = settled.iter().map(|(_, outcome)| outcome.clone()).collect();
        self.state.settle_batch(self.shop.store_name(store), &items, &outcomes, now)?;
        settled.into_iter().try_for_each(|(item, outcome)| self.note_outcome(at, &item, outcome, now))
    }

    fn note_outcome(
        &mut self,
        at: usize,
        item: &Item,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let store = StoreId(at as u16);
        let steady = self.clock.now();
        let listing = self.shop.catalog().find_listing(store, &item.store_sku);
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        if outcome != Outcome::Conflict {
            lane.knows(&item.store_sku, self.last_work);
        }
        // One that does not go to 0 either is left until the project is another one.
        let may_be_filled = match outcome {
            Outcome::Sent | Outcome::Skipped(_) => true,
            Outcome::Failed(_) => item.after > 0,
            Outcome::Accepted(_) | Outcome::Unknown(_) | Outcome::Conflict => false,
        };
        lane.seeks_gone |= listing.is_none() && may_be_filled;
        let ended = |engine: &mut Self| listing.and_then(|listing| engine.board.ended(listing, item.record));
        match outcome {
            Outcome::Sent => {
                lane.agreed(&item.store_sku);
                lane.last_success = Some(now);
                lane.sent += 1;
                let under_way =
                    listing.and_then(|listing| self.board.arrived(listing, item.record, item.after));
                if let Some(UnderWay { cause: Some(cause), there, .. }) = under_way {
                    self.figures.arrived(there.unwrap_or(now).duration_since(cause.at));
                }
            }
            Outcome::Accepted(_) => {
                lane.ticket_seconds = TICKET_SECONDS.0;
                lane.tickets_at = Some(later(steady, lane.ticket_seconds));
            }
            Outcome::Unknown(_) => {}
            Outcome::Conflict => {
                let cause = ended(self).and_then(|under_way| under_way.cause);
                self.remember(listing, cause);
            }
            Outcome::Skipped(_) => {
                if let Some(under_way) = ended(self) {
                    self.left_out(at, &item.store_sku, under_way, now)?;
                }
            }
            Outcome::Failed(why) => {
                lane.failed += 1;
                ended(self);
                let catalog = self.shop.catalog();
                let sku = listing.map(|listing| catalog.sku(catalog.listing_sku(listing)));
                self.notices.push(Notice::Alert(Alert::FailedWrite {
                    store: self.shop.store_name(store).to_owned(),
                    store_sku: item.store_sku.clone(),
                    sku: sku.unwrap_or_default().to_owned(),
                    detail: why,
                }));
            }
        }
        Ok(())
    }

    /// A number does not arrive, and no newer one took its place. Its listing is planned again, unless nothing is written there:
    /// then that is done when it goes on. Perhaps it has gone on already, and counted on this number.
    fn left_out(
        &mut self,
        at: usize,
        store_sku: &str,
        under_way: UnderWay,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let listing = self.shop.catalog().find_listing(StoreId(at as u16), store_sku);
        let Some(listing) = listing else { return Ok(()) };
        let is_held = self.is_held(listing);
        if under_way.for_look || !is_held {
            self.remember(Some(listing), under_way.cause);
        }
        if under_way.for_look {
            return self.look_soon(at, store_sku);
        }
        if is_held { Ok(()) } else { self.replan(at, vec![store_sku.to_owned()], now) }
    }

    /// A number that is to be planned again, and what set it off.
    fn remember(&mut self, listing: Option<ListingId>, cause: Option<Arc<Cause>>) {
        if let (Some(listing), Some(cause)) = (listing, cause) {
            self.again.insert(listing, cause);
        }
    }

    /// Ends numbers that had no answer by what the store shows.
    fn resolve(
        &mut self,
        at: usize,
        resolved: &[(Item, Option<i64>)],
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let store = StoreId(at as u16);
        let name = self.shop.store_name(store);
        let items: Vec<Pending> = resolved.iter().map(|(item, _)| Pending::of(item)).collect();
        let live: Vec<Option<i64>> = resolved.iter().map(|(_, live)| *live).collect();
        self.state.resolve(name, &items, &live, now)?;
        for (item, live) in resolved {
            let Some(listing) = self.shop.catalog().find_listing(store, &item.store_sku) else {
                self.seek_gone(at);
                continue;
            };
            if live.is_some_and(|live| u64::try_from(live) == Ok(item.after)) {
                self.note_outcome(at, item, Outcome::Sent, now)?;
            } else {
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.knows(&item.store_sku, self.last_work);
                }
                let under_way = self.board.ended(listing, item.record);
                self.remember(Some(listing), under_way.and_then(|under_way| under_way.cause));
            }
        }
        Ok(())
    }

    /// Plans listings again whose store shows another number than was thought.
    pub(super) fn replan(
        &mut self,
        at: usize,
        store_skus: Vec<String>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        for store_sku in store_skus {
            let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
            if lane.conflicted.remove(&store_sku) {
                // What it shows instead is not known yet.
                self.look_at_conflict(at, store_sku)?;
                continue;
            }
            let listing = self.shop.catalog().find_listing(StoreId(at as u16), &store_sku);
            let Some(listing) = listing else {
                self.seek_gone(at);
                continue;
            };
            let known = self.again.remove(&listing);
            let unknown = || Cause::new(Trigger::Retry, ACTOR, now);
            self.plan_again(listing, &known.unwrap_or_else(unknown), now)?;
        }
        Ok(())
    }

    fn next_errand(&mut self, at: usize, now: Timestamp) -> Result<Option<Work>, StateFault> {
        let steady = self.clock.now();
        let store = StoreId(at as u16);
        let Some((lane, outlet)) = self.lanes.get_mut(at).zip(self.shop.outlet(store)) else {
            return Ok(None);
        };
        self.figures.circuit(lane, self.shop.store_name(store), &mut self.notices);
        let is_due = |at: Option<Timestamp>| at.is_some_and(|moment| moment <= steady);
        let looks = lane.due_looks(steady, outlet.terms.reads_max);
        if !looks.is_empty() {
            let errand = Errand::Look(looks.clone());
            return Ok(Some(self.send_out(at, errand, Task::Read { store_skus: looks })));
        }
        if outlet.can_poll && is_due(lane.tickets_at) && !lane.has(|one| matches!(one, Errand::Tickets(_))) {
            let accepted = self.state.accepted(self.shop.store_name(store), TICKETS_MAX)?;
            if accepted.is_empty() {
                lane.tickets_at = None;
            } else {
                lane.ticket_seconds = (lane.ticket_seconds * 2).min(TICKET_SECONDS.1);
                lane.tickets_at = Some(later(steady, lane.ticket_seconds));
                let errand = Errand::Tickets(accepted.clone());
                return Ok(Some(self.send_out(at, errand, Task::Tickets(accepted))));
            }
        }
        if outlet.has_orders && is_due(lane.orders_at) && !lane.has(|one| matches!(one, Errand::Orders(_))) {
            let since = self.orders_since(at, now)?;
            return Ok(Some(self.send_out(at, Errand::Orders(now), Task::Orders { since })));
        }
        if is_due(lane.reconcile_at) && !lane.has(|one| matches!(one, Errand::Whole(_))) {
            return Ok(self.read_whole(at));
        }
        Ok(None)
    }

    /// Begins to compare all that a store shows with what was written.
    fn read_whole(&mut self, at: usize) -> Option<Work> {
        let steady = self.clock.now();
        let catalog = self.shop.catalog();
        let listings = catalog.listings_of_store(StoreId(at as u16)).map(ListingId);
        let mut store_skus: Vec<String> =
            listings.map(|listing| catalog.store_sku(listing).to_owned()).collect();
        store_skus.sort_unstable();
        let seconds = i64::try_from(self.shop.setup.reconcile_seconds).unwrap_or(i64::MAX);
        let lane = self.lanes.get_mut(at)?;
        lane.reconcile_at = (seconds > 0).then(|| later(steady, seconds.max(TROUBLE_SECONDS)));
        if store_skus.is_empty() {
            return None;
        }
        Some(self.send_out(at, Errand::Whole(store_skus.clone()), Task::Read { store_skus }))
    }

    /// What a store shows of a listing, where nothing is on its way there.
    pub(super) fn sees(&mut self, listing: ListingId, shown: Option<i64>) -> bool {
        let shown = shown.map_or(Shown::Missing, Shown::Number);
        let is_new = self.board.live(listing) != shown;
        self.board.shows(listing, shown);
        is_new
    }
}

pub(super) fn item(pending: Pending) -> Item {
    let Pending { record, store_sku, before, after, class: _ } = pending;
    Item { record, store_sku, before, after }
}
