//! Taking the state up: at the start, and where it failed.

use super::board::{Board, Cause};
use super::lane::Lane;
use super::pins::{Edition, Pins};
use super::{Engine, draft, outgo};
use crate::catalog::SkuId;
use crate::orders::Cells;
use crate::record::Trigger;
use crate::rules::StoreId;
use crate::shell::state::{Covers, NewRun, State, StateFault, Version};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

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
            let cause = Arc::new(Cause { trigger: Trigger::Window, order: None, at: now });
            self.plan_current(&cause, changed, now)?;
        }
        Ok(())
    }

    /// Activates the rules and takes up what was under way.
    pub(super) fn take_up(&mut self, now: Timestamp) -> Result<(), StateFault> {
        self.last_received = self.state.last_received()?;
        self.pins = Pins::open(self.shop.catalog(), &mut self.state)?;
        if self.shop.setup.inventory_features
            && self.pins.current_version() != Some(self.current.version.as_str())
        {
            self.activate(now)?;
            self.pins = Pins::open(self.shop.catalog(), &mut self.state)?;
        }
        let before: Vec<BTreeSet<u64>> = self.lanes.iter().map(Lane::left).collect();
        let mut before = before.into_iter();
        let steady = self.clock.now();
        let mut lanes = Vec::new();
        for (at, outlet) in self.shop.setup.stores.iter().enumerate() {
            let before = before.next().unwrap_or_default();
            let mut lane = Lane::new(&self.shop.setup, outlet, before, steady);
            let name = self.shop.store_name(StoreId(at as u16));
            let left = self.state.unresolved(name, usize::MAX)?;
            lane.machine.recover(left.into_iter().map(outgo::item).collect());
            lane.admit(self.admitted(at));
            lanes.push(lane);
        }
        self.lanes = lanes;
        Ok(())
    }

    /// A run of nothing, which brings the rules into force.
    fn activate(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let Edition { version, canonical, commit } = &*self.current;
        let run = NewRun {
            plan_id: None,
            trigger: Trigger::StockChange,
            actor: draft::ACTOR,
            order_id: None,
            now,
            version: Version { version, rules: canonical, commit: commit.as_deref() },
            activate: true,
            replaces: &[],
            pinned: None,
            covers: Covers::Written,
        };
        self.state.begin(&run, &mut std::iter::empty()).map(drop)
    }

    /// Plans the SKUs whose stock changed, or whose window opened or closed, while nobody looked: those whose numbers under the rules
    /// that they were synced under last are not the ones that were given.
    pub(super) fn catch_up(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let mut changed = Vec::new();
        for sku in (0..self.shop.catalog().sku_count() as u32).map(SkuId) {
            if self.shop.catalog().listings_of_sku(sku).is_empty() {
                continue;
            }
            if self.pins.last(sku).is_none() {
                continue;
            }
            let under = self.pins.under_last(sku);
            if self.drafting(now, |drafting| drafting.differs(sku, under))? {
                changed.push(sku);
            }
        }
        let cause = Arc::new(Cause { trigger: Trigger::StockChange, order: None, at: now });
        self.plan_current(&cause, changed, now)
    }
}
