//! Whether a list takes a SKU, where the same lists are asked about again and again.

use super::graph::Graph;
use super::{Pattern, SkuSet, SkuTerm};
use hashbrown::HashSet;
use std::collections::BTreeSet;

/// The lists that candidates are judged by, hashed; asked only where a pattern has matched already.
#[derive(Debug, Default)]
pub(super) struct Judge {
    lists: Vec<List>,
}

#[derive(Debug)]
struct List {
    terms: Terms,
    except: Terms,
}

#[derive(Debug, Default)]
struct Terms {
    all: bool,
    literals: HashSet<Box<str>, foldhash::fast::RandomState>,
    globs: Vec<Pattern>,
    lists: Vec<usize>,
}

/// What is asked of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// Does it take the SKU?
    Takes(usize),
    /// One of its terms takes the SKU; do its exceptions leave it in?
    Spares(usize),
}

/// Working memory of a matcher, reused from SKU to SKU; any matcher may use any scratch.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Answers with an older stamp are another SKU's.
    stamp: u32,
    known: Vec<(u32, bool)>,
    open: Vec<usize>,
}

impl Judge {
    /// The lists of the graph, at their places. The terms of the `spared` ones are never asked for.
    pub(super) fn new(graph: &Graph<'_>, spared: &BTreeSet<usize>) -> Self {
        let list = |(place, set): (usize, &&SkuSet)| List {
            terms: if spared.contains(&place) { Terms::default() } else { Terms::new(&set.terms, graph) },
            except: Terms::new(&set.except, graph),
        };
        Self { lists: graph.sets.iter().enumerate().map(list).collect() }
    }

    pub(super) fn answer(&self, question: Question, sku: &str, scratch: &mut Scratch) -> bool {
        loop {
            let answer = match question {
                Question::Takes(place) => self.takes(place, sku, scratch),
                Question::Spares(place) => {
                    self.lists.get(place).map_or(Some(true), |l| l.except.hit(sku, scratch).map(|hit| !hit))
                }
            };
            match answer {
                Some(answer) => return answer,
                None => self.settle(sku, scratch),
            }
        }
    }

    /// Judges every open list, those that they name first.
    fn settle(&self, sku: &str, scratch: &mut Scratch) {
        while let Some(place) = scratch.open.last().copied() {
            if scratch.known(place).is_some() {
                scratch.open.pop();
            } else if let Some(taken) = self.takes(place, sku, scratch) {
                scratch.learn(place, taken);
            }
        }
    }

    /// Nothing where other lists must be judged first; they are open then.
    fn takes(&self, place: usize, sku: &str, scratch: &mut Scratch) -> Option<bool> {
        let Some(list) = self.lists.get(place) else { return Some(false) };
        Some(list.terms.hit(sku, scratch)? && !list.except.hit(sku, scratch)?)
    }
}

impl Terms {
    fn new(terms: &[SkuTerm], graph: &Graph<'_>) -> Self {
        let mut new = Self::default();
        for term in terms {
            match term {
                SkuTerm::All => new.all = true,
                SkuTerm::Set(inner) => new.lists.extend(graph.place(inner)),
                SkuTerm::Pattern(pattern) => match pattern.literal() {
                    Some(sku) => {
                        new.literals.insert(sku.into());
                    }
                    None => new.globs.push(pattern.clone()),
                },
            }
        }
        new
    }

    fn hit(&self, sku: &str, scratch: &mut Scratch) -> Option<bool> {
        if self.all
            || (!self.literals.is_empty() && self.literals.contains(sku))
            || self.globs.iter().any(|glob| glob.matches(sku))
            || self.lists.iter().any(|list| scratch.known(*list) == Some(true))
        {
            return Some(true);
        }
        let before = scratch.open.len();
        for list in &self.lists {
            if scratch.known(*list).is_none() {
                scratch.open.push(*list);
            }
        }
        (scratch.open.len() == before).then_some(false)
    }
}

impl Scratch {
    /// Forgets the last SKU.
    pub(super) fn reset(&mut self, judge: &Judge) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.known.clear();
            self.stamp = 1;
        }
        if self.known.len() < judge.lists.len() {
            self.known.resize(judge.lists.len(), (0, false));
        }
    }

    fn known(&self, place: usize) -> Option<bool> {
        self.known.get(place).filter(|(stamp, _)| *stamp == self.stamp).map(|(_, taken)| *taken)
    }

    fn learn(&mut self, place: usize, taken: bool) {
        if let Some(known) = self.known.get_mut(place) {
            *known = (self.stamp, taken);
        }
    }
}
