//! By what a list may take a SKU.

use super::{Pattern, SkuSet, SkuTerm};
use hashbrown::HashSet;
use std::collections::BTreeSet;

/// A pattern; none is "all".
pub(super) type Glob<'a> = Option<&'a Pattern>;

/// With so many others a pattern is compared one by one.
const PLAINLY_MAX: usize = 8;

/// By what a list may take a SKU, exceptions aside.
#[derive(Default)]
pub(super) struct Reach<'a> {
    pub(super) literals: Vec<&'a str>,
    hashed: HashSet<&'a str, foldhash::fast::RandomState>,
    pub(super) globs: Vec<Glob<'a>>,
}

impl<'a> Reach<'a> {
    pub(super) fn all() -> Self {
        Self { globs: vec![None], ..Self::default() }
    }

    pub(super) fn of(root: &'a SkuSet) -> Self {
        let mut known: HashSet<Glob<'_>, foldhash::fast::RandomState> = HashSet::default();
        let mut reach = Self::default();
        for glob in ways(root, |_| true) {
            if let Some(sku) = glob.and_then(Pattern::literal) {
                reach.literals.extend(reach.hashed.insert(sku).then_some(sku));
            } else if reach.globs.len() < PLAINLY_MAX {
                reach.globs.extend((!reach.globs.contains(&glob)).then_some(glob));
            } else {
                if known.is_empty() {
                    known.extend(&reach.globs);
                }
                reach.globs.extend(known.insert(glob).then_some(glob));
            }
        }
        reach
    }

    /// Its literals that the other may take too.
    pub(super) fn shared(&self, other: &Self) -> impl Iterator<Item = &'a str> {
        let takes = |glob: &Glob<'_>, sku: &str| glob.is_none_or(|glob| glob.matches(sku));
        let shared =
            move |sku: &&str| other.hashed.contains(sku) || other.globs.iter().any(|glob| takes(glob, sku));
        self.literals.iter().copied().filter(shared)
    }
}

/// The patterns by which a list may take a SKU, literals among them, by way of those lists that are to be entered, each of them once. Exceptions aside.
pub(super) fn ways<'a>(
    root: &'a SkuSet,
    is_entered: impl Fn(&SkuSet) -> bool,
) -> impl Iterator<Item = Glob<'a>> {
    let mut seen: BTreeSet<*const SkuSet> = BTreeSet::new();
    let mut open = Vec::from_iter(is_entered(root).then_some(root));
    let mut terms = [].iter();
    std::iter::from_fn(move || {
        loop {
            match terms.next() {
                Some(SkuTerm::Set(inner)) => {
                    let enters = is_entered(inner) && seen.insert(&raw const **inner);
                    open.extend(enters.then_some(&**inner));
                }
                Some(SkuTerm::Pattern(pattern)) => return Some(Some(pattern)),
                Some(SkuTerm::All) => return Some(None),
                None => terms = open.pop()?.terms.iter(),
            }
        }
    })
}
