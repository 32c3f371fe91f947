//! Quantities of rules that contradict each other or the stock.

use super::{Case, check_one};

fn rule(head: &str, fields: &str) -> String {
    format!("rule \"R\" {head}{{ order 1 skus all warehouses all stores all {fields} }}")
}

#[track_caller]
fn check(name: &str, fields: &str, expect: &[&str]) {
    check_one(name, &rule("", fields), &Case::default(), expect);
}

#[test]
fn virtual_stock() {
    check("virtual-stock", "rate 100.01%", &["a rate of 100.01% shows more than there is [100.01%]"]);
    check("virtual-stock", "plus 1", &["`plus 1` shows 1 more than there is [1]"]);
    check(
        "virtual-stock",
        "rate 200% plus 3 store lazada_id { rate 300% plus 4 }",
        &[
            "a rate of 200% shows more than there is [200%]",
            "a rate of 300% shows more than there is [300%]",
            "`plus 3` shows 3 more than there is [3]",
            "`plus 4` shows 4 more than there is [4]",
        ],
    );
    check("virtual-stock", "rate 100% plus 0 store lazada_id { rate 0% plus 0 }", &[]);
    check("virtual-stock", "rate 200% store lazada_id { rate 1% } store shopee_id { rate 2% }", &[]);
    check_one("virtual-stock", &rule("off ", "rate 200%"), &Case::default(), &[]);
}

#[test]
fn floor_above_cap() {
    check("floor-above-cap", "floor 6 cap 5", &["the floor of 6 is above the cap of 5 [6]"]);
    check("floor-above-cap", "floor 5 cap 5", &[]);
    check("floor-above-cap", "floor 6", &[]);
    let in_store = &["in store `lazada_id` the floor of 6 is above the cap of 5 [6]"];
    check("floor-above-cap", "floor 6 store lazada_id { cap 5 }", in_store);
    check("floor-above-cap", "cap 5 store lazada_id { floor 6 }", in_store);
    check("floor-above-cap", "floor 9 cap 9 store lazada_id { floor 6 cap 5 rate 1% }", in_store);
    check("floor-above-cap", "floor 6 cap 5 store lazada_id { cap 9 } store shopee_id { floor 2 }", &[]);
    check(
        "floor-above-cap",
        "floor 6 cap 5 store lazada_id { cap 9 }",
        &["the floor of 6 is above the cap of 5 [6]"],
    );
}
