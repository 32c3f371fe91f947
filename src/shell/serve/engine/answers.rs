//! How work ended, and what follows from it.

use super::board::Cause;
use super::lane::{Errand, TROUBLE_SECONDS, later};
use super::{Ended, Engine, Notice, Told, outgo};
use crate::catalog::{ListingId, SkuId};
use crate::config::Drift;
use crate::diff::Shown;
use crate::dispatch::{Broken, Item, Outcome};
use crate::orders::Event;
use crate::record::Trigger;
use crate::rules::StoreId;
use crate::shell::serve::alerts::Alert;
use crate::shell::state::{Pending, State, StateFault};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// How much earlier than the last time orders are asked for again, in seconds: a store's clock is not ours, and events that were
/// taken before do nothing.
const OVERLAP_SECONDS: i64 = 300;

impl<S: State> Engine<S> {
    /// Takes how an errand ended.
    pub(super) fn answer(
        &mut self,
        at: usize,
        (id, errand): (u64, Errand),
        ended: Ended,
        now: Timestamp,
        random: u64,
    ) -> Result<(), StateFault> {
        let steady = self.clock.now();
        match (errand, ended) {
            (Errand::Batch(batch, items), ended) => self.batch_ended(at, (batch, &items), ended, random),
            (Errand::Read(read, asked), Ended::Shown(live)) => {
                let newest = self.newest(at, id, &asked);
                self.shown(at, (id, &newest), &live, now, true, |_| true)?;
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.machine.seen(read, &live, steady);
                }
                Ok(())
            }
            (Errand::Read(read, _), ended) => {
                let (why, after) = trouble(ended);
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.machine.unseen(read, &why, after, steady, random);
                }
                self.trouble(at, why);
                Ok(())
            }
            (Errand::Look(asked), Ended::Shown(live)) => self.looked(at, (id, asked), &live, now),
            (Errand::Look(asked), ended) => {
                let (why, after) = trouble(ended);
                if let Some(lane) = self.lanes.get_mut(at) {
                    let moment = again_at(steady, after);
                    lane.look.extend(asked.into_iter().map(|store_sku| (store_sku, moment)));
                }
                self.trouble(at, why);
                Ok(())
            }
            (Errand::Whole(asked), Ended::Shown(live)) => self.reconcile(at, (id, &asked), &live, now),
            (Errand::Tickets(asked), Ended::Outcomes(outcomes)) => self.polled(at, asked, outcomes, now),
            (Errand::Orders(asked), Ended::Orders(events)) => self.heard_orders(at, asked, &events, now),
            (errand @ (Errand::Whole(_) | Errand::Tickets(_) | Errand::Orders(_)), ended) => {
                let (why, after) = trouble(ended);
                if let Some(lane) = self.lanes.get_mut(at) {
                    let moment = Some(again_at(steady, after));
                    match errand {
                        Errand::Whole(_) => lane.reconcile_at = moment,
                        Errand::Tickets(_) => lane.tickets_at = lane.tickets_at.max(moment),
                        _ => lane.orders_at = lane.orders_at.max(moment),
                    }
                }
                self.trouble(at, why);
                Ok(())
            }
        }
    }

    /// Notes which numbers of a batch are there, for the time that they took.
    pub(super) fn note_there(&mut self, at: usize, errand: &Errand, ended: &Ended, answered: Timestamp) {
        let (Errand::Batch(_, items), Ended::Outcomes(outcomes)) = (errand, ended) else { return };
        for (item, outcome) in items.iter().zip(outcomes) {
            let listing = self.shop.catalog().find_listing(StoreId(at as u16), &item.store_sku);
            if let Some(listing) = listing.filter(|_| *outcome == Outcome::Sent) {
                self.board.is_there(listing, item.record, answered);
            }
        }
    }

    fn batch_ended(
        &mut self,
        at: usize,
        (batch, items): (u64, &[Item]),
        ended: Ended,
        random: u64,
    ) -> Result<(), StateFault> {
        let steady = self.clock.now();
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        match ended {
            Ended::Outcomes(outcomes) => {
                let conflicts = items.iter().zip(&outcomes);
                let conflicts = conflicts.filter(|(_, outcome)| **outcome == Outcome::Conflict);
                lane.conflicted.extend(conflicts.map(|(item, _)| item.store_sku.clone()));
                lane.machine.answered(batch, outcomes, steady, random);
            }
            Ended::NotSent(why, after) => {
                lane.last_trouble.clone_from(&why);
                lane.machine.broke(batch, Broken::NotSent(why, after), steady, random);
            }
            Ended::Lost(why) => {
                lane.last_trouble.clone_from(&why);
                lane.machine.broke(batch, Broken::Unknown(why), steady, random);
            }
            Ended::Shown(_) | Ended::Failed(..) | Ended::Orders(_) => {
                let why = "the answer is of another kind".to_owned();
                lane.machine.broke(batch, Broken::Unknown(why), steady, random);
            }
        }
        Ok(())
    }

    /// Those of these listings of which nothing is known that is newer than what this work read.
    pub(super) fn newest(&self, at: usize, id: u64, asked: &[String]) -> Vec<String> {
        let Some(lane) = self.lanes.get(at) else { return Vec::new() };
        asked.iter().filter(|store_sku| lane.is_newest(id, store_sku)).cloned().collect()
    }

    /// Takes what this work read of listings, of those that `counts` says; the ones that the store shows otherwise than was known. All of it
    /// is kept on disk, or only what is otherwise: after a late answer the disk may know something else than the board.
    pub(super) fn shown(
        &mut self,
        at: usize,
        (id, asked): (u64, &[String]),
        live: &HashMap<String, i64>,
        now: Timestamp,
        keeps_all: bool,
        counts: impl Fn(ListingId) -> bool,
    ) -> Result<Vec<ListingId>, StateFault> {
        let store = StoreId(at as u16);
        let mut others = Vec::new();
        let mut numbers = Vec::new();
        for store_sku in asked {
            let shown = live.get(store_sku).copied();
            let Some(listing) = self.shop.catalog().find_listing(store, store_sku) else {
                // No mapping knows it any more: what it shows is known on disk alone.
                numbers.extend(shown.map(|number| (store_sku.as_str(), number)));
                continue;
            };
            if !counts(listing) {
                continue;
            }
            if let Some(lane) = self.lanes.get_mut(at) {
                lane.knows(store_sku, id);
            }
            let is_other = self.sees(listing, shown);
            others.extend(is_other.then_some(listing));
            if is_other || keeps_all {
                numbers.extend(shown.map(|number| (store_sku.as_str(), number)));
            }
        }
        if !numbers.is_empty() {
            let name = self.shop.store_name(store);
            self.state.observe(name, &mut numbers.into_iter(), now)?;
        }
        Ok(others)
    }

    /// The listings among these to which nothing is on its way: a number that is might overtake what was read.
    pub(super) fn free(&self, at: usize, asked: &[String]) -> BTreeSet<ListingId> {
        let find = |store_sku: &String| self.shop.catalog().find_listing(StoreId(at as u16), store_sku);
        let found = asked.iter().filter_map(find);
        found.filter(|&listing| self.board.under_way(listing).is_none()).collect()
    }

    /// Compares all that a store shows with what was written there.
    fn reconcile(
        &mut self,
        at: usize,
        (id, asked): (u64, &[String]),
        live: &HashMap<String, i64>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        self.settle_accepted(at, live, now)?;
        let store = StoreId(at as u16);
        let Some(outlet) = self.shop.outlet(store) else { return Ok(()) };
        let repairs = outlet.drift == Drift::Repair;
        let asked = self.newest(at, id, asked);
        let free = self.free(at, &asked);
        let others = self.shown(at, (id, &asked), live, now, false, |listing| free.contains(&listing))?;
        let drifted: Vec<Alert> = others.iter().filter_map(|one| self.drifted(*one)).collect();
        self.notices.extend(drifted.into_iter().map(Notice::Alert));
        if repairs && self.held(store).is_none() {
            // Also what was seen before: it may have been held then, or the repair failed.
            let mut edited: BTreeSet<_> =
                free.into_iter().filter(|one| self.drifted(*one).is_some()).collect();
            // What others set to the very number that we wrote last is not what it should be by now.
            edited.extend(others.into_iter().filter(|one| self.board.written(*one).is_some()));
            let wrong = self.drafting(now, |drafting| drafting.wrong(edited))?;
            let cause = Cause::new(Trigger::DriftRepair, outgo::ACTOR, now);
            self.plan_last(&cause, wrong, now)?;
        }
        Ok(())
    }

    /// What others made of a listing that we wrote last.
    fn drifted(&self, listing: ListingId) -> Option<Alert> {
        let catalog = self.shop.catalog();
        let written = self.board.written(listing)?;
        let live = crate::drift::differs(written, self.board.live(listing))?;
        let store = self.shop.store_name(catalog.listing_store(listing)).to_owned();
        Some(Alert::Drift { store, store_sku: catalog.store_sku(listing).to_owned(), written, live })
    }

    /// Ends what a store accepted and shows by now.
    fn settle_accepted(
        &mut self,
        at: usize,
        live: &HashMap<String, i64>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let accepted = self.state.accepted(self.shop.store_name(StoreId(at as u16)), usize::MAX)?;
        let there = accepted.into_iter().filter(|(item, _)| {
            live.get(&item.store_sku).is_some_and(|live| u64::try_from(*live) == Ok(item.after))
        });
        let there = there.map(|(item, _)| (outgo::item(item), Outcome::Sent)).collect();
        self.end_accepted(at, there, now)
    }

    /// Takes what became of writes that a store accepted. What nobody knows yet is asked for again.
    fn polled(
        &mut self,
        at: usize,
        asked: Vec<(Pending, String)>,
        outcomes: Vec<Outcome>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let ended = asked.into_iter().map(|(item, _)| outgo::item(item)).zip(outcomes);
        let ended =
            ended.filter(|(_, outcome)| !matches!(outcome, Outcome::Accepted(_) | Outcome::Unknown(_)));
        self.end_accepted(at, ended.collect(), now)
    }

    /// Ends what a store had accepted. A listing that was given a newer number before that, or may have been by an earlier run, is
    /// read: which of the two the store did last is not known.
    fn end_accepted(
        &mut self,
        at: usize,
        ended: Vec<(Item, Outcome)>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        let (mut in_turn, mut late, mut unsure) = (Vec::new(), Vec::new(), Vec::new());
        for (item, outcome) in ended {
            let listing = self.shop.catalog().find_listing(StoreId(at as u16), &item.store_sku);
            let newest = listing.and_then(|listing| self.board.under_way(listing));
            let is_newest = newest.is_some_and(|newest| newest.record == item.record);
            let is_in_turn = lane.machine.ended(&item, &outcome) || is_newest;
            // A newer one may have ended before: always where none is on its way, and perhaps where this one was taken from disk.
            let is_last = newest.is_some_and(|newest| !is_newest || newest.cause.is_some());
            if is_in_turn && !is_last && outcome == Outcome::Sent {
                unsure.push(item.store_sku.clone());
            }
            if is_in_turn { &mut in_turn } else { &mut late }.push((item, outcome));
        }
        if !in_turn.is_empty() {
            self.settle(at, in_turn, now)?;
        }
        unsure.into_iter().try_for_each(|store_sku| self.look_at_late(at, store_sku))?;
        if late.is_empty() {
            return Ok(());
        }
        for (item, _) in late.iter().filter(|(_, outcome)| *outcome == Outcome::Sent) {
            let listing = self.shop.catalog().find_listing(StoreId(at as u16), &item.store_sku);
            if let Some(listing) = listing {
                self.board.wrote(listing, item.after);
            }
        }
        let (late, outcomes): (Vec<Item>, Vec<Outcome>) = late.into_iter().unzip();
        let items: Vec<Pending> = late.iter().map(Pending::of).collect();
        self.state.settle_batch(self.shop.store_name(StoreId(at as u16)), &items, &outcomes, now)?;
        late.into_iter().try_for_each(|item| self.look_at_late(at, item.store_sku))
    }

    fn heard_orders(
        &mut self,
        at: usize,
        asked: Timestamp,
        events: &[Event],
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let store = self.shop.store_name(StoreId(at as u16)).to_owned();
        let told = |event: &Event| Told { event: event.clone(), actor: store.clone(), arrived: now };
        let events: Vec<Told> = events.iter().map(told).collect();
        let verdicts = self.take(&events, now)?;
        self.figures.count(&verdicts);
        let note = orders_note(self.shop.store_name(StoreId(at as u16)));
        self.state.keep_note(&note, Some(&asked.to_string()))
    }

    /// Since when a store is asked for orders, and when it is asked the next time.
    pub(super) fn orders_since(&mut self, at: usize, now: Timestamp) -> Result<Timestamp, StateFault> {
        let noted = self.state.note(&orders_note(self.shop.store_name(StoreId(at as u16))))?;
        let last = noted.and_then(|noted| noted.parse::<Timestamp>().ok());
        let seconds = i64::try_from(self.shop.setup.orders_seconds).unwrap_or(i64::MAX);
        let steady = self.clock.now();
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.orders_at = (seconds > 0).then(|| later(steady, seconds));
        }
        let overlap = SignedDuration::from_secs(OVERLAP_SECONDS);
        Ok(last.unwrap_or(now).checked_sub(overlap).unwrap_or(now))
    }

    /// Plans SKUs again, each under the rules that it was planned under last.
    pub(super) fn plan_last(
        &mut self,
        cause: &Arc<Cause>,
        skus: impl IntoIterator<Item = SkuId>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let under: Vec<_> = skus.into_iter().map(|sku| (sku, self.pins.under_last(sku))).collect();
        let drafts = self.draft(cause, &under, now)?;
        self.submit(&crate::orders::Changes::default(), drafts, now)
    }

    /// Plans the SKU of a listing again.
    pub(super) fn plan_again(
        &mut self,
        listing: ListingId,
        cause: &Arc<Cause>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        if self.board.live(listing) == Shown::Missing {
            return Ok(());
        }
        let sku = self.shop.catalog().listing_sku(listing);
        self.plan_last(cause, [sku], now)
    }

    fn trouble(&mut self, at: usize, why: String) {
        let store = self.shop.store_name(StoreId(at as u16)).to_owned();
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.last_trouble.clone_from(&why);
        }
        self.notices.push(Notice::Trouble { store, why });
    }
}

/// Where it is noted up to when a store was asked for orders.
fn orders_note(store: &str) -> String {
    format!("orders {store}")
}

fn again_at(steady: Timestamp, after_ms: Option<u64>) -> Timestamp {
    let asked = after_ms.map_or(0, |ms| i64::try_from(ms / 1_000).unwrap_or(i64::MAX));
    later(steady, asked.max(TROUBLE_SECONDS))
}

/// Why a store could not be asked, and when it may be again.
fn trouble(ended: Ended) -> (String, Option<u64>) {
    match ended {
        Ended::Failed(why, after) | Ended::NotSent(why, after) => (why, after),
        Ended::Lost(why) => (why, None),
        Ended::Outcomes(_) | Ended::Shown(_) | Ended::Orders(_) => {
            ("the answer is of another kind".to_owned(), None)
        }
    }
}
