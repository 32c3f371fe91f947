//! `stock-without-as-of`: orders are known, and the stock does not say since when it is true.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Level};

/// `stock-without-as-of`.
pub(super) static STOCK_WITHOUT_AS_OF: Code = Code {
    code: "SS118",
    name: "stock-without-as-of",
    level: Level::Warn,
    what: "orders are known to the state, and rows of the stock table do not say since when they are true",
    why: "whether an order is in the number already or has to be taken off is then judged by the time at which the file was changed",
    bad: "sku,warehouse,available\nNIKE-AIR-42,jakarta,12",
    good: "sku,warehouse,available,as_of\nNIKE-AIR-42,jakarta,12,2026-11-27T06:00:00+07:00",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(catalog), Some(history)) = (context.catalog, context.history) else { return };
    if history.orders_known && !catalog.stock_has_as_of() {
        let message = "orders are known, and the stock table does not say in every row since when it is true";
        let help = "write the moment of each count into the column `as_of`";
        found.push(Diagnostic::new(&STOCK_WITHOUT_AS_OF, None, message).with_help(help));
    }
}
