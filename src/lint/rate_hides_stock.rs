//! `rate-hides-stock`: SKUs in stock that no store shows, because the rate leaves less than one.

use super::Context;
use super::survey::{Shown, Taken, Worst};
use crate::catalog::{Catalog, quoted};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::plan::Reason;
use crate::rules::Rule;

/// `rate-hides-stock`.
pub(super) static RATE_HIDES_STOCK: Code = Code {
    code: "SS115",
    name: "rate-hides-stock",
    level: Level::Warn,
    what: "SKUs in stock that every listing of a rule shows as 0, because the rate and its rounding, or the shares of a `split`, leave less than \
           one to sell; what the threshold, the reserve, a cap or a priority keeps back is not counted",
    why: "the goods lie in the warehouse and cannot be bought anywhere, which nobody has asked for in so many units",
    bad: "# 3 in stock: a quarter of 3, rounded down, is 0\nrule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores shopee_id\n  rate 25%\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores shopee_id\n  rate 25%\n  round up\n}",
};

/// The SKUs of one rule that no store shows, by what is available of them.
#[derive(Debug, Default)]
pub(super) struct Hidden(Worst<u64>);

impl Hidden {
    pub(super) fn count(&mut self, taken: &Taken<'_>) {
        let hidden = taken.listings.iter().any(hides);
        if hidden && taken.listings.iter().all(|shown| shown.planned == 0) {
            self.0.add(taken.available, taken.sku);
        }
    }

    pub(super) fn append(&mut self, more: Hidden) {
        self.0.append(more.0);
    }
}

/// Whether a listing shows 0 although what may be sold is enough for one of it, and no cap forbids it.
fn hides(shown: &Shown) -> bool {
    let by_rate = match shown.reason {
        Reason::Rate | Reason::Priority | Reason::Split | Reason::Floor => true,
        Reason::BelowThreshold
        | Reason::HeldForPriority
        | Reason::Cap
        | Reason::StoreLimit
        | Reason::Released => false,
    };
    by_rate && shown.planned == 0 && shown.sellable >= shown.units.max(1)
}

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some((rules, catalog, survey)) = context.survey() else { return };
    for (rule, of_rule) in rules.rules().iter().zip(&survey.rules) {
        if of_rule.hidden.0.count > 0 {
            found.push(finding(rule, &of_rule.hidden, catalog));
        }
    }
}

fn finding(rule: &Rule, Hidden(hidden): &Hidden, catalog: &Catalog) -> Diagnostic {
    let named = hidden.list(|available, sku| format!("{} ({available} available)", quoted(catalog.sku(sku))));
    let (skus, are) = if hidden.count == 1 { ("SKU", "is") } else { ("SKUs", "are") };
    let message = format!(
        "{} {skus} of rule `{}` {are} in stock and shown in no store: {named}",
        hidden.count, rule.name
    );
    let help = if rule.split.is_some() {
        "give a store that lists them a larger weight, or take them out of the rule"
    } else {
        "`round up` or a `floor` shows the last pieces; a `threshold` says that they are not for sale"
    };
    Diagnostic::new(&RATE_HIDES_STOCK, rule.head, message).with_help(help)
}
