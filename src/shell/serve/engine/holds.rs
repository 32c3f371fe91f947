//! What guards hold and count, over a restart: holds are on disk, and the last hour is in the records.

use super::guard::{Change, Hold, Watch};
use super::lane::later;
use super::{Engine, outgo};
use crate::catalog::ListingId;
use crate::config::OnRelease;
use crate::plan::GuardMet;
use crate::plan::guards::share_is_above;
use crate::record::{Record, Status, Trigger};
use crate::rules::StoreId;
use crate::shell::state::{First, RecordQuery, State, StateFault};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// How a note begins that says which guard holds, by the id of what it holds.
const GUARD: &str = "guard ";

/// How a note begins that says what is held: the id, the store, the store SKU.
const HELD: &str = "held ";

/// How a note begins that says since when a store's hour is counted, by its name.
const COUNTED: &str = "counted ";

/// The guards, by name.
const NAMES: [&str; 5] = ["to_zero", "changed", "missing_stock", "max_stock_age", "empty_stock"];

/// So many of the newest records are looked at for what the last hour wrote.
const RECORDS_MAX: u64 = 500_000;

/// What the hour wrote is looked for in records as old as this, in seconds: some waited before they were written.
const LOOK_BACK_SECONDS: i64 = 2 * 3_600;

/// How long shares are counted, in seconds.
pub(super) const HOUR_SECONDS: i64 = 3_600;

impl<S: State> Engine<S> {
    /// Takes up what was held and counted before.
    pub(super) fn open_watch(&mut self, now: Timestamp) -> Result<(), StateFault> {
        self.watch.reset();
        self.open_holds()?;
        self.count_hour(now)?;
        self.look_for_missing()
    }

    /// Takes up what is held on disk.
    pub(super) fn open_holds(&mut self) -> Result<(), StateFault> {
        let empties = self.shop.setup.on_release == OnRelease::Zero;
        for (name, text) in self.state.notes(GUARD)? {
            let Some((plan_id, met)) = name.strip_prefix(GUARD).zip(met(&text)) else { continue };
            let store = met.store.as_deref().and_then(|name| self.shop.store_id(name));
            // What was held of a store that is gone is held no more.
            if met.store.is_none() || store.is_some() {
                self.watch.holds.push(Hold::new(plan_id.to_owned(), met, store));
            }
        }
        for (name, _) in self.state.notes(HELD)? {
            let mut words = name.strip_prefix(HELD).unwrap_or_default().splitn(3, ' ');
            let (plan_id, store, store_sku) = (words.next(), words.next(), words.next());
            let store = store.and_then(|name| self.shop.store_id(name));
            let name_of = store.zip(store_sku.map(str::to_owned));
            let listing = name_of.as_ref();
            let listing = listing.and_then(|(store, sku)| self.shop.catalog().find_listing(*store, sku));
            let hold = self.watch.holds.iter_mut().find(|hold| Some(hold.plan_id.as_str()) == plan_id);
            match (hold, listing, name_of) {
                (Some(hold), Some(listing), _) => drop(hold.listings.insert(listing)),
                (Some(hold), None, Some(gone)) if empties => drop(hold.gone.insert(gone)),
                _ => self.state.keep_note(&name, None)?,
            }
        }
        self.watch.drop_empty();
        self.keep_holds()
    }

    /// Puts on disk what is held by now.
    pub(super) fn keep_holds(&mut self) -> Result<(), StateFault> {
        for change in std::mem::take(&mut self.watch.changes) {
            match change {
                Change::Begun(plan_id, met) => {
                    self.state.keep_note(&format!("{GUARD}{plan_id}"), Some(&text(&met)))?;
                }
                Change::Over(plan_id) => self.state.keep_note(&format!("{GUARD}{plan_id}"), None)?,
                Change::Held(plan_id, listing) => {
                    let name = self.held_note(&plan_id, listing);
                    self.state.keep_note(&name, Some(""))?;
                }
                Change::Free(plan_id, listing) => {
                    let name = self.held_note(&plan_id, listing);
                    self.state.keep_note(&name, None)?;
                }
                Change::HeldGone(plan_id, (store, store_sku)) => {
                    let name = self.held_note_of(&plan_id, store, &store_sku);
                    self.state.keep_note(&name, Some(""))?;
                }
                Change::FreeGone(plan_id, (store, store_sku)) => {
                    let name = self.held_note_of(&plan_id, store, &store_sku);
                    self.state.keep_note(&name, None)?;
                }
            }
        }
        Ok(())
    }

    fn held_note(&self, plan_id: &str, listing: ListingId) -> String {
        let catalog = self.shop.catalog();
        self.held_note_of(plan_id, catalog.listing_store(listing), catalog.store_sku(listing))
    }

    fn held_note_of(&self, plan_id: &str, store: StoreId, store_sku: &str) -> String {
        format!("{HELD}{plan_id} {} {store_sku}", self.shop.store_name(store))
    }

    /// From now on the hour of a store is counted anew; of all, where none is named.
    pub(super) fn count_anew(&mut self, store: Option<StoreId>, now: Timestamp) -> Result<(), StateFault> {
        for (at, name) in self.shop.setup.declared.stores.iter().enumerate() {
            if store.is_none_or(|store| usize::from(store.0) == at) {
                self.state.keep_note(&format!("{COUNTED}{name}"), Some(&now.to_string()))?;
            }
        }
        Ok(())
    }

    /// Counts what was written within the last hour, but for what a person looked at before it was written.
    fn count_hour(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let limits = &self.shop.setup.guards;
        if limits.to_zero.is_none() && limits.changed.is_none() {
            return Ok(());
        }
        let hour_ago = before(now, HOUR_SECONDS);
        let mut since = Vec::new();
        for name in &self.shop.setup.declared.stores {
            let noted = self.state.note(&format!("{COUNTED}{name}"))?;
            let noted = noted.and_then(|noted| noted.parse::<Timestamp>().ok());
            since.push(noted.map_or(hour_ago, |noted| noted.max(hour_ago)));
        }
        let last = before(now, LOOK_BACK_SECONDS);
        let Self { state, shop, watch, clock, .. } = self;
        let steady = clock.now();
        let mut decided = HashSet::new();
        let query = RecordQuery { first: First::Newest, limit: Some(RECORDS_MAX), ..RecordQuery::default() };
        state.records(&query, &mut |record| {
            if record.time < last {
                return ControlFlow::Break(());
            }
            let store = shop.store_id(record.store);
            let listing = store.and_then(|store| shop.catalog().find_listing(store, record.store_sku));
            let Some(store) = store else { return ControlFlow::Continue(()) };
            let is_new = since.get(usize::from(store.0)).is_some_and(|since| record.time > *since);
            if is_new && is_counted(record) {
                let ago = now.duration_since(record.time).as_secs().max(0);
                let at = later(steady, -ago);
                match listing {
                    Some(listing) => watch.recall(store, listing, record, at, &mut decided),
                    None if record.after == 0 => {
                        watch.count_gone(&[(store, record.store_sku.to_owned())].into(), at);
                    }
                    None => {}
                }
            }
            ControlFlow::Continue(())
        })
    }

    /// Compares the rows of stock with those of the last run. They are those of the last run from now on, unless too many are gone.
    pub(super) fn look_for_missing(&mut self) -> Result<(), StateFault> {
        let Some(limit) = self.shop.setup.guards.missing_stock else { return Ok(()) };
        let there: HashSet<u64> = self.shop.catalog().stock_keys().collect();
        let (mut before, mut gone) = (0_u64, 0_u64);
        self.state.stock_seen(&mut |key| {
            before += 1;
            gone += u64::from(!there.contains(&key));
        })?;
        self.watch.missing = (gone > 0).then_some((before, gone));
        if share_is_above(limit, gone, before) { Ok(()) } else { self.remember_stock() }
    }

    /// The rows of stock that there are now are what later ones are compared with.
    pub(super) fn remember_stock(&mut self) -> Result<(), StateFault> {
        let Self { state, shop, .. } = self;
        state.remember_stock(&mut shop.catalog().stock_keys())
    }
}

impl Watch {
    /// Counts a record of the last hour; those of a listing come newest first.
    fn recall(
        &mut self,
        store: StoreId,
        listing: ListingId,
        record: &Record<'_>,
        at: Timestamp,
        decided: &mut HashSet<ListingId>,
    ) {
        let counted = self.stores.entry(store).or_default();
        counted.changed.entry(listing).or_insert(at);
        let is_drop = record.after == 0 && record.before.is_some_and(|before| before > 0);
        // Whether it lies at 0 now because of the hour: what was at 0 already says nothing.
        if record.after > 0 {
            decided.insert(listing);
        } else if is_drop && decided.insert(listing) {
            counted.dropped.insert(listing, at);
        }
    }
}

/// Whether a record is of a number that a guard counts.
fn is_counted(record: &Record<'_>) -> bool {
    let was_looked_at = match record.trigger {
        Trigger::SyncNow | Trigger::Apply => true,
        // What somebody let go, or had tried again.
        Trigger::Retry => record.actor != outgo::ACTOR,
        _ => false,
    };
    !was_looked_at && matches!(record.status, Status::Pending | Status::Sent | Status::Unknown)
}

fn before(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}

/// A guard as it is noted.
fn text(met: &GuardMet) -> String {
    let GuardMet { store, name, limit, would_be } = met;
    [name, store.as_deref().unwrap_or_default(), limit, would_be].join("\t")
}

fn met(text: &str) -> Option<GuardMet> {
    let mut words = text.split('\t');
    let name = words.next()?;
    let name = NAMES.into_iter().find(|known| *known == name)?;
    let store = Some(words.next()?.to_owned()).filter(|store| !store.is_empty());
    Some(GuardMet { store, name, limit: words.next()?.to_owned(), would_be: words.next()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_is_read_back_as_it_was_noted() {
        let (limit, would_be) = ("20%".to_owned(), "31%".to_owned());
        for store in [None, Some("web".to_owned())] {
            for name in NAMES {
                let one =
                    GuardMet { store: store.clone(), name, limit: limit.clone(), would_be: would_be.clone() };
                assert_eq!(met(&text(&one)), Some(one));
            }
        }
        assert_eq!(met("other\tweb\t1\t2"), None);
        assert_eq!(met(""), None);
    }
}
