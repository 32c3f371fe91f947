//! A small project from a seed: goods of every kind, three stores, and the rules that follow each other.

use super::random::Random;
use crate::catalog::{Catalog, Inputs, Table};
use crate::config::{Drift, OnRelease, ReadBefore};
use crate::dispatch::{CircuitLimits, RetryLimits, Terms};
use crate::eval::Bounds;
use crate::plan::GuardLimits;
use crate::rules::{BasisPoints, Declared, RuleSet, WarehouseId};
use crate::shell::serve::engine::{Outlet, Setup};
use crate::source::Sources;
use crate::threads::Threads;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) const STORES: [&str; 3] = ["mall", "market", "outlet"];
pub(super) const WAREHOUSES: [&str; 2] = ["east", "west"];

/// Plain goods, one that is sold in packs, one whose stock is told again and again, one in the ledger, and a bundle.
pub(super) const SKUS: [&str; 7] = ["A", "B", "C", "PACK", "SNAP", "LEDGER", "KIT"];

/// What a bundle is made of.
pub(super) const KIT: [(&str, i64); 2] = [("A", 1), ("B", 2)];

/// How the store SKU of a listing begins that nobody buys any more, and that mappings come to know no more.
const OLD: &str = "old-";

/// When the stock of the file is true, in seconds.
pub(super) const STOCK_AT: i64 = 1_000_000;

/// A listing: its store, its store SKU, the merchant SKU, and how many of it one unit sells.
pub(super) type Listing = (usize, String, &'static str, i64);

#[derive(Debug)]
pub(super) struct Project {
    pub(super) declared: Declared,
    pub(super) outlets: Vec<Outlet>,
    pub(super) listings: Vec<Listing>,
    /// Store SKUs that no mapping knows for now.
    pub(super) unmapped: BTreeSet<String>,
    /// Rows of the stock file: SKU, warehouse, units.
    pub(super) stock: Vec<(&'static str, &'static str, i64)>,
    /// The rules, as they follow each other.
    pub(super) editions: Vec<Arc<RuleSet>>,
    pub(super) on_release: OnRelease,
    /// The master switch.
    pub(super) is_on: bool,
    guards: GuardLimits,
    reconcile_seconds: u64,
}

impl Project {
    pub(super) fn new(random: &mut Random) -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let declared = Declared {
            warehouses: names(&WAREHOUSES),
            stores: names(&STORES),
            timezone: TimeZone::UTC,
            rules_max: 20,
        };
        let texts: Vec<String> = (0..1 + random.below(4)).map(|_| rules(random)).collect();
        Self {
            editions: texts.iter().map(|text| Arc::new(checked(text, &declared))).collect(),
            outlets: (0..STORES.len()).map(|_| outlet(random)).collect(),
            listings: listings(random),
            unmapped: BTreeSet::new(),
            stock: stock(random),
            on_release: random.of(&[OnRelease::Keep, OnRelease::Zero]),
            is_on: true,
            guards: guards(random),
            reconcile_seconds: 600,
            declared,
        }
    }

    /// The catalog, with stock as the file has it.
    pub(super) fn catalog(&self) -> Catalog {
        let mut sources = Sources::new();
        let mut table = |name: &str, text: String| Table {
            file: sources.add(name, ""),
            bytes: text.into_bytes(),
            modified: None,
        };
        let at = Timestamp::from_second(STOCK_AT).expect("a moment");
        let mut skus = "sku\n".to_owned();
        SKUS.iter().for_each(|sku| writeln!(skus, "{sku}").expect("memory"));
        let mut stock = "sku,warehouse,available,as_of\n".to_owned();
        for (sku, warehouse, units) in &self.stock {
            writeln!(stock, "{sku},{warehouse},{units},{at}").expect("memory");
        }
        let mut mappings = "sku,store,store_sku,units\n".to_owned();
        let mapped = self.listings.iter().filter(|(_, store_sku, ..)| !self.unmapped.contains(store_sku));
        for (store, store_sku, sku, units) in mapped {
            writeln!(mappings, "{sku},{},{store_sku},{units}", STORES[*store]).expect("memory");
        }
        let mut bundles = "bundle,sku,units\n".to_owned();
        KIT.iter().for_each(|(part, units)| writeln!(bundles, "KIT,{part},{units}").expect("memory"));
        let inputs = Inputs {
            skus: table("skus.csv", skus),
            stock: table("stock.csv", stock),
            mappings: table("mappings.csv", mappings),
            bundles: Some(table("bundles.csv", bundles)),
        };
        let (catalog, faults) = crate::catalog::read(inputs, &self.declared, &mut sources);
        assert_eq!(faults, []);
        catalog
    }

    /// What the engine is told of it.
    pub(super) fn setup(&self, edition: usize) -> Setup {
        Setup {
            rules: Arc::clone(&self.editions[edition]),
            catalog: self.catalog(),
            declared: self.declared.clone(),
            stores: self.outlets.clone(),
            inventory_features: self.is_on,
            guards: self.guards.clone(),
            on_release: self.on_release,
            commit: None,
            reconcile_seconds: self.reconcile_seconds,
            orders_seconds: 60,
            threads: Threads::ONE,
        }
    }

    /// The listings of a store that people buy.
    pub(super) fn is_bought(listing: &Listing) -> bool {
        !listing.1.starts_with(OLD)
    }

    /// A mapping of one of the old listings goes, or comes back.
    pub(super) fn remap(&mut self, random: &mut Random) {
        let store_sku = format!("{OLD}{}", random.below(STORES.len()));
        if !self.unmapped.remove(&store_sku) {
            self.unmapped.insert(store_sku);
        }
    }

    /// Which SKUs one unit of a merchant SKU takes, and how many of each.
    pub(super) fn parts(sku: &str) -> Vec<(&str, i64)> {
        if sku == "KIT" { KIT.to_vec() } else { vec![(sku, 1)] }
    }
}

fn stock(random: &mut Random) -> Vec<(&'static str, &'static str, i64)> {
    let mut rows = Vec::new();
    for sku in ["A", "B", "C", "PACK"] {
        for warehouse in WAREHOUSES {
            // Some rows are missing: nothing is there.
            if random.percent(85) {
                rows.push((sku, warehouse, random.between(0, 60)));
            }
        }
    }
    rows.push(("SNAP", "west", random.between(0, 40)));
    rows
}

fn listings(random: &mut Random) -> Vec<Listing> {
    let mut listings = Vec::new();
    for store in 0..STORES.len() {
        for sku in SKUS {
            if random.percent(90) {
                let units = if sku == "PACK" { random.between(1, 3) } else { 1 };
                listings.push((store, format!("{}-{store}", sku.to_lowercase()), sku, units));
            }
        }
        if random.percent(50) {
            listings.push((store, format!("pack-of-six-{store}"), "PACK", 6));
        }
        listings.push((store, format!("{OLD}{store}"), random.of(&["A", "B", "C"]), 1));
    }
    listings
}

fn outlet(random: &mut Random) -> Outlet {
    let own = [WarehouseId(1), WarehouseId(0)];
    Outlet {
        fulfil_from: random.percent(30).then(|| own.to_vec()),
        paused: false,
        drift: if random.percent(60) { Drift::Repair } else { Drift::Report },
        bounds: Bounds { min: 0, max: if random.percent(20) { 15 } else { 1_000 } },
        terms: terms(random),
        has_orders: random.percent(50),
        can_poll: true,
    }
}

fn terms(random: &mut Random) -> Terms {
    Terms {
        items_max: random.below(5),
        concurrency: 1 + random.below(4),
        all_or_nothing: random.percent(30),
        conditional: random.percent(50),
        read_before: random.of(&[ReadBefore::Raises, ReadBefore::Always, ReadBefore::Never]),
        reads_max: 1 + random.below(10),
        window_max: 1 + random.below(20),
        // Nothing is given up: what is, ends at another number, and is looked at by the machine's own tests.
        retry: RetryLimits {
            attempts_max: 1_000,
            elapsed_ms_max: 0,
            backoff_ms_first: 100,
            backoff_ms_max: 10_000,
        },
        circuit: CircuitLimits {
            failures_max: 3 + random.below(5) as u32,
            pause_ms_first: 500,
            pause_ms_max: 20_000,
            probe_ms_max: 60_000,
        },
        fresh_ms: 1_000,
    }
}

/// A store has too few listings for the share that may go to 0.
fn guards(random: &mut Random) -> GuardLimits {
    GuardLimits {
        to_zero: None,
        changed: random.percent(20).then_some(BasisPoints(5_000)),
        missing_stock: None,
        max_stock_age_seconds: random.percent(5).then_some(3_000),
    }
}

/// Rules: one that takes everything, and before it perhaps one of each other kind.
fn rules(random: &mut Random) -> String {
    let mut text = String::new();
    let mut rule = |name: &str, order: u32, body: &str| {
        writeln!(text, "rule \"{name}\" {{ order {order} {body} }}").expect("memory");
    };
    // What is counted in one warehouse is taken from there alone.
    let reserve = random.between(0, 3);
    rule("counted", 0, &format!("skus \"SNAP\", \"LEDGER\" warehouses west stores all reserve {reserve}"));
    if random.percent(60) {
        let (threshold, below) = (random.between(0, 5), random.between(6, 20));
        let store = random.of(&STORES[..2]);
        let body = format!(
            "skus \"B\", \"KIT\" warehouses east stores mall, market threshold {threshold} priority store {store} below {below}"
        );
        rule("held", 1, &body);
    }
    if random.percent(60) {
        let (a, b, c) = (random.between(0, 3), random.between(1, 3), random.between(0, 3));
        rule(
            "split",
            2,
            &format!("skus \"C\" warehouses all stores all split mall {a}, outlet {b}, market {c}"),
        );
    }
    if random.percent(40) {
        let from = STOCK_AT + random.between(0, 4_000);
        let moment = |second| Timestamp::from_second(second).expect("a moment");
        let (from, until) = (moment(from), moment(from + random.between(1, 4_000)));
        let body = format!(
            "active from {from} until {until} skus \"A\", \"PACK\" warehouses all stores all rate 30%"
        );
        rule("sale", 3, &body);
    }
    let rate = random.of(&[100, 100, 80, 50]);
    let (reserve, cap) = (random.between(0, 4), random.of(&["", "", "cap 12", "floor 2"]));
    rule("rest", 9, &format!("skus all warehouses all stores all rate {rate}% reserve {reserve} {cap}"));
    text
}

fn checked(text: &str, declared: &Declared) -> RuleSet {
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (checked, faults) = crate::check::check(&[(file, crate::syntax::parse(file, text).0)], declared);
    assert_eq!(faults, [], "{text}");
    checked.rule_set().expect("sound").clone()
}
