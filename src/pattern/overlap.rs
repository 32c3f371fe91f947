//! Whether some SKU, in the catalog or not, is in one list and another, and outside of others.

use super::automaton::Walk;
use super::formula::Formula;
use super::gone::Left;
use super::meet::{meetings, plainly_apart};
use super::reach::{Glob, Reach};
use super::sign::Sign;
use super::{Matcher, Part, Pattern, Scratch, SkuSet};
use std::cell::LazyCell;
use std::collections::BTreeSet;

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

/// The SKUs that are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// In this list …
    pub within: &'a SkuSet,
    /// … and in this one, where there is one …
    pub and: Option<&'a SkuSet>,
    /// … and in none of these.
    pub outside: &'a [&'a SkuSet],
}

/// How much may be searched before it is given up, over any number of searches.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    left: u64,
}

impl Effort {
    /// So many steps; a hundred million are some seconds.
    pub fn new(steps_max: u64) -> Self {
        Self { left: steps_max }
    }

    /// Whether so many steps were left.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        let left = self.left.checked_sub(steps as u64);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

/// Two lists are searched with this much.
const STEPS_MAX: u64 = 400_000_000;
/// What it takes to try the SKUs that come to mind for two patterns.
const MEET_STEPS: usize = 100;

/// Whether any possible SKU is in both lists; see [`find`].
pub fn overlap(a: &SkuSet, b: &SkuSet) -> Overlap {
    find(&Sought { within: a, and: Some(b), outside: &[] }, &mut Effort::new(STEPS_MAX))
}

/// A possible SKU of those that are sought: exact, but for `Unknown`.
///
/// Literals are tried one by one. Every other common SKU is taken by a wildcard pattern of each list; for each
/// such pair that is not plainly apart or excepted a few readable SKUs are tried, and where exceptions take them all, the
/// pair is walked as an automaton together with these exceptions. Only that walk can be too large: beyond 200,000 states, or beyond
/// what is left of the effort.
pub fn find(sought: &Sought<'_>, effort: &mut Effort) -> Overlap {
    if !effort.spend(MEET_STEPS.saturating_mul(1 + sought.outside.len() / 4)) {
        return Overlap::Unknown;
    }
    let of_a = Reach::of(sought.within);
    let of_b = sought.and.map_or_else(Reach::all, Reach::of);
    let mut all = All::new(sought);
    if let Some(sku) = of_a.shared(&of_b).chain(of_b.shared(&of_a)).find(|sku| all.take(sku)) {
        return Overlap::Witness(sku.to_owned());
    }
    let left = LazyCell::new(|| Left::of(sought));
    let mut hard = Vec::new();
    for (p, q) in of_a.globs.iter().flat_map(|p| of_b.globs.iter().map(move |q| (*p, *q))) {
        if !effort.spend(MEET_STEPS) {
            return Overlap::Unknown;
        }
        let apart = p.zip(q).is_some_and(|(p, q)| plainly_apart(&p.parts, &q.parts));
        if apart || left.as_ref().is_some_and(|left| !left.has(p, q)) {
            continue;
        }
        match meet(p, q, &mut all) {
            Overlap::Disjoint => {}
            Overlap::Unknown => hard.push((p, q)),
            witness @ Overlap::Witness(_) => return witness,
        }
    }
    if hard.is_empty() { Overlap::Disjoint } else { search(&hard, &mut all, effort) }
}

/// Whether the SKU of two wildcard patterns comes to mind at once: the one in which no `*` stands for anything. [`find`] gives a witness where
/// this is so, and takes as much effort.
pub(crate) fn meet_at_once(p: &Pattern, q: &Pattern, effort: &mut Effort) -> bool {
    let is_wild = |pattern: &Pattern| pattern.literal().is_none();
    if !(is_wild(p) && is_wild(q)) {
        return false;
    }
    let sku = q.shortest();
    let met = !sku.is_empty() && p.matches(&sku);
    if met {
        effort.spend(2 * MEET_STEPS);
    }
    met
}

/// Asks all lists for the same SKU.
struct All<'a> {
    sought: Sought<'a>,
    asked: usize,
    matchers: Option<Matchers>,
    scratch: Scratch,
}

/// After so many questions it pays to compile the lists.
const ASKED_PLAINLY_MAX: usize = 64;

struct Matchers {
    all_of: Vec<Matcher>,
    none_of: Matcher,
}

impl<'a> All<'a> {
    fn new(sought: &Sought<'a>) -> Self {
        Self { sought: *sought, asked: 0, matchers: None, scratch: Scratch::default() }
    }

    fn take(&mut self, sku: &str) -> bool {
        self.asked += 1;
        if sku.is_empty() {
            return false;
        }
        let Sought { within, and, outside } = self.sought;
        if self.asked <= ASKED_PLAINLY_MAX {
            return within.matches(sku)
                && and.is_none_or(|and| and.matches(sku))
                && !outside.iter().any(|set| set.matches(sku));
        }
        let compile = || Matchers {
            all_of: [Some(within), and].iter().flatten().map(|set| Matcher::new(&[(0, set)])).collect(),
            none_of: Matcher::new(&outside.iter().map(|set| (0, *set)).collect::<Vec<_>>()),
        };
        let matchers = self.matchers.get_or_insert_with(compile);
        matchers.all_of.iter().all(|matcher| matcher.first(sku, &mut self.scratch).is_some())
            && matchers.none_of.first(sku, &mut self.scratch).is_none()
    }

    fn patterns(&self) -> impl Iterator<Item = &'a Pattern> {
        let Sought { within, and, outside } = self.sought;
        [Some(within), and].into_iter().flatten().chain(outside.iter().copied()).flat_map(SkuSet::patterns)
    }
}

impl Pattern {
    /// The SKU that it matches where no `*` stands for anything; empty where it is nothing else.
    fn shortest<'a>(&'a self) -> String {
        let text = |part: &'a Part| match part {
            Part::Literal(literal) => literal.as_str(),
            Part::One => "X",
            Part::Any => "",
        };
        self.parts.iter().map(text).collect()
    }
}

/// What can be told of two patterns by a few SKUs that both match.
fn meet(p: Glob<'_>, q: Glob<'_>, all: &mut All<'_>) -> Overlap {
    let signs = |glob: Glob<'_>| glob.map_or_else(|| vec![Sign::Any], Pattern::signs);
    let mut met = Overlap::Disjoint;
    for sku in meetings(&signs(p), &signs(q)) {
        met = Overlap::Unknown;
        if all.take(&sku) {
            return Overlap::Witness(sku);
        }
    }
    met
}

/// Looks for a SKU that two patterns of the two lists match and that no exception takes.
fn search(pairs: &[(Glob<'_>, Glob<'_>)], all: &mut All<'_>, effort: &mut Effort) -> Overlap {
    // A literal may be in a list by an exception's exception; once all are tried, they only take away.
    let literals: BTreeSet<&str> = all.patterns().filter_map(Pattern::literal).collect();
    if let Some(sku) = literals.iter().find(|sku| all.take(sku)) {
        return Overlap::Witness((*sku).to_owned());
    }
    let literals: Vec<&str> = literals.into_iter().collect();
    let formula = Formula::new(&all.sought);
    let mut so_far = Overlap::Disjoint;
    for (p, q) in pairs {
        match formula.decide(*p, *q, &literals, effort) {
            Walk::Found(sku) if all.take(&sku) => return Overlap::Witness(sku),
            Walk::Nothing => {}
            Walk::Found(_) | Walk::TooLarge => so_far = Overlap::Unknown,
        }
    }
    so_far
}

#[cfg(test)]
#[path = "overlap_tests.rs"]
mod tests;
