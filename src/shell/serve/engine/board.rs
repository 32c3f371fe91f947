//! What every listing shows, as far as that is known, and which number is on its way there.

use crate::catalog::{Catalog, ListingId};
use crate::diff::{Live, Shown};
use crate::record::Trigger;
use crate::rules::StoreId;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// What set numbers off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cause {
    pub(super) trigger: Trigger,
    /// The order that caused it, if one did.
    pub(super) order: Option<String>,
    /// Who told it.
    pub(super) actor: String,
    /// When it was told.
    pub(super) at: Timestamp,
}

impl Cause {
    /// One that is no order.
    pub(super) fn new(trigger: Trigger, actor: &str, at: Timestamp) -> Arc<Self> {
        Arc::new(Self { trigger, order: None, actor: actor.to_owned(), at })
    }
}

/// A number that is not at its store yet: it waits, is sent, or was accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct UnderWay {
    /// Its record; 0 until it has one.
    pub(super) record: u64,
    pub(super) after: u64,
    /// `None` where it was left by an earlier run.
    pub(super) cause: Option<Arc<Cause>>,
    /// Whether it stands in for a look at its listing, which the store changed by itself: then it is to be looked at where this
    /// number does not arrive. What was left by an earlier run may.
    pub(super) for_look: bool,
    /// When its store said that it is there: before that is on disk.
    pub(super) there: Option<Timestamp>,
}

const NEVER: i64 = i64::MIN;

/// Listings by number.
#[derive(Debug)]
pub(super) struct Board {
    live: Live,
    /// What we wrote last; [`NEVER`] where we never did.
    written: Vec<i64>,
    under_way: HashMap<ListingId, UnderWay>,
}

impl Board {
    /// As the state has it.
    pub(super) fn open(
        catalog: &Catalog,
        stores: &[String],
        state: &mut dyn State,
    ) -> Result<Self, StateFault> {
        let mut board = Self {
            live: Live::unread(catalog),
            written: vec![NEVER; catalog.listing_count()],
            under_way: HashMap::new(),
        };
        for (at, name) in stores.iter().enumerate() {
            board.open_store(catalog, StoreId(at as u16), name, state)?;
        }
        Ok(board)
    }

    fn open_store(
        &mut self,
        catalog: &Catalog,
        store: StoreId,
        name: &str,
        state: &mut dyn State,
    ) -> Result<(), StateFault> {
        self.live.set_store(catalog, store, Shown::Unknown);
        state.known(name, &mut |known| {
            if let Some(listing) = catalog.find_listing(store, known.store_sku) {
                self.live.set(listing, Shown::Number(known.quantity));
                self.set_written(listing, known.written.unwrap_or(NEVER));
            }
        })?;
        let accepted = state.accepted(name, usize::MAX)?.into_iter().map(|(item, _)| item);
        let rest = [state.pending(name, usize::MAX)?, state.unresolved(name, usize::MAX)?];
        for item in rest.into_iter().flatten().chain(accepted) {
            if let Some(listing) = catalog.find_listing(store, &item.store_sku) {
                let one = UnderWay {
                    record: item.record,
                    after: item.after,
                    cause: None,
                    for_look: true,
                    there: None,
                };
                // Of several, the newest: the others are those that it left behind.
                let held = self.under_way.entry(listing).or_insert_with(|| one.clone());
                if held.record < one.record {
                    *held = one;
                }
            }
        }
        Ok(())
    }

    /// What the store shows, as far as is known.
    pub(super) fn live(&self, listing: ListingId) -> Shown {
        self.live.get(listing)
    }

    /// What the stores show, as far as is known.
    pub(super) fn all(&self) -> &Live {
        &self.live
    }

    /// What the store will show once everything that is on its way has arrived.
    pub(super) fn expected(&self, listing: ListingId) -> Shown {
        self.on_its_way(listing).unwrap_or_else(|| self.live.get(listing))
    }

    /// What we gave it last, whatever others made of it since.
    pub(super) fn last(&self, listing: ListingId) -> Shown {
        let written = self.written(listing).map(Shown::Number);
        self.on_its_way(listing).or(written).unwrap_or_else(|| self.live.get(listing))
    }

    fn on_its_way(&self, listing: ListingId) -> Option<Shown> {
        let after = i64::try_from(self.under_way.get(&listing)?.after);
        Some(after.map_or(Shown::Unknown, Shown::Number))
    }

    /// What we wrote last, if we ever did.
    pub(super) fn written(&self, listing: ListingId) -> Option<i64> {
        self.written.get(listing.0 as usize).copied().filter(|&number| number != NEVER)
    }

    /// Whether we ever gave it a number, or one is on its way.
    pub(super) fn is_ours(&self, listing: ListingId) -> bool {
        self.written(listing).is_some() || self.under_way.contains_key(&listing)
    }

    fn set_written(&mut self, listing: ListingId, number: i64) {
        if let Some(cell) = self.written.get_mut(listing.0 as usize) {
            *cell = number;
        }
    }

    /// A number of ours arrived there some time ago; which one the store shows now is not known.
    pub(super) fn wrote(&mut self, listing: ListingId, after: u64) {
        if let Ok(number) = i64::try_from(after) {
            self.set_written(listing, number);
        }
    }

    /// The store shows this.
    pub(super) fn shows(&mut self, listing: ListingId, shown: Shown) {
        self.live.set(listing, shown);
    }

    /// A number is on its way, in place of an older one, which is given back: it stands in for whatever that one did.
    pub(super) fn leave(&mut self, listing: ListingId, mut under_way: UnderWay) -> Option<UnderWay> {
        under_way.for_look |= self.under_way.get(&listing).is_some_and(|older| older.for_look);
        self.under_way.insert(listing, under_way)
    }

    /// The number that is on its way stands in for a look.
    pub(super) fn stands_in(&mut self, listing: ListingId) {
        if let Some(under_way) = self.under_way.get_mut(&listing) {
            under_way.for_look = true;
        }
    }

    /// A number never was on its way: the older one is.
    pub(super) fn restore(&mut self, listing: ListingId, older: Option<UnderWay>) {
        match older {
            Some(older) => drop(self.under_way.insert(listing, older)),
            None => drop(self.under_way.remove(&listing)),
        }
    }

    /// How many numbers are on their way to a store.
    pub(super) fn count(&self, listings: &std::ops::Range<u32>) -> u64 {
        self.under_way.keys().filter(|listing| listings.contains(&listing.0)).count() as u64
    }

    /// Takes over what set numbers off, from a board over another catalog. `store` is the number of a store here.
    pub(super) fn remember(
        &mut self,
        catalog: &Catalog,
        (before, old): (&Self, &Catalog),
        store: impl Fn(StoreId) -> Option<usize>,
    ) {
        for (&listing, was) in &before.under_way {
            let Some(at) = store(old.listing_store(listing)) else { continue };
            let Some(now) = catalog.find_listing(StoreId(at as u16), old.store_sku(listing)) else {
                continue;
            };
            if let Some(under_way) = self.under_way.get_mut(&now).filter(|now| now.record == was.record) {
                under_way.cause.clone_from(&was.cause);
                under_way.for_look = was.for_look;
            }
        }
    }

    /// The number that is on its way has this record.
    pub(super) fn record(&mut self, listing: ListingId, record: u64) {
        if let Some(under_way) = self.under_way.get_mut(&listing) {
            under_way.record = record;
        }
    }

    /// The store said at this moment that the number of this record is there.
    pub(super) fn is_there(&mut self, listing: ListingId, record: u64, there: Timestamp) {
        if let Some(under_way) = self.under_way.get_mut(&listing).filter(|one| one.record == record) {
            under_way.there = Some(there);
        }
    }

    pub(super) fn under_way(&self, listing: ListingId) -> Option<&UnderWay> {
        self.under_way.get(&listing)
    }

    /// The number of this record arrived.
    pub(super) fn arrived(&mut self, listing: ListingId, record: u64, after: u64) -> Option<UnderWay> {
        if let Ok(number) = i64::try_from(after) {
            self.live.set(listing, Shown::Number(number));
            self.set_written(listing, number);
        }
        self.ended(listing, record)
    }

    /// The number of this record is on its way no more. Nothing where a newer one took its place.
    pub(super) fn ended(&mut self, listing: ListingId, record: u64) -> Option<UnderWay> {
        let is_it = self.under_way.get(&listing).is_some_and(|under_way| under_way.record == record);
        if is_it { self.under_way.remove(&listing) } else { None }
    }
}
