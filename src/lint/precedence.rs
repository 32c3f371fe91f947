//! Which rule takes a SKU at which moment, for every possible SKU and every moment.

use crate::check::{Checked, CheckedRule};
use crate::pattern::{Effort, Index, Matcher, Overlap, SkuSet, Sought, find};
use crate::rules::{Rule, Window};
use jiff::Timestamp;
use std::cell::OnceCell;

/// How much all searches of a lint may take together: some seconds.
const STEPS_MAX: u64 = 50_000_000;
/// To ask which of so many rules match a SKU is a step.
const RULES_A_STEP: usize = 4;
/// How many counterexamples one question may take.
const ROUNDS_MAX: usize = 2_000;
/// So many rules are looked through for those that are not needed.
const NEEDED_FROM_MAX: usize = 32;

/// The rules that are on and sound, in the order in which they are tried.
pub(super) struct Precedence<'a> {
    rules: Vec<(&'a CheckedRule, &'a Rule)>,
    /// Made where a SKU is asked about.
    matcher: OnceCell<Matcher>,
    effort: Effort,
}

/// SKUs at moments, and the rules that are asked about.
#[derive(Clone, Copy)]
pub(super) struct Contest<'a> {
    /// The SKUs of this list …
    pub skus: &'a SkuSet,
    /// … that are in this one too, where there is one …
    pub and: Option<&'a SkuSet>,
    /// … at these moments: do the rules …
    pub window: Window,
    /// … of a smaller order than this …
    pub order: u32,
    /// … for which this holds, take them all?
    pub among: &'a dyn Fn(usize) -> bool,
}

/// Who takes the SKUs of a contest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// None of the rules takes this SKU in this window.
    Free(String, Window),
    /// Between them, these rules take every possible SKU at every moment.
    Taken(Vec<usize>),
    /// The search was given up.
    Unknown,
}

/// Who takes one SKU.
enum Verdict {
    Free(Window),
    /// One rule, all the time.
    By(usize),
    /// Several rules one after the other; at this moment one of them stops.
    Until(Timestamp),
}

impl<'a> Precedence<'a> {
    /// The rules that are on and have no fault. A rule that is missing could only take more.
    pub(super) fn new(checked: &'a Checked) -> Self {
        let on = checked.rules.iter().filter(|rule| rule.on);
        let mut rules: Vec<_> = on.filter_map(|rule| Some((rule, rule.rule.as_ref()?))).collect();
        rules.sort_by(|(_, a), (_, b)| (a.order, &a.name).cmp(&(b.order, &b.name)));
        Self { rules, matcher: OnceCell::new(), effort: Effort::new(STEPS_MAX) }
    }

    /// The rules that may take SKUs of this list, by an index of all of them; nothing where the search was given up.
    pub(super) fn near(&mut self, skus: &SkuSet, index: &Index<'_>) -> Option<Vec<usize>> {
        index.near_within(skus, &mut self.effort)
    }

    pub(super) fn rules(&self) -> impl ExactSizeIterator<Item = &'a Rule> + '_ {
        self.rules.iter().map(|(_, rule)| *rule)
    }

    pub(super) fn rule(&self, rank: usize) -> Option<&'a Rule> {
        self.rules.get(rank).map(|(_, rule)| *rule)
    }

    pub(super) fn checked(&self, rank: usize) -> Option<&'a CheckedRule> {
        self.rules.get(rank).map(|(checked, _)| *checked)
    }

    /// The rules that match a SKU, whenever they are active, in the order in which they are tried.
    pub(super) fn matching(&self, sku: &str) -> Vec<usize> {
        let sets = || self.rules().map(|rule| &rule.skus).enumerate().collect::<Vec<_>>();
        self.matcher.get_or_init(|| Matcher::new(&sets())).matches_all(sku)
    }

    /// The rules of smaller order that between them take a SKU whenever a rule is active, of those that match it; nothing where they
    /// do not.
    pub(super) fn takers(&self, matching: &[usize], rank: usize) -> Option<Vec<usize>> {
        let rule = self.rule(rank)?;
        let (mut by, mut open) = (Vec::new(), vec![rule.window]);
        let contest =
            Contest { skus: &rule.skus, and: None, window: rule.window, order: rule.order, among: &|_| true };
        while let Some(window) = open.pop() {
            match self.judge(matching, &contest, &window, &by) {
                Verdict::Free(_) => return None,
                Verdict::By(rank) => by.push(rank),
                Verdict::Until(moment) => {
                    open.push(Window { from: Some(moment), ..window });
                    open.push(Window { until: Some(moment), ..window });
                }
            }
        }
        Some(by)
    }

    /// Whether smaller orders take every SKU that a rule matches, whenever it is active.
    pub(super) fn shadow(&mut self, rank: usize, among: &dyn Fn(usize) -> bool) -> Outcome {
        let Some(rule) = self.rule(rank) else { return Outcome::Unknown };
        let contest = Contest { skus: &rule.skus, and: None, window: rule.window, order: rule.order, among };
        match self.decide(&contest) {
            Outcome::Taken(by) => Outcome::Taken(self.needed(&contest, by)),
            outcome => outcome,
        }
    }

    /// Counterexample by counterexample: a SKU that no rule found so far takes names the next rule, or decides.
    ///
    /// Where a SKU is taken by several rules one after the other, the window is cut in two. So only rules and
    /// moments are looked at that matter to some SKU.
    pub(super) fn decide(&mut self, contest: &Contest<'_>) -> Outcome {
        let mut by = Vec::new();
        if let Err((sku, window)) = self.literals(contest, &mut by) {
            return Outcome::Free(sku, window);
        }
        let mut open = vec![contest.window];
        for _ in 0..ROUNDS_MAX {
            let Some(window) = open.last().copied() else {
                by.sort_unstable();
                return Outcome::Taken(by);
            };
            let outside: Vec<&SkuSet> = by
                .iter()
                .filter_map(|rank| self.rule(*rank))
                .filter(|rule| rule.window.covers(&window))
                .map(|rule| &rule.skus)
                .collect();
            let sought = Sought { within: contest.skus, and: contest.and, outside: &outside };
            let sku = match find(&sought, &mut self.effort) {
                Overlap::Witness(sku) => sku,
                Overlap::Unknown => return Outcome::Unknown,
                Overlap::Disjoint => {
                    open.pop();
                    continue;
                }
            };
            if !self.effort.spend(self.rules.len() / RULES_A_STEP) {
                return Outcome::Unknown;
            }
            match self.judge(&self.matching(&sku), contest, &window, &by) {
                Verdict::Free(window) => return Outcome::Free(sku, window),
                Verdict::By(rank) => by.push(rank),
                Verdict::Until(moment) => {
                    open.pop();
                    open.push(Window { from: Some(moment), ..window });
                    open.push(Window { until: Some(moment), ..window });
                }
            }
        }
        Outcome::Unknown
    }

    /// Literals need no search: each is judged, and names its rule.
    fn literals(&self, contest: &Contest<'_>, by: &mut Vec<usize>) -> Result<(), (String, Window)> {
        if contest.and.is_some() {
            return Ok(());
        }
        for (sku, _) in contest.skus.literals().filter(|(sku, sure)| *sure || contest.skus.matches(sku)) {
            match self.judge(&self.matching(sku), contest, &contest.window, by) {
                Verdict::Free(window) => return Err((sku.to_owned(), window)),
                Verdict::By(rank) if !by.contains(&rank) => by.push(rank),
                Verdict::By(_) | Verdict::Until(_) => {}
            }
        }
        Ok(())
    }

    /// Of the rules that match a SKU; one that is known already is as good as another.
    fn judge(&self, matching: &[usize], contest: &Contest<'_>, window: &Window, known: &[usize]) -> Verdict {
        let earlier = |rank: &usize| self.rule(*rank).is_some_and(|rule| rule.order < contest.order);
        let mut takers: Vec<(usize, Window)> = matching
            .iter()
            .copied()
            .take_while(earlier)
            .filter(|rank| (contest.among)(*rank))
            .filter_map(|rank| Some((rank, self.rule(rank)?.window.overlap(window)?)))
            .collect();
        let throughout = || takers.iter().filter(|(_, taken)| taken == window).map(|(rank, _)| *rank);
        if let Some(rank) = throughout().find(|rank| known.contains(rank)).or_else(|| throughout().next()) {
            return Verdict::By(rank);
        }
        takers.sort_by_key(|(_, taken)| taken.from);
        let mut gap = *window;
        for (_, taken) in &takers {
            if taken.from > gap.from {
                return Verdict::Free(Window { until: taken.from, ..gap });
            }
            match taken.until {
                Some(until) if Some(until) != window.until => gap.from = gap.from.max(Some(until)),
                _ => return gap.from.map_or(Verdict::Free(gap), Verdict::Until),
            }
        }
        Verdict::Free(gap)
    }

    /// The rules without those that the others make superfluous, the last first.
    fn needed(&mut self, contest: &Contest<'_>, mut by: Vec<usize>) -> Vec<usize> {
        if by.len() > NEEDED_FROM_MAX {
            return by;
        }
        for rank in by.clone().into_iter().rev() {
            if by.len() < 2 {
                break;
            }
            let among = |other: usize| other != rank && by.contains(&other);
            if let Outcome::Taken(fewer) = self.decide(&Contest { among: &among, ..*contest }) {
                by = fewer;
            }
        }
        by
    }
}

#[cfg(test)]
#[path = "precedence_tests.rs"]
pub(super) mod tests;
