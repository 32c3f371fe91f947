//! `unmapped-store`: a rule writes a SKU to a store in which it has no listing.

use super::Context;
use crate::catalog::{Catalog, SkuId};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::eval::Candidates;
use crate::pattern::Scratch;
use crate::rules::{Rule, StoreId};

/// `unmapped-store`.
pub(super) static UNMAPPED_STORE: Code = Code {
    code: "SS104",
    name: "unmapped-store",
    level: Level::Warn,
    what: "a rule names a store in which SKUs that it takes have no listing",
    why: "nothing is written there: the mapping was forgotten, or the goods are not meant for that store",
    bad: "# mappings.csv has SOAP in shopee_id alone\nrule \"Soap\" {\n  order 1\n  skus \"SOAP\"\n  warehouses all\n  stores shopee_id, lazada_id\n}",
    good: "rule \"Soap\" {\n  order 1\n  skus \"SOAP\"\n  warehouses all\n  stores shopee_id\n}",
};

/// So many SKUs are named.
const EXAMPLES_MAX: usize = 3;

#[derive(Default)]
struct Gap {
    count: u64,
    examples: Vec<SkuId>,
}

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(rules), Some(catalog)) = (context.rules, context.catalog) else { return };
    let candidates = Candidates::new(rules, context.at);
    let mut scratch = Scratch::default();
    let mut gaps: Vec<Vec<Gap>> =
        rules.rules().iter().map(|rule| rule.stores.iter().map(|_| Gap::default()).collect()).collect();
    for sku in (0..catalog.sku_count() as u32).map(SkuId) {
        let Some(rank) = candidates.winner(catalog.sku(sku), &mut scratch) else { continue };
        if let (Some(rule), Some(gaps)) = (rules.rules().get(rank), gaps.get_mut(rank)) {
            count(catalog, sku, rule, gaps);
        }
    }
    for (rule, gaps) in rules.rules().iter().zip(&gaps) {
        for (line, gap) in rule.stores.iter().zip(gaps).filter(|(_, gap)| gap.count > 0) {
            found.push(finding(context, rule, line.store, gap, catalog));
        }
    }
}

fn count(catalog: &Catalog, sku: SkuId, rule: &Rule, gaps: &mut [Gap]) {
    let listings = catalog.listings_of_sku(sku);
    for (line, gap) in rule.stores.iter().zip(gaps) {
        if listings.iter().any(|&listing| catalog.listing_store(listing) == line.store) {
            continue;
        }
        gap.count += 1;
        if gap.examples.len() < EXAMPLES_MAX {
            gap.examples.push(sku);
        }
    }
}

fn finding(context: &Context<'_>, rule: &Rule, store: StoreId, gap: &Gap, catalog: &Catalog) -> Diagnostic {
    let store = context.declared.stores.get(store.0 as usize).map_or("", String::as_str);
    let named: Vec<String> = gap.examples.iter().map(|&sku| format!("`{}`", catalog.sku(sku))).collect();
    let (what, have) = if gap.count == 1 { ("SKU", "has") } else { ("SKUs", "have") };
    let more = if gap.count > EXAMPLES_MAX as u64 { " …" } else { "" };
    let message = format!(
        "{} {what} of rule `{}` {have} no listing in store `{store}`: {}{more}",
        gap.count,
        rule.name,
        named.join(", ")
    );
    let held = rule.priority.is_some_and(|priority| {
        context.declared.stores.get(priority.store.0 as usize).is_some_and(|name| name == store)
    });
    let help = if held {
        format!(
            "map them in the mappings table, or take `{store}` out of the rule: while priority holds for it, nobody sells them"
        )
    } else {
        format!("map them in the mappings table, or take `{store}` out of the rule for them")
    };
    Diagnostic::new(&UNMAPPED_STORE, rule.head, message).with_help(help)
}
