//! Guards: what would take too much off the shelves within an hour is held until a person has looked.

use super::board::Board;
use super::draft::{Draft, DraftWrite};
use super::holds::HOUR_SECONDS;
use super::lane::later;
use super::{Engine, Notice};
use crate::catalog::ListingId;
use crate::diff::Shown;
use crate::hex::hex;
use crate::plan::Counts;
use crate::plan::GuardMet;
use crate::plan::guards::{StockFacts, TO_ZERO_LISTINGS_MIN, guards};
use crate::plan::tally::StoreTally;
use crate::record::Skip;
use crate::rules::StoreId;
use crate::shell::serve::alerts::Alert;
use crate::shell::serve::desk::HeldBy;
use crate::shell::state::State;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// How long the count of a store's listings above 0 is good for, in seconds: all listings are gone through for it.
const COUNT_SECONDS: i64 = 10;

/// How often what is older than an hour is forgotten, in seconds.
const FORGET_SECONDS: i64 = 60;

/// What guards count and hold.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pub(super) stores: BTreeMap<StoreId, Counted>,
    pub(super) holds: Vec<Hold>,
    /// What of it is not on disk yet.
    pub(super) changes: Vec<Change>,
    /// Rows of stock of the last run, and how many of them are missing now.
    pub(super) missing: Option<(u64, u64)>,
    made: u64,
    forgot_at: Option<Timestamp>,
}

/// What changed of what is held.
#[derive(Debug)]
pub(super) enum Change {
    /// A guard holds something.
    Begun(String, GuardMet),
    /// It holds nothing any more.
    Over(String),
    /// It holds this listing too.
    Held(String, ListingId),
    /// It does not hold this listing any more.
    Free(String, ListingId),
    /// It holds this too, which no mapping knows.
    HeldGone(String, Gone),
    /// It does not hold this any more.
    FreeGone(String, Gone),
}

/// A listing that no mapping knows any more, by its name.
pub(super) type Gone = (StoreId, String);

/// What was written to a store within the hour.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Listings that went to 0, by when they last did.
    pub(super) dropped: HashMap<ListingId, Timestamp>,
    /// Listings that changed, by when they last did.
    pub(super) changed: HashMap<ListingId, Timestamp>,
    /// Listings that no mapping knows any more and that were emptied, by when.
    pub(super) gone: HashMap<String, Timestamp>,
    /// Until when these are good: listings, and those of them that showed more than 0 before the hour.
    rows: Option<(Timestamp, u64, u64)>,
}

/// What one guard holds.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) plan_id: String,
    pub(super) met: GuardMet,
    pub(super) store: Option<StoreId>,
    pub(super) listings: BTreeSet<ListingId>,
    pub(super) gone: BTreeSet<Gone>,
}

impl Hold {
    pub(super) fn new(plan_id: String, met: GuardMet, store: Option<StoreId>) -> Self {
        Self { plan_id, met, store, listings: BTreeSet::new(), gone: BTreeSet::new() }
    }

    /// Whether a listing that is held stays so, whatever the share is by now: until a person lets it go, or it goes on sale again.
    /// What all of a plan is held for is looked at each time: stock may be there again.
    fn keeps(&self, listing: ListingId, step: &Step) -> bool {
        let is_kept = self.met.name == "changed" || self.met.name == "to_zero" && step.is_drop();
        is_kept && self.listings.contains(&listing)
    }

    /// How many numbers it holds.
    pub(super) fn rows(&self) -> u64 {
        (self.listings.len() + self.gone.len()) as u64
    }

    fn is_of(&self, met: &GuardMet) -> bool {
        (&self.met.store, self.met.name) == (&met.store, met.name)
    }
}

impl Watch {
    /// What is held of a store; what holds all of them too.
    pub(super) fn held_by(&self, store: StoreId) -> Vec<HeldBy> {
        let holds = self.holds.iter().filter(|hold| hold.store.is_none_or(|held| held == store));
        let held = holds.map(|hold| HeldBy {
            guard: hold.met.name.to_owned(),
            limit: hold.met.limit.clone(),
            would_be: hold.met.would_be.clone(),
            plan_id: hold.plan_id.clone(),
            rows: hold.rows(),
        });
        held.collect()
    }

    /// The guards that hold something.
    pub(super) fn met(&self) -> Vec<GuardMet> {
        let mut met: Vec<GuardMet> = self.holds.iter().map(|hold| hold.met.clone()).collect();
        met.sort();
        met
    }

    /// Counts and holds nothing: listings go by other numbers now, or the disk knows better.
    pub(super) fn reset(&mut self) {
        *self = Self { made: self.made, ..Self::default() };
    }

    fn forget(&mut self, steady: Timestamp) {
        if self.forgot_at.is_some_and(|at| steady < later(at, FORGET_SECONDS)) {
            return;
        }
        self.forgot_at = Some(steady);
        for counted in self.stores.values_mut() {
            counted.dropped.retain(|_, at| steady < later(*at, HOUR_SECONDS));
            counted.changed.retain(|_, at| steady < later(*at, HOUR_SECONDS));
            counted.gone.retain(|_, at| steady < later(*at, HOUR_SECONDS));
        }
    }

    /// How many listings of a store a guard holds.
    fn held(&self, name: &str, store: StoreId, listings: &Range<u32>) -> usize {
        let holds = self.holds.iter().filter(|hold| hold.met.name == name);
        let held = holds.clone().flat_map(|hold| &hold.listings);
        let gone = holds.flat_map(|hold| &hold.gone).filter(|(of, _)| *of == store);
        held.filter(|listing| listings.contains(&listing.0)).count() + gone.count()
    }

    /// Counts what is written.
    fn count(&mut self, listing: ListingId, step: &Step, steady: Timestamp) {
        let counted = self.stores.entry(step.store).or_default();
        counted.changed.insert(listing, steady);
        if step.is_drop() {
            counted.dropped.insert(listing, steady);
        } else if step.after > 0 {
            counted.dropped.remove(&listing);
        }
    }

    /// Lets a listing be written: whatever held it does not any more.
    pub(super) fn free(&mut self, listing: ListingId) {
        for hold in &mut self.holds {
            if hold.listings.remove(&listing) {
                self.changes.push(Change::Free(hold.plan_id.clone(), listing));
            }
        }
        self.drop_empty();
    }

    /// The same of what no mapping knows any more.
    pub(super) fn free_gone(&mut self, gone: &Gone) {
        for hold in &mut self.holds {
            if hold.gone.remove(gone) {
                self.changes.push(Change::FreeGone(hold.plan_id.clone(), gone.clone()));
            }
        }
        self.drop_empty();
    }

    /// Counts what is gone and is emptied, from the last time on that it is.
    pub(super) fn count_gone(&mut self, gone: &BTreeSet<Gone>, steady: Timestamp) {
        for (store, store_sku) in gone {
            let emptied = &mut self.stores.entry(*store).or_default().gone;
            let at = emptied.entry(store_sku.clone()).or_insert(steady);
            *at = (*at).max(steady);
        }
    }

    pub(super) fn holds_gone(&self, gone: &Gone) -> bool {
        self.holds.iter().any(|hold| hold.gone.contains(gone))
    }

    /// Drops what holds nothing any more.
    pub(super) fn drop_empty(&mut self) {
        for hold in self.holds.extract_if(.., |hold| hold.rows() == 0) {
            self.changes.push(Change::Over(hold.plan_id));
        }
    }

    fn holds_any(&self, listing: ListingId) -> bool {
        self.holds.iter().any(|hold| hold.listings.contains(&listing))
    }

    /// What holds a listing already, and goes on to.
    fn keeper(&self, listing: ListingId, step: &Step) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.keeps(listing, step))
    }

    /// The same over another catalog: `listing` and `store` say what they are there.
    pub(super) fn follow(
        &mut self,
        listing: impl Fn(ListingId) -> Option<ListingId>,
        store: impl Fn(StoreId) -> Option<StoreId>,
    ) {
        let mapped = |listings: &HashMap<ListingId, Timestamp>| {
            listings.iter().filter_map(|(one, at)| Some((listing(*one)?, *at))).collect()
        };
        let stores = std::mem::take(&mut self.stores).into_iter();
        let stores = stores.filter_map(|(id, Counted { dropped, changed, gone, .. })| {
            let counted = Counted { dropped: mapped(&dropped), changed: mapped(&changed), gone, rows: None };
            Some((store(id)?, counted))
        });
        self.stores = stores.collect();
        self.holds.clear();
    }
}

/// What is about to be written of one listing: the number before, and the one that it ends at.
pub(super) struct Step {
    store: StoreId,
    before: Option<i64>,
    after: u64,
}

impl Step {
    fn is_drop(&self) -> bool {
        self.after == 0 && self.before.is_some_and(|before| before > 0)
    }
}

impl<S: State> Engine<S> {
    /// Takes out of drafts what a guard holds, into drafts of their own that write nothing. What is `allowed` is not looked at.
    pub(super) fn guard(
        &mut self,
        drafts: Vec<Draft>,
        allowed: &BTreeSet<ListingId>,
        now: Timestamp,
    ) -> Vec<Draft> {
        let mut steps = steps(&drafts);
        self.free_settled(&drafts, &steps);
        steps.retain(|listing, _| !allowed.contains(listing));
        if steps.is_empty() {
            return drafts;
        }
        let steady = self.clock.now();
        self.watch.forget(steady);
        let mut held: BTreeMap<ListingId, String> = BTreeMap::new();
        for (listing, step) in &steps {
            let keeper = self.watch.keeper(*listing, step);
            held.extend(keeper.map(|hold| (*listing, hold.plan_id.clone())));
        }
        steps.retain(|listing, _| !held.contains_key(listing));
        let met = if steps.is_empty() { Vec::new() } else { self.meets(&steps, None, now) };
        for met in met {
            let listings = self.caught(&met, &steps);
            let plan_id = self.hold(met, &listings, &BTreeSet::new(), now);
            held.extend(listings.into_iter().map(|listing| (listing, plan_id.clone())));
        }
        for (listing, step) in steps.iter().filter(|(listing, _)| !held.contains_key(listing)) {
            self.watch.free(*listing);
            self.watch.count(*listing, step, steady);
        }
        if held.is_empty() { drafts } else { apart(drafts, &held, &mut self.board) }
    }

    /// What is held and was planned again is held no more where it shows what it should by now.
    fn free_settled(&mut self, drafts: &[Draft], steps: &BTreeMap<ListingId, Step>) {
        if self.watch.holds.is_empty() {
            return;
        }
        let is_left_out = |listing: ListingId| {
            let mut writes = drafts.iter().flat_map(|draft| &draft.writes);
            writes.any(|write| write.listing == listing)
        };
        for sku in drafts.iter().flat_map(|draft| &draft.covers) {
            for &listing in self.shop.catalog().listings_of_sku(*sku) {
                if !steps.contains_key(&listing) && self.watch.holds_any(listing) && !is_left_out(listing) {
                    self.watch.free(listing);
                }
            }
        }
    }

    /// The guards that these steps would meet, or that so many listings of a store go to 0 that no mapping knows any more: with what
    /// was written within the hour and what is held.
    pub(super) fn meets(
        &mut self,
        steps: &BTreeMap<ListingId, Step>,
        gone: Option<(StoreId, u64)>,
        now: Timestamp,
    ) -> Vec<GuardMet> {
        let limits = self.shop.setup.guards.clone();
        let age = limits.max_stock_age_seconds.and_then(|_| self.shop.catalog().stock_as_of());
        let stock = StockFacts {
            rows: self.shop.catalog().stock_row_count() as u64,
            rows_before: self.watch.missing.map(|(before, _)| before),
            rows_gone: self.watch.missing.map_or(0, |(_, gone)| gone),
            age_seconds: age.map(|moment| now.as_second().saturating_sub(moment.as_second())),
        };
        let stores: BTreeSet<StoreId> = steps.values().map(|step| step.store).collect();
        let stores: BTreeSet<StoreId> = stores.into_iter().chain(gone.map(|(store, _)| store)).collect();
        let gone_of = |store| gone.filter(|(of, _)| *of == store).map_or(0, |(_, count)| count);
        let tallies: Vec<(StoreId, StoreTally)> =
            stores.into_iter().map(|store| (store, self.tally(store, steps, gone_of(store)))).collect();
        let tallies: Vec<(&str, StoreTally)> =
            tallies.iter().map(|(store, tally)| (self.shop.store_name(*store), *tally)).collect();
        guards(&limits, stock, &tallies)
    }

    /// What the last hour, these steps and so many listings that are gone come to in a store: as much of it as may matter.
    fn tally(&mut self, store: StoreId, steps: &BTreeMap<ListingId, Step>, gone: u64) -> StoreTally {
        let range = self.shop.catalog().listings_of_store(store);
        let held = |name| self.watch.held(name, store, &range);
        let (to_zero, changed) = (held("to_zero"), held("changed"));
        let counted = self.watch.stores.entry(store).or_default();
        let own = || steps.iter().filter(|(_, step)| step.store == store);
        let drops = own().filter(|(_, step)| step.is_drop()).map(|(listing, _)| listing);
        let new_drops = drops.filter(|listing| !counted.dropped.contains_key(listing)).count() as u64 + gone;
        let new_changes = own().filter(|(listing, _)| !counted.changed.contains_key(listing)).count();
        let emptied = counted.gone.len() as u64;
        let so_far = (counted.dropped.len() + to_zero) as u64 + emptied;
        let dropped = if new_drops == 0 { 0 } else { so_far + new_drops };
        let gone = gone + emptied;
        let changed = (counted.changed.len() + changed + new_changes) as u64 + gone;
        let (rows, above_zero) =
            if dropped >= TO_ZERO_LISTINGS_MIN || self.shop.setup.guards.changed.is_some() {
                let (rows, above_zero) = rows(counted, &self.board, range, self.clock.now());
                (rows + gone, above_zero + gone)
            } else {
                (changed, 0)
            };
        let unchanged = rows.saturating_sub(changed);
        let counts = Counts { rows: unchanged + changed, unchanged, ..Counts::default() };
        StoreTally { counts, above_zero, dropped }
    }

    /// The listings of these steps that a guard is about.
    fn caught(&self, met: &GuardMet, steps: &BTreeMap<ListingId, Step>) -> BTreeSet<ListingId> {
        let is_caught = |step: &Step| {
            let store = met.store.as_deref().is_none_or(|name| self.shop.store_name(step.store) == name);
            store && (met.name != "to_zero" || step.is_drop())
        };
        steps.iter().filter(|(_, step)| is_caught(step)).map(|(listing, _)| *listing).collect()
    }

    /// Holds listings, with what the guard holds already; people hear of the first.
    pub(super) fn hold(
        &mut self,
        met: GuardMet,
        listings: &BTreeSet<ListingId>,
        gone: &BTreeSet<Gone>,
        now: Timestamp,
    ) -> String {
        let at = self.watch.holds.iter().position(|hold| hold.is_of(&met));
        let at = at.unwrap_or_else(|| self.begin_hold(&met, now));
        let Watch { holds, changes, .. } = &mut self.watch;
        let Some(hold) = holds.get_mut(at) else { return String::new() };
        let new = listings.iter().filter(|listing| hold.listings.insert(**listing));
        changes.extend(new.map(|listing| Change::Held(hold.plan_id.clone(), *listing)));
        let new = gone.iter().filter(|gone| hold.gone.insert((*gone).clone()));
        changes.extend(new.map(|gone| Change::HeldGone(hold.plan_id.clone(), gone.clone())));
        hold.met = met;
        hold.plan_id.clone()
    }

    /// Begins to hold for a guard, and tells people; where it stands among what is held.
    fn begin_hold(&mut self, met: &GuardMet, now: Timestamp) -> usize {
        self.watch.made += 1;
        let plan_id = plan_id(met, self.watch.made, now);
        let names = &self.shop.setup.declared.stores;
        let store = names.iter().position(|name| met.store.as_ref() == Some(name));
        self.notices.push(Notice::Alert(Alert::Guard {
            store: met.store.clone(),
            guard: met.name.to_owned(),
            limit: met.limit.clone(),
            would_be: met.would_be.clone(),
            plan_id: plan_id.clone(),
        }));
        let store = store.map(|at| StoreId(at as u16));
        self.watch.changes.push(Change::Begun(plan_id.clone(), met.clone()));
        self.watch.holds.push(Hold::new(plan_id, met.clone(), store));
        self.watch.holds.len() - 1
    }
}

/// How many listings of a store are known, and how many of them show more than 0 or did an hour ago.
fn rows(counted: &mut Counted, board: &Board, range: Range<u32>, steady: Timestamp) -> (u64, u64) {
    if let Some((_, rows, above_zero)) = counted.rows.filter(|(until, ..)| steady < *until) {
        return (rows, above_zero);
    }
    let (mut rows, mut above_zero) = (0, 0);
    for listing in range.map(ListingId) {
        if let Shown::Number(number) = board.live(listing) {
            rows += 1;
            above_zero += u64::from(number > 0 || counted.dropped.contains_key(&listing));
        }
    }
    counted.rows = Some((later(steady, COUNT_SECONDS), rows, above_zero));
    (rows, above_zero)
}

/// Each listing that is about to be written, from what it shows to the last of its numbers.
fn steps(drafts: &[Draft]) -> BTreeMap<ListingId, Step> {
    let mut steps: BTreeMap<ListingId, Step> = BTreeMap::new();
    for write in drafts.iter().flat_map(|draft| &draft.writes).filter(|write| write.skip.is_none()) {
        let DraftWrite { store, listing, before, after, .. } = *write;
        let step = steps.entry(listing).or_insert(Step { store, before, after });
        step.after = after;
    }
    steps
}

/// Takes held writes out, each into a draft of its plan that activates nothing; on the board they never were.
fn apart(drafts: Vec<Draft>, held: &BTreeMap<ListingId, String>, board: &mut Board) -> Vec<Draft> {
    let mut restored = BTreeSet::new();
    let mut all = Vec::new();
    for mut draft in drafts {
        let mut own: BTreeMap<String, Vec<DraftWrite>> = BTreeMap::new();
        for mut write in
            draft.writes.extract_if(.., |write| write.skip.is_none() && held.contains_key(&write.listing))
        {
            if restored.insert(write.listing) {
                board.restore(write.listing, write.replaced.take());
            }
            write.skip = Some(Skip::Guard);
            if let Some(plan_id) = held.get(&write.listing) {
                own.entry(plan_id.clone()).or_default().push(write);
            }
        }
        let parts: Vec<Draft> = own
            .into_iter()
            .map(|(plan_id, writes)| Draft {
                cause: draft.cause.clone(),
                under: draft.under,
                edition: draft.edition.clone(),
                plan_id: Some(plan_id),
                activate: false,
                covers: Vec::new(),
                writes,
            })
            .collect();
        all.push(draft);
        all.extend(parts);
    }
    all
}

/// Names what a guard holds.
fn plan_id(met: &GuardMet, number: u64, now: Timestamp) -> String {
    let mut hash = Sha256::new();
    hash.update(met.store.as_deref().unwrap_or_default());
    hash.update(met.name);
    hash.update(number.to_le_bytes());
    hash.update(now.to_string());
    hex(hash.finalize().get(..16).unwrap_or_default())
}
