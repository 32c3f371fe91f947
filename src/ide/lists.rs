//! What a list of SKUs takes, from the tree alone: also where rules around it are faulty.

use super::View;
use crate::pattern::{Matcher, Pattern, Scratch, SkuSet, SkuTerm};
use crate::syntax::ast::{Let, Term, TermKind};
use std::collections::HashMap;
use std::sync::Arc;

/// Lists in lists, at most; deeper ones take nothing here.
const DEPTH_MAX: usize = 64;

/// What a list takes; nothing where it names itself.
pub(super) fn set_of(view: &View<'_>, list: &Let) -> SkuSet {
    let lists = view.lists().map(|list| (list.name.text.as_str(), list));
    set(&list.value, &lists.collect(), 0, &mut HashMap::new())
}

fn set<'a>(
    terms: &'a [Term],
    lists: &HashMap<&'a str, &'a Let>,
    depth: usize,
    known: &mut HashMap<&'a str, Arc<SkuSet>>,
) -> SkuSet {
    let (mut all, mut except) = (SkuSet::default(), false);
    for term in terms {
        let taken = match &term.kind {
            TermKind::Word(word) if word == "except" => {
                except = true;
                None
            }
            TermKind::Word(word) if word == "all" => Some(SkuTerm::All),
            TermKind::Word(word) => nested(word, lists, depth, known).map(SkuTerm::Set),
            TermKind::Text(text) => Pattern::parse(text).ok().map(SkuTerm::Pattern),
            _ => None,
        };
        if except { &mut all.except } else { &mut all.terms }.extend(taken);
    }
    all
}

fn nested<'a>(
    name: &'a str,
    lists: &HashMap<&'a str, &'a Let>,
    depth: usize,
    known: &mut HashMap<&'a str, Arc<SkuSet>>,
) -> Option<Arc<SkuSet>> {
    if let Some(set) = known.get(name) {
        return Some(set.clone());
    }
    let list = lists.get(name).filter(|_| depth < DEPTH_MAX)?;
    // A list that names itself finds nothing of itself while it is being made.
    known.insert(name, Arc::default());
    let made = Arc::new(set(&list.value, lists, depth + 1, known));
    known.insert(name, made.clone());
    Some(made)
}

/// How many SKUs of the catalog a set takes, and the first few of them.
pub(super) fn taken<'a>(view: &View<'a>, set: &SkuSet, shown_max: usize) -> Option<(usize, Vec<&'a str>)> {
    let catalog = view.catalog?;
    let matcher = Matcher::new(&[(0, set)]);
    let mut scratch = Scratch::default();
    let (mut count, mut shown) = (0, Vec::new());
    for sku in (0..catalog.sku_count() as u32).map(|sku| catalog.sku(crate::catalog::SkuId(sku))) {
        if matcher.first(sku, &mut scratch).is_some() {
            count += 1;
            shown.extend((shown.len() < shown_max).then_some(sku));
        }
    }
    Some((count, shown))
}
