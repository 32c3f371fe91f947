//! `oversell-risk`: the listings of one rule can together show more than there is.

use super::Context;
use super::survey::Worst;
use crate::catalog::{Catalog, SkuId, quoted};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::Rule;

/// `oversell-risk`.
pub(super) static OVERSELL_RISK: Code = Code {
    code: "SS113",
    name: "oversell-risk",
    level: Level::Warn,
    what: "a rule whose listings together show more of a SKU than there is, with today's stock: all stores of the rule, packs by their units, \
           bundles by their parts",
    why: "the same piece can be sold in two stores before either hears of the other. Where that is meant, because sales are slow or stock is \
          plentiful, allow the warning",
    bad: "# 10 in stock, and each store shows all 10\nrule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores shopee_id, lazada_id\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores shopee_id, lazada_id\n  split shopee_id 2, lazada_id 1\n}",
};

/// The SKUs of one rule that are shown more often than they are there.
#[derive(Debug, Default)]
pub(super) struct Oversold(Worst<Excess>);

/// How far it goes: first by the factor, then by the units too many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Excess {
    /// Shown ÷ available, in tenths, rounded up; the largest number where nothing is available.
    tenths: u128,
    /// Units shown that are not there.
    units: u128,
    available: u64,
}

impl Oversold {
    /// Counts a SKU of which `shown` units are shown. Whether that is more than there is.
    pub(super) fn count(&mut self, sku: SkuId, shown: u128, available: u64) -> bool {
        let units = shown.saturating_sub(u128::from(available));
        if units > 0 {
            let tenths = if available == 0 {
                u128::MAX
            } else {
                shown.saturating_mul(10).div_ceil(u128::from(available))
            };
            self.0.add(Excess { tenths, units, available }, sku);
        }
        units > 0
    }

    pub(super) fn append(&mut self, more: Oversold) {
        self.0.append(more.0);
    }

    /// How many SKUs there are.
    #[cfg(test)]
    pub(super) fn count_all(&self) -> u64 {
        self.0.count
    }
}

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some((rules, catalog, survey)) = context.survey() else { return };
    for (rule, of_rule) in rules.rules().iter().zip(&survey.rules) {
        found.extend(finding(rule, &of_rule.oversold, catalog));
    }
}

fn finding(rule: &Rule, Oversold(oversold): &Oversold, catalog: &Catalog) -> Option<Diagnostic> {
    let (worst, _) = oversold.examples.first()?;
    let skus = if oversold.count == 1 { "1 SKU".to_owned() } else { format!("{} SKUs", oversold.count) };
    let far = if worst.available == 0 {
        format!("stock of {skus} that is not there")
    } else {
        format!("up to {} the stock of {skus}", factor(worst))
    };
    let named = oversold.list(|excess, sku| {
        let shown = excess.units.saturating_add(u128::from(excess.available));
        format!("{} ({shown} of {})", quoted(catalog.sku(sku)), excess.available)
    });
    let message = format!("the listings of rule `{}` together show {far}: {named}", rule.name);
    let help = if rule.split.is_some() {
        "`split` shares one pool for each SKU; packs and bundles draw on it once more: give them a rule of their own, or a lower `rate`"
    } else {
        "`split` lets the stores share one pool; a lower `rate` or a `reserve` leaves less to be sold twice"
    };
    Some(Diagnostic::new(&OVERSELL_RISK, rule.head, message).with_help(help))
}

/// `2.4×`.
fn factor(excess: &Excess) -> String {
    format!("{}.{}×", excess.tenths / 10, excess.tenths % 10)
}
