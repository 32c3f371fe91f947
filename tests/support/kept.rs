//! A plan that is kept in memory, and follows changes of stock.

use jiff::{Timestamp, tz::TimeZone};
use std::sync::Arc;
use stocksync::catalog::{Catalog, Rows, SkuId};
use stocksync::eval::Bounds;
use stocksync::eval::resident::Resident;
use stocksync::orders::{Held, StockRow};
use stocksync::rules::{Declared, RuleSet, WarehouseId};
use stocksync::source::Sources;
use stocksync::threads::Threads;
use stocksync::{check, syntax};

const SKUS: u32 = 1_000;

const RULES: &str = r#"
rule "few" { order 1 skus "P-1*" warehouses w0, w1 stores s0, s2 threshold 3 rate 70% priority store s2 below 40 }
rule "rest" { order 2 skus all warehouses all stores all rate 80% }
"#;

/// Follows so many changes of stock, of one SKU after another; how many listings showed another number by that.
pub fn follow(changes: usize) -> usize {
    let declared = Declared {
        warehouses: ["w0", "w1"].map(str::to_owned).to_vec(),
        stores: ["s0", "s1", "s2"].map(str::to_owned).to_vec(),
        timezone: TimeZone::UTC,
        rules_max: 9,
    };
    let mut catalog = catalog(&declared);
    let bounds = vec![Bounds::default(); declared.stores.len()];
    let mut kept = Resident::new(rules(&declared), &catalog, Timestamp::UNIX_EPOCH, bounds, Threads::ONE);
    let mut changed = Vec::new();
    for change in 0..changes as u32 {
        let units = i64::from(change * 7 % 400);
        let held = Held::new(Some((units, None)), None, None);
        // 7 and 1,000 have no divisor in common: every SKU comes in turn.
        let row = StockRow { sku: SkuId(change * 7 % SKUS), warehouse: WarehouseId(0), held };
        catalog.lay_stock(&[row]);
        kept.restocked(&catalog, row.sku, &mut changed);
    }
    changed.len()
}

fn rules(declared: &Declared) -> Arc<RuleSet> {
    let mut sources = Sources::new();
    let file = sources.add("a.sync", RULES);
    let (checked, faults) = check::check(&[(file, syntax::parse(file, RULES).0)], declared);
    assert!(faults.is_empty(), "{faults:?}");
    Arc::new(checked.rule_set().unwrap().clone())
}

fn catalog(declared: &Declared) -> Catalog {
    let names: Vec<String> = (0..SKUS).map(|at| format!("P-{at:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stock: Vec<_> = names.iter().map(|&sku| (sku, "w0", 30)).collect();
    let of = |store: &'static str| names.iter().map(move |&sku| (sku, store, sku, 1));
    let mappings: Vec<_> = of("s0").chain(of("s1")).chain(of("s2")).collect();
    Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &names,
        stock: &stock,
        mappings: &mappings,
        bundles: &[],
    })
}
