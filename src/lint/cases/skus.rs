//! SKUs of the tables.

use super::{Case, check_one};

const SOAP: &str = "rule \"R\" { order 1 skus \"SOAP\", \"KIT\" warehouses all stores shopee_id }";

#[test]
fn uncovered_sku() {
    let case = Case {
        skus: &["SOAP", "A", "B", "C", "D", "KIT"],
        stock: &[
            ("A", "jakarta", 3),
            ("B", "batam", 4),
            ("B", "jakarta", 5),
            ("D", "jakarta", -9),
            ("E", "batam", 3),
        ],
        ..Case::default()
    };
    check_one(
        "uncovered-sku",
        SOAP,
        &case,
        &["7 SKUs are taken by no rule: `B` (9 in stock), `A` (3 in stock), `E` (3 in stock), … []"],
    );
    let off = "rule \"R\" off { order 1 skus all warehouses all stores all }";
    let case = Case { skus: &["SOAP"], mappings: &[], ..Case::default() };
    check_one("uncovered-sku", off, &case, &["1 SKU is taken by no rule: `SOAP` (0 in stock) []"]);
    check_one("uncovered-sku", SOAP, &case, &[]);
    check_one("uncovered-sku", "let a = \"SOAP\"", &case, &[]);
}

#[test]
fn a_part_without_a_listing_is_sold_in_its_bundle() {
    let case = Case {
        skus: &["SOAP", "KIT", "PART", "PART-2"],
        bundles: &[("KIT", "PART", 2), ("KIT", "PART-2", 2)],
        mappings: &[("KIT", "shopee_id", "k", 1), ("PART-2", "shopee_id", "p", 1)],
        stock: &[("PART", "jakarta", 5)],
        ..Case::default()
    };
    check_one("uncovered-sku", SOAP, &case, &["1 SKU is taken by no rule: `PART-2` (0 in stock) []"]);
}

#[test]
fn case_only_difference() {
    let check = |skus: &[&str], mapped: &str, expect: &[&str]| {
        let mappings = [(mapped, "shopee_id", "a", 1)];
        let case = Case { skus, mappings: &mappings, ..Case::default() };
        check_one("case-only-difference", "", &case, expect);
    };
    check(&["A-1", "A-2", "a-1"], "A-2", &["SKUs `A-1` and `a-1` differ by case alone []"]);
    check(&["A-1", "A-2"], "A-2 ", &["SKUs `A-2` and `A-2 ` differ by white space alone []"]);
    check(
        &["CAF\u{c9}", "A-2"],
        "CAFE\u{301}",
        &["SKUs `CAF\u{c9}` and `CAFE\u{301}` differ by Unicode form alone []"],
    );
    check(
        &["ab", "aB", "Ab", "AB", "A B"],
        "C",
        &["SKUs `ab`, `aB`, `Ab` and 2 more differ by case and white space alone []"],
    );
    check(&["A-1", "A-11", "A1"], "A-1", &[]);
}

#[test]
fn of_many_differences_the_first_are_told_and_the_rest_counted() {
    let upper: Vec<String> = (0..5_000).map(|n| format!("SKU-{n}")).collect();
    let lower: Vec<String> = upper.iter().map(|sku| sku.to_lowercase()).collect();
    let skus: Vec<&str> = upper.iter().chain(&lower).map(String::as_str).collect();
    let case = Case { skus: &skus, mappings: &[], ..Case::default() };
    let found = super::found_over("", &case, |code| code.name == "case-only-difference");
    assert_eq!(found.len(), 21);
    assert_eq!(found[0].message, "SKUs `SKU-0` and `sku-0` differ by case alone");
    assert_eq!(
        found[20].message,
        "4980 more groups of SKUs differ by case, white space or Unicode form alone"
    );
}
