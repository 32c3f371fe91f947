//! Tables as text, and every fault at its place.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::rules::Declared;
use crate::source::Sources;
use proptest::prelude::*;

const SKUS: &str = "sku,name\nS1,one\nS2,two\nKIT,\n";
const STOCK: &str = "sku,warehouse,available\nS1,jkt,5\nS2,jkt,-3\n";
const MAPPINGS: &str = "sku,store,store_sku\nS1,shop,s-1\nS2,outlet,s-1\n";

fn declared() -> Declared {
    Declared {
        warehouses: vec!["jkt".into(), "btm".into()],
        stores: vec!["shop".into(), "outlet".into()],
        timezone: jiff::tz::TimeZone::get("Asia/Jakarta").unwrap_or(jiff::tz::TimeZone::UTC),
        rules_max: 200,
    }
}

/// The tables by their place: SKUs, stock, mappings, bundles.
fn read_bytes(tables: [&[u8]; 4]) -> (Catalog, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::new();
    let mut table = |path: &str, bytes: &[u8]| Table {
        file: sources.add(path, ""),
        bytes: bytes.to_vec(),
        modified: jiff::Timestamp::from_second(1_000).ok(),
    };
    let [skus, stock, mappings, bundles] = tables;
    let inputs = Inputs {
        skus: table("skus.csv", skus),
        stock: table("stock.csv", stock),
        mappings: table("mappings.csv", mappings),
        bundles: (!bundles.is_empty()).then(|| table("bundles.csv", bundles)),
    };
    let (catalog, diagnostics) = read(inputs, &declared(), &mut sources);
    (catalog, diagnostics, sources)
}

fn told(tables: [&[u8]; 4]) -> Vec<String> {
    let (_, diagnostics, sources) = read_bytes(tables);
    let place = |span: Span| {
        let start = sources.positions(span).0;
        format!("{}:{}:{}", sources.get(span.file).path(), start.line, start.column)
    };
    diagnostics
        .into_iter()
        .map(|diagnostic| {
            let related: String =
                diagnostic.related.iter().map(|other| format!(" <{}>", place(other.span))).collect();
            let at = diagnostic.span.map(place).unwrap_or_default();
            format!("{at} {}: {}{related}", diagnostic.code.name, diagnostic.message)
        })
        .collect()
}

#[track_caller]
fn skus(text: &str, expected: &[&str]) {
    assert_eq!(
        told([text.as_bytes(), b"sku,warehouse,available\n", b"sku,store,store_sku\n", b""]),
        expected
    );
}

#[track_caller]
fn stock(text: &str, expected: &[&str]) {
    assert_eq!(told([SKUS.as_bytes(), text.as_bytes(), MAPPINGS.as_bytes(), b""]), expected);
}

#[track_caller]
fn mappings(text: &str, expected: &[&str]) {
    assert_eq!(told([SKUS.as_bytes(), STOCK.as_bytes(), text.as_bytes(), b""]), expected);
}

#[track_caller]
fn bundles(text: &str, expected: &[&str]) {
    assert_eq!(told([SKUS.as_bytes(), STOCK.as_bytes(), MAPPINGS.as_bytes(), text.as_bytes()]), expected);
}

#[test]
fn tables_without_a_fault() {
    let tables: [&str; 4] = [
        "\u{feff}name,sku\r\n\r\n\"one, a\",S1\r\n,\"S\"\"2\"\r\n,KIT",
        "as_of,reserved,on_hand,bin,warehouse,sku\n2026-11-27 07:00,2,10,x,jkt,S1\n,-4294967295,4294967295,,btm,S1\n",
        "store,units,sku,store_sku\nshop,,S1, s 1 \nshop,6,S1,ก\noutlet,1,\"S\"\"2\",ก",
        "sku,bundle,units\nS1,KIT,2\n\"S\"\"2\",KIT,\n",
    ];
    let (catalog, diagnostics, _) = read_bytes(tables.map(str::as_bytes));
    assert_eq!(diagnostics, []);
    let id = |sku| catalog.find_sku(sku).unwrap_or(SkuId(99));
    let stock: Vec<_> = catalog.stock(id("S1")).map(|(warehouse, number)| (warehouse.0, number)).collect();
    assert_eq!(stock, [(0, 8), (1, 2 * 4_294_967_295)]);
    let moments: Vec<_> =
        catalog.stock_moments(id("S1")).flatten().map(|moment| moment.as_second()).collect();
    assert_eq!(moments, [1_795_737_600, 1_000], "an empty one is when the file was changed");
    assert!(!catalog.stock_has_as_of());
    assert_eq!(catalog.stock_as_of().map(|moment| moment.as_second()), Some(1_000));
    let listing =
        |store, text: &str| catalog.find_listing(StoreId(store), text).map(|at| catalog.listing_units(at));
    assert_eq!(
        (listing(0, " s 1 "), listing(0, "ก"), listing(1, "ก"), listing(1, "s")),
        (Some(1), Some(6), Some(1), None)
    );
    let parts: Vec<_> = catalog.parts(id("KIT")).iter().map(|part| (part.sku, part.units)).collect();
    assert_eq!(parts, [(id("S1"), 2), (id("S\"2"), 1)]);
}

#[test]
fn tables_without_rows_are_fine() {
    skus("sku,name\n", &[]);
    skus("sku", &[]);
    stock("sku,warehouse,available\n", &[]);
    mappings("sku,store,store_sku", &[]);
    bundles("bundle,sku,units\n", &[]);
}

#[test]
fn headers() {
    skus("", &["skus.csv:1:1 bad-row: the table is empty, not even a header is there"]);
    skus("name\n", &["skus.csv:1:1 bad-row: the column `sku` is missing"]);
    skus("name,SKU\nx,y\n", &["skus.csv:1:6 bad-row: the column `sku` is missing"]);
    skus("sku,name,sku\n", &["skus.csv:1:10 bad-row: the column `sku` is there twice <skus.csv:1:1>"]);
    skus("sku,other,other\n", &[]);
    skus("sku;name\nS1;x\n", &["skus.csv:1:1 bad-row: the cells are separated by `;`, not by `,`"]);
    skus("sku\tname\n", &["skus.csv:1:1 bad-row: the cells are separated by tabs, not by `,`"]);
    stock(
        "sku,warehouse,available,on_hand\n",
        &[
            "stock.csv:1:25 bad-row: `available` stands together with `on_hand` or `reserved` <stock.csv:1:15>",
        ],
    );
    stock(
        "sku,warehouse\n",
        &["stock.csv:1:1 bad-row: the column `available` is missing, and so are `on_hand` and `reserved`"],
    );
    stock(
        "sku,warehouse,on_hand\n",
        &["stock.csv:1:15 bad-row: the column `reserved` is missing, which `on_hand` needs"],
    );
    mappings("sku,stores,store_sku\n", &["mappings.csv:1:5 bad-row: the column `store` is missing"]);
}

#[test]
fn rows_of_the_wrong_form() {
    skus(
        "sku,name\nS1\nS2,a,b\nS1,\n",
        &[
            "skus.csv:2:1 bad-row: the row has 1 cell, the header 2",
            "skus.csv:3:6 bad-row: the row has 3 cells, the header 2",
            "skus.csv:4:1 duplicate-row: the SKU `S1` is there twice <skus.csv:2:1>",
        ],
    );
    skus(
        "sku,name\nก,\"x\" y\nS2,\"\n,e\n",
        &[
            "skus.csv:2:6 bad-row: a comma or the end of the line must follow a closing quote",
            "skus.csv:3:4 bad-row: this quote is never closed",
            "skus.csv:4:1 bad-row: `sku` is empty",
        ],
    );
    skus("sku,name\nS1,a\0b\n", &["skus.csv:2:5 bad-row: the row holds a NUL character"]);
}

#[test]
fn what_is_not_utf_8() {
    let bytes = b"sku,name\nS1,caf\xe9 \xe9\nS2,x\n\xff,y\n";
    let expected = [
        "skus.csv:2:7 bad-row: the row holds byte 0xE9 at offset 15, which is not UTF-8",
        "skus.csv:4:1 bad-row: the row holds byte 0xFF at offset 24, which is not UTF-8",
    ];
    assert_eq!(told([bytes, b"sku,warehouse,available\n", b"sku,store,store_sku\n", b""]), expected);
    for utf16 in [&b"\xff\xfes\0k\0u\0"[..], b"\xfe\xff\0s\0k\0u", b"s\0k\0u\0\n\0", b"\0s\0k\0u\0\n"] {
        let expected = ["skus.csv:1:1 bad-row: the table is UTF-16, not UTF-8"];
        assert_eq!(told([utf16, b"sku,warehouse,available\n", b"sku,store,store_sku\n", b""]), expected);
    }
}

#[test]
fn stock_rows() {
    stock(
        "sku,warehouse,available\nS1,jkt,1.5\nS1,jkat,x\nS1,btm,4294967296\nS2,jkt,-4294967296\n,,\nS2,btm,\n",
        &[
            "stock.csv:2:8 bad-row: `1.5` in `available` is not a whole number",
            "stock.csv:3:4 unknown-warehouse: the warehouse `jkat` is not declared",
            "stock.csv:3:9 bad-row: `x` in `available` is not a whole number",
            "stock.csv:4:8 bad-row: `4294967296` in `available` is out of range",
            "stock.csv:5:8 bad-row: `-4294967296` in `available` is out of range",
            "stock.csv:6:1 bad-row: every cell of this row is empty",
            "stock.csv:7:8 bad-row: `available` is empty",
        ],
    );
    stock(
        "sku,warehouse,available\nS1,jkt,1\nS1,btm,1\nS1,jkt,2\nS1,jkt,1\n",
        &[
            "stock.csv:4:1 duplicate-row: the stock of this SKU in this warehouse is there twice <stock.csv:2:1>",
            "stock.csv:5:1 duplicate-row: the stock of this SKU in this warehouse is there twice <stock.csv:2:1>",
        ],
    );
    stock(
        "sku,warehouse,available,as_of\nS1,jkt,1,yesterday\nS2,jkt,1,2026-11-27T18:00:00Z\n",
        &["stock.csv:2:10 bad-moment: `yesterday` in `as_of` is not a moment"],
    );
}

#[test]
fn a_half_written_stock_table_is_refused() {
    let half = "the table is half-written: its last line does not end";
    stock("sku,warehouse,available\nS1,jkt,5\nS2,jk", &[&format!("stock.csv:3:1 bad-row: {half}")]);
    stock("sku,warehouse,available\nS1,jkt,5", &[&format!("stock.csv:2:1 bad-row: {half}")]);
}

#[test]
fn mapping_rows() {
    mappings(
        "sku,store,store_sku,units\nS1,shop,a,0\nS1,shp,b,1\nS1,shop,b,\nS2,shop,b,1\nS1,shop,b,2\nS1,outlet,b,x\nS1,shop,,1\n",
        &[
            "mappings.csv:2:11 bad-row: `0` in `units` is out of range",
            "mappings.csv:3:4 unknown-store: the store `shp` is not declared",
            "mappings.csv:5:9 mapping-conflict: the store SKU `b` is mapped to `S1` already <mappings.csv:4:9>",
            "mappings.csv:6:9 duplicate-row: the store SKU `b` is mapped twice <mappings.csv:4:9>",
            "mappings.csv:7:13 bad-row: `x` in `units` is not a whole number",
            "mappings.csv:8:9 bad-row: `store_sku` is empty",
        ],
    );
}

#[test]
fn bundle_rows() {
    bundles(
        "bundle,sku,units\nKIT,S1,0\nKIT,S2,1\nKIT,S2,2\nS2,KIT,1\n",
        &[
            "bundles.csv:2:8 bad-row: `0` in `units` is out of range",
            "bundles.csv:3:5 nested-bundle: the part `S2` is a bundle itself <bundles.csv:5:1>",
            "bundles.csv:4:5 duplicate-row: the part `S2` of this bundle is there twice <bundles.csv:3:5>",
            "bundles.csv:5:4 nested-bundle: the part `KIT` is a bundle itself <bundles.csv:2:1>",
            "stock.csv:3:1 bundle-with-stock: `S2` is a bundle and has stock of its own <bundles.csv:5:1>",
        ],
    );
}

#[test]
fn a_sku_that_is_not_declared_is_reported_once_where_it_is_used_first() {
    let tables = [
        SKUS,
        "sku,warehouse,available\nNEW,jkt,1\nNEW,btm,1\n",
        "sku,store,store_sku\nNEW,shop,a\nOTHER,shop,b\n",
        "bundle,sku,units\nKIT,PART,1\n",
    ]
    .map(str::as_bytes);
    let unknown =
        |place: &str, sku: &str| format!("{place} unknown-sku: the SKU `{sku}` is not in the table of SKUs");
    assert_eq!(
        told(tables),
        [
            unknown("bundles.csv:2:5", "PART"),
            unknown("stock.csv:2:1", "NEW"),
            unknown("mappings.csv:3:1", "OTHER")
        ]
    );
    let (catalog, ..) = read_bytes(tables);
    let undeclared: Vec<_> = catalog.undeclared().iter().map(|&(sku, _)| catalog.sku(sku)).collect();
    assert_eq!(undeclared, ["PART", "NEW", "OTHER"]);
    assert_eq!(catalog.stock_row_count(), 2, "it is planned all the same");
}

#[test]
fn a_table_of_skus_that_cannot_be_read_makes_no_sku_unknown() {
    let tables = ["sku;name\nS1;x\n", STOCK, MAPPINGS, ""].map(str::as_bytes);
    assert_eq!(told(tables), ["skus.csv:1:1 bad-row: the cells are separated by `;`, not by `,`"]);
}

#[test]
fn only_so_many_findings_are_listed() {
    let rows: String = (0..100_002).map(|_| ",jkt,1\n").collect();
    let told = told([
        SKUS.as_bytes(),
        format!("sku,warehouse,available\n{rows}").as_bytes(),
        MAPPINGS.as_bytes(),
        b"",
    ]);
    assert_eq!(told.len(), 100_001);
    assert_eq!(
        told.last().map(String::as_str),
        Some("stock.csv:1:1 bad-row: 2 more findings in this table are not listed")
    );
}

#[test]
fn warnings_beyond_the_list_stay_warnings() {
    let rows: String = (0..100_003).map(|row| format!("NEW-{row},shop,s-{row}\n")).collect();
    let (_, diagnostics, _) =
        read_bytes([SKUS, STOCK, &format!("sku,store,store_sku\n{rows}"), ""].map(str::as_bytes));
    assert!(diagnostics.len() == 100_001 && diagnostics.iter().all(|found| found.code.name == "unknown-sku"));
}

fn shuffled(table: &str, seed: u64) -> String {
    let mut lines: Vec<_> = table.lines().collect();
    let header = lines.remove(0);
    lines.sort_by_key(|line| stable::hash(seed, line));
    [header].into_iter().chain(lines).map(|line| format!("{line}\n")).collect()
}

proptest! {
    #[test]
    fn the_order_of_rows_means_nothing(seed: u64) {
        let tables = [
            "sku\nA\nB\nC\nD\nKIT\n",
            "sku,warehouse,available,as_of\nA,jkt,1,2026-01-01\nA,btm,2,\nB,jkt,-1,2026-01-02\nNEW,btm,7,\n",
            "sku,store,store_sku,units\nA,shop,a,1\nA,shop,a6,6\nB,outlet,a,1\nC,shop,c,1\n",
            "bundle,sku,units\nKIT,A,2\nKIT,B,1\n",
        ];
        let (one, ..) = read_bytes(tables.map(str::as_bytes));
        let moved = tables.map(|table| shuffled(table, seed));
        let (other, ..) = read_bytes(moved.each_ref().map(|table| table.as_bytes()));
        prop_assert_eq!(one.digest(), other.digest());
        let keys = |catalog: &Catalog| {
            let mut keys: Vec<_> = catalog.stock_keys().collect();
            keys.sort_unstable();
            keys
        };
        prop_assert_eq!(keys(&one), keys(&other));
        let [skus, _, mappings, bundles] = moved.each_ref().map(|table| table.as_bytes());
        let changed = read_bytes([skus, b"sku,warehouse,available\nA,jkt,2\n", mappings, bundles]);
        prop_assert_ne!(one.digest(), changed.0.digest());
    }

    #[test]
    fn every_fault_strewn_over_a_table_is_found(faulty in prop::collection::btree_map(0_usize..200, 0_usize..5, 0..30)) {
        let mut text = String::from("sku,warehouse,available\n");
        let mut expected = Vec::new();
        for row in 0..200 {
            let (line, place) = match faulty.get(&row) {
                None => (format!("S1-{row},jkt,{row}"), None),
                Some(0) => (format!("ก-{row},jkt,x"), Some(format!("ก-{row},jkt,").chars().count() + 1)),
                Some(1) => (format!("ก-{row},nowhere,1"), Some(format!("ก-{row},").chars().count() + 1)),
                Some(2) => (format!("ก-{row},jkt,1,2"), Some(format!("ก-{row},jkt,1,").chars().count() + 1)),
                Some(3) => (format!("\"ก-{row}\"x,jkt,1"), Some(format!("\"ก-{row}\"").chars().count() + 1)),
                Some(_) => (",jkt,1".to_owned(), Some(1)),
            };
            expected.extend(place.map(|column| (row as u32 + 2, column as u32)));
            text += &line;
            text.push('\n');
        }
        let (_, diagnostics, sources) = read_bytes([SKUS, &text, MAPPINGS, ""].map(str::as_bytes));
        let found: Vec<_> = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code.name != "unknown-sku")
            .filter_map(|diagnostic| Some(sources.positions(diagnostic.span?).0))
            .map(|start| (start.line, start.column))
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nothing_makes_it_panic(
        skus in prop::collection::vec(any::<u8>(), 0..60),
        stock in "(sku,warehouse,available\n)?[a,\"\n\r\0é1-]{0,40}",
        mappings in "(sku,store,store_sku,units\n)?(S[12],(shop|outlet|),[ab\"]{0,2},[0-9]{0,2}\n){0,6}",
        bundles in "(bundle,sku,units\n)?([AB\"],[AB],[0-9]?\n){0,6}",
    ) {
        read_bytes([&skus, stock.as_bytes(), mappings.as_bytes(), bundles.as_bytes()]);
        read_bytes([SKUS.as_bytes(), &skus, &skus, &skus]);
    }
}
