//! What the project says, in memory, with stock as it is: rules, catalog, stores, and every number of the current rules.

use crate::catalog::{Catalog, ListingId, SkuId};
use crate::config::{Drift, OnRelease};
use crate::dispatch::Terms;
use crate::eval::resident::Resident;
use crate::eval::{Bounds, Candidates, Desired, Number};
use crate::orders::{Goods, StockRow, StockTake};
use crate::plan::GuardLimits;
use crate::rules::{Declared, RuleSet, StoreId, WarehouseId};
use crate::shell::state::{State, StateFault};
use crate::threads::Threads;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// What the engine must know of a project. Nothing of it changes but by [`Engine::reload`](super::Engine::reload).
#[derive(Debug)]
pub struct Setup {
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// SKUs, listings, and stock as the files have it.
    pub catalog: Catalog,
    /// The declared names.
    pub declared: Declared,
    /// The stores, as declared.
    pub stores: Vec<Outlet>,
    /// The master switch: off, nothing is ever written.
    pub inventory_features: bool,
    /// What is held until a person has looked.
    pub guards: GuardLimits,
    /// What becomes of a listing that no rule takes any more.
    pub on_release: OnRelease,
    /// The commit of the rules, in a git checkout.
    pub commit: Option<String>,
    /// How often what the stores show is compared with what was written, in seconds; 0 is never.
    pub reconcile_seconds: u64,
    /// How often stores are asked for orders, in seconds; 0 is never.
    pub orders_seconds: u64,
    /// How many threads work numbers out where all of them are.
    pub threads: Threads,
}

/// What the engine must know of a store.
#[derive(Clone, PartialEq, Debug)]
pub struct Outlet {
    /// Which warehouses its orders take from, in turn; `None`: as the rule says.
    pub fulfil_from: Option<Vec<WarehouseId>>,
    /// Nothing is written to it.
    pub paused: bool,
    /// What is done about edits made elsewhere.
    pub drift: Drift,
    /// What it takes.
    pub bounds: Bounds,
    /// How it is written.
    pub terms: Terms,
    /// Whether it can be asked for orders.
    pub has_orders: bool,
    /// Whether it can be asked what became of writes that it accepted.
    pub can_poll: bool,
}

/// A project in memory.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) setup: Setup,
    resident: Resident,
    candidates: Arc<Candidates>,
    missing_since: Option<Timestamp>,
    /// Between these two moments the same rules are active.
    active: (Option<Timestamp>, Option<Timestamp>),
    /// Where more is ordered than there is.
    negative: BTreeSet<(SkuId, WarehouseId)>,
    /// A hash of each SKU's goods as the files have them.
    goods: Vec<u64>,
}

impl Shop {
    /// Takes stock of everything that is kept, and works every number out.
    pub(super) fn open(setup: Setup, state: &mut dyn State, now: Timestamp) -> Result<Self, StateFault> {
        let missing_since = setup.catalog.stock_as_of();
        let (candidates, active) = active(&setup.rules, now);
        let mut setup = setup;
        let goods = setup.catalog.goods_keys().collect();
        take_stock(&mut setup, state, missing_since)?;
        let resident = resident(&setup, now);
        let negative = negative(&setup.catalog);
        Ok(Self { setup, resident, candidates, missing_since, active, negative, goods })
    }

    /// The same anew: what is in memory may be ahead of what is on disk.
    pub(super) fn reopen(&mut self, state: &mut dyn State, now: Timestamp) -> Result<(), StateFault> {
        self.setup.catalog.lift_stock();
        take_stock(&mut self.setup, state, self.missing_since)?;
        (self.candidates, self.active) = active(&self.setup.rules, now);
        self.resident = resident(&self.setup, now);
        self.negative = negative(&self.setup.catalog);
        Ok(())
    }

    pub(super) fn catalog(&self) -> &Catalog {
        &self.setup.catalog
    }

    pub(super) fn desired(&self) -> &Desired {
        self.resident.desired()
    }

    pub(super) fn store_name(&self, store: StoreId) -> &str {
        self.setup.declared.stores.get(usize::from(store.0)).map_or("", String::as_str)
    }

    pub(super) fn store_id(&self, name: &str) -> Option<StoreId> {
        let at = self.setup.declared.stores.iter().position(|store| store == name)?;
        Some(StoreId(at as u16))
    }

    pub(super) fn outlet(&self, store: StoreId) -> Option<&Outlet> {
        self.setup.stores.get(usize::from(store.0))
    }

    /// A store is another one now.
    pub(super) fn set_outlet(&mut self, store: StoreId, outlet: Outlet, now: Timestamp) {
        if let Some(place) = self.setup.stores.get_mut(usize::from(store.0)) {
            *place = outlet;
        }
        self.resident = resident(&self.setup, now);
    }

    pub(super) fn bounds(&self) -> Vec<Bounds> {
        self.setup.stores.iter().map(|store| store.bounds).collect()
    }

    pub(super) fn goods(&self) -> Goods<'_> {
        let own = self.setup.stores.iter().map(|store| store.fulfil_from.clone()).collect();
        let Setup { catalog, declared, rules, .. } = &self.setup;
        Goods::with((catalog, declared, rules), own, Arc::clone(&self.candidates), self.missing_since)
    }

    /// Lays new stock of a SKU, and works out what hangs on it. Gives back the SKU and the bundles that hold it.
    pub(super) fn restock(&mut self, sku: SkuId, rows: &[StockRow]) -> Vec<SkuId> {
        self.setup.catalog.lay_stock(rows);
        for row in rows {
            if row.held.available() < 0 {
                self.negative.insert((row.sku, row.warehouse));
            } else {
                self.negative.remove(&(row.sku, row.warehouse));
            }
        }
        // What changed is not asked for: every listing of these SKUs is compared with what its store shows.
        self.resident.restocked(&self.setup.catalog, sku, &mut Vec::new());
        self.with_bundles(sku)
    }

    /// The SKUs whose goods are others in the files than they were when they were remembered, and the bundles that hold them; none
    /// where nothing was. From now on these are remembered.
    pub(super) fn other_goods(&mut self, state: &mut dyn State) -> Result<BTreeSet<SkuId>, StateFault> {
        let mut seen = HashSet::new();
        state.goods_seen(&mut |key| {
            seen.insert(key);
        })?;
        let goods = std::mem::take(&mut self.goods);
        state.remember_goods(&mut goods.iter().copied())?;
        if seen.is_empty() {
            return Ok(BTreeSet::new());
        }
        let others = goods.iter().enumerate().filter(|(_, key)| !seen.contains(key));
        Ok(others.flat_map(|(at, _)| self.with_bundles(SkuId(at as u32))).collect())
    }

    /// A SKU and the bundles that hold it.
    pub(super) fn with_bundles(&self, sku: SkuId) -> Vec<SkuId> {
        [sku].into_iter().chain(self.resident.holding(sku).iter().copied()).collect()
    }

    /// How many SKUs are below 0 in how many warehouses.
    pub(super) fn negative(&self) -> usize {
        self.negative.len()
    }

    /// What each listing of a SKU should show under the current rules, and the rule that takes it.
    pub(super) fn numbers(&self, sku: SkuId) -> (Option<&str>, Vec<(ListingId, Option<Number>)>) {
        let desired = self.resident.desired();
        let rule = desired.winner(sku).and_then(|rank| self.setup.rules.rules().get(rank));
        let listings = self.setup.catalog.listings_of_sku(sku).iter();
        let numbers = listings.map(|&listing| (listing, desired.number(listing))).collect();
        (rule.map(|rule| rule.name.as_str()), numbers)
    }

    /// When the next window opens or closes.
    pub(super) fn next_edge(&self) -> Option<Timestamp> {
        self.active.1
    }

    /// Follows the windows of the rules. The SKUs some of whose numbers are others now.
    pub(super) fn turn_to(&mut self, now: Timestamp) -> BTreeSet<SkuId> {
        let (from, until) = self.active;
        if from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until) {
            return BTreeSet::new();
        }
        (self.candidates, self.active) = active(&self.setup.rules, now);
        let Setup { rules, catalog, threads, .. } = &self.setup;
        let changed = self.resident.follow(Arc::clone(rules), catalog, now, *threads);
        changed.into_iter().map(|listing| catalog.listing_sku(listing)).collect()
    }
}

fn active(rules: &RuleSet, now: Timestamp) -> (Arc<Candidates>, (Option<Timestamp>, Option<Timestamp>)) {
    (Arc::new(Candidates::new(rules, now)), rules.edges(now))
}

fn resident(setup: &Setup, now: Timestamp) -> Resident {
    let bounds = setup.stores.iter().map(|store| store.bounds).collect();
    Resident::new(Arc::clone(&setup.rules), &setup.catalog, now, bounds, setup.threads)
}

fn negative(catalog: &Catalog) -> BTreeSet<(SkuId, WarehouseId)> {
    let skus = (0..catalog.sku_count() as u32).map(SkuId);
    let below = |sku| catalog.stock(sku).filter(|(_, units)| *units < 0).map(move |(place, _)| (sku, place));
    skus.flat_map(below).collect()
}

/// Takes orders off the stock of the files, and puts the ledger's in.
fn take_stock(
    setup: &mut Setup,
    state: &mut dyn State,
    missing_since: Option<Timestamp>,
) -> Result<(), StateFault> {
    if state.last_received()?.is_none() {
        return Ok(());
    }
    let mut take = StockTake::new(&setup.catalog, &setup.declared.warehouses).missing_since(missing_since);
    state.stock_told(&mut |set| take.set(set))?;
    state.movements(&mut |order, movement| take.movement(order, movement))?;
    if let Some(&(sku, warehouse)) = take.doubled.first() {
        let (sku, place) = (setup.catalog.sku(sku), setup.catalog.warehouse_name(warehouse));
        let message =
            format!("the stock file has a row of `{sku}` in `{place}`, whose stock is in the ledger");
        return Err(StateFault::unusable(message)
            .with_help("take it out of the file: what is in the ledger is set and adjusted by events"));
    }
    let (rows, _) = take.finish();
    setup.catalog.lay_stock(&rows);
    Ok(())
}
