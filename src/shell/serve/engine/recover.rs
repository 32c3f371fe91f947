//! Taking the state up: at the start, and where it failed.

use super::board::{Board, Cause};
use super::lane::Lane;
use super::pause::Pauses;
use super::pins::{Edition, Pins};
use super::shop::Outlet;
use super::{Engine, outgo};
use crate::catalog::SkuId;
use crate::orders::Cells;
use crate::record::Trigger;
use crate::rules::StoreId;
use crate::shell::state::{Covers, NewRun, State, StateFault, Version};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl<S: State> Engine<S> {
    /// Builds what is in memory anew where it is stale, and follows the windows of the rules.
    pub(super) fn ready(&mut self, now: Timestamp) -> Result<(), StateFault> {
        self.state.group()?;
        if self.is_stale {
            self.shop.reopen(&mut self.state, now)?;
            self.board = Board::open(self.shop.catalog(), &self.shop.setup.declared.stores, &mut self.state)?;
            self.cells = Cells::default();
            self.again.clear();
            self.take_up(now)?;
            self.is_stale = false;
        }
        let changed = self.shop.turn_to(now);
        if !changed.is_empty() {
            let cause = Cause::new(Trigger::Window, outgo::ACTOR, now);
            self.plan_current(&cause, changed, now)?;
        }
        Ok(())
    }

    /// Activates the rules and takes up what was under way.
    pub(super) fn take_up(&mut self, now: Timestamp) -> Result<(), StateFault> {
        self.last_received = self.state.last_received()?;
        self.pins = Pins::open(self.shop.catalog(), &mut self.state)?;
        self.pauses = Pauses::open(&mut self.state)?;
        self.activate(now)?;
        self.open_watch(now)?;
        let before: Vec<BTreeSet<u64>> = self.lanes.iter().map(Lane::left).collect();
        let mut before = before.into_iter();
        let mut lanes = Vec::new();
        for (at, outlet) in self.shop.setup.stores.iter().enumerate() {
            lanes.push((at, outlet.clone(), before.next().unwrap_or_default()));
        }
        // Where one fails, those of before stay: they know what is still under way.
        let lanes = lanes.into_iter().map(|(at, outlet, before)| self.new_lane(at, &outlet, before));
        self.lanes = lanes.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// A store as the state has it: what left and has no end is read.
    pub(super) fn new_lane(
        &mut self,
        at: usize,
        outlet: &Outlet,
        before: BTreeSet<u64>,
    ) -> Result<Lane, StateFault> {
        let mut lane = Lane::new(&self.shop.setup, outlet, before, self.clock.now());
        let left = self.state.unresolved(self.shop.store_name(StoreId(at as u16)), usize::MAX)?;
        lane.machine.recover(left.into_iter().map(outgo::item).collect());
        let accepted = self.state.accepted(self.shop.store_name(StoreId(at as u16)), usize::MAX)?;
        let accepted = accepted.into_iter().map(|(item, _)| outgo::item(item));
        lane.machine.recover_accepted(accepted.collect(), self.clock.now());
        self.take_up_looks(at, &mut lane)?;
        lane.admit(self.admitted(at));
        Ok(lane)
    }
    /// Brings the rules into force, by a run of nothing; nothing where they are, or nothing is written.
    pub(super) fn activate(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let is_current = self.pins.current_version() == Some(self.current.version.as_str());
        if is_current || !self.shop.setup.inventory_features {
            return Ok(());
        }
        let Edition { version, canonical, commit } = &*self.current;
        let run = NewRun {
            plan_id: None,
            trigger: Trigger::StockChange,
            actor: outgo::ACTOR,
            order_id: None,
            now,
            version: Version { version, rules: canonical, commit: commit.as_deref() },
            activate: true,
            replaces: &[],
            pinned: None,
            covers: Covers::Written,
        };
        self.state.begin(&run, &mut std::iter::empty())?;
        self.pins = Pins::open(self.shop.catalog(), &mut self.state)?;
        Ok(())
    }

    /// Plans the SKUs whose stock changed, or whose window opened or closed, while nobody looked: those whose goods are others in the
    /// files, and those whose numbers under the rules that they were synced under last are not the ones that were given.
    pub(super) fn catch_up(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let mut changed = self.shop.other_goods(&mut self.state)?;
        for sku in (0..self.shop.catalog().sku_count() as u32).map(SkuId) {
            let is_listed = !self.shop.catalog().listings_of_sku(sku).is_empty();
            if !is_listed || self.pins.last(sku).is_none() || changed.contains(&sku) {
                continue;
            }
            let under = self.pins.under_last(sku);
            if self.drafting(now, |drafting| drafting.differs(sku, under))? {
                changed.insert(sku);
            }
        }
        let cause = Cause::new(Trigger::StockChange, outgo::ACTOR, now);
        self.plan_current(&cause, changed, now)
    }
}
