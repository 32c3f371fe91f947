//! Items that change nothing in their lists.

use super::Context;
use super::beside::{Beside, Compiled};
use super::lists::{Kind, List, ListItem, lists, sku_set};
use super::removal::removals;
use crate::diagnostic::Edit;
use crate::hash::{HashMap, HashSet};
use crate::pattern::{Effort, Index, Overlap, SkuSet, Sought, find, meet_at_once};
use crate::source::Span;
use std::sync::Arc;

/// How much all searches of a lint may take together.
const STEPS_MAX: u64 = 20_000_000;
/// So many items of named lists are taken in; what names more is not judged.
const NAMED_ITEMS_MAX: usize = 2_000_000;
/// After so many exceptions it pays to index what they are taken from.
const EXCEPT_PLAINLY_MAX: usize = 8;

/// An item that changes nothing.
#[derive(Debug)]
pub(super) struct Idle {
    /// As a person would name it.
    pub said: String,
    pub span: Span,
    pub why: Why,
    /// What takes it out.
    pub edits: Vec<Edit>,
}

/// Why an item changes nothing.
#[derive(Debug)]
pub(super) enum Why {
    /// It stands behind `except`, and the list takes nothing of it.
    Useless,
    /// These stand beside it, and hold all of it between them.
    Redundant(Vec<(String, Span)>),
}

/// Every item that changes nothing. All of them can be taken out together.
pub(super) fn idle<'c>(context: &'c Context<'_>) -> &'c [Idle] {
    context.survey.idle(|| find_idle(context))
}

fn find_idle(context: &Context<'_>) -> Vec<Idle> {
    let mut judge =
        Judge { effort: Effort::new(STEPS_MAX), compiled: HashMap::default(), items_left: NAMED_ITEMS_MAX };
    let mut found = Vec::new();
    for list in lists(context) {
        let useless = judge.useless(&list);
        let items = judge.redundant(&list.items, list.ordered, &HashSet::default());
        let except = judge.redundant(&list.except, false, &useless);
        if useless.is_empty() && items.is_empty() && except.is_empty() {
            continue;
        }
        let why = |at: usize, by: &HashMap<usize, Vec<usize>>, among: &[ListItem<'_>]| {
            let by = by.get(&at)?.iter().filter_map(|other| among.get(*other));
            Some(Why::Redundant(by.map(|item| (item.said(), item.span)).collect()))
        };
        let of_items = (0..list.items.len()).map(|at| why(at, &items, &list.items));
        let of_except = (0..list.except.len()).map(|at| {
            if useless.contains(&at) { Some(Why::Useless) } else { why(at, &except, &list.except) }
        });
        let whys: Vec<Option<Why>> = of_items.chain(of_except).collect();
        let gone: Vec<bool> = whys.iter().map(Option::is_some).collect();
        let edits = removals(context, &list, &gone);
        for ((item, why), edits) in list.items.iter().chain(&list.except).zip(whys).zip(edits) {
            found.extend(why.map(|why| Idle { said: item.said(), span: item.span, why, edits }));
        }
    }
    found
}

pub(super) struct Judge {
    effort: Effort,
    /// By the address of the list, which lives as long as what is made of it.
    compiled: HashMap<*const SkuSet, Option<Arc<Compiled>>>,
    items_left: usize,
}

impl Judge {
    /// The exceptions that take nothing away.
    fn useless(&mut self, list: &List<'_>) -> HashSet<usize> {
        if list.all || list.except.is_empty() {
            return HashSet::default();
        }
        let names: HashSet<&str> = list.items.iter().flat_map(|item| item.names()).copied().collect();
        if !names.is_empty() {
            let idle = |item: &ListItem<'_>| !item.names().iter().any(|name| names.contains(name));
            return (0..list.except.len()).filter(|at| list.except.get(*at).is_some_and(idle)).collect();
        }
        if let ([taken], [item]) = (list.items.as_slice(), list.except.as_slice())
            && let (Kind::Pattern(_, taken), Kind::Pattern(_, item)) = (&taken.kind, &item.kind)
            && meet_at_once(taken, item, &mut self.effort)
        {
            return HashSet::default();
        }
        if !self.afford(&list.items) || !self.afford(&list.except) {
            return HashSet::default();
        }
        let taken = sku_set(&list.items, &[]);
        let index = (list.except.len() > EXCEPT_PLAINLY_MAX).then(|| Index::new(&[&taken]));
        let mut useless = HashSet::default();
        for (at, item) in list.except.iter().enumerate() {
            let set = sku_set(std::slice::from_ref(item), &[]);
            let sought = Sought { within: &set, and: Some(&taken), outside: &[] };
            let is_far = index.as_ref().is_some_and(|index| index.near(&set).is_empty());
            if is_far || find(&sought, &mut self.effort) == Overlap::Disjoint {
                useless.insert(at);
            }
        }
        useless
    }

    /// The items that others hold between them, each with these. `gone` are left out of account.
    fn redundant(
        &mut self,
        items: &[ListItem<'_>],
        ordered: bool,
        gone: &HashSet<usize>,
    ) -> HashMap<usize, Vec<usize>> {
        if items.len() < 2 {
            return HashMap::default();
        }
        if items.iter().any(|item| !item.names().is_empty()) {
            return redundant_names(items, ordered, gone);
        }
        if !self.afford(items) {
            return HashMap::default();
        }
        let mut beside = Beside::new(items, gone, self);
        let mut found = HashMap::default();
        // The narrow ones first, and of equals the last.
        for rank in 0..3 {
            for (at, item) in items.iter().enumerate().rev() {
                if rank_of(item) != rank || gone.contains(&at) {
                    continue;
                }
                if let Some(by) = beside.holds(at, item, &mut self.effort) {
                    beside.gone.insert(at);
                    found.insert(at, by);
                }
            }
        }
        // Those are named that stay.
        for (at, by) in &mut found {
            if let Some(kept) = items.get(*at).and_then(|item| beside.holds(*at, item, &mut self.effort)) {
                *by = kept;
            }
        }
        found
    }

    /// Whether the lists among the items can still be taken in.
    fn afford(&mut self, items: &[ListItem<'_>]) -> bool {
        items.iter().all(|item| match &item.kind {
            Kind::Skus(_, set) => self.compiled(set).is_some(),
            Kind::Pattern(..) | Kind::Names(..) => true,
        })
    }

    pub(super) fn compiled(&mut self, set: &Arc<SkuSet>) -> Option<Arc<Compiled>> {
        let left = &mut self.items_left;
        let made = self.compiled.entry(Arc::as_ptr(set)).or_insert_with(|| {
            let count = set.patterns().take(*left + 1).count();
            *left = left.checked_sub(count)?;
            Some(Arc::new(Compiled::new(set)))
        });
        made.clone()
    }
}

/// Literals, other patterns, lists.
fn rank_of(item: &ListItem<'_>) -> usize {
    match &item.kind {
        Kind::Pattern(_, pattern) if pattern.literal().is_some() => 0,
        Kind::Pattern(..) => 1,
        Kind::Skus(..) | Kind::Names(..) => 2,
    }
}

/// The names that an earlier item holds are held already. Where the order does not count, those that a later one
/// holds as well.
fn redundant_names(
    items: &[ListItem<'_>],
    ordered: bool,
    gone: &HashSet<usize>,
) -> HashMap<usize, Vec<usize>> {
    let mut found = HashMap::default();
    if each_name_once(items) {
        return found;
    }
    let mut first: HashMap<&str, usize> = HashMap::default();
    let here = || items.iter().enumerate().filter(|(at, _)| !gone.contains(at));
    for (at, item) in here() {
        let holders: Option<Vec<usize>> = item.names().iter().map(|name| first.get(name).copied()).collect();
        match holders {
            Some(by) => {
                found.insert(at, each_once(by));
            }
            None => item.names().iter().for_each(|name| _ = first.entry(name).or_insert(at)),
        }
    }
    if ordered {
        return found;
    }
    let mut holders: HashMap<&str, usize> = HashMap::default();
    let kept: Vec<_> = here().filter(|(at, _)| !found.contains_key(at)).collect();
    kept.iter().flat_map(|(_, item)| item.names()).for_each(|name| *holders.entry(name).or_default() += 1);
    let mut out: HashSet<usize> = found.keys().copied().collect();
    for (at, item) in &kept {
        if !item.names().iter().all(|name| holders.get(name).is_some_and(|count| *count > 1)) {
            continue;
        }
        item.names().iter().for_each(|name| _ = holders.entry(name).and_modify(|count| *count -= 1));
        out.insert(*at);
        let holder = |name: &&str| {
            kept.iter().find(|(other, item)| !out.contains(other) && item.names().contains(name))
        };
        let by = item.names().iter().filter_map(holder).map(|(other, _)| *other).collect();
        found.insert(*at, each_once(by));
    }
    found
}

/// Whether no name stands twice; most lists are a few names long, and none of theirs does.
fn each_name_once(items: &[ListItem<'_>]) -> bool {
    let mut names: Vec<&str> = items.iter().flat_map(|item| item.names()).copied().collect();
    names.sort_unstable();
    items.iter().all(|item| !item.names().is_empty()) && names.is_sorted_by(|one, next| one < next)
}

fn each_once(mut by: Vec<usize>) -> Vec<usize> {
    by.sort_unstable();
    by.dedup();
    by
}

#[cfg(test)]
#[path = "items_properties.rs"]
mod properties;
