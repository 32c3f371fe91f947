//! What is out for certain, seen without a search: what lists that are not to take a SKU take, whatever else is written.

use super::reach::{Glob, ways};
use super::{Part, Pattern, SkuSet, SkuTerm, Sought};
use hashbrown::HashSet;

/// So many items are looked at. Of larger lists less is known, and the search finds out.
const ITEMS_MAX: usize = 64;

type Globs<'a> = HashSet<Glob<'a>, foldhash::fast::RandomState>;

/// The wildcard patterns of two lists that may take a SKU that is not gone.
pub(super) struct Left<'a>([Globs<'a>; 2]);

impl<'a> Left<'a> {
    /// Nothing where all are left.
    pub(super) fn of(sought: &Sought<'a>) -> Option<Self> {
        let gone = Gone::of(sought);
        let all = || Globs::from_iter((!gone.covers(None)).then_some(None));
        let of_both = || [gone.left_of(sought.within), sought.and.map_or_else(all, |and| gone.left_of(and))];
        (!gone.is_nothing()).then(|| Self(of_both()))
    }

    /// Whether both are left.
    pub(super) fn has(&self, p: Glob<'_>, q: Glob<'_>) -> bool {
        let Self([of_a, of_b]) = self;
        of_a.contains(&p) && of_b.contains(&q)
    }
}

/// Lists and patterns of which every SKU is excepted, or in a list that is to be left out.
#[derive(Default)]
struct Gone<'a> {
    lists: Vec<&'a SkuSet>,
    globs: Vec<Glob<'a>>,
    /// Lists whose exceptions are not known to be gone, so that their items may be left.
    unsettled: Vec<&'a SkuSet>,
    looked: usize,
}

impl<'a> Gone<'a> {
    fn of(sought: &Sought<'a>) -> Self {
        let mut gone = Self::default();
        for set in [Some(sought.within), sought.and].into_iter().flatten() {
            gone.add_terms(&set.except);
        }
        sought.outside.iter().take(ITEMS_MAX).for_each(|set| gone.add_list(set));
        while gone.settle() {}
        gone
    }

    fn is_nothing(&self) -> bool {
        self.lists.is_empty() && self.globs.is_empty()
    }

    fn left_of(&self, root: &'a SkuSet) -> Globs<'a> {
        let is_left = |glob: &Glob<'a>| glob.and_then(Pattern::literal).is_none() && !self.covers(*glob);
        ways(root, |set| !self.has_list(set)).filter(is_left).collect()
    }

    fn add_terms(&mut self, terms: &'a [SkuTerm]) {
        for term in terms {
            self.looked += 1;
            match term {
                _ if self.looked > ITEMS_MAX => return,
                SkuTerm::All => self.globs.push(None),
                SkuTerm::Pattern(pattern) if pattern.literal().is_some() => {}
                SkuTerm::Pattern(pattern) => self.globs.push(Some(pattern)),
                SkuTerm::Set(inner) => self.add_list(inner),
            }
        }
    }

    fn add_list(&mut self, set: &'a SkuSet) {
        if !self.has_list(set) {
            self.lists.push(set);
            self.unsettled.push(set);
        }
    }

    /// Where a list is gone with all its exceptions, so are its items. Whether that was so of any list.
    fn settle(&mut self) -> bool {
        let settled = |set: &&SkuSet| set.except.iter().all(|term| self.has(term));
        let (settled, unsettled): (Vec<_>, Vec<_>) = self.unsettled.iter().copied().partition(settled);
        self.unsettled = unsettled;
        settled.iter().for_each(|set| self.add_terms(&set.terms));
        !settled.is_empty()
    }

    fn has(&self, term: &SkuTerm) -> bool {
        match term {
            SkuTerm::All => self.covers(None),
            SkuTerm::Pattern(pattern) => self.covers(Some(pattern)),
            SkuTerm::Set(inner) => self.has_list(inner),
        }
    }

    fn has_list(&self, set: &SkuSet) -> bool {
        self.lists.iter().any(|other| std::ptr::eq(*other, set))
    }

    /// Whether all that a pattern takes is plainly gone.
    fn covers(&self, glob: Glob<'_>) -> bool {
        self.globs.iter().any(|gone| match (gone, glob) {
            (None, _) => true,
            (Some(gone), Some(glob)) => *gone == glob || takes_all_of(gone, glob),
            (Some(_), None) => false,
        })
    }
}

/// Whether it is plain that one pattern takes all that another takes: by how it begins, or by how it ends.
fn takes_all_of(glob: &Pattern, other: &Pattern) -> bool {
    match &*glob.parts {
        [Part::Literal(front), Part::Any] => {
            matches!(other.parts.first(), Some(Part::Literal(text)) if text.starts_with(front.as_str()))
        }
        [Part::Any, Part::Literal(back)] => {
            matches!(other.parts.last(), Some(Part::Literal(text)) if text.ends_with(back.as_str()))
        }
        [Part::Any] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{all_skus, set, sets};
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    #[test]
    fn a_list_is_gone_with_what_it_takes_once_its_exceptions_are() {
        let sneakers = Arc::new(set(&["NIKE-*", "ADI-*"], &["*-SAMPLE"]));
        let named = || SkuTerm::Set(Arc::clone(&sneakers));
        let rest = |except: &[&str]| {
            let mut rest = SkuSet { terms: vec![SkuTerm::All], except: vec![named()] };
            rest.except.extend(super::super::sample::terms(except));
            rest
        };
        let air = set(&["NIKE-AIR-*", "PUMA-*"], &[]);
        for (except, left_of_air) in [(&["KIT-*"][..], 2), (&["KIT-*", "*-SAMPLE"], 1), (&["*SAMPLE"], 1)] {
            let (rest, by_name) = (rest(except), SkuSet { terms: vec![named()], except: Vec::new() });
            let gone = Gone::of(&Sought { within: &air, and: Some(&rest), outside: &[] });
            assert_eq!(gone.left_of(&air).len(), left_of_air, "{except:?}");
            assert_eq!((gone.left_of(&by_name).len(), gone.left_of(&rest).len()), (0, 1), "{except:?}");
        }
    }

    #[test]
    fn little_is_looked_at_of_large_lists() {
        let many: Vec<String> = (0..1000).map(|number| format!("A{number}-*")).collect();
        let many = set(&many.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        let outside = [&many; 2 * ITEMS_MAX];
        let gone = Gone::of(&Sought { within: &many, and: None, outside: &outside });
        assert_eq!((gone.lists.len(), gone.globs.len()), (1, ITEMS_MAX));
        let lists: Vec<SkuSet> = (0..1000).map(|_| set(&["A*"], &["B*"])).collect();
        let outside: Vec<&SkuSet> = lists.iter().collect();
        let gone = Gone::of(&Sought { within: &many, and: None, outside: &outside });
        assert_eq!(gone.lists.len(), ITEMS_MAX);
    }

    proptest! {
        #[test]
        fn what_is_gone_is_no_sku_that_is_sought(a in sets(), b in sets(), c in sets()) {
            let outside = [&c];
            let gone = Gone::of(&Sought { within: &a, and: Some(&b), outside: &outside });
            let left = [gone.left_of(&a), gone.left_of(&b)];
            let by_glob = |globs: &Globs<'_>, sku: &str| globs.iter().any(|glob| glob.is_none_or(|glob| glob.matches(sku)));
            let is_literal = |sku: &str| a.patterns().chain(b.patterns()).any(|pattern| pattern.literal() == Some(sku));
            let is_sought = |sku: &str| a.matches(sku) && b.matches(sku) && !c.matches(sku);
            for sku in all_skus(5).iter().filter(|sku| is_sought(sku) && !is_literal(sku)) {
                prop_assert!(left.iter().all(|globs| by_glob(globs, sku)), "{sku}");
            }
        }
    }
}
