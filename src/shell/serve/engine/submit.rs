//! From SKUs that are to be planned to numbers on their way.

use super::Engine;
use super::board::Cause;
use super::draft::{Draft, Drafting, Papers};
use super::pins::Under;
use crate::catalog::SkuId;
use crate::dispatch::{Item, Writes};
use crate::orders::Changes;
use crate::record::Skip;
use crate::rules::StoreId;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::sync::Arc;

impl<S: State> Engine<S> {
    /// Whether a store is written.
    pub(super) fn admitted(&self, at: usize) -> Writes {
        match self.held(StoreId(at as u16)) {
            Some(skip) => Writes::Closed(skip),
            None => Writes::Open,
        }
    }

    /// Why nothing is written to a store, if nothing is.
    fn held(&self, store: StoreId) -> Option<Skip> {
        if !self.shop.setup.inventory_features {
            return Some(Skip::SwitchedOff);
        }
        let is_paused = self.shop.outlet(store).is_some_and(|outlet| outlet.paused);
        is_paused.then_some(Skip::Paused)
    }

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
        let Self { shop, board, pins, current, state, .. } = self;
        let held = |store: StoreId, _: SkuId| held.get(usize::from(store.0)).copied().flatten();
        work(&mut Drafting { shop, board, pins, current, state, now, held: &held })
    }

    /// Puts drafts on disk, and tells the stores' machines of them.
    pub(super) fn submit(
        &mut self,
        changes: &Changes,
        drafts: Vec<Draft>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        if drafts.is_empty() && *changes == Changes::default() {
            return Ok(());
        }
        let papers = Papers::new(&self.shop, &drafts);
        let begun = self.state.accept_events(changes, &papers.caused(now))?;
        for (draft, begun) in drafts.iter().zip(begun) {
            let writes = draft.writes.iter().filter(|write| write.skip.is_none());
            for (write, record) in writes.zip(begun.pending) {
                self.board.record(write.listing, record);
                let store_sku = self.shop.catalog().store_sku(write.listing).to_owned();
                let Some(lane) = self.lanes.get_mut(usize::from(write.store.0)) else { continue };
                lane.moves(&store_sku);
                let (before, after) = (write.before, write.after);
                lane.machine.offer(vec![Item { record, store_sku, before, after }], false);
            }
        }
        Ok(())
    }
}
