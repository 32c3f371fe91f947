//! Lists of patterns with exceptions: what they take, and walking them without recursion.

use super::{Pattern, SkuSet, SkuTerm};
use hashbrown::{HashMap, HashSet};
use std::mem::take;
use std::sync::Arc;

/// So few items are soon looked through.
const FEW: usize = 16;

type ByAddress<V> = HashMap<*const SkuSet, V, foldhash::fast::RandomState>;
type Addresses<K> = HashSet<K, foldhash::fast::RandomState>;

impl SkuSet {
    /// Whether the list takes the SKU.
    pub fn matches(&self, sku: &str) -> bool {
        let few = self.terms.len() + self.except.len() <= FEW;
        if few && !self.items().any(|term| matches!(term, SkuTerm::Set(_))) {
            let hit = |term: &SkuTerm| match term {
                SkuTerm::Pattern(pattern) => pattern.matches(sku),
                SkuTerm::All | SkuTerm::Set(_) => true,
            };
            return self.terms.iter().any(hit) && !self.except.iter().any(hit);
        }
        // A list may be named on many paths; each is judged once.
        let mut known = ByAddress::default();
        let mut open = vec![Visit::of(self)];
        let mut result = false;
        while let Some(visit) = open.last_mut() {
            match visit.advance(sku, &known) {
                Step::Enter(inner) => open.push(Visit::of(inner)),
                Step::Done(taken) => {
                    result = taken;
                    let done = visit.set;
                    open.pop();
                    if !open.is_empty() {
                        known.insert(done, taken);
                    }
                }
            }
        }
        result
    }

    /// Every pattern of the list and of the lists it names, exceptions among them; what is shared comes once.
    pub fn patterns(&self) -> Patterns<'_> {
        Patterns { open: vec![self.items()], seen: Addresses::default() }
    }

    /// The literals by which the list may take a SKU, each with whether it surely does: there is nothing that it
    /// could be excepted by.
    pub fn literals(&self) -> impl Iterator<Item = (&str, bool)> {
        let mut seen: Addresses<*const SkuSet> = Addresses::default();
        let mut open = vec![(self.terms.iter(), self.except.is_empty())];
        std::iter::from_fn(move || {
            loop {
                let (terms, sure) = open.last_mut()?;
                match terms.next() {
                    Some(SkuTerm::Pattern(pattern)) => {
                        if let Some(sku) = pattern.literal() {
                            return Some((sku, *sure));
                        }
                    }
                    Some(SkuTerm::Set(inner)) if seen.insert(Arc::as_ptr(inner)) => {
                        let sure = *sure && inner.except.is_empty();
                        open.push((inner.terms.iter(), sure));
                    }
                    Some(SkuTerm::All | SkuTerm::Set(_)) => {}
                    None => {
                        open.pop();
                    }
                }
            }
        })
    }

    pub(super) fn items(&self) -> Items<'_> {
        self.terms.iter().chain(&self.except)
    }
}

pub(super) type Items<'a> = std::iter::Chain<std::slice::Iter<'a, SkuTerm>, std::slice::Iter<'a, SkuTerm>>;

/// The patterns of a list, in the order written.
#[derive(Debug)]
pub struct Patterns<'a> {
    open: Vec<Items<'a>>,
    seen: Addresses<*const SkuSet>,
}

impl<'a> Iterator for Patterns<'a> {
    type Item = &'a Pattern;

    fn next(&mut self) -> Option<&'a Pattern> {
        loop {
            match self.open.last_mut()?.next() {
                Some(SkuTerm::Pattern(pattern)) => return Some(pattern),
                Some(SkuTerm::Set(inner)) if self.seen.insert(Arc::as_ptr(inner)) => {
                    self.open.push(inner.items());
                }
                Some(SkuTerm::All | SkuTerm::Set(_)) => {}
                None => {
                    self.open.pop();
                }
            }
        }
    }
}

/// Where matching stands in one list.
struct Visit<'a> {
    set: &'a SkuSet,
    /// Terms until one takes the SKU, then exceptions.
    left: &'a [SkuTerm],
    taken: bool,
}

enum Step<'a> {
    Enter(&'a SkuSet),
    Done(bool),
}

impl<'a> Visit<'a> {
    fn of(set: &'a SkuSet) -> Self {
        Self { set, left: &set.terms, taken: false }
    }

    fn advance(&mut self, sku: &str, known: &ByAddress<bool>) -> Step<'a> {
        while let Some((term, after)) = self.left.split_first() {
            let hit = match term {
                SkuTerm::All => true,
                SkuTerm::Pattern(pattern) => pattern.matches(sku),
                SkuTerm::Set(inner) => match known.get(&Arc::as_ptr(inner)) {
                    Some(taken) => *taken,
                    None => return Step::Enter(inner),
                },
            };
            match (hit, self.taken) {
                (false, _) => self.left = after,
                (true, false) => (self.left, self.taken) = (&self.set.except, true),
                (true, true) => return Step::Done(false),
            }
        }
        Step::Done(self.taken)
    }
}

/// Equal as written: the same items in the same order.
impl PartialEq for SkuSet {
    fn eq(&self, other: &Self) -> bool {
        let mut seen = Addresses::default();
        let mut open = vec![(self, other)];
        while let Some((a, b)) = open.pop() {
            if std::ptr::eq(a, b) || !seen.insert((std::ptr::from_ref(a), std::ptr::from_ref(b))) {
                continue;
            }
            if a.terms.len() != b.terms.len() || a.except.len() != b.except.len() {
                return false;
            }
            for pair in a.items().zip(b.items()) {
                match pair {
                    (SkuTerm::All, SkuTerm::All) => {}
                    (SkuTerm::Pattern(x), SkuTerm::Pattern(y)) if x == y => {}
                    (SkuTerm::Set(x), SkuTerm::Set(y)) => open.push((x, y)),
                    _ => return false,
                }
            }
        }
        true
    }
}

impl Eq for SkuSet {}

impl Drop for SkuSet {
    fn drop(&mut self) {
        let mut owned = take(&mut self.terms);
        owned.append(&mut self.except);
        while let Some(term) = owned.pop() {
            if let SkuTerm::Set(shared) = term
                && let Some(mut last) = Arc::into_inner(shared)
            {
                owned.append(&mut last.terms);
                owned.append(&mut last.except);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{set, terms};
    use super::*;

    #[test]
    fn exceptions_take_away_from_their_own_list_only() {
        let inner = Arc::new(set(&["NIKE-*", "ADI-*"], &["*-SAMPLE"]));
        let mut outer = set(&["ADI-1-SAMPLE"], &["NIKE-OLD-*"]);
        outer.terms.insert(0, SkuTerm::Set(Arc::clone(&inner)));
        let all_but = SkuSet { terms: vec![SkuTerm::All], except: vec![SkuTerm::Set(inner)] };
        for (sku, in_outer, in_all_but) in [
            ("NIKE-1", true, false),
            ("NIKE-1-SAMPLE", false, true),
            ("ADI-1-SAMPLE", true, true),
            ("NIKE-OLD-1", false, false),
            ("PUMA", false, true),
        ] {
            assert_eq!(outer.matches(sku), in_outer, "{sku}");
            assert_eq!(all_but.matches(sku), in_all_but, "{sku}");
        }
        assert!(!SkuSet::default().matches("x"));
    }

    #[test]
    fn patterns_come_once_in_the_order_written() {
        let shared = Arc::new(set(&["b"], &["c"]));
        let mut outer = set(&["a"], &["d"]);
        outer.terms.push(SkuTerm::Set(Arc::clone(&shared)));
        outer.except.push(SkuTerm::Set(shared));
        let all: Vec<String> = outer.patterns().map(ToString::to_string).collect();
        assert_eq!(all, ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_long_chain_of_lists_is_matched_compared_and_dropped() {
        let chain = |last: &str| {
            (0..20_000).fold(set(&[last], &[]), |inner, n| {
                let mut outer = set(&[], &[&format!("x{n}")]);
                outer.terms.push(SkuTerm::Set(Arc::new(inner)));
                outer
            })
        };
        let (a, b) = (chain("x*"), chain("x*"));
        assert!(a.matches("x") && !a.matches("x0") && !a.matches("x19999") && !a.matches("y"));
        assert!(a == b && a != chain("y*"));
        assert_eq!(a.patterns().count(), 20_001);
    }

    #[test]
    fn lists_named_on_many_paths_are_judged_once() {
        let last = (0..200).fold(set(&["x*"], &[]), |inner, _| {
            let inner = SkuTerm::Set(Arc::new(inner));
            let again = Arc::new(SkuSet { terms: vec![inner.clone()], except: terms(&["xx"]) });
            SkuSet { terms: vec![SkuTerm::Set(again), inner], except: terms(&["y"]) }
        });
        assert!(last.matches("x1") && !last.matches("z"));
        assert!(last == last.clone());
    }
}
