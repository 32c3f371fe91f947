//! What the catalog, the rules and the configuration say of what is ordered.

use super::{Event, OrderChange, Refused, What};
use crate::catalog::Catalog;
use crate::eval::Candidates;
use crate::pattern::Scratch;
use crate::rules::{Declared, RuleSet, StoreId, WarehouseId};
use jiff::Timestamp;
use std::sync::Arc;

/// What is sold where, and from which warehouses it is taken.
pub struct Goods<'a> {
    catalog: &'a Catalog,
    declared: &'a Declared,
    rules: &'a RuleSet,
    candidates: Arc<Candidates>,
    /// By store; `None` where the store names no warehouses.
    fulfil_from: Vec<Option<Vec<WarehouseId>>>,
    /// When stock that no row tells of was nothing.
    missing_since: Option<Timestamp>,
}

impl<'a> Goods<'a> {
    /// The rules are those of the moment `at`; `fulfil_from` is by store.
    pub fn new(
        catalog: &'a Catalog,
        declared: &'a Declared,
        rules: &'a RuleSet,
        fulfil_from: Vec<Option<Vec<WarehouseId>>>,
        at: Timestamp,
    ) -> Self {
        let missing_since = catalog.stock_as_of();
        Self {
            catalog,
            declared,
            rules,
            candidates: Arc::new(Candidates::new(rules, at)),
            fulfil_from,
            missing_since,
        }
    }

    /// The same where much of it is known already: which of the rules may take a SKU now, and when stock that no row tells of was
    /// nothing (as the files say, before orders were taken off).
    pub fn with(
        (catalog, declared, rules): (&'a Catalog, &'a Declared, &'a RuleSet),
        fulfil_from: Vec<Option<Vec<WarehouseId>>>,
        candidates: Arc<Candidates>,
        missing_since: Option<Timestamp>,
    ) -> Self {
        Self { catalog, declared, rules, candidates, fulfil_from, missing_since }
    }

    /// Whether the configuration declares a store.
    pub fn has_store(&self, store: &str) -> bool {
        self.store(store).is_some()
    }

    /// The declared stores.
    pub fn stores(&self) -> &'a [String] {
        &self.declared.stores
    }

    /// The declared warehouses.
    pub fn warehouses(&self) -> &'a [String] {
        &self.declared.warehouses
    }

    /// Whether a SKU is made of others.
    pub fn is_bundle(&self, sku: &str) -> bool {
        self.catalog.find_sku(sku).is_some_and(|sku| !self.catalog.parts(sku).is_empty())
    }

    /// Whether an event names what is declared.
    pub(crate) fn judge(&self, event: &Event) -> Result<(), Refused> {
        let store = |name: &str| self.has_store(name);
        let warehouse = |name: &str| self.warehouses().iter().any(|known| known == name);
        match &event.what {
            What::Order(order) => {
                if let Some(name) = order.store.as_deref().filter(|name| !store(name)) {
                    return Err(Refused::undeclared("store", name, self.stores()));
                }
                let to = match &order.change {
                    OrderChange::Returned { warehouse, .. } => warehouse.as_deref(),
                    _ => None,
                };
                match to.filter(|name| !warehouse(name)) {
                    Some(name) => Err(Refused::undeclared("warehouse", name, self.warehouses())),
                    None => Ok(()),
                }
            }
            What::Stock(stock) if !warehouse(&stock.warehouse) => {
                Err(Refused::undeclared("warehouse", &stock.warehouse, self.warehouses()))
            }
            What::Stock(stock) if self.is_bundle(&stock.sku) => {
                Err(Refused::new(format!("`{}` is a bundle and has no stock of its own", stock.sku))
                    .with_help("tell the stock of its parts"))
            }
            What::Stock(_) => Ok(()),
        }
    }

    /// Whether a mapping knows a store SKU.
    pub fn is_mapped(&self, store: &str, store_sku: &str) -> bool {
        self.store(store).is_some_and(|store| self.catalog.find_listing(store, store_sku).is_some())
    }

    /// What one unit of a store SKU is made of: merchant SKUs and units of each. `None` where no mapping knows it.
    pub(super) fn parts(&self, store: &str, store_sku: &str) -> Option<Vec<(String, u32)>> {
        let listing = self.catalog.find_listing(self.store(store)?, store_sku)?;
        let (sku, units) = (self.catalog.listing_sku(listing), self.catalog.listing_units(listing));
        let parts = self.catalog.parts(sku);
        if parts.is_empty() {
            return Some(vec![(self.catalog.sku(sku).to_owned(), units)]);
        }
        let part = |part: &crate::catalog::Part| {
            (self.catalog.sku(part.sku).to_owned(), part.units.saturating_mul(units))
        };
        Some(parts.iter().map(part).collect())
    }

    /// The warehouses that an order of a store SKU is taken from, in turn: the store's own, else those of the rule that takes
    /// the SKU, else all.
    pub(super) fn turn(&self, store: &str, store_sku: &str) -> Vec<&'a str> {
        let store = self.store(store);
        let own = store.and_then(|store| self.fulfil_from.get(usize::from(store.0))).and_then(Option::as_ref);
        let rule = || {
            let listing = self.catalog.find_listing(store?, store_sku)?;
            let sku = self.catalog.sku(self.catalog.listing_sku(listing));
            let rank = self.candidates.winner(sku, &mut Scratch::default())?;
            self.rules.rules().get(rank).map(|rule| &rule.warehouses)
        };
        match own.filter(|own| !own.is_empty()).or_else(rule) {
            Some(ids) => ids.iter().filter_map(|id| self.warehouse(*id)).collect(),
            None => self.declared.warehouses.iter().map(String::as_str).collect(),
        }
    }

    /// The row of the stock file, and since when it is true.
    pub(super) fn in_file(&self, sku: &str, warehouse: &str) -> Option<(i64, Option<Timestamp>)> {
        let at = self.declared.warehouses.iter().position(|name| name == warehouse)?;
        self.catalog.stock_in_file(self.catalog.find_sku(sku)?, WarehouseId(at as u16))
    }

    /// When stock that no row tells of was nothing.
    pub(super) fn missing_since(&self) -> Option<Timestamp> {
        self.missing_since
    }

    fn store(&self, name: &str) -> Option<StoreId> {
        let at = self.declared.stores.iter().position(|store| store == name)?;
        Some(StoreId(at as u16))
    }

    fn warehouse(&self, id: WarehouseId) -> Option<&'a str> {
        self.declared.warehouses.get(usize::from(id.0)).map(String::as_str)
    }
}

impl std::fmt::Debug for Goods<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Goods").field("rules", &self.rules.version()).finish_non_exhaustive()
    }
}
