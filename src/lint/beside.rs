//! Whether the items that stand beside one hold all of it between them.

use super::items::Judge;
use super::lists::{Kind, ListItem};
use crate::hash::{HashMap, HashSet};
use crate::pattern::{Effort, Matcher, Overlap, Pattern, Scratch, SkuSet, Sought, find};
use std::sync::Arc;

/// How many counterexamples one item may take.
const ROUNDS_MAX: usize = 200;

/// A list that others name, made ready to be asked for many SKUs.
pub(super) struct Compiled {
    set: Arc<SkuSet>,
    matcher: Matcher,
}

impl Compiled {
    pub(super) fn new(set: &Arc<SkuSet>) -> Self {
        Self { set: Arc::clone(set), matcher: Matcher::new(&[(0, set)]) }
    }
}

/// The items of one list, to be asked which of them take a SKU.
pub(super) struct Beside<'l> {
    items: &'l [ListItem<'l>],
    literals: HashMap<&'l str, Vec<usize>>,
    equal: HashMap<&'l Pattern, Vec<usize>>,
    globs: Matcher,
    lists: Vec<(usize, Arc<Compiled>)>,
    pub(super) gone: HashSet<usize>,
}

impl<'l> Beside<'l> {
    pub(super) fn new(items: &'l [ListItem<'l>], gone: &HashSet<usize>, judge: &mut Judge) -> Self {
        let mut literals: HashMap<&str, Vec<usize>> = HashMap::default();
        let mut equal: HashMap<&Pattern, Vec<usize>> = HashMap::default();
        let (mut globs, mut lists) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            match &item.kind {
                Kind::Pattern(_, pattern) => match pattern.literal() {
                    Some(sku) => literals.entry(sku).or_default().push(at),
                    None => {
                        globs.push((at, alone(item)));
                        equal.entry(pattern).or_default().push(at);
                    }
                },
                Kind::Skus(_, set) => lists.extend(judge.compiled(set).map(|matcher| (at, matcher))),
                Kind::Names(..) => {}
            }
        }
        let globs = Matcher::new(&globs.iter().map(|(at, set)| (*at, set)).collect::<Vec<_>>());
        Self { items, literals, equal, globs, lists, gone: gone.clone() }
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
        if let Some(equal) = self.equal(at, item) {
            return Some(vec![equal]);
        }
        let set = alone(item);
        let mut by: Vec<usize> = Vec::new();
        for (sku, _) in set.literals().filter(|(sku, sure)| *sure || set.matches(sku)) {
            let taker = self.taker(sku, at)?;
            if !by.contains(&taker) {
                by.push(taker);
            }
        }
        for _ in 0..ROUNDS_MAX {
            let outside: Vec<SkuSet> =
                by.iter().filter_map(|other| self.items.get(*other)).map(alone).collect();
            let outside: Vec<&SkuSet> = outside.iter().collect();
            match find(&Sought { within: &set, and: None, outside: &outside }, effort) {
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
    fn equal(&self, at: usize, item: &ListItem<'_>) -> Option<usize> {
        let here = |other: &usize| *other != at && !self.gone.contains(other);
        match &item.kind {
            Kind::Pattern(_, pattern) => self.equal.get(pattern).into_iter().flatten().copied().find(here),
            Kind::Skus(_, set) => {
                let same = |list: &&(usize, Arc<Compiled>)| Arc::ptr_eq(&list.1.set, set);
                self.lists.iter().filter(same).map(|(other, _)| *other).find(here)
            }
            Kind::Names(..) => None,
        }
    }
}

/// An item as a list of its own.
fn alone(item: &ListItem<'_>) -> SkuSet {
    SkuSet { terms: item.sku_term().into_iter().collect(), except: Vec::new() }
}
