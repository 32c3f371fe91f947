//! Which rules, fields and branches the tests reached.

mod branches;
#[cfg(test)]
mod tests;

use super::{Ground, TestResult};
use crate::check::{CheckedRule, Fields};
use crate::rules::Rule;
use crate::source::Span;
use branches::{Way, reachable, reached, written};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the tests reached of the rules that are on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// The rules, in the order of the text.
    pub rules: Vec<RuleCoverage>,
}

/// What the tests reached of one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleCoverage {
    /// The rule's name.
    pub name: String,
    /// Where its head stands.
    pub head: Span,
    /// Whether it took a SKU that a test expects something of.
    pub reached: bool,
    /// The branches of its fields, in the order of the text.
    pub branches: Vec<Branch>,
}

/// One way that a number can go because of a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Branch {
    /// The field's key: `threshold`.
    pub field: &'static str,
    /// The store, where the field stands in a store's block.
    pub store: Option<String>,
    /// Which way: `below`.
    pub name: &'static str,
    /// What is missing where no test went it: `no stock below it`.
    pub missing: &'static str,
    /// Where the field stands.
    pub span: Span,
    /// Whether a test went it.
    pub state: State,
}

/// Whether a test went a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// A test did.
    Reached,
    /// No test did.
    Missed,
    /// No stock goes it, so that no test could: `reserve 0`, or a rate that every store overrides. It is not counted.
    Impossible,
}

/// How many there are, and how many were reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Those that a test reached.
    pub reached: usize,
    /// All.
    pub total: usize,
}

impl Coverage {
    /// What `results` reached of `checked`, the rules as they were read.
    pub fn of(checked: &[CheckedRule], ground: Ground<'_>, results: &[TestResult<'_>]) -> Self {
        let mut went = Went::new(checked, ground);
        results.iter().flat_map(|result| &result.visits).for_each(|visit| went.note(visit));
        let on = checked.iter().filter(|rule| rule.on);
        Self { rules: on.filter_map(|rule| went.rule(rule)).collect() }
    }

    /// The rules.
    pub fn rules(&self) -> Count {
        Count::of(self.rules.iter().map(|rule| rule.reached))
    }

    /// The fields: one is reached where any of its branches is.
    pub fn fields(&self) -> Count {
        Count::of(self.rules.iter().flat_map(RuleCoverage::fields).map(|field| field.is_reached))
    }

    /// The branches.
    pub fn branches(&self) -> Count {
        let branches = self.rules.iter().flat_map(|rule| &rule.branches);
        let possible = branches.filter(|branch| branch.state != State::Impossible);
        Count::of(possible.map(|branch| branch.state == State::Reached))
    }
}

impl Count {
    fn of(reached: impl Iterator<Item = bool>) -> Self {
        reached.fold(Self::default(), |count, reached| Self {
            reached: count.reached + usize::from(reached),
            total: count.total + 1,
        })
    }
}

/// A field with the branches that can be gone.
pub struct FieldCoverage<'a> {
    /// Its branches; never empty.
    pub branches: Vec<&'a Branch>,
    /// Whether a test went any of them.
    pub is_reached: bool,
}

impl RuleCoverage {
    /// The fields that make a difference, in the order of the text.
    pub fn fields(&self) -> Vec<FieldCoverage<'_>> {
        let possible = self.branches.iter().filter(|branch| branch.state != State::Impossible);
        let branches: Vec<&Branch> = possible.collect();
        let fields = branches.chunk_by(|a, b| (a.field, &a.store) == (b.field, &b.store));
        fields
            .map(|branches| FieldCoverage {
                branches: branches.to_vec(),
                is_reached: branches.iter().any(|branch| branch.state == State::Reached),
            })
            .collect()
    }
}

/// The ways that were gone, rule by rule.
struct Went<'a> {
    ground: Ground<'a>,
    fields: HashMap<&'a str, &'a Fields>,
    ranks: HashMap<&'a str, usize>,
    taken: BTreeSet<usize>,
    ways: BTreeMap<usize, BTreeSet<Way>>,
}

impl<'a> Went<'a> {
    fn new(checked: &'a [CheckedRule], ground: Ground<'a>) -> Self {
        let rules = ground.rules.rules().iter().enumerate();
        Self {
            ground,
            fields: checked.iter().map(|rule| (rule.name.text.as_str(), &rule.fields)).collect(),
            ranks: rules.map(|(rank, rule)| (rule.name.as_str(), rank)).collect(),
            taken: BTreeSet::new(),
            ways: BTreeMap::new(),
        }
    }

    fn note(&mut self, visit: &super::Visit) {
        for &rank in &visit.outside {
            self.ways.entry(rank).or_default().insert(Way::OUTSIDE);
        }
        let Some(rank) = visit.winner else { return };
        self.taken.insert(rank);
        let Some((rule, fields)) = self.rule_at(rank) else { return };
        let ways = self.ways.entry(rank).or_default();
        for (store, working) in &visit.numbers {
            reached(rule, fields, *store, visit.available, working, ways);
        }
    }

    fn rule_at(&self, rank: usize) -> Option<(&'a Rule, &'a Fields)> {
        let rule = self.ground.rules.rules().get(rank)?;
        Some((rule, self.fields.get(rule.name.as_str()).copied()?))
    }

    fn rule(&self, checked: &CheckedRule) -> Option<RuleCoverage> {
        let rank = *self.ranks.get(checked.name.text.as_str())?;
        let (rule, fields) = self.rule_at(rank)?;
        let none = BTreeSet::new();
        let went = self.ways.get(&rank).unwrap_or(&none);
        let possible = reachable(rule, fields);
        let branch = |(way, span): (Way, Span)| Branch {
            field: way.turn.field(),
            store: way.store.and_then(|id| self.ground.declared.stores.get(usize::from(id.0)).cloned()),
            name: way.turn.name(),
            missing: way.turn.missing(),
            span,
            state: match (went.contains(&way), possible.contains(&way)) {
                (true, _) => State::Reached,
                (false, true) => State::Missed,
                (false, false) => State::Impossible,
            },
        };
        let mut branches: Vec<Branch> = written(fields).into_iter().map(branch).collect();
        branches.sort_by_key(|branch| branch.span);
        Some(RuleCoverage {
            name: rule.name.clone(),
            head: rule.head,
            reached: self.taken.contains(&rank),
            branches,
        })
    }
}
