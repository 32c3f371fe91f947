//! Which of many lists is the first to take a SKU.

use super::anchors::{Anchored, End, Ends, anchored};
use super::graph::Graph;
use super::judge::{Judge, Question, Scratch};
use super::{Part, Pattern, SkuSet, SkuTerm};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// Literals that lists reach through lists with exceptions are spread at most this often in all; lists beyond
/// that are judged whole.
const SPREAD_PATTERNS_MAX: usize = 1_000_000;

/// Lists by rank, compiled to find the first that takes a SKU.
///
/// Literals are looked up by hash, other patterns by the hash of what must stand at the front, or else at the
/// back, of the SKU. Exceptions are asked only where a pattern has matched.
#[derive(Debug, Default)]
pub struct Matcher {
    ranks: Vec<usize>,
    exact: Table,
    front: Vec<Anchored>,
    back: Vec<Anchored>,
    judge: Judge,
}

pub(super) type Table = HashMap<String, Vec<Candidate>, foldhash::fast::RandomState>;

#[derive(Debug)]
pub(super) struct Candidate {
    /// Into the ranks.
    pub(super) place: usize,
    /// What must match besides the anchor.
    glob: Option<Pattern>,
    question: Option<Question>,
}

impl Matcher {
    /// Compiles lists; the smallest rank wins.
    pub fn new(sets: &[(usize, &SkuSet)]) -> Self {
        let mut sets = sets.to_vec();
        sets.sort_by_key(|(rank, _)| *rank);
        let mut graph = Graph::default();
        let roots: Vec<usize> = sets.iter().map(|(_, set)| graph.add(set)).collect();
        let mut builder = Builder::default();
        for (place, root) in roots.iter().enumerate() {
            builder.add(place, *root, &graph);
        }
        let spared = builder.spared(&graph, &roots);
        Self {
            ranks: sets.iter().map(|(rank, _)| *rank).collect(),
            exact: builder.exact,
            front: anchored(builder.front, End::Front),
            back: anchored(builder.back, End::Back),
            judge: Judge::new(&graph, &spared),
        }
    }

    /// The smallest rank whose list takes the SKU.
    pub fn first(&self, sku: &str, scratch: &mut Scratch) -> Option<usize> {
        scratch.reset(&self.judge);
        let mut best = usize::MAX;
        let mut improve = |candidates: &[Candidate]| {
            for candidate in candidates.iter().take_while(|candidate| candidate.place < best) {
                if self.takes(candidate, sku, scratch) {
                    best = candidate.place;
                    return best;
                }
            }
            best
        };
        let mut so_far = self.exact.get(sku).map_or(usize::MAX, |found| improve(found));
        let ends = Ends::of(sku);
        for (anchored, end) in self.anchored() {
            if anchored.first < so_far
                && let Some(found) = anchored.find(ends, end)
            {
                so_far = improve(found);
            }
        }
        self.ranks.get(so_far).copied()
    }

    /// Every rank whose list takes the SKU, the smallest first.
    pub fn matches_all(&self, sku: &str) -> Vec<usize> {
        let mut scratch = Scratch::default();
        scratch.reset(&self.judge);
        let ends = Ends::of(sku);
        let anchored = self.anchored().filter_map(|(anchored, end)| anchored.find(ends, end));
        let mut places: Vec<usize> = self
            .exact
            .get(sku)
            .map(Vec::as_slice)
            .into_iter()
            .chain(anchored)
            .flatten()
            .filter(|candidate| self.takes(candidate, sku, &mut scratch))
            .map(|candidate| candidate.place)
            .collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.ranks.get(place).copied()).collect()
    }

    fn anchored(&self) -> impl Iterator<Item = (&Anchored, End)> {
        let front = self.front.iter().map(|anchored| (anchored, End::Front));
        front.chain(self.back.iter().map(|anchored| (anchored, End::Back)))
    }

    fn takes(&self, candidate: &Candidate, sku: &str, scratch: &mut Scratch) -> bool {
        candidate.glob.as_ref().is_none_or(|glob| glob.matches(sku))
            && candidate.question.is_none_or(|question| self.judge.answer(question, sku, scratch))
    }
}

#[derive(Default)]
struct Builder {
    exact: Table,
    front: HashMap<usize, Table, foldhash::fast::RandomState>,
    back: HashMap<usize, Table, foldhash::fast::RandomState>,
    /// Lists that are asked for as a whole.
    whole: BTreeSet<usize>,
    spread: usize,
}

impl Builder {
    fn add(&mut self, place: usize, root: usize, graph: &Graph<'_>) {
        let Some(set) = graph.sets.get(root) else { return };
        if !set.terms.iter().any(|term| matches!(term, SkuTerm::Set(_))) {
            let question = (!set.except.is_empty()).then_some(Question::Spares(root));
            return set.terms.iter().for_each(|term| self.add_term(place, term, question));
        }
        self.whole.insert(root);
        let question = Some(Question::Takes(root));
        match self.spread(set) {
            Some(terms) => terms.iter().for_each(|term| self.add_term(place, term, question)),
            None => self.add_term(place, &SkuTerm::All, question),
        }
    }

    /// What a list may take: its terms, and those of the lists among them. Nothing where they are too many.
    fn spread<'a>(&mut self, root: &'a SkuSet) -> Option<Vec<&'a SkuTerm>> {
        let mut seen: BTreeSet<*const SkuSet> = BTreeSet::default();
        let mut open = vec![root];
        let mut terms = Vec::new();
        while let Some(set) = open.pop() {
            self.spread += set.terms.len();
            if self.spread > SPREAD_PATTERNS_MAX {
                return None;
            }
            for term in &set.terms {
                match term {
                    SkuTerm::Set(inner) if seen.insert(&raw const **inner) => open.push(inner),
                    SkuTerm::Set(_) => {}
                    _ => terms.push(term),
                }
            }
        }
        Some(terms)
    }

    fn add_term(&mut self, place: usize, term: &SkuTerm, question: Option<Question>) {
        let candidate = |glob| Candidate { place, glob, question };
        match term {
            SkuTerm::Pattern(pattern) => {
                if let Some(sku) = pattern.literal() {
                    push(&mut self.exact, sku, candidate(None));
                    return;
                }
                let glob = (!is_anchor_alone(pattern)).then(|| pattern.clone());
                match &*pattern.parts {
                    [Part::Literal(text), ..] => {
                        push(self.front.entry(text.len()).or_default(), text, candidate(glob));
                    }
                    [.., Part::Literal(text)] => {
                        push(self.back.entry(text.len()).or_default(), text, candidate(glob));
                    }
                    _ => push(self.front.entry(0).or_default(), "", candidate(glob)),
                }
            }
            SkuTerm::All => push(self.front.entry(0).or_default(), "", candidate(None)),
            SkuTerm::Set(_) => {}
        }
    }

    /// Lists whose terms are all candidates, and that no other list names.
    fn spared(&self, graph: &Graph<'_>, roots: &[usize]) -> BTreeSet<usize> {
        let mut spared: BTreeSet<usize> = roots.iter().copied().collect();
        spared.retain(|root| !self.whole.contains(root));
        for term in graph.sets.iter().flat_map(|set| set.items()) {
            if let SkuTerm::Set(inner) = term
                && let Some(named) = graph.place(inner)
            {
                spared.remove(&named);
            }
        }
        spared
    }
}

/// Whether the pattern is one literal and a `*`.
fn is_anchor_alone(pattern: &Pattern) -> bool {
    matches!(&*pattern.parts, [Part::Any] | [Part::Literal(_), Part::Any] | [Part::Any, Part::Literal(_)])
}

fn push(table: &mut Table, key: &str, candidate: Candidate) {
    table.entry_ref(key).or_default().push(candidate);
}

#[cfg(test)]
#[path = "matcher_tests.rs"]
mod tests;
