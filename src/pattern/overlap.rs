//! Whether some SKU, in the catalog or not, is in two lists.

use super::automaton::Walk;
use super::formula::Formula;
use super::meet::{by_char, meetings, plainly_apart};
use super::{Matcher, Part, Pattern, Scratch, SkuSet, SkuTerm};
use hashbrown::HashSet;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is known of two lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Overlap {
    /// No SKU can be in both.
    Disjoint,
    /// This SKU is in both.
    Witness(String),
    /// Their exceptions are so many, and so tangled, that the search was given up.
    Unknown,
}

/// Whether any possible SKU is in both lists: exact, but for `Unknown`.
///
/// Literals are tried one by one. Every other common SKU is taken by a wildcard pattern of each list; for each
/// such pair a few readable SKUs are tried, and where exceptions take them all, the pair is walked as an
/// automaton together with these exceptions. Only that walk can be too large: beyond 200,000 states.
pub fn overlap(a: &SkuSet, b: &SkuSet) -> Overlap {
    let (of_a, of_b) = (Reach::of(a), Reach::of(b));
    let mut both = Both::new(a, b);
    if let Some(sku) = of_a.shared(&of_b).chain(of_b.shared(&of_a)).find(|sku| both.take(sku)) {
        return Overlap::Witness(sku.to_owned());
    }
    let mut hard = Vec::new();
    for (p, q) in of_a.globs.iter().flat_map(|p| of_b.globs.iter().map(move |q| (*p, *q))) {
        match meet(p, q, &mut both) {
            Overlap::Disjoint => {}
            Overlap::Unknown => hard.push((p, q)),
            witness @ Overlap::Witness(_) => return witness,
        }
    }
    if hard.is_empty() { Overlap::Disjoint } else { search(&hard, &mut both) }
}

/// What is known of a list and some others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cover {
    /// Every SKU of the list is in one of the others.
    Proved,
    /// This SKU is in the list and in none of the others.
    Witness(String),
    /// As for two lists, the search was given up.
    Unknown,
}

/// Whether every possible SKU of a list is in at least one of the others; as exact as [`overlap`].
pub fn covered(a: &SkuSet, by: &[&SkuSet]) -> Cover {
    let except = by.iter().map(|set| SkuTerm::Set(Arc::new((*set).clone()))).collect();
    match overlap(a, &SkuSet { terms: vec![SkuTerm::All], except }) {
        Overlap::Disjoint => Cover::Proved,
        Overlap::Witness(sku) => Cover::Witness(sku),
        Overlap::Unknown => Cover::Unknown,
    }
}

/// A wildcard pattern; none is "all".
type Glob<'a> = Option<&'a Pattern>;

/// By what a list may take a SKU, exceptions aside.
#[derive(Default)]
struct Reach<'a> {
    literals: Vec<&'a str>,
    hashed: HashSet<&'a str, foldhash::fast::RandomState>,
    globs: Vec<Glob<'a>>,
}

impl<'a> Reach<'a> {
    fn of(root: &'a SkuSet) -> Self {
        let mut seen: BTreeSet<*const SkuSet> = BTreeSet::new();
        let mut known: BTreeSet<Glob<'_>> = BTreeSet::new();
        let mut reach = Self::default();
        let mut open = vec![root];
        while let Some(set) = open.pop() {
            for term in &set.terms {
                let glob = match term {
                    SkuTerm::Set(inner) => {
                        open.extend(seen.insert(&raw const **inner).then_some(&**inner));
                        continue;
                    }
                    SkuTerm::Pattern(pattern) => Some(pattern),
                    SkuTerm::All => None,
                };
                if let Some(sku) = glob.and_then(Pattern::literal) {
                    reach.literals.extend(reach.hashed.insert(sku).then_some(sku));
                } else if known.insert(glob) {
                    reach.globs.push(glob);
                }
            }
        }
        reach
    }

    /// Its literals that the other may take too.
    fn shared(&self, other: &Self) -> impl Iterator<Item = &'a str> {
        let takes = |glob: &Glob<'_>, sku: &str| glob.is_none_or(|glob| glob.matches(sku));
        let shared =
            move |sku: &&str| other.hashed.contains(sku) || other.globs.iter().any(|glob| takes(glob, sku));
        self.literals.iter().copied().filter(shared)
    }
}

/// Asks both lists for the same SKU.
struct Both<'a> {
    a: &'a SkuSet,
    b: &'a SkuSet,
    asked: usize,
    matchers: Option<[Matcher; 2]>,
    scratch: Scratch,
}

/// After so many questions it pays to compile the lists.
const ASKED_PLAINLY_MAX: usize = 64;

impl<'a> Both<'a> {
    fn new(a: &'a SkuSet, b: &'a SkuSet) -> Self {
        Self { a, b, asked: 0, matchers: None, scratch: Scratch::default() }
    }

    fn take(&mut self, sku: &str) -> bool {
        self.asked += 1;
        if sku.is_empty() {
            return false;
        }
        if self.asked <= ASKED_PLAINLY_MAX {
            return self.a.matches(sku) && self.b.matches(sku);
        }
        let (a, b) = (self.a, self.b);
        let matchers = self.matchers.get_or_insert_with(|| [a, b].map(|set| Matcher::new(&[(0, set)])));
        matchers.iter().all(|matcher| matcher.first(sku, &mut self.scratch).is_some())
    }
}

/// What can be told of two patterns by a few SKUs that both match.
fn meet(p: Glob<'_>, q: Glob<'_>, both: &mut Both<'_>) -> Overlap {
    let parts = |glob: Glob<'_>| glob.map_or_else(|| vec![Part::Any], by_char);
    if p.zip(q).is_some_and(|(p, q)| plainly_apart(&p.parts, &q.parts)) {
        return Overlap::Disjoint;
    }
    let mut met = Overlap::Disjoint;
    for sku in meetings(&parts(p), &parts(q)) {
        met = Overlap::Unknown;
        if both.take(&sku) {
            return Overlap::Witness(sku);
        }
    }
    met
}

/// Looks for a SKU that two patterns of the two lists match and that no exception takes.
fn search(pairs: &[(Glob<'_>, Glob<'_>)], both: &mut Both<'_>) -> Overlap {
    // A literal may be in a list by an exception's exception; once all are tried, they only take away.
    let literals: BTreeSet<&str> =
        both.a.patterns().chain(both.b.patterns()).filter_map(Pattern::literal).collect();
    if let Some(sku) = literals.iter().find(|sku| both.take(sku)) {
        return Overlap::Witness((*sku).to_owned());
    }
    let literals: Vec<&str> = literals.into_iter().collect();
    let formula = Formula::new(both.a, both.b);
    let mut so_far = Overlap::Disjoint;
    for (p, q) in pairs {
        match formula.decide(*p, *q, &literals) {
            Walk::Found(sku) if both.take(&sku) => return Overlap::Witness(sku),
            Walk::Nothing => {}
            Walk::Found(_) | Walk::TooLarge => so_far = Overlap::Unknown,
        }
    }
    so_far
}

#[cfg(test)]
#[path = "overlap_tests.rs"]
mod tests;
