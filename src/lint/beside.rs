//! Whether the items that stand beside one hold all of it between them.

use super::items::Judge;
use super::lists::{Kind, ListItem};
use crate::pattern::{Effort, Matcher, Overlap, Scratch, SkuSet, SkuTerm, Sought, find};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many counterexamples one item may take.
const ROUNDS_MAX: usize = 200;

/// A list that others name, made ready to be asked for many SKUs.
pub(super) struct Compiled {
    /// Kept, so that its address stays its own.
    _set: Arc<SkuSet>,
    matcher: Matcher,
}

impl Compiled {
    pub(super) fn new(set: &Arc<SkuSet>) -> Self {
        Self { _set: Arc::clone(set), matcher: Matcher::new(&[(0, set)]) }
    }
}

/// The items of one list, to be asked which of them take a SKU.
pub(super) struct Beside {
    sets: Vec<SkuSet>,
    literals: HashMap<String, Vec<usize>>,
    globs: Matcher,
    lists: Vec<(usize, Arc<Compiled>)>,
    pub(super) gone: HashSet<usize>,
}

impl Beside {
    pub(super) fn new(items: &[ListItem<'_>], gone: &HashSet<usize>, judge: &mut Judge) -> Self {
        let sets: Vec<SkuSet> = items
            .iter()
            .map(|item| SkuSet { terms: item.sku_term().into_iter().collect(), except: Vec::new() })
            .collect();
        let mut literals: HashMap<String, Vec<usize>> = HashMap::new();
        let (mut globs, mut lists) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            match &item.kind {
                Kind::Pattern(_, pattern) => match pattern.literal() {
                    Some(sku) => literals.entry(sku.to_owned()).or_default().push(at),
                    None => globs.push(at),
                },
                Kind::Skus(_, set) => lists.extend(judge.compiled(set).map(|matcher| (at, matcher))),
                Kind::Names(..) => {}
            }
        }
        let ranked: Vec<(usize, &SkuSet)> =
            globs.iter().filter_map(|at| Some((*at, sets.get(*at)?))).collect();
        let globs = Matcher::new(&ranked);
        Self { sets, literals, globs, lists, gone: gone.clone() }
    }

    /// The first item but one that takes a SKU: equals first, then other patterns, then lists.
    fn taker(&self, sku: &str, but: usize) -> Option<usize> {
        let here = |at: &usize| *at != but && !self.gone.contains(at);
        let mut scratch = Scratch::default();
        let equal = self.literals.get(sku).into_iter().flatten().copied().find(here);
        let glob = || self.globs.matches_all(sku).into_iter().find(here);
        let list = || {
            let mut lists = self.lists.iter().filter(|(at, _)| here(at));
            lists.find(|(_, list)| list.matcher.first(sku, &mut scratch).is_some()).map(|(at, _)| *at)
        };
        equal.or_else(glob).or_else(list)
    }

    /// Those that hold all of an item between them.
    pub(super) fn holds(&self, at: usize, item: &ListItem<'_>, effort: &mut Effort) -> Option<Vec<usize>> {
        if let Kind::Pattern(_, pattern) = &item.kind
            && let Some(sku) = pattern.literal()
        {
            return self.taker(sku, at).map(|taker| vec![taker]);
        }
        if let Some(equal) = self.equal(at) {
            return Some(vec![equal]);
        }
        let set = self.sets.get(at)?;
        let mut by: Vec<usize> = Vec::new();
        for (sku, _) in set.literals().filter(|(sku, sure)| *sure || set.matches(sku)) {
            let taker = self.taker(sku, at)?;
            if !by.contains(&taker) {
                by.push(taker);
            }
        }
        for _ in 0..ROUNDS_MAX {
            let outside: Vec<&SkuSet> = by.iter().filter_map(|other| self.sets.get(*other)).collect();
            match find(&Sought { within: set, and: None, outside: &outside }, effort) {
                Overlap::Disjoint => {
                    by.sort_unstable();
                    return (!by.is_empty()).then_some(by);
                }
                Overlap::Witness(sku) => by.push(self.taker(&sku, at)?),
                Overlap::Unknown => return None,
            }
        }
        None
    }

    /// An item that is the same pattern or the same list.
    fn equal(&self, at: usize) -> Option<usize> {
        let set = self.sets.get(at)?;
        let same = |other: &SkuSet| match (set.terms.first(), other.terms.first()) {
            (Some(SkuTerm::Pattern(a)), Some(SkuTerm::Pattern(b))) => a == b,
            (Some(SkuTerm::Set(a)), Some(SkuTerm::Set(b))) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let mut others = self.sets.iter().enumerate();
        others
            .find(|(other, set)| *other != at && !self.gone.contains(other) && same(set))
            .map(|(other, _)| other)
    }
}
