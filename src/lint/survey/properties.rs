//! The survey against a plain reading of what `eval` gives, on random catalogs.

use super::Surveyed;
use crate::catalog::{Catalog, ListingId, Rows, SkuId};
use crate::check::check;
use crate::eval::{Desired, available, eval};
use crate::rules::{Declared, Rule, RuleSet};
use crate::source::Sources;
use crate::syntax::parse;
use crate::threads::Threads;
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::num::NonZero;

const WAREHOUSES: [&str; 2] = ["w1", "w2"];
const STORES: [&str; 3] = ["a", "b", "c"];
const SKUS: [&str; 6] = ["P1", "P2", "P3", "Q1", "K1", "K2"];
const RULES: &str = "
    rule \"1\" { order 1 skus \"P1\", \"K1\" warehouses w1 stores a, b rate 50% }
    rule \"2\" { order 2 skus \"P*\" warehouses all stores b, c threshold 2 split b 1, c 2 }
    rule \"3\" { order 3 skus \"K*\" warehouses all stores all rate 40% priority store b below 3 store c { plus 1 } }";

type Stock = Vec<(usize, usize, i64)>;
type Listings = Vec<(usize, usize, u32)>;
type Bundles = BTreeMap<(usize, usize), u32>;

fn catalog(declared: &Declared, stock: &Stock, listings: &Listings, bundles: &Bundles) -> Catalog {
    let sku = |at: usize| SKUS[at];
    let names: Vec<String> = (0..listings.len()).map(|n| n.to_string()).collect();
    let mut rows: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    stock.iter().for_each(|&(at, warehouse, units)| _ = rows.insert((at, warehouse), units));
    let stock: Vec<_> = rows.iter().map(|(&(at, w), &units)| (sku(at), WAREHOUSES[w], units)).collect();
    let mappings = listings.iter().zip(&names);
    let mappings: Vec<_> =
        mappings.map(|(&(at, store, units), name)| (sku(at), STORES[store], name.as_str(), units)).collect();
    let bundles: Vec<_> =
        bundles.iter().map(|(&(bundle, part), &units)| (sku(4 + bundle), sku(part), units)).collect();
    Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &SKUS,
        stock: &stock,
        mappings: &mappings,
        bundles: &bundles,
    })
}

/// What a rule shows of each SKU: by its own listings, and by those of bundles.
fn shown(rank: usize, catalog: &Catalog, desired: &Desired) -> BTreeMap<SkuId, Vec<(SkuId, u128)>> {
    let mut shown: BTreeMap<SkuId, BTreeMap<SkuId, u128>> = BTreeMap::new();
    for listing in (0..catalog.listing_count() as u32).map(ListingId) {
        let sku = catalog.listing_sku(listing);
        let Some(number) = desired.number(listing).filter(|_| desired.winner(sku) == Some(rank)) else {
            continue;
        };
        let units = u128::from(number.planned) * u128::from(catalog.listing_units(listing));
        *shown.entry(sku).or_default().entry(sku).or_default() += units;
        for part in catalog.parts(sku) {
            *shown.entry(part.sku).or_default().entry(sku).or_default() += units * u128::from(part.units);
        }
    }
    shown.into_iter().map(|(sku, by)| (sku, by.into_iter().filter(|by| by.1 > 0).collect())).collect()
}

fn oversold(rank: usize, rule: &Rule, catalog: &Catalog, desired: &Desired) -> Vec<SkuId> {
    let shown = shown(rank, catalog, desired);
    let too_many = |sku: SkuId| {
        let units: u128 = shown.get(&sku).into_iter().flatten().map(|by| by.1).sum();
        units > u128::from(available(rule, catalog, sku))
    };
    let alone = |sku: SkuId| match shown[&sku].as_slice() {
        [(seller, _)] => *seller != sku && too_many(*seller),
        _ => false,
    };
    shown.keys().copied().filter(|&sku| too_many(sku) && !alone(sku)).collect()
}

fn unmapped(rank: usize, rule: &Rule, catalog: &Catalog, desired: &Desired) -> Vec<u64> {
    let taken: Vec<SkuId> =
        (0..catalog.sku_count() as u32).map(SkuId).filter(|&sku| desired.winner(sku) == Some(rank)).collect();
    let missing = |store| {
        let listed = |sku: &&SkuId| {
            catalog.listings_of_sku(**sku).iter().any(|&listing| catalog.listing_store(listing) == store)
        };
        taken.iter().filter(|sku| !listed(sku)).count() as u64
    };
    if taken.is_empty() { Vec::new() } else { rule.stores.iter().map(|line| missing(line.store)).collect() }
}

fn compare(rules: &RuleSet, catalog: &Catalog) -> Result<(), TestCaseError> {
    let survey_on = |count| {
        let threads = Threads::new(NonZero::new(count).unwrap());
        Surveyed::new(rules, catalog, Timestamp::UNIX_EPOCH, threads)
    };
    let survey = survey_on(1);
    for count in [2, 3, 9] {
        prop_assert_eq!(format!("{:?}", survey_on(count)), format!("{survey:?}"));
    }
    let desired = eval(rules, catalog, Timestamp::UNIX_EPOCH, &[]);
    for (rank, (rule, of_rule)) in rules.rules().iter().zip(&survey.rules).enumerate() {
        let expect = oversold(rank, rule, catalog, &desired);
        prop_assert_eq!(of_rule.oversold.count_all(), expect.len() as u64, "rule {}", &rule.name);
        prop_assert_eq!(of_rule.unmapped.counts(), unmapped(rank, rule, catalog, &desired));
    }
    for sku in (0..catalog.sku_count() as u32).map(SkuId) {
        prop_assert_eq!(survey.winner(sku), desired.winner(sku));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_pass_over_the_catalog_finds_what_the_plan_shows(
        stock in proptest::collection::vec((0_usize..4, 0_usize..2, -3_i64..20), 0..9),
        listings in proptest::collection::vec((0_usize..6, 0_usize..3, 1_u32..4), 0..14),
        bundles in proptest::collection::btree_map((0_usize..2, 0_usize..4), 1_u32..4, 0..5),
    ) {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let declared = Declared {
            warehouses: names(&WAREHOUSES),
            stores: names(&STORES),
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 9,
        };
        let file = Sources::new().add("a.sync", RULES);
        let (ast, faults) = parse(file, RULES);
        prop_assert_eq!(faults, []);
        let (checked, faults) = check(&[(file, ast)], &declared);
        prop_assert_eq!(faults, []);
        let catalog = catalog(&declared, &stock, &listings, &bundles);
        if let Some(rules) = checked.rule_set() {
            compare(rules, &catalog)?;
        }
    }
}
