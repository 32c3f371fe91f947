//! `released`: listings that were written last and that no rule takes any more.

use super::Context;
use crate::catalog::quoted;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::StoreId;

/// `released`.
pub(super) static RELEASED: Code = Code {
    code: "SS111",
    name: "released",
    level: Level::Warn,
    what: "listings that were written before and that no rule takes any more: a window is over, a rule is off or gone, a mapping has moved. \
           `plan` lists each of them as a problem of the same name",
    why: "they keep the number that was written last, while the stock goes on changing",
    bad: "# written by this rule until it was switched off, and taken by no other\nrule \"Old stock\" off {\n  order 1\n  skus \"OLD-*\"\n  warehouses all\n  stores outlet\n}",
    good: "rule \"Old stock\" {\n  order 1\n  skus \"OLD-*\"\n  warehouses all\n  stores outlet\n  cap 0\n}",
};

/// So many listings are named.
const EXAMPLES_MAX: usize = 3;

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(history) = context.history else { return };
    let mut count = 0;
    let mut named = Vec::new();
    for (store, store_sku, written) in &history.written {
        match is_taken(context, *store, store_sku) {
            None => return,
            Some(true) => continue,
            Some(false) => count += 1,
        }
        if named.len() < EXAMPLES_MAX {
            let store = context.declared.stores.get(usize::from(store.0)).map_or("", String::as_str);
            named.push(format!("{} in `{store}` ({written})", quoted(store_sku)));
        }
    }
    if count == 0 {
        return;
    }
    let more = if count > EXAMPLES_MAX { ", …" } else { "" };
    let (listings, keep) = if count == 1 { ("listing", "keeps") } else { ("listings", "keep") };
    let message = format!(
        "{count} {listings} that no rule takes any more {keep} the number that was written last: {}{more}",
        named.join(", ")
    );
    let help = "let a rule take them (`cap 0` shows nothing), or set them by hand in the store";
    found.push(Diagnostic::new(&RELEASED, None, message).with_help(help));
}

/// Whether a rule gives the listing a number, as it does in a plan. `None` where that is not known.
fn is_taken(context: &Context<'_>, store: StoreId, store_sku: &str) -> Option<bool> {
    let (rules, catalog, survey) = context.survey()?;
    let rule = catalog
        .find_listing(store, store_sku)
        .and_then(|listing| survey.winner(catalog.listing_sku(listing)))
        .and_then(|rank| rules.rules().get(rank));
    Some(rule.is_some_and(|rule| rule.stores.iter().any(|line| line.store == store)))
}
