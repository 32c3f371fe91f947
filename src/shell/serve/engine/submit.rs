//! From SKUs that are to be planned to numbers on their way.

use super::Engine;
use super::board::Cause;
use super::draft::{Draft, Drafting, Papers};
use super::pins::Under;
use crate::catalog::{ListingId, SkuId};
use crate::dispatch::Item;
use crate::orders::Changes;
use crate::record::Skip;
use crate::rules::StoreId;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

impl<S: State> Engine<S> {
    pub(super) fn draft(
        &mut self,
        cause: &Arc<Cause>,
        skus: &[(SkuId, Under)],
        now: Timestamp,
    ) -> Result<Vec<Draft>, StateFault> {
        self.drafting(now, |drafting| drafting.draft(cause, skus))
    }

    pub(super) fn drafting<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Drafting<'_>) -> Result<T, StateFault>,
    ) -> Result<T, StateFault> {
        let stores = 0..self.shop.setup.stores.len();
        let held: Vec<Option<Skip>> = stores.map(|at| self.held(StoreId(at as u16))).collect();
        let Self { shop, board, pins, current, state, pauses, .. } = self;
        let held = |store: StoreId, sku: SkuId| {
            let of_store = held.get(usize::from(store.0)).copied().flatten();
            let is_paused = || pauses.skus.contains(shop.catalog().sku(sku));
            of_store.or_else(|| is_paused().then_some(Skip::Paused))
        };
        work(&mut Drafting { shop, board, pins, current, state, now, held: &held })
    }

    /// Puts drafts on disk, but for what a guard holds.
    pub(super) fn submit(
        &mut self,
        changes: &Changes,
        drafts: Vec<Draft>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let drafts = self.hold_back(drafts, &BTreeSet::new(), now)?;
        self.file(changes, &drafts, now)
    }

    /// Takes out of drafts what a guard holds, and puts on disk that it does. What is `allowed` is not looked at.
    pub(super) fn hold_back(
        &mut self,
        drafts: Vec<Draft>,
        allowed: &BTreeSet<ListingId>,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StateFault> {
        let drafts = self.guard(drafts, allowed, now);
        self.keep_holds()?;
        Ok(drafts)
    }

    /// Puts drafts on disk, and tells the stores' machines of them.
    pub(super) fn file(
        &mut self,
        changes: &Changes,
        drafts: &[Draft],
        now: Timestamp,
    ) -> Result<(), StateFault> {
        if drafts.is_empty() && *changes == Changes::default() {
            return Ok(());
        }
        let papers = Papers::new(&self.shop, drafts);
        let begun = self.state.accept_events(changes, &papers.caused(now))?;
        for (draft, begun) in drafts.iter().zip(begun) {
            let writes = draft.writes.iter().filter(|write| write.skip.is_none());
            for (write, record) in writes.zip(begun.pending) {
                self.board.record(write.listing, record);
                let store_sku = self.shop.catalog().store_sku(write.listing).to_owned();
                let Some(lane) = self.lanes.get_mut(usize::from(write.store.0)) else { continue };
                let (before, after) = (write.before, write.after);
                lane.machine.offer(vec![Item { record, store_sku, before, after }], false);
            }
        }
        Ok(())
    }
}
