//! `uncovered-sku`: SKUs that no rule takes.

use super::Context;
use crate::catalog::{Catalog, SkuId, quoted};
use crate::diagnostic::{Code, Diagnostic, Level};

/// `uncovered-sku`.
pub(super) static UNCOVERED_SKU: Code = Code {
    code: "SS110",
    name: "uncovered-sku",
    level: Level::Warn,
    what: "SKUs of the catalog that no rule takes; a part of a bundle that has no listing of its own is not counted",
    why: "nothing is ever written for them: what the stores show of them is what somebody once typed there",
    bad: "# skus.csv has NIKE-AIR-42 and SOAP\nrule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n}\n\nrule \"The rest\" {\n  order 2\n  skus all\n  warehouses all\n  stores all\n}",
};

/// Whether a SKU that no rule takes counts: what is sold in bundles alone is sold all the same.
pub(super) fn counts(catalog: &Catalog, sku: SkuId, is_part: bool) -> bool {
    !is_part || !catalog.listings_of_sku(sku).is_empty()
}

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some((rules, catalog, survey)) = context.survey() else { return };
    let uncovered = &survey.uncovered;
    // Where there is no rule at all, that is what there is to say.
    if rules.rules().is_empty() || uncovered.count == 0 {
        return;
    }
    let named = uncovered.list(|stock, sku| format!("{} ({stock} in stock)", quoted(catalog.sku(sku))));
    let (skus, are) = if uncovered.count == 1 { ("SKU", "is") } else { ("SKUs", "are") };
    let message = format!("{} {skus} {are} taken by no rule: {named}", uncovered.count);
    let help = "add them to a rule, or let a last rule take `all`";
    found.push(Diagnostic::new(&UNCOVERED_SKU, None, message).with_help(help));
}
