//! What a stream gives, held against what the plain readers give.

use super::*;
use crate::catalog::stock::grid::WAREHOUSES_MAX;
use crate::catalog::{Catalog, ListingId, SkuId, Table};
use crate::diagnostic::Diagnostic;
use crate::orders::{Held, Source, StockRow};
use crate::rules;
use proptest::prelude::*;
use std::num::NonZero;

/// Some warehouses, or so many that stock is read another way.
fn declared(more_warehouses: usize) -> rules::Declared {
    let more = (0..more_warehouses).map(|number| format!("w{number}"));
    rules::Declared {
        warehouses: ["jkt".into(), "btm".into()].into_iter().chain(more).collect(),
        stores: vec!["a".into(), "b".into(), "c".into()],
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 10,
    }
}

/// Every table as text: SKUs, bundles, stock, mappings.
type Tables<'t> = [&'t str; 4];

/// Reads what can be read as a stream; how many tables that were.
fn read(
    tables: Tables<'_>,
    threads: Option<Threads>,
    more_warehouses: usize,
) -> (Catalog, Vec<Diagnostic>, Sources, usize) {
    let declared = declared(more_warehouses);
    let mut builder = Builder::new(&declared);
    let mut sources = Sources::new();
    let mut streams = 0;
    let kinds = [Some(Kind::Skus), None, Some(Kind::Stock), Some(Kind::Mappings)];
    for ((kind, name), text) in kinds.into_iter().zip(["skus", "bundles", "stock", "mappings"]).zip(tables) {
        let file = sources.add(format!("{name}.csv"), "");
        let scanned = kind
            .zip(threads)
            .and_then(|(kind, threads)| builder.scan(kind, file, &mut Trickle(text.as_bytes()), threads));
        if let Some(scan) = scanned {
            let bytes = scan.has_findings().then(|| text.as_bytes().to_vec());
            builder.take(scan, None, bytes, &mut sources);
            streams += 1;
            continue;
        }
        let table = Table { file, bytes: text.as_bytes().to_vec(), modified: None };
        match kind {
            Some(Kind::Skus) => builder.skus(table, &mut sources),
            Some(Kind::Stock) => builder.stock(table, &mut sources),
            Some(Kind::Mappings) => builder.mappings(table, &mut sources),
            None => builder.bundles(table, &mut sources),
        }
    }
    let (catalog, found) = builder.finish();
    (catalog, found, sources, streams)
}

/// Gives a few bytes at a time.
struct Trickle<'t>(&'t [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = into.len().min(70_001);
        self.0.read(into.get_mut(..length).unwrap_or_default())
    }
}

/// Everything that is in a catalog.
fn told(catalog: &Catalog) -> Vec<String> {
    let skus = (0..catalog.sku_count() as u32).map(SkuId).map(|sku| {
        let stock: Vec<_> = catalog.stock(sku).collect();
        let moments: Vec<_> = catalog.stock_moments(sku).collect();
        let in_file: Vec<_> = catalog.warehouse_ids().map(|at| catalog.stock_in_file(sku, at)).collect();
        let listings = catalog.listings_of_sku(sku);
        let declared = catalog.is_declared(sku);
        format!("{} {declared} {stock:?} {moments:?} {in_file:?} {listings:?}", catalog.sku(sku))
    });
    let listings = (0..catalog.listing_count() as u32).map(ListingId).map(|listing| {
        let (sku, store) = (catalog.listing_sku(listing), catalog.listing_store(listing));
        let text = catalog.store_sku(listing);
        assert_eq!(catalog.find_listing(store, text), Some(listing));
        format!("{} {} {text} {}", sku.0, store.0, catalog.listing_units(listing))
    });
    let since = (catalog.stock_row_count(), catalog.stock_as_of(), catalog.stock_has_as_of());
    let rest = [catalog.digest(), format!("{:?}", catalog.undeclared()), format!("{since:?}")];
    skus.chain(listings).chain(rest).collect()
}

/// The same; then once more when stock is laid on it, and when it is lifted again.
fn told_and_laid(catalog: &mut Catalog) -> Vec<String> {
    let mut all = told(catalog);
    let place = |(sku, warehouse): (u32, u16)| (SkuId(sku), rules::WarehouseId(warehouse));
    let rows = [(0, 1), (0, 0), (2, 1)].map(place).map(|(sku, warehouse)| StockRow {
        sku,
        warehouse,
        held: Held::new(
            catalog.stock_in_file(sku, warehouse),
            Some((Source::Snapshot, 9, Timestamp::UNIX_EPOCH)),
            None,
        ),
    });
    if catalog.sku_count() > 2 {
        catalog.lay_stock(&rows);
        all.extend(told(catalog));
        catalog.lift_stock();
        all.extend(told(catalog));
    }
    all
}

#[track_caller]
fn check(tables: Tables<'_>, streams: Option<usize>) {
    check_with(tables, streams, 0);
    check_with(tables, streams, WAREHOUSES_MAX);
}

#[track_caller]
fn check_with(tables: Tables<'_>, streams: Option<usize>, more_warehouses: usize) {
    let (mut catalog, found, sources, _) = read(tables, None, more_warehouses);
    let plain = told_and_laid(&mut catalog);
    let texts: Vec<_> = sources.iter().map(|(_, source)| source.text().to_owned()).collect();
    for threads in [Threads::ONE, Threads::new(NonZero::<usize>::MIN.saturating_add(2))] {
        let (mut quick, quick_found, quick_sources, count) = read(tables, Some(threads), more_warehouses);
        assert_eq!(streams.unwrap_or(count), count, "so many tables are read as streams");
        assert_eq!(told_and_laid(&mut quick), plain);
        assert_eq!(quick_found, found);
        let quick_texts: Vec<_> = quick_sources.iter().map(|(_, source)| source.text().to_owned()).collect();
        assert_eq!(quick_texts, texts);
    }
}

const SKUS: &str = "\u{feff}name,sku\n\"Shoe, red\",S1\r\n,S2\n\nHat,\"S\"\"3\"\nx,S4";
const NO_BUNDLES: &str = "bundle,sku,units\n";
const STOCK: &str = "warehouse,sku,available,as_of\njkt,S1,5,2026-01-01\nbtm,S1,-3,\njkt,S4,007,2026-01-01\n";
const MAPPINGS: &str = "sku,store,store_sku,units\nS1,c,x,2\nS1,a,x,\nNEW,c,y,1\nS2,c,\"z,1\",\nNEW,c,w,\n";

#[test]
fn sound_tables_are_read_as_streams() {
    check([SKUS, NO_BUNDLES, STOCK, MAPPINGS], Some(3));
    check(["sku\n", NO_BUNDLES, "sku,warehouse,available\n", "sku,store,store_sku\n"], Some(3));
    check(
        [SKUS, NO_BUNDLES, "sku,warehouse,on_hand,reserved\nS1,btm,9,4\nNEW,jkt,1,0\nS2,jkt,1,2\n", MAPPINGS],
        Some(3),
    );
    check([SKUS, "bundle,sku,units\nS4,S1,1\n", "sku,warehouse,available\nS1,jkt,5\n", MAPPINGS], Some(3));
}

#[test]
fn what_the_plain_reader_must_see_is_left_to_it() {
    for skus in
        ["", "sku\nS1\nS1\n", "sku\n\"S1\n", "name\nx\n", "sku,name\nS1\n", "sku\nS\x001\n", "sku;name\n"]
    {
        check([skus, NO_BUNDLES, STOCK, MAPPINGS], None);
    }
    let stock = [
        "jkt,S1,5",
        "jkt,S1,5\njkt,S1,6\n",
        "moon,S1,5\n",
        "jkt,,5\n",
        "jkt,S1,x\n",
        "jkt,S1,\n",
        "jkt,S1,4294967296\n",
        "jkt,S1,5,\n",
        "jkt,S1,99999999999999999999\n",
        ",,\n",
    ];
    for rows in stock {
        check([SKUS, NO_BUNDLES, &format!("warehouse,sku,available\n{rows}"), MAPPINGS], Some(2));
    }
    check([SKUS, "bundle,sku,units\nS4,S1,1\n", "sku,warehouse,available\nS4,jkt,5\n", MAPPINGS], Some(2));
    check([SKUS, NO_BUNDLES, "sku,warehouse,available,as_of\nS1,jkt,5,soon\n", MAPPINGS], Some(2));
    for rows in [
        "S1,a,x,0\n",
        "S1,a,,1\n",
        "S1,mars,x,1\n",
        "S1,a,x,1\nS2,a,x,1\n",
        "S1,a,x,1\nS1,a,x,1\n",
        "S1,a,\"x\ny\"z,1\n",
    ] {
        check([SKUS, NO_BUNDLES, STOCK, &format!("sku,store,store_sku,units\n{rows}")], Some(2));
    }
}

#[test]
fn tables_of_many_pieces() {
    let count = 60_000;
    let skus: String = (0..count).map(|n| format!("S{n}\n")).collect();
    let stock: String =
        (0..count).map(|n| format!("S{},{},{n}\n", n * 7 % count, ["jkt", "btm"][n % 2])).collect();
    let units = |n| if n == 40_000 { "3" } else { "" };
    let mappings: String = (0..count)
        .map(|n| format!("S{},{},{n},{}\n", n * 11 % (count + 5), ["a", "b", "c"][n / 7 % 3], units(n)))
        .collect();
    let tables = [
        format!("sku\n{skus}"),
        format!("sku,warehouse,available\n{stock}"),
        format!("sku,store,store_sku,units\n{mappings}"),
    ];
    let [skus, stock, mappings] = &tables;
    check([skus, NO_BUNDLES, stock, mappings], Some(3));
    let cut = format!("{mappings}S1,a,6,\n");
    check([skus, NO_BUNDLES, stock, &cut], Some(2));
}

fn rows(cells: &'static [&'static str], row: &'static str) -> impl Strategy<Value = String> {
    let cell = prop::sample::select(cells);
    prop::collection::vec(prop::collection::vec(cell, row.split(',').count()), 0..12).prop_map(move |rows| {
        let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
        format!("{row}\n{}\n", lines.join("\n"))
    })
}

proptest! {
    #[test]
    fn as_the_plain_readers_have_it(
        skus in rows(&["S1", "S2", "S3", "S4", "S5", "S6", "\"S7\"", ""], "sku"),
        stock in rows(&["S1", "S2", "S3", "jkt", "btm", "4", "-2", "\"7\"", "N"], "sku,warehouse,available"),
        mappings in rows(&["S1", "N", "a", "b", "c", "x", "y", "\"z\"", "é"], "sku,store,store_sku"),
    ) {
        check([&skus, NO_BUNDLES, &stock, &mappings], None);
    }
}
