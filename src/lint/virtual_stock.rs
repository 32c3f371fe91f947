//! `virtual-stock`: a rule that shows more than there is.

use super::Context;
use crate::check::fields::LevelFields;
use crate::check::{Fields, Located};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::{BasisPoints, StoreId};

/// `virtual-stock`.
pub(super) static VIRTUAL_STOCK: Code = Code {
    code: "SS114",
    name: "virtual-stock",
    level: Level::Warn,
    what: "a `rate` above 100% or a `plus` above 0, in a rule that is on: a single store may show more than there is",
    why: "what is sold and not there has to be made or bought in time. Where it is, as with goods made to order, allow the warning",
    bad: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n  rate 120%\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n  rate 90%\n}",
};

const WHOLE: BasisPoints = BasisPoints(10_000);

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    // Beside a `split` these fields are an error already.
    let rules = context.checked.rules.iter().filter(|rule| rule.on && rule.fields.split.is_none());
    for rule in rules {
        let fields = &rule.fields;
        let of_stores = fields.overrides.iter().map(|block| block.levels);
        let own = fields.levels;
        let rates = own.rate.filter(|_| takes_effect(fields, |levels| levels.rate.is_some()));
        let pluses = own.plus.filter(|_| takes_effect(fields, |levels| levels.plus.is_some()));
        let rates = rates.into_iter().chain(of_stores.clone().filter_map(|levels| levels.rate));
        let pluses = pluses.into_iter().chain(of_stores.filter_map(|levels| levels.plus));
        found.extend(rates.filter_map(rate_above_whole));
        found.extend(pluses.filter_map(plus_above_zero));
    }
}

/// Whether a field of the rule itself reaches a store: not where every store has its own.
fn takes_effect(fields: &Fields, has_own: impl Fn(&LevelFields) -> bool) -> bool {
    let Some(stores) = &fields.stores else { return true };
    let own: Vec<StoreId> = fields
        .overrides
        .iter()
        .filter(|block| has_own(&block.levels))
        .filter_map(|block| block.store.map(|store| store.value))
        .collect();
    stores.value.0.iter().any(|store| !own.contains(store))
}

fn rate_above_whole(rate: Located<BasisPoints>) -> Option<Diagnostic> {
    let message = format!("a rate of {} shows more than there is", rate.value);
    let finding = Diagnostic::new(&VIRTUAL_STOCK, rate.span, message);
    (rate.value > WHOLE).then(|| finding.with_help("a rate of 100% shows all there is"))
}

fn plus_above_zero(plus: Located<u32>) -> Option<Diagnostic> {
    let units = plus.value;
    let message = format!("`plus {units}` shows {units} more than there is");
    let finding = Diagnostic::new(&VIRTUAL_STOCK, plus.span, message);
    (units > 0)
        .then(|| finding.with_help("take it out, unless the goods can be made or bought when they are sold"))
}
