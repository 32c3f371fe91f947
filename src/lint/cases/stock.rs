//! What listings show of the stock there is.

use super::{Case, check_one};

#[track_caller]
fn check(name: &str, case: &Case<'_>, fields: &str, expect: &[&str]) {
    let text = format!("rule \"R\" {{ order 1 warehouses all {fields} }}");
    let expect: Vec<String> = expect.iter().map(|message| format!("{message} [rule \"R\" {{]")).collect();
    let expect: Vec<&str> = expect.iter().map(String::as_str).collect();
    check_one(name, &text, case, &expect);
}

fn stocked<'a>(stock: &'a [(&'a str, &'a str, i64)]) -> Case<'a> {
    Case { stock, ..Case::default() }
}

#[test]
fn oversell_risk() {
    let case = stocked(&[("NIKE-42", "jakarta", 6), ("NIKE-42", "batam", 4), ("SOAP", "jakarta", 9)]);
    let twice = "the listings of rule `R` together show up to 2.0× the stock of 1 SKU: `NIKE-42` (20 of 10)";
    check("oversell-risk", &case, "skus all stores all", &[twice]);
    check("oversell-risk", &case, "skus all stores all rate 50%", &[]);
    let little = "the listings of rule `R` together show up to 1.1× the stock of 1 SKU: `NIKE-42` (11 of 10)";
    check("oversell-risk", &case, "skus all stores all rate 50% store lazada_id { rate 60% }", &[little]);
    check("oversell-risk", &case, "skus all stores all split shopee_id 1, lazada_id 1", &[]);
    check("oversell-risk", &case, "skus all stores shopee_id", &[]);
    check("oversell-risk", &case, "skus all stores all threshold 11", &[]);
    check("oversell-risk", &case, "skus all stores all priority store shopee_id below 11", &[]);
    check("oversell-risk", &case, "skus \"SOAP\" stores all", &[]);
}

#[test]
fn what_is_not_there_is_worse_than_any_factor() {
    let case = stocked(&[("NIKE-42", "jakarta", 1), ("NIKE-43", "batam", 0), ("SOAP", "jakarta", -4)]);
    check(
        "oversell-risk",
        &case,
        "skus all stores shopee_id plus 7",
        &[
            "the listings of rule `R` together show stock of 3 SKUs that is not there: `NIKE-43` (7 of 0), `SOAP` (7 of 0), `NIKE-42` (8 of 1)",
        ],
    );
}

#[test]
fn packs_count_by_their_units() {
    let case = Case {
        stock: &[("SOAP", "jakarta", 10)],
        mappings: &[
            ("SOAP", "shopee_id", "a", 1),
            ("SOAP", "shopee_id", "b", 4),
            ("SOAP", "lazada_id", "c", 6),
        ],
        ..Case::default()
    };
    // 10 single ones, 2 packs of 4, 1 pack of 6.
    let found = "the listings of rule `R` together show up to 2.4× the stock of 1 SKU: `SOAP` (24 of 10)";
    check("oversell-risk", &case, "skus all stores all", &[found]);
    // 5, 1 of 4; and 0 of 6: 9 of 10.
    check("oversell-risk", &case, "skus all stores all rate 50%", &[]);
}

/// Two kits of the same rackets, which are sold alone too.
const KITS: Case<'_> = Case {
    skus: &["RACKET", "BALL", "KIT", "KIT-2"],
    stock: &[("RACKET", "jakarta", 9), ("BALL", "jakarta", 100)],
    mappings: &[
        ("KIT", "shopee_id", "k", 1),
        ("KIT-2", "shopee_id", "k2", 1),
        ("RACKET", "shopee_id", "r", 1),
    ],
    bundles: &[("KIT", "RACKET", 2), ("KIT", "BALL", 3), ("KIT-2", "RACKET", 4)],
    history: None,
    at: "1970-01-01T00:00:00Z",
    with_catalog: true,
};

#[test]
fn bundles_count_by_their_parts() {
    // 4 kits of 2 rackets, 2 kits of 4: 16 of 9; and 9 alone.
    let with_own = "the listings of rule `R` together show up to 2.8× the stock of 1 SKU: `RACKET` (25 of 9)";
    check("oversell-risk", &KITS, "skus all stores all", &[with_own]);
    let kits = "the listings of rule `R` together show up to 1.8× the stock of 1 SKU: `RACKET` (16 of 9)";
    check("oversell-risk", &KITS, "skus \"KIT*\" stores all", &[kits]);
    check("oversell-risk", &KITS, "skus \"KIT\" stores all", &[]);
    let two = Case { mappings: &[("KIT", "shopee_id", "k", 1), ("KIT", "lazada_id", "l", 1)], ..KITS };
    let bundle = "the listings of rule `R` together show up to 2.0× the stock of 1 SKU: `KIT` (8 of 4)";
    check("oversell-risk", &two, "skus all stores all", &[bundle]);
}

#[test]
fn a_part_that_one_warehouse_lacks_is_oversold_by_one_bundle() {
    let case =
        Case { stock: &[("RACKET", "jakarta", 9), ("RACKET", "batam", -5), ("BALL", "jakarta", 99)], ..KITS };
    let found = "the listings of rule `R` together show up to 2.0× the stock of 1 SKU: `RACKET` (8 of 4)";
    check("oversell-risk", &case, "skus \"KIT\" stores all", &[found]);
}

#[test]
fn rules_are_counted_apart() {
    let text = "rule \"Kits\" { order 1 skus \"KIT*\" warehouses all stores all } rule \"Rest\" { order 2 skus all warehouses batam stores all }";
    let found = "the listings of rule `Kits` together show up to 1.8× the stock of 1 SKU: `RACKET` (16 of 9) [rule \"Kits\" {]";
    check_one("oversell-risk", text, &KITS, &[found]);
}

#[test]
fn the_three_worst_are_named() {
    let skus: Vec<String> = (1..=5).map(|n| format!("S{n}")).collect();
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    let stock: Vec<_> =
        skus.iter().zip([3, 50, 20, 50, 7]).map(|(&sku, units)| (sku, "batam", units)).collect();
    let listings: Vec<_> = skus.iter().map(|&sku| (sku, "shopee_id", sku, 1)).collect();
    let twice: Vec<_> = skus.iter().map(|&sku| (sku, "lazada_id", sku, 1)).collect();
    let mappings = [listings, twice].concat();
    let case = Case { skus: &skus, stock: &stock, mappings: &mappings, ..Case::default() };
    let found = "the listings of rule `R` together show up to 2.0× the stock of 5 SKUs: `S2` (100 of 50), `S4` (100 of 50), `S3` (40 of 20), …";
    check("oversell-risk", &case, "skus all stores all", &[found]);
    let hidden = "5 SKUs of rule `R` are in stock and shown in no store: `S2` (50 available), `S4` (50 available), `S3` (20 available), …";
    check("rate-hides-stock", &case, "skus all stores all rate 1%", &[hidden]);
}

#[test]
fn rate_hides_stock() {
    let case = stocked(&[("NIKE-42", "jakarta", 3), ("SOAP", "jakarta", 8)]);
    let hidden = "1 SKU of rule `R` is in stock and shown in no store: `NIKE-42` (3 available)";
    check("rate-hides-stock", &case, "skus all stores all rate 25%", &[hidden]);
    check("rate-hides-stock", &case, "skus all stores all rate 25% store lazada_id { rate 50% }", &[]);
    for shown in ["rate 25% round up", "rate 25% floor 1", "rate 25% plus 1", "rate 34%"] {
        check("rate-hides-stock", &case, &format!("skus all stores all {shown}"), &[]);
    }
    for meant in ["threshold 4", "reserve 3", "cap 0"] {
        check("rate-hides-stock", &case, &format!("skus all stores all rate 25% {meant}"), &[]);
    }
}

#[test]
fn a_priority_store_hides_what_it_does_not_show() {
    let case = stocked(&[("NIKE-42", "jakarta", 3), ("SOAP", "jakarta", 8)]);
    let fields = "skus \"NIKE-*\" stores all priority store lazada_id below 4 store lazada_id { rate 1% }";
    let hidden = "1 SKU of rule `R` is in stock and shown in no store: `NIKE-42` (3 available)";
    check("rate-hides-stock", &case, fields, &[hidden]);
    check("rate-hides-stock", &case, "skus \"SOAP\" stores all priority store lazada_id below 99", &[]);
}

#[test]
fn a_split_hides_what_goes_to_stores_without_the_listing() {
    let case = stocked(&[("SOAP", "jakarta", 8)]);
    let hidden = "1 SKU of rule `R` is in stock and shown in no store: `SOAP` (8 available)";
    check("rate-hides-stock", &case, "skus all stores all split lazada_id 1", &[hidden]);
    check("rate-hides-stock", &case, "skus all stores all split lazada_id 1, shopee_id 1", &[]);
}

#[test]
fn a_pack_that_the_stock_does_not_fill_is_not_hidden_by_the_rate() {
    let mappings = &[("SOAP", "shopee_id", "pack", 6)];
    let few = Case { stock: &[("SOAP", "jakarta", 5)], mappings, ..Case::default() };
    check("rate-hides-stock", &few, "skus all stores all rate 50%", &[]);
    let enough = Case { stock: &[("SOAP", "jakarta", 6)], mappings, ..Case::default() };
    let hidden = "1 SKU of rule `R` is in stock and shown in no store: `SOAP` (6 available)";
    check("rate-hides-stock", &enough, "skus all stores all rate 50%", &[hidden]);
}
