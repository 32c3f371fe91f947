//! `unmapped-store`: a rule writes a SKU to a store in which it has no listing.

use super::Context;
use super::survey::{EXAMPLES_MAX, Taken, Worst};
use crate::catalog::Catalog;
use crate::diagnostic::{Code, Diagnostic, Level};
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

/// By store of the rule: the SKUs that have no listing there.
#[derive(Debug, Default)]
pub(super) struct Gaps(Vec<Worst<()>>);

impl Gaps {
    pub(super) fn count(&mut self, taken: &Taken<'_>) {
        let stores = &taken.rule.stores;
        self.0.resize_with(stores.len(), Worst::default);
        // Both are in the order of the stores.
        let mut listed = taken.listings.iter().map(|shown| shown.store).peekable();
        for (line, gap) in stores.iter().zip(&mut self.0) {
            let is_listed = listed.peek() == Some(&line.store);
            while listed.next_if_eq(&line.store).is_some() {}
            if !is_listed {
                gap.add((), taken.sku);
            }
        }
    }

    pub(super) fn append(&mut self, Gaps(more): Gaps) {
        // A rule that took no SKU has no stores here.
        self.0.resize_with(self.0.len().max(more.len()), Worst::default);
        self.0.iter_mut().zip(more).for_each(|(gap, more)| gap.append(more));
    }

    /// How many SKUs have no listing in each store.
    #[cfg(test)]
    pub(super) fn counts(&self) -> Vec<u64> {
        self.0.iter().map(|gap| gap.count).collect()
    }
}

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some((rules, catalog, survey)) = context.survey() else { return };
    for (rule, of_rule) in rules.rules().iter().zip(&survey.rules) {
        let Gaps(gaps) = &of_rule.unmapped;
        for (line, gap) in rule.stores.iter().zip(gaps).filter(|(_, gap)| gap.count > 0) {
            found.push(finding(context, rule, line.store, gap, catalog));
        }
    }
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    store: StoreId,
    gap: &Worst<()>,
    catalog: &Catalog,
) -> Diagnostic {
    let store = context.declared.stores.get(store.0 as usize).map_or("", String::as_str);
    let named: Vec<String> =
        gap.examples.iter().map(|&((), sku)| format!("`{}`", catalog.sku(sku))).collect();
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
