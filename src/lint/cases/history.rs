//! What earlier runs wrote and know.

use super::{Case, check_one};
use crate::lint::History;
use crate::rules::StoreId;

fn written(rows: &[(u16, &str, i64)]) -> Case<'static> {
    let written = rows.iter().map(|&(store, sku, units)| (StoreId(store), sku.to_owned(), units)).collect();
    Case { history: Some(History { written, orders_known: false }), ..Case::default() }
}

#[test]
fn released() {
    let nike = "rule \"R\" { order 1 skus \"NIKE-*\" warehouses all stores lazada_id }";
    let case = written(&[(0, "a", 4), (0, "d", 0), (0, "gone", 7), (1, "b", 5), (1, "x", 9)]);
    let found = "4 listings that no rule takes any more keep the number that was written last: `a` in `shopee_id` (4), `d` in `shopee_id` (0), `gone` in `shopee_id` (7), … []";
    check_one("released", nike, &case, &[found]);
    let one = "1 listing that no rule takes any more keeps the number that was written last: `d` in `shopee_id` (3) []";
    check_one("released", nike, &written(&[(1, "b", 5), (0, "d", 3)]), &[one]);
    let off = "rule \"R\" off { order 1 skus all warehouses all stores all }";
    let one = "1 listing that no rule takes any more keeps the number that was written last: `b` in `lazada_id` (5) []";
    check_one("released", off, &written(&[(1, "b", 5)]), &[one]);
    check_one("released", nike, &written(&[(1, "b", 5)]), &[]);
    check_one("released", off, &Case::default(), &[]);
}

#[test]
fn stock_without_as_of() {
    let orders = |orders_known| Case {
        stock: &[("SOAP", "jakarta", 1)],
        history: Some(History { orders_known, ..History::default() }),
        ..Case::default()
    };
    let found = "orders are known, and the stock table does not say in every row since when it is true []";
    check_one("stock-without-as-of", "", &orders(true), &[found]);
    check_one("stock-without-as-of", "", &orders(false), &[]);
    check_one("stock-without-as-of", "", &Case { stock: &[], ..orders(true) }, &[]);
}
