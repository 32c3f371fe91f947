//! Another project in the place of the one that runs.

use super::board::{Board, Cause};
use super::lane::Lane;
use super::pins::{Edition, Pins};
use super::shop::{Outlet, Setup, Shop};
use super::{Engine, outgo};
use crate::catalog::{ListingId, SkuId};
use crate::orders::Cells;
use crate::record::Trigger;
use crate::rules::StoreId;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl<S: State> Engine<S> {
    /// Follows another project. Its rules are the next activation, and write nothing by themselves; goods whose stock, listings or
    /// parts are others than before are planned.
    pub(super) fn follow(&mut self, setup: Setup, now: Timestamp) -> Result<(), StateFault> {
        let current = Arc::new(Edition::of(&setup));
        let shop = Shop::open(setup, &mut self.state, now)?;
        let left: Vec<BTreeSet<u64>> = self.lanes.iter().map(Lane::left).collect();
        let before = std::mem::replace(&mut self.shop, shop);
        let edition = std::mem::replace(&mut self.current, current);
        let followed = self.follow_from(&before, now);
        if followed.is_err() {
            // The project of before goes on; what is under way at its stores is waited for.
            self.shop = before;
            self.current = edition;
            let Shop { setup, .. } = &self.shop;
            let (outlets, steady) = (setup.stores.iter().zip(left), self.clock.now());
            self.lanes = outlets.map(|(outlet, left)| Lane::new(setup, outlet, left, steady)).collect();
        }
        followed
    }

    fn follow_from(&mut self, before: &Shop, now: Timestamp) -> Result<(), StateFault> {
        let board = Board::open(self.shop.catalog(), &self.shop.setup.declared.stores, &mut self.state)?;
        let board_before = std::mem::replace(&mut self.board, board);
        self.board.remember(self.shop.catalog(), (&board_before, before.catalog()), |store| {
            self.shop.setup.declared.stores.iter().position(|name| name == before.store_name(store))
        });
        self.cells = Cells::default();
        self.again.clear();
        self.follow_watch(before)?;
        self.pins = Pins::open(self.shop.catalog(), &mut self.state)?;
        self.activate(now)?;
        let held = self.held_before(before);
        self.take_lanes(before)?;
        self.map_waiting(now)?;
        self.shop.other_goods(&mut self.state)?;
        let touched = others(before, &self.shop);
        self.plan_current(&Cause::new(Trigger::StockChange, outgo::ACTOR, now), touched, now)?;
        let freed = held.into_iter().filter(|at| self.held(StoreId(*at as u16)).is_none());
        let freed: BTreeSet<SkuId> = freed.flat_map(|at| self.skus_of(at)).collect();
        self.go_on(freed, now)
    }

    /// The stores to which nothing was written before, by the configuration.
    fn held_before(&self, before: &Shop) -> Vec<usize> {
        let names = self.shop.setup.declared.stores.iter().enumerate();
        let held = names.filter(|(_, name)| {
            let was = before.setup.declared.stores.iter().position(|one| one == *name);
            let paused = was.and_then(|at| before.setup.stores.get(at)).is_some_and(|outlet| outlet.paused);
            paused || !before.setup.inventory_features
        });
        held.map(|(at, _)| at).collect()
    }

    /// A store that could not be opened is there: it is written as it wants to be, and what differs by now is planned.
    pub(super) fn take_store(
        &mut self,
        store: StoreId,
        outlet: Outlet,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        let at = usize::from(store.0);
        let Some(left) = self.lanes.get(at).map(Lane::left) else { return Ok(()) };
        self.shop.set_outlet(store, outlet.clone(), now);
        let lane = self.new_lane(at, &outlet, left)?;
        if let Some(place) = self.lanes.get_mut(at) {
            *place = lane;
        }
        self.go_on(self.skus_of(at), now)
    }

    /// Goes on counting, and holding what is held.
    fn follow_watch(&mut self, before: &Shop) -> Result<(), StateFault> {
        let shop = &self.shop;
        let store = |store: StoreId| shop.store_id(before.store_name(store));
        let listing = |listing: ListingId| {
            let old = before.catalog();
            shop.catalog().find_listing(store(old.listing_store(listing))?, old.store_sku(listing))
        };
        self.watch.follow(listing, store);
        self.open_holds()?;
        self.look_for_missing()
    }

    /// Keeps the stores that are written as before; others are begun anew.
    fn take_lanes(&mut self, before: &Shop) -> Result<(), StateFault> {
        let lanes = std::mem::take(&mut self.lanes).into_iter().enumerate();
        let name = |at: usize| before.store_name(StoreId(at as u16)).to_owned();
        let mut named: BTreeMap<String, (usize, Lane)> =
            lanes.map(|(at, lane)| (name(at), (at, lane))).collect();
        for (at, outlet) in self.shop.setup.stores.clone().iter().enumerate() {
            let name = self.shop.store_name(StoreId(at as u16)).to_owned();
            let mut lane = match named.remove(&name) {
                Some((was, mut lane)) => {
                    let as_before = before.outlet(StoreId(was as u16)).map(|outlet| outlet.terms);
                    if as_before == Some(outlet.terms) {
                        lane.renew(&self.shop.setup, outlet, self.clock.now());
                        lane
                    } else {
                        self.new_lane(at, outlet, lane.left())?
                    }
                }
                None => self.new_lane(at, outlet, BTreeSet::new())?,
            };
            lane.admit(self.admitted(at));
            self.lanes.push(lane);
        }
        Ok(())
    }
}

/// The SKUs whose goods are others than before, and the bundles that hold them.
fn others(before: &Shop, now: &Shop) -> BTreeSet<SkuId> {
    let catalog = now.catalog();
    let skus = (0..catalog.sku_count() as u32).map(SkuId);
    let changed = skus.filter(|&sku| {
        let was = before.catalog().find_sku(catalog.sku(sku));
        was.map(|was| goods(before, was)) != Some(goods(now, sku))
    });
    changed.flat_map(|sku| now.with_bundles(sku)).collect()
}

/// Stock, parts and listings of a SKU, by name.
type Goods<'s> = (Vec<(&'s str, i64)>, Vec<(&'s str, u32)>, Vec<(&'s str, &'s str, u32)>);

fn goods(shop: &Shop, sku: SkuId) -> Goods<'_> {
    let catalog = shop.catalog();
    let mut stock: Vec<_> =
        catalog.stock(sku).map(|(place, units)| (catalog.warehouse_name(place), units)).collect();
    let mut parts: Vec<_> =
        catalog.parts(sku).iter().map(|part| (catalog.sku(part.sku), part.units)).collect();
    let listings = catalog.listings_of_sku(sku).iter();
    let mut listings: Vec<_> = listings
        .map(|&listing| {
            let store = shop.store_name(catalog.listing_store(listing));
            (store, catalog.store_sku(listing), catalog.listing_units(listing))
        })
        .collect();
    stock.sort_unstable();
    parts.sort_unstable();
    listings.sort_unstable();
    (stock, parts, listings)
}
