//! Listings that are to be read before they are planned again: what they show is not known any more.
//!
//! That is so where a store said that a number is not as expected, and where it changed one by itself: a store takes its own
//! orders off its listings, and puts what is cancelled back. Which ones these are is on disk until they were read.

use super::board::Cause;
use super::lane::{Lane, later};
use super::{Engine, outgo};
use crate::catalog::ListingId;
use crate::rules::StoreId;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How long a listing is left that a number is still on its way to, in seconds.
const ON_ITS_WAY_SECONDS: i64 = 1;

impl<S: State> Engine<S> {
    /// Something happened to an order of these listings, by store and store SKU: they are read, but for those that are `written`
    /// anyway. What is written stands in for that, as long as it is not left out.
    pub(super) fn look_at_own(
        &mut self,
        listings: &BTreeSet<(String, String)>,
        cause: &Arc<Cause>,
        written: &HashSet<ListingId>,
    ) -> Result<(), StateFault> {
        for (store, store_sku) in listings {
            let Some(at) = self.shop.setup.declared.stores.iter().position(|name| name == store) else {
                continue;
            };
            let id = StoreId(at as u16);
            let Some(listing) = self.shop.catalog().find_listing(id, store_sku) else { continue };
            if written.contains(&listing) {
                self.board.stands_in(listing);
                continue;
            }
            // Of a store that is paused too: what it shows is to be known when it goes on.
            self.again.insert(listing, Arc::clone(cause));
            self.look_soon(at, store_sku)?;
        }
        Ok(())
    }

    /// A listing is to be read soon.
    pub(super) fn look_soon(&mut self, at: usize, store_sku: &str) -> Result<(), StateFault> {
        self.keep_look(at, store_sku)?;
        let steady = self.clock.now();
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.look.entry(store_sku.to_owned()).or_insert(steady);
        }
        Ok(())
    }

    /// A store said that a listing does not show what was expected.
    pub(super) fn look_at_conflict(&mut self, at: usize, store_sku: String) -> Result<(), StateFault> {
        self.keep_look(at, &store_sku)?;
        let steady = self.clock.now();
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.look_at(store_sku, steady);
        }
        Ok(())
    }

    /// A store did a number late that it had accepted, and a newer one in between.
    pub(super) fn look_at_late(&mut self, at: usize, store_sku: String) -> Result<(), StateFault> {
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.knows(&store_sku, self.last_work);
        }
        self.look_soon(at, &store_sku)
    }

    /// Plans again what was read. What a number is on its way to, or arrived at meanwhile, is read once more.
    pub(super) fn looked(
        &mut self,
        at: usize,
        (id, asked): (u64, Vec<String>),
        live: &HashMap<String, i64>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let free = self.free(at, &self.newest(at, id, &asked));
        self.shown(at, (id, &asked), live, now, true, |listing| free.contains(&listing))?;
        let store = StoreId(at as u16);
        let steady = self.clock.now();
        for store_sku in &asked {
            let listing = self.shop.catalog().find_listing(store, store_sku);
            let Some(lane) = self.lanes.get_mut(at) else { continue };
            if listing.is_some_and(|listing| !free.contains(&listing)) {
                lane.look.entry(store_sku.clone()).or_insert_with(|| later(steady, ON_ITS_WAY_SECONDS));
            } else if !lane.look.contains_key(store_sku) {
                let note = look_note(self.shop.store_name(store), store_sku);
                self.state.keep_note(&note, None)?;
            }
        }
        // Where nothing is written now, what it shows is known when it goes on.
        let catalog = self.shop.catalog();
        let is_held =
            |sku: &String| catalog.find_listing(store, sku).is_some_and(|listing| self.is_held(listing));
        let asked = asked.into_iter().filter(|sku| !is_held(sku)).collect();
        self.replan(at, asked, now)
    }

    /// What an earlier run was to read of a store.
    pub(super) fn take_up_looks(&mut self, at: usize, lane: &mut Lane) -> Result<(), StateFault> {
        let prefix = look_note(self.shop.store_name(StoreId(at as u16)), "");
        let steady = self.clock.now();
        for (name, _) in self.state.notes(&prefix)? {
            let store_sku = name.strip_prefix(&prefix).unwrap_or_default();
            lane.look.insert(store_sku.to_owned(), steady);
        }
        Ok(())
    }

    fn keep_look(&mut self, at: usize, store_sku: &str) -> Result<(), StateFault> {
        let note = look_note(self.shop.store_name(StoreId(at as u16)), store_sku);
        self.state.keep_note(&note, Some(outgo::ACTOR))
    }
}

/// Names of stores have no white space.
fn look_note(store: &str, store_sku: &str) -> String {
    format!("look {store} {store_sku}")
}
