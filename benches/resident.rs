//! How long a kept plan takes to follow a change: `cargo bench --bench resident`, or with the number of SKUs behind `--`.
//!
//! Twelve stores that list four SKUs in five, five warehouses, a bundle for every hundredth SKU, 200 rules by prefix. Events come to SKUs
//! without order, one by one, the clock read around each.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench takes the time and prints it"
)]

use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stocksync::catalog::{Catalog, Rows, SkuId};
use stocksync::eval::Bounds;
use stocksync::eval::resident::Resident;
use stocksync::orders::{Held, StockRow};
use stocksync::rules::{Declared, RuleSet, WarehouseId};
use stocksync::source::Sources;
use stocksync::threads::Threads;
use stocksync::{check, syntax};

const EVENTS: u64 = 1_000_000;
const PREFIXES: usize = 199;

fn main() {
    let skus = std::env::args().filter_map(|text| text.parse().ok()).next().unwrap_or(1_000_000);
    let threads = std::thread::available_parallelism().map_or(Threads::ONE, Threads::new);
    let declared = Declared {
        warehouses: (0..5).map(|n| format!("w{n}")).collect(),
        stores: (0..12).map(|n| format!("s{n}")).collect(),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    };
    let (rules, edited) = (rules(&declared, 80), rules(&declared, 75));
    let mut catalog = catalog(&declared, skus);
    let at = jiff::Timestamp::UNIX_EPOCH;
    let mut kept = Resident::new(rules, &catalog, at, vec![Bounds::default(); 12], threads);
    for threads in [Threads::new(NonZero::<usize>::MIN), threads] {
        let began = Instant::now();
        kept.follow(Arc::clone(&edited), &catalog, at, threads);
        println!(
            "{skus} SKUs, {} listings, other rules, {} threads: {:?}",
            catalog.listing_count(),
            threads.count(),
            began.elapsed()
        );
    }
    // The first change makes room beside every row.
    catalog.lay_stock(&[row(SkuId(0), 0)]);
    let (mut times, mut changed, mut all) = (Vec::new(), Vec::new(), 0);
    let mut random = 20_260_511_u64;
    for _ in 0..EVENTS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let row = row(SkuId((random >> 33) as u32 % skus as u32), random);
        let began = Instant::now();
        catalog.lay_stock(&[row]);
        kept.restocked(&catalog, row.sku, &mut changed);
        times.push(began.elapsed());
        all += changed.len();
        changed.clear();
    }
    times.sort_unstable();
    let at = |permille: usize| times.get(times.len() * permille / 1000).copied().unwrap_or_default();
    let mean = times.iter().sum::<Duration>() / times.len() as u32;
    println!(
        "{EVENTS} events, {all} changed listings: mean {mean:?}, median {:?}, p99 {:?}, p99.9 {:?}",
        at(500),
        at(990),
        at(999)
    );
}

fn row(sku: SkuId, random: u64) -> StockRow {
    let units = (random >> 20) as i64 % 500;
    StockRow {
        sku,
        warehouse: WarehouseId((random >> 29) as u16 % 5),
        held: Held::new(Some((units, None)), None, None),
    }
}

fn rules(declared: &Declared, rate: u32) -> Arc<RuleSet> {
    let rule = |n: usize| {
        format!(
            "rule \"{n}\" {{ order {} skus \"P{n:03}-*\" warehouses w0, w{} stores s{}, s{}, s{}, s11 threshold {} rate {}% priority store s11 below 40 }}\n",
            n + 1,
            1 + n % 4,
            n % 3,
            3 + n % 4,
            7 + n % 4,
            n % 20,
            1 + n % 99
        )
    };
    let rest = format!("rule \"rest\" {{ order 1000 skus all warehouses all stores all rate {rate}% }}\n");
    let text: String = (0..PREFIXES).map(rule).chain([rest]).collect();
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text.as_str());
    let (checked, _) = check::check(&[(file, syntax::parse(file, &text).0)], declared);
    Arc::new(checked.rule_set().unwrap().clone())
}

fn catalog(declared: &Declared, count: usize) -> Catalog {
    let names: Vec<String> = (0..count).map(|n| format!("P{:03}-QX-{n:07}", n * 7 % 400)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stock: Vec<_> = names
        .iter()
        .enumerate()
        .flat_map(|(n, &sku)| {
            declared
                .warehouses
                .iter()
                .enumerate()
                .map(move |(w, place)| (sku, place.as_str(), ((n * 31 + w * 17) % 400) as i64))
        })
        .collect();
    let mappings: Vec<_> = names
        .iter()
        .enumerate()
        .flat_map(|(n, &sku)| {
            declared
                .stores
                .iter()
                .enumerate()
                .filter(move |(s, _)| (n + s) % 5 != 0)
                .map(move |(_, store)| (sku, store.as_str(), sku, 1))
        })
        .collect();
    let bundles: Vec<_> =
        names.chunks_exact(100).filter_map(|few| Some((*few.first()?, *few.get(1)?, 2))).collect();
    let rows = Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &names,
        stock: &stock,
        mappings: &mappings,
        bundles: &bundles,
    };
    Catalog::build(rows)
}
