//! What is paused: planned and not written, until somebody says otherwise.

use super::board::Cause;
use super::{Engine, outgo};
use crate::catalog::{ListingId, SkuId};
use crate::dispatch::{Outcome, Writes};
use crate::record::{Skip, Trigger};
use crate::rules::StoreId;
use crate::shell::serve::desk::Pausable;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How a note begins that a store is paused, by its name.
const STORE: &str = "paused store ";

/// How a note begins that a SKU is paused, by its name.
const SKU: &str = "paused sku ";

/// What is paused by somebody who asked for it; stores that the configuration pauses are not among them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Pauses {
    pub(super) stores: BTreeSet<String>,
    pub(super) skus: BTreeSet<String>,
}

impl Pauses {
    /// As the state has it.
    pub(super) fn open(state: &mut dyn State) -> Result<Self, StateFault> {
        let mut named = |prefix: &str| -> Result<BTreeSet<String>, StateFault> {
            let notes = state.notes(prefix)?.into_iter();
            Ok(notes.filter_map(|(name, _)| name.strip_prefix(prefix).map(str::to_owned)).collect())
        };
        Ok(Self { stores: named(STORE)?, skus: named(SKU)? })
    }
}

impl<S: State> Engine<S> {
    /// Pauses something, or goes on with it: then what differs by now is written.
    pub(super) fn set_paused(
        &mut self,
        what: &Pausable,
        paused: bool,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let (prefix, name) = match what {
            Pausable::Store(name) => (STORE, name),
            Pausable::Sku(name) => (SKU, name),
        };
        let text = paused.then(|| now.to_string());
        self.state.keep_note(&format!("{prefix}{name}"), text.as_deref())?;
        self.pauses = Pauses::open(&mut self.state)?;
        let skus: BTreeSet<SkuId> = match what {
            Pausable::Store(name) => {
                let at = self.shop.setup.declared.stores.iter().position(|store| store == name);
                let Some(at) = at else { return Ok(()) };
                let writes = self.admitted(at);
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.admit(writes);
                }
                self.skus_of(at)
            }
            Pausable::Sku(name) => self.shop.catalog().find_sku(name).into_iter().collect(),
        };
        if !paused {
            // Nobody knows of which SKU a listing was that no mapping knows.
            self.lanes.iter_mut().for_each(|lane| lane.seeks_gone = true);
            return self.go_on(skus, now);
        }
        // The way to a store is closed for all that waits; of a SKU it is taken back one by one.
        if matches!(what, Pausable::Sku(_)) { self.take_back(&skus, now) } else { Ok(()) }
    }

    /// The SKUs that have listings in a store.
    pub(super) fn skus_of(&self, at: usize) -> BTreeSet<SkuId> {
        let catalog = self.shop.catalog();
        let listings = catalog.listings_of_store(StoreId(at as u16)).map(ListingId);
        listings.map(|listing| catalog.listing_sku(listing)).collect()
    }

    /// These were held: what their stores show otherwise than they should by now is written, whoever changed it meanwhile.
    pub(super) fn go_on(&mut self, skus: BTreeSet<SkuId>, now: Timestamp) -> Result<(), StateFault> {
        let mut left = Vec::new();
        for sku in skus {
            let under = self.pins.under_last(sku);
            if self.pins.last(sku).is_some() && self.drafting(now, |desk| desk.differs_there(sku, under))? {
                left.push(sku);
            }
        }
        self.plan_last(&Cause::new(Trigger::Retry, outgo::ACTOR, now), left, now)
    }

    /// Leaves out what waits of these SKUs.
    fn take_back(&mut self, skus: &BTreeSet<SkuId>, now: Timestamp) -> Result<(), StateFault> {
        for at in 0..self.lanes.len() {
            let (store, catalog) = (StoreId(at as u16), self.shop.catalog());
            let listings = skus.iter().flat_map(|&sku| catalog.listings_of_sku(sku));
            let listings = listings.filter(|&&listing| catalog.listing_store(listing) == store);
            let names: BTreeSet<String> =
                listings.map(|&listing| catalog.store_sku(listing).to_owned()).collect();
            if let Some(lane) = self.lanes.get_mut(at).filter(|_| !names.is_empty()) {
                lane.machine.recall(&names, Skip::Paused);
                let mut waiting = self.state.pending(self.shop.store_name(store), usize::MAX)?;
                waiting.retain(|item| names.contains(&item.store_sku));
                let left_out = waiting.into_iter().map(outgo::item);
                let left_out: Vec<_> = left_out.map(|item| (item, Outcome::Skipped(Skip::Paused))).collect();
                self.settle(at, left_out, now)?;
            }
        }
        Ok(())
    }

    /// Whether a store is written.
    pub(super) fn admitted(&self, at: usize) -> Writes {
        match self.held(StoreId(at as u16)) {
            Some(skip) => Writes::Closed(skip),
            None => Writes::Open,
        }
    }

    /// Why nothing is written to a store, if nothing is.
    pub(super) fn held(&self, store: StoreId) -> Option<Skip> {
        if !self.shop.setup.inventory_features {
            return Some(Skip::SwitchedOff);
        }
        self.is_paused(store).then_some(Skip::Paused)
    }

    /// Whether nothing is written to a listing: its store is held, or its SKU is paused.
    pub(super) fn is_held(&self, listing: ListingId) -> bool {
        let catalog = self.shop.catalog();
        self.held(catalog.listing_store(listing)).is_some()
            || self.pauses.skus.contains(catalog.sku(catalog.listing_sku(listing)))
    }

    /// Whether a store is paused, by the configuration or by a request.
    pub(super) fn is_paused(&self, store: StoreId) -> bool {
        let by_config = self.shop.outlet(store).is_some_and(|outlet| outlet.paused);
        by_config || self.pauses.stores.contains(self.shop.store_name(store))
    }
}
