//! Warnings: one file each, one row each in [`LINTS`].

pub mod allow;
pub mod baseline;
mod beside;
mod case_only_difference;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod fix_properties;
mod floor_above_cap;
mod items;
mod lists;
mod names;
mod oversell_risk;
mod partly_shadowed_store;
mod pattern_matches_nothing;
mod precedence;
mod priority_not_above_threshold;
mod rate_hides_stock;
mod redundant_item;
mod released;
mod removal;
mod rule_has_ended;
mod shadowed_rule;
mod stock_without_as_of;
mod survey;
mod texts;
mod uncovered_sku;
pub mod unknown_sku;
mod unmapped_store;
mod unused_list;
mod useless_except;
mod virtual_stock;
mod whole_lines;

pub use survey::Survey;

use crate::catalog::Catalog;
use crate::check::Checked;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::{Declared, RuleSet, StoreId};
use crate::source::{FileId, Sources};
use crate::syntax::ast;
use crate::threads::Threads;
use jiff::Timestamp;

/// One lint.
pub struct Lint {
    /// What `explain` says of it.
    pub code: &'static Code,
    /// Adds what it finds.
    pub find: fn(&Context<'_>, &mut Vec<Diagnostic>),
}

/// Every lint, by its code.
pub static LINTS: &[Lint] = &[
    Lint { code: &unknown_sku::UNKNOWN_SKU, find: unknown_sku::find },
    Lint {
        code: &priority_not_above_threshold::PRIORITY_NOT_ABOVE_THRESHOLD,
        find: priority_not_above_threshold::find,
    },
    Lint { code: &pattern_matches_nothing::PATTERN_MATCHES_NOTHING, find: pattern_matches_nothing::find },
    Lint { code: &unmapped_store::UNMAPPED_STORE, find: unmapped_store::find },
    Lint { code: &shadowed_rule::SHADOWED_RULE, find: shadowed_rule::find },
    Lint { code: &partly_shadowed_store::PARTLY_SHADOWED_STORE, find: partly_shadowed_store::find },
    Lint { code: &redundant_item::REDUNDANT_ITEM, find: redundant_item::find },
    Lint { code: &useless_except::USELESS_EXCEPT, find: useless_except::find },
    Lint { code: &rule_has_ended::RULE_HAS_ENDED, find: rule_has_ended::find },
    Lint { code: &uncovered_sku::UNCOVERED_SKU, find: uncovered_sku::find },
    Lint { code: &released::RELEASED, find: released::find },
    Lint { code: &unused_list::UNUSED_LIST, find: unused_list::find },
    Lint { code: &oversell_risk::OVERSELL_RISK, find: oversell_risk::find },
    Lint { code: &virtual_stock::VIRTUAL_STOCK, find: virtual_stock::find },
    Lint { code: &rate_hides_stock::RATE_HIDES_STOCK, find: rate_hides_stock::find },
    Lint { code: &floor_above_cap::FLOOR_ABOVE_CAP, find: floor_above_cap::find },
    Lint { code: &case_only_difference::CASE_ONLY_DIFFERENCE, find: case_only_difference::find },
    Lint { code: &stock_without_as_of::STOCK_WITHOUT_AS_OF, find: stock_without_as_of::find },
];

/// The lints that find nothing without a catalog.
pub static OVER_CATALOG: &[&Code] = &[
    &unknown_sku::UNKNOWN_SKU,
    &pattern_matches_nothing::PATTERN_MATCHES_NOTHING,
    &unmapped_store::UNMAPPED_STORE,
    &uncovered_sku::UNCOVERED_SKU,
    &released::RELEASED,
    &oversell_risk::OVERSELL_RISK,
    &rate_hides_stock::RATE_HIDES_STOCK,
    &case_only_difference::CASE_ONLY_DIFFERENCE,
    &stock_without_as_of::STOCK_WITHOUT_AS_OF,
];

/// The lints that find nothing without [`Context::history`].
pub static OVER_HISTORY: &[&Code] = &[&released::RELEASED, &stock_without_as_of::STOCK_WITHOUT_AS_OF];

/// What is found by looking at other findings: they are judged last, and have no row in [`LINTS`].
pub static JUDGED_LAST: &[&Code] = &[&allow::UNUSED_ALLOW, &baseline::STALE_BASELINE];

/// What lints look at. Where something could not be read, the lints that need it find nothing.
pub struct Context<'a> {
    /// The rule files.
    pub files: &'a [(FileId, ast::File)],
    /// The rules as far as they are sound.
    pub checked: &'a Checked,
    /// The rules, where all are sound.
    pub rules: Option<&'a RuleSet>,
    /// The catalog, where it could be read.
    pub catalog: Option<&'a Catalog>,
    /// The texts that the files were read from.
    pub sources: &'a Sources,
    /// What the state knows, where there is one.
    pub history: Option<&'a History>,
    /// The declared names.
    pub declared: &'a Declared,
    /// The moment at which rules are judged.
    pub at: Timestamp,
    /// What the lints share: a new one for each context. It says on how many threads a large catalog is gone over.
    pub survey: Survey,
}

impl<'a> Context<'a> {
    /// What the rules make of the catalog; nothing where either could not be read.
    fn survey(&self) -> Option<(&'a RuleSet, &'a Catalog, &survey::Surveyed)> {
        let (rules, catalog) = (self.rules?, self.catalog?);
        Some((rules, catalog, self.survey.of(rules, catalog, self.at)))
    }
}

/// What is known of earlier runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The listings that we wrote last, by store and store SKU, with the units they show.
    pub written: Vec<(StoreId, String, i64)>,
    /// Whether any order is known.
    pub orders_known: bool,
}

/// Everything that the lints find whose codes are `wanted`, at their default levels, in the order of [`LINTS`].
pub fn lint(
    context: &Context<'_>,
    threads: Threads,
    wanted: impl Fn(&'static Code) -> bool,
) -> Vec<Diagnostic> {
    let wanted: Vec<&Lint> = LINTS.iter().filter(|lint| wanted(lint.code)).collect();
    let find = |lint: &Lint| {
        let mut found = Vec::new();
        (lint.find)(context, &mut found);
        found
    };
    threads.each(wanted, find).into_iter().flatten().collect()
}

/// Gives each finding its configured level, and drops those that are allowed. `level_of` is asked for warnings only: errors stay as they are.
pub fn at_levels(
    found: Vec<Diagnostic>,
    level_of: impl Fn(&'static Code) -> Option<Level>,
) -> Vec<Diagnostic> {
    let levelled = found.into_iter().map(|mut diagnostic| {
        if diagnostic.code.level != Level::Deny {
            diagnostic.level = level_of(diagnostic.code).unwrap_or(diagnostic.level);
        }
        diagnostic
    });
    levelled.filter(|diagnostic| diagnostic.level != Level::Allow).collect()
}
