//! Listings that we wrote and that no mapping knows any more: emptied where the configuration wants that and nothing holds them.
//!
//! The catalog has no number for them, so they go by their names. They are looked for where a store is taken up or another project
//! is followed, and again when something about one of them ended.

use super::guard::Gone;
use super::pins::Under;
use super::{Engine, outgo};
use crate::config::OnRelease;
use crate::dispatch::Item;
use crate::orders::Changes;
use crate::record::{Skip, Trigger};
use crate::rules::StoreId;
use crate::shell::state::{Caused, Covers, NewRun, State, StateFault, Version, Write, last_skus};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What such a listing shows as far as is known, and the merchant SKU that it was written for last.
struct Left {
    shows: i64,
    sku: String,
}

/// Why they are emptied.
struct Emptying<'a> {
    trigger: Trigger,
    actor: &'a str,
    /// As what they are held; then nothing is written.
    plan_id: Option<&'a str>,
    now: Timestamp,
}

impl<S: State> Engine<S> {
    /// Whether such listings of a store are to be looked for now.
    pub(super) fn is_to_seek(&self, at: usize) -> bool {
        let seeks = self.lanes.get(at).is_some_and(|lane| lane.seeks_gone);
        seeks && self.held(StoreId(at as u16)).is_none()
    }

    /// Something about such a listing of a store ended.
    pub(super) fn seek_gone(&mut self, at: usize) {
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.seeks_gone = true;
        }
    }

    /// Empties those of a store, but for what a guard holds.
    pub(super) fn empty_gone(&mut self, at: usize, now: Timestamp) -> Result<(), StateFault> {
        let store = StoreId(at as u16);
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.seeks_gone = false;
        }
        let mut left = self.left(store)?;
        left.retain(|store_sku, _| !self.watch.holds_gone(&(store, store_sku.clone())));
        if left.is_empty() {
            return Ok(());
        }
        let gone: BTreeSet<Gone> = left.keys().map(|store_sku| (store, store_sku.clone())).collect();
        let met = self.meets(&BTreeMap::new(), Some((store, gone.len() as u64)), now);
        let plans: Vec<String> =
            met.into_iter().map(|met| self.hold(met, &BTreeSet::new(), &gone, now)).collect();
        self.keep_holds()?;
        if plans.is_empty() {
            self.watch.count_gone(&gone, self.clock.now());
        }
        let plan_id = plans.last().map(String::as_str);
        let emptying = Emptying { trigger: Trigger::StockChange, actor: outgo::ACTOR, plan_id, now };
        self.file_gone(store, left, &emptying)
    }

    /// Empties those that somebody let go.
    pub(super) fn empty_allowed(
        &mut self,
        allowed: &BTreeSet<Gone>,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let stores: BTreeSet<StoreId> = allowed.iter().map(|(store, _)| *store).collect();
        let emptying = Emptying { trigger: Trigger::Retry, actor, plan_id: None, now };
        for store in stores {
            let mut left = self.left(store)?;
            left.retain(|store_sku, _| allowed.contains(&(store, store_sku.clone())));
            self.file_gone(store, left, &emptying)?;
        }
        Ok(())
    }

    /// Those of a store that do not show 0, by store SKU; nothing where they keep their numbers, and nothing is written.
    fn left(&mut self, store: StoreId) -> Result<BTreeMap<String, Left>, StateFault> {
        let mut left = BTreeMap::new();
        let Self { state, shop, pauses, .. } = self;
        let min = shop.outlet(store).map_or(0, |outlet| outlet.bounds.min);
        if shop.setup.on_release == OnRelease::Keep || min > 0 {
            return Ok(left);
        }
        let name = shop.store_name(store);
        state.known(name, &mut |known| {
            let is_filled = known.written.is_some() && known.quantity != 0;
            if is_filled && shop.catalog().find_listing(store, known.store_sku).is_none() {
                let one = Left { shows: known.quantity, sku: String::new() };
                left.insert(known.store_sku.to_owned(), one);
            }
        })?;
        if left.is_empty() {
            return Ok(left);
        }
        // What has left and has no end yet may change what they show: they are looked for again when it ends.
        let accepted = state.accepted(name, usize::MAX)?.into_iter().map(|(item, _)| item);
        let waiting = state.pending(name, usize::MAX)?.into_iter().filter(|item| item.after == 0);
        for item in state.unresolved(name, usize::MAX)?.into_iter().chain(accepted).chain(waiting) {
            left.remove(&item.store_sku);
        }
        let skus = last_skus(state, name, left.keys().map(String::as_str).collect())?;
        for (store_sku, sku) in skus {
            if pauses.skus.contains(&sku) {
                left.remove(&store_sku);
            } else if let Some(one) = left.get_mut(&store_sku) {
                one.sku = sku;
            }
        }
        Ok(left)
    }

    /// Puts on disk that these are emptied, or held, and tells the store's machine: each under the rules that its SKU was planned under
    /// last, so that it is not set from older ones when a mapping knows it again.
    fn file_gone(
        &mut self,
        store: StoreId,
        left: BTreeMap<String, Left>,
        emptying: &Emptying<'_>,
    ) -> Result<(), StateFault> {
        let mut under: BTreeMap<Under, BTreeMap<String, Left>> = BTreeMap::new();
        for (store_sku, one) in left {
            let number = self.state.synced(&one.sku)?;
            under.entry(self.pins.of(number)).or_default().insert(store_sku, one);
        }
        under.into_iter().try_for_each(|(under, left)| self.file_under(store, under, left, emptying))
    }

    fn file_under(
        &mut self,
        store: StoreId,
        under: Under,
        left: BTreeMap<String, Left>,
        emptying: &Emptying<'_>,
    ) -> Result<(), StateFault> {
        let Self { pins, shop, state, current, .. } = self;
        let held = pins.held(under, current, &shop.setup.declared, state, emptying.now)?;
        let (pinned, edition) = (held.under.pinned(), held.edition);
        let name = self.shop.store_name(store);
        let skip = emptying.plan_id.map(|_| Skip::Guard);
        let writes = left.iter().map(|(store_sku, Left { shows, sku })| Write {
            store: name,
            store_sku,
            sku,
            before: Some(*shows),
            after: 0,
            rule: None,
            skip,
        });
        let writes: Vec<Write<'_>> = writes.collect();
        let (version, rules) = (&*edition.version, &*edition.canonical);
        let run = NewRun {
            plan_id: emptying.plan_id,
            trigger: emptying.trigger,
            actor: emptying.actor,
            order_id: None,
            now: emptying.now,
            version: Version { version, rules, commit: edition.commit.as_deref() },
            activate: skip.is_none(),
            replaces: &[],
            pinned,
            covers: Covers::Skus(&[]),
        };
        let begun = self.state.accept_events(&Changes::default(), &[Caused { run, writes: &writes }])?;
        let records = begun.into_iter().flat_map(|begun| begun.pending);
        let Some(lane) = self.lanes.get_mut(usize::from(store.0)) else { return Ok(()) };
        for ((store_sku, Left { shows, .. }), record) in left.into_iter().zip(records) {
            lane.machine.offer(vec![Item { record, store_sku, before: Some(shows), after: 0 }], false);
        }
        Ok(())
    }
}
