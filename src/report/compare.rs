//! What differs between two sets of rules, in every format of `diff`.

mod json;
mod md;
mod table;

use super::Color;
use crate::catalog::Catalog;
use crate::compare::{Comparison, Difference, Effect, Given};
use crate::rules::RuleSet;
use crate::source::Sources;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One of the two sides.
pub struct Side<'a> {
    /// What it is called: `main`, `the working tree`.
    pub name: &'a str,
    /// The commit, where it is one.
    pub commit: Option<&'a str>,
    /// Its rules.
    pub rules: &'a RuleSet,
    /// Their texts.
    pub sources: &'a Sources,
}

/// Everything that a comparison is shown from.
pub struct CompareReport<'a> {
    /// The older side.
    pub old: Side<'a>,
    /// The newer side.
    pub new: Side<'a>,
    /// What differs.
    pub comparison: &'a Comparison,
    /// The catalog that both were held against.
    pub catalog: &'a Catalog,
    /// The stores' names, numbered like the catalog's.
    pub stores: &'a [String],
    /// For which moment.
    pub at: Timestamp,
    /// The limits that are exceeded, in words.
    pub exceeded: &'a [String],
    /// Whether the terminal shows colours.
    pub color: Color,
    /// How many columns the terminal has.
    pub width: usize,
}

/// One format of comparisons.
pub struct CompareFormat {
    /// As it is named on the command line.
    pub name: &'static str,
    /// Writes a comparison.
    pub render: fn(&CompareReport, &mut dyn Write) -> io::Result<()>,
}

/// Every format of comparisons; the first is the default.
pub static COMPARE_FORMATS: &[CompareFormat] = &[
    CompareFormat { name: "table", render: table::render },
    CompareFormat { name: "md", render: md::render },
    CompareFormat { name: "json", render: json::render },
];

/// A rule, with the place of its head.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Origin<'a> {
    rule: &'a str,
    file: &'a str,
    line: u32,
}

impl<'a> Side<'a> {
    fn origin(&self, given: Option<Given>) -> Option<Origin<'a>> {
        let rule = self.rules.rules().get(given?.rule)?;
        let source = self.sources.get(rule.head.file);
        Some(Origin { rule: &rule.name, file: source.path(), line: source.position(rule.head.start).line })
    }
}

/// Listings that one pair of rules moves in one way.
struct Group<'a> {
    effect: Effect,
    old: Option<Origin<'a>>,
    new: Option<Origin<'a>>,
    count: u64,
}

impl<'a> CompareReport<'a> {
    fn store(&self, row: &Difference) -> &'a str {
        let store = self.catalog.listing_store(row.listing);
        self.stores.get(usize::from(store.0)).map_or("", String::as_str)
    }

    fn origins(&self, row: &Difference) -> (Option<Origin<'a>>, Option<Origin<'a>>) {
        (self.old.origin(row.old), self.new.origin(row.new))
    }

    /// The worst effect first, then the most listings.
    fn groups(&self) -> Vec<Group<'a>> {
        type Pair = (Effect, (Option<usize>, Option<usize>));
        let mut counts: BTreeMap<Pair, u64> = BTreeMap::new();
        for row in &self.comparison.rows {
            let rules = (row.old.map(|given| given.rule), row.new.map(|given| given.rule));
            *counts.entry((row.effect(), rules)).or_default() += 1;
        }
        let given = |rule| Given { quantity: 0, reason: crate::plan::Reason::Rate, rule };
        let group = |((effect, (old, new)), count): (Pair, u64)| Group {
            effect,
            old: self.old.origin(old.map(given)),
            new: self.new.origin(new.map(given)),
            count,
        };
        let mut groups: Vec<Group<'a>> = counts.into_iter().map(group).collect();
        groups.sort_by_key(|group| (group.effect, std::cmp::Reverse(group.count)));
        groups
    }

    /// What is said where no number differs.
    fn nothing(&self) -> &'static str {
        if self.old.rules.version() == self.new.rules.version() {
            "no change: the rules mean the same"
        } else {
            "no change: the rules differ, and no number does with today's stock"
        }
    }
}

/// For people.
fn title(effect: Effect) -> &'static str {
    match effect {
        Effect::ToZero => "to zero",
        Effect::Lower => "lower",
        Effect::Raise => "raise",
        Effect::LeftAlone => "left alone",
        Effect::Taken => "taken",
    }
}

fn quantity(given: Option<Given>) -> String {
    given.map_or_else(|| "none".to_owned(), |given| given.quantity.to_string())
}

/// A version or commit as people cite it.
fn short(hash: &str) -> &str {
    let hash = hash.strip_prefix("sha256:").unwrap_or(hash);
    hash.get(..12).unwrap_or(hash)
}

#[cfg(test)]
mod tests;
