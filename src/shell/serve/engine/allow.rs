//! What a guard holds is let go by somebody who looked at it.

use super::Engine;
use super::board::Cause;
use super::guard::Change;
use crate::catalog::ListingId;
use crate::orders::Changes;
use crate::record::Trigger;
use crate::shell::serve::desk::{Unable, UnableKind};
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl<S: State> Engine<S> {
    /// Lets go what is held, and counts the hour anew. How many numbers that are.
    pub(super) fn let_go(
        &mut self,
        plan_id: &str,
        named: &[String],
        actor: &str,
        now: Timestamp,
    ) -> Result<Result<u64, Unable>, StateFault> {
        let Some(at) = self.watch.holds.iter().position(|hold| hold.plan_id == plan_id) else {
            let unable = Unable::new(UnableKind::Unknown, format!("nothing is held as `{plan_id}`"));
            return Ok(Err(unable.with_help("`/readyz` tells what is held, and by which guard")));
        };
        let guard = self.watch.holds.get(at).map_or("", |hold| hold.met.name);
        if let Some(name) = named.iter().find(|name| *name != guard) {
            let unable = Unable::new(UnableKind::Conflict, format!("it is not held by the guard `{name}`"));
            return Ok(Err(unable.with_help(format!("it is held by `{guard}`"))));
        }
        let hold = self.watch.holds.remove(at);
        let free = hold.listings.iter().map(|listing| Change::Free(hold.plan_id.clone(), *listing));
        let gone = hold.gone.iter().map(|gone| Change::FreeGone(hold.plan_id.clone(), gone.clone()));
        self.watch.changes.extend(free.chain(gone).chain([Change::Over(hold.plan_id.clone())]));
        hold.listings.iter().for_each(|listing| self.watch.free(*listing));
        hold.gone.iter().for_each(|gone| self.watch.free_gone(gone));
        let range = hold.store.map(|store| self.shop.catalog().listings_of_store(store));
        let is_own = |listing: &ListingId| range.as_ref().is_none_or(|range| range.contains(&listing.0));
        for (store, counted) in &mut self.watch.stores {
            if hold.store.is_none_or(|held| held == *store) {
                counted.gone.clear();
            }
            counted.dropped.retain(|listing, _| !is_own(listing));
            counted.changed.retain(|listing, _| !is_own(listing));
        }
        self.count_anew(hold.store, now)?;
        if hold.met.name == "missing_stock" {
            self.watch.missing = None;
            self.remember_stock()?;
        }
        let skus: BTreeSet<_> =
            hold.listings.iter().map(|listing| self.shop.catalog().listing_sku(*listing)).collect();
        let cause = Cause::new(Trigger::Retry, actor, now);
        let under: Vec<_> = skus.into_iter().map(|sku| (sku, self.pins.under_last(sku))).collect();
        let drafts = self.draft(&cause, &under, now)?;
        // The same SKUs in other stores may be held too, and are not what was allowed.
        let drafts = self.hold_back(drafts, &hold.listings, now)?;
        self.file(&Changes::default(), &drafts, now)?;
        self.empty_allowed(&hold.gone, actor, now)?;
        Ok(Ok(hold.rows()))
    }
}
