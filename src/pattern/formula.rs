//! Lists as one formula over their patterns, cut down to what decides on one pattern of each.

use super::automaton::{Automaton, Walk};
use super::graph::Graph;
use super::meet::meetings;
use super::overlap::{Effort, Sought};
use super::sign::Sign;
use super::{Pattern, SkuTerm};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// All lists that the sought are told by, each after those that it names itself. Literals are left out.
pub(super) struct Formula<'a> {
    lists: Vec<Clause>,
    patterns: Vec<Vec<Sign>>,
    numbers: HashMap<&'a Pattern, usize, foldhash::fast::RandomState>,
    roots: [usize; 2],
}

/// Takes what its terms take and its exceptions do not: patterns by their numbers, lists by their places.
#[derive(Clone, Default)]
struct Clause {
    globs: Vec<usize>,
    lists: Vec<usize>,
    except_globs: Vec<usize>,
    except_lists: Vec<usize>,
}

/// The number of the pattern that takes every SKU.
const ALL: usize = 0;

impl<'a> Formula<'a> {
    pub(super) fn new(sought: &Sought<'a>) -> Self {
        let mut graph = Graph::default();
        let first = graph.add(sought.within);
        let and = sought.and.map(|and| graph.add(and));
        let outside: Vec<usize> = sought.outside.iter().map(|set| graph.add(set)).collect();
        let (patterns, numbers) = (vec![vec![Sign::Any]], HashMap::default());
        let roots = [first, graph.sets.len()];
        let mut new = Self { lists: Vec::new(), patterns, numbers, roots };
        for set in &graph.sets {
            let (globs, lists) = new.terms(&set.terms, &graph);
            let (except_globs, except_lists) = new.terms(&set.except, &graph);
            new.lists.push(Clause { globs, lists, except_globs, except_lists });
        }
        let globs = if and.is_none() { vec![ALL] } else { Vec::new() };
        let lists = and.into_iter().collect();
        new.lists.push(Clause { globs, lists, except_globs: Vec::new(), except_lists: outside });
        new
    }

    /// A SKU, none of the sorted literals, that the lists take by `p` and by `q`; `None` is for "all".
    pub(super) fn decide(
        &self,
        p: Option<&Pattern>,
        q: Option<&Pattern>,
        literals: &[&str],
        effort: &mut Effort,
    ) -> Walk {
        let cut = Cut::new(self, [self.number(p), self.number(q)]);
        let patterns: Vec<&[Sign]> =
            cut.patterns.iter().filter_map(|number| self.patterns.get(*number)).map(Vec::as_slice).collect();
        let takes = |glob: Option<&Pattern>, sku: &str| glob.is_none_or(|glob| glob.matches(sku));
        let barred: Vec<&str> =
            literals.iter().copied().filter(|sku| takes(p, sku) && takes(q, sku)).collect();
        let spoken_for: BTreeSet<char> = barred.iter().flat_map(|sku| sku.chars()).collect();
        let Some(automaton) = Automaton::new(&patterns, spoken_for) else { return Walk::TooLarge };
        let mut values = Vec::new();
        automaton.walk(&barred, cut.clauses.len(), effort, |matched| {
            values.clear();
            for clause in &cut.clauses {
                let value = clause.value(|glob| matched.has(glob), &values);
                values.push(value);
            }
            cut.roots.iter().all(|root| values.get(*root) == Some(&true))
        })
    }

    fn terms(&mut self, terms: &'a [SkuTerm], graph: &Graph<'_>) -> (Vec<usize>, Vec<usize>) {
        let (mut globs, mut lists) = (Vec::new(), Vec::new());
        for term in terms {
            match term {
                SkuTerm::All => globs.push(ALL),
                SkuTerm::Set(inner) => lists.extend(graph.place(inner)),
                SkuTerm::Pattern(pattern) if pattern.literal().is_none() => {
                    let patterns = &mut self.patterns;
                    globs.push(*self.numbers.entry(pattern).or_insert_with(|| {
                        patterns.push(pattern.signs());
                        patterns.len() - 1
                    }));
                }
                SkuTerm::Pattern(_) => {}
            }
        }
        (globs, lists)
    }

    fn number(&self, pattern: Option<&Pattern>) -> usize {
        pattern.and_then(|pattern| self.numbers.get(pattern)).copied().unwrap_or(ALL)
    }

    /// The lists by which a root takes what a pattern matches, in order.
    fn ways(&self, root: usize, glob: usize) -> Vec<usize> {
        let mut holds: Vec<bool> = Vec::new();
        for clause in self.lists.iter().take(root + 1) {
            holds.push(clause.globs.contains(&glob) || clause.lists.iter().any(|inner| is(&holds, *inner)));
        }
        let mut named = vec![false; root];
        named.push(true);
        for place in (0..=root).rev().filter(|place| is(&holds, *place)) {
            if is(&named, place) {
                self.lists.get(place).into_iter().for_each(|clause| mark(&mut named, &clause.lists));
            }
        }
        (0..=root).filter(|place| is(&holds, *place) && is(&named, *place)).collect()
    }
}

/// What decides on two patterns: the lists on the ways to them, and all that these except.
struct Cut {
    /// The two patterns, then those of the exceptions that can match the same as both.
    patterns: Vec<usize>,
    clauses: Vec<Clause>,
    roots: Vec<usize>,
}

impl Cut {
    fn new(formula: &Formula<'_>, pair: [usize; 2]) -> Self {
        let ways = [formula.ways(formula.roots[0], pair[0]), formula.ways(formula.roots[1], pair[1])];
        let mut needed = vec![false; formula.lists.len()];
        for clause in ways.iter().flatten().filter_map(|place| formula.lists.get(*place)) {
            mark(&mut needed, &clause.except_lists);
        }
        for place in (0..needed.len()).rev() {
            if let Some(clause) = formula.lists.get(place).filter(|_| is(&needed, place)) {
                mark(&mut needed, &clause.lists);
                mark(&mut needed, &clause.except_lists);
            }
        }
        let mut builder = Builder::new(formula, pair);
        let needed = (0..needed.len()).filter(|place| is(&needed, *place));
        let excepted = builder.excepted(needed);
        let roots = ways.iter().enumerate().map(|(side, ways)| builder.side(side, ways, &excepted)).collect();
        Self { patterns: builder.patterns, clauses: builder.clauses, roots }
    }
}

type Slots = HashMap<usize, usize, foldhash::fast::RandomState>;

/// Numbers patterns and lists anew, by what is left of them.
struct Builder<'f, 'a> {
    formula: &'f Formula<'a>,
    pair: [usize; 2],
    patterns: Vec<usize>,
    /// Where a pattern stands among `patterns`, if it matters.
    local: HashMap<usize, Option<usize>, foldhash::fast::RandomState>,
    clauses: Vec<Clause>,
}

impl<'f, 'a> Builder<'f, 'a> {
    fn new(formula: &'f Formula<'a>, pair: [usize; 2]) -> Self {
        let local = HashMap::default();
        Self { formula, pair, patterns: pair.to_vec(), local, clauses: Vec::new() }
    }

    /// The lists that are excepted or named by such, whole.
    fn excepted(&mut self, places: impl Iterator<Item = usize>) -> Slots {
        let mut slots = Slots::default();
        for place in places {
            let Some(clause) = self.formula.lists.get(place) else { continue };
            let new = Clause {
                globs: self.globs(&clause.globs),
                lists: slots_of(&clause.lists, &slots),
                except_globs: self.globs(&clause.except_globs),
                except_lists: slots_of(&clause.except_lists, &slots),
            };
            slots.insert(place, self.clauses.len());
            self.clauses.push(new);
        }
        slots
    }

    /// The lists on the ways to one pattern, with it as their only term, and where the last of them stands.
    fn side(&mut self, side: usize, ways: &[usize], excepted: &Slots) -> usize {
        let mut slots = Slots::default();
        for place in ways {
            let Some(clause) = self.formula.lists.get(*place) else { continue };
            let here = self.pair.get(side).is_some_and(|glob| clause.globs.contains(glob));
            let new = Clause {
                globs: if here { vec![side] } else { Vec::new() },
                lists: slots_of(&clause.lists, &slots),
                except_globs: self.globs(&clause.except_globs),
                except_lists: slots_of(&clause.except_lists, excepted),
            };
            slots.insert(*place, self.clauses.len());
            self.clauses.push(new);
        }
        self.clauses.len().saturating_sub(1)
    }

    fn globs(&mut self, globs: &[usize]) -> Vec<usize> {
        globs.iter().filter_map(|glob| self.glob(*glob)).collect()
    }

    /// A pattern that matches nothing of what either of the two matches is left out.
    fn glob(&mut self, glob: usize) -> Option<usize> {
        if let Some(known) = self.local.get(&glob) {
            return *known;
        }
        let signs = |number: usize| self.formula.patterns.get(number);
        let meets = |other: usize| Some(meetings(signs(glob)?, signs(other)?).next().is_some());
        let local = self.pair.iter().all(|other| meets(*other) == Some(true)).then_some(self.patterns.len());
        if local.is_some() {
            self.patterns.push(glob);
        }
        self.local.insert(glob, local);
        local
    }
}

impl Clause {
    fn value(&self, matched: impl Fn(usize) -> bool, values: &[bool]) -> bool {
        let hit = |globs: &[usize], lists: &[usize]| {
            globs.iter().any(|glob| matched(*glob)) || lists.iter().any(|list| is(values, *list))
        };
        hit(&self.globs, &self.lists) && !hit(&self.except_globs, &self.except_lists)
    }
}

fn slots_of(places: &[usize], slots: &Slots) -> Vec<usize> {
    places.iter().filter_map(|place| slots.get(place)).copied().collect()
}

fn is(marks: &[bool], place: usize) -> bool {
    marks.get(place) == Some(&true)
}

fn mark(marks: &mut [bool], places: &[usize]) {
    for place in places {
        if let Some(mark) = marks.get_mut(*place) {
            *mark = true;
        }
    }
}
