//! Any four tables, apart by `0x1E`, are read: SKUs, bundles, stock, mappings. The order of rows changes nothing that counts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stocksync::catalog::{Builder, Catalog, ListingId, SkuId, Table};
use stocksync::diagnostic::Diagnostic;
use stocksync::rules::StoreId;
use stocksync::source::Sources;

fuzz_target!(|bytes: &[u8]| {
    let mut tables: Vec<&[u8]> = bytes.splitn(4, |byte| *byte == 0x1E).collect();
    tables.resize(4, b"");
    let (catalog, found, sources) = read(&tables);
    stocksync_fuzz::judge(&sources, &found);
    look(&catalog);
    assert_eq!(read(&tables).0.digest(), catalog.digest());
    // A quoted cell may hold a line end: such rows are not taken apart here.
    if found.is_empty() && !bytes.contains(&b'"') {
        let turned: Vec<Vec<u8>> = tables.iter().map(|table| turned(table)).collect();
        let turned: Vec<&[u8]> = turned.iter().map(Vec::as_slice).collect();
        let (other, found, _) = read(&turned);
        assert_eq!(found, []);
        assert_eq!(other.digest(), catalog.digest());
        assert_eq!(other.stock_row_count(), catalog.stock_row_count());
    }
});

fn read(tables: &[&[u8]]) -> (Catalog, Vec<Diagnostic>, Sources) {
    let declared = stocksync_fuzz::declared();
    let mut sources = Sources::new();
    let mut table = |path: &str, bytes: &[u8]| Table {
        file: sources.add(path, ""),
        bytes: bytes.to_vec(),
        modified: jiff::Timestamp::from_second(1_000).ok(),
    };
    let [skus, bundles, stock, mappings] = [
        table("skus.csv", tables[0]),
        table("bundles.csv", tables[1]),
        table("stock.csv", tables[2]),
        table("mappings.csv", tables[3]),
    ];
    let mut builder = Builder::new(declared);
    builder.skus(skus, &mut sources);
    builder.bundles(bundles, &mut sources);
    builder.stock(stock, &mut sources);
    builder.mappings(mappings, &mut sources);
    let (catalog, found) = builder.finish();
    (catalog, found, sources)
}

/// Everything that is in a catalog can be asked for, and is found again.
fn look(catalog: &Catalog) {
    for sku in (0..catalog.sku_count() as u32).map(SkuId) {
        assert_eq!(catalog.find_sku(catalog.sku(sku)), Some(sku));
        assert_eq!(
            catalog.stock(sku).count(),
            catalog.stock_moments(sku).count().max(catalog.stock(sku).count())
        );
        assert!(
            catalog
                .parts(sku)
                .iter()
                .all(|part| part.units > 0 && (part.sku.0 as usize) < catalog.sku_count())
        );
        assert!(catalog.listings_of_sku(sku).iter().all(|listing| catalog.listing_sku(*listing) == sku));
    }
    let stores = 0..stocksync_fuzz::declared().stores.len() as u16;
    let listings = stores
        .map(StoreId)
        .flat_map(|store| catalog.listings_of_store(store).map(move |listing| (store, ListingId(listing))));
    let mut count = 0;
    for (store, listing) in listings {
        count += 1;
        assert_eq!(catalog.listing_store(listing), store);
        assert_eq!(catalog.find_listing(store, catalog.store_sku(listing)), Some(listing));
        assert!(catalog.listing_units(listing) > 0);
    }
    assert_eq!(count, catalog.listing_count());
    let _ = (catalog.stock_as_of(), catalog.stock_keys().count());
}

/// The rows behind the header, from the last to the first.
fn turned(table: &[u8]) -> Vec<u8> {
    let mut lines = table.split(|byte| *byte == b'\n').filter(|line| !matches!(line, [] | [b'\r']));
    let header = lines.next().unwrap_or_default();
    let mut rows: Vec<&[u8]> = lines.collect();
    rows.push(header);
    rows.reverse();
    let whole: Vec<Vec<u8>> =
        rows.iter().map(|row| row.strip_suffix(b"\r").unwrap_or(row).to_vec()).collect();
    whole.join(&b'\n')
}
