//! Warnings: one file each, one row each in [`LINTS`].

pub mod allow;
pub mod baseline;
#[cfg(test)]
mod cases;
mod pattern_matches_nothing;
mod priority_not_above_threshold;
mod texts;
pub mod unknown_sku;
mod unmapped_store;

use crate::catalog::Catalog;
use crate::check::Checked;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::{Declared, RuleSet, StoreId};
use crate::source::{FileId, Sources};
use crate::syntax::ast;
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
];

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
}

/// What is known of earlier runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The listings that we wrote last, by store and store SKU, with the units they show.
    pub written: Vec<(StoreId, String, i64)>,
    /// Whether any order is known.
    pub orders_known: bool,
}

/// Everything that the lints find whose codes are `wanted`, at their default levels.
pub fn lint(context: &Context<'_>, wanted: impl Fn(&'static Code) -> bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS.iter().filter(|lint| wanted(lint.code)) {
        (lint.find)(context, &mut found);
    }
    found
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
