//! `partly-shadowed-store`: a store that a rule names in vain for SKUs that an earlier rule takes.

use super::Context;
use super::names::names;
use super::precedence::{Contest, Outcome, Precedence};
use crate::catalog::{Catalog, SkuId};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::pattern::{Index, SkuSet};
use crate::rules::{Rule, StoreId, Window};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// `partly-shadowed-store`.
pub(super) static PARTLY_SHADOWED_STORE: Code = Code {
    code: "SS106",
    name: "partly-shadowed-store",
    level: Level::Warn,
    what: "a store that a rule names for SKUs that a rule of smaller order takes without that store",
    why: "the rule of the smallest order decides on a SKU as a whole, so the store is left alone for these SKUs: it keeps whatever number it has, whatever is sold elsewhere",
    bad: "rule \"Air\" { order 10 skus \"NIKE-AIR-*\" warehouses all stores shopee_id }\nrule \"Nike\" { order 20 skus \"NIKE-*\" warehouses all stores shopee_id, lazada_id }",
    good: "rule \"Air\" { order 10 skus \"NIKE-AIR-*\" warehouses all stores shopee_id, lazada_id }\nrule \"Nike\" { order 20 skus \"NIKE-*\" warehouses all stores shopee_id, lazada_id }",
};

/// After so many rules that leave a store alone, the search for more ends.
const TAKERS_MAX: usize = 3;

/// So many moments are counted at.
const MOMENTS_MAX: usize = 8;

/// A store of a rule that others leave alone for SKUs of the rule.
#[derive(Clone, Default)]
struct Gap {
    takers: Vec<usize>,
    /// A SKU for which it is left alone.
    witness: Option<String>,
    /// The first moment at which it is known to be; now, where it is now.
    since: Option<Timestamp>,
    /// How many SKUs of the catalog it is left alone for at that moment, and one of them.
    count: u64,
    example: Option<SkuId>,
    /// For some rule it could not be told for every possible SKU: the catalog's are what is known.
    unsure: bool,
}

/// By the stores of a rule.
type Gaps = Vec<(StoreId, Gap)>;

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut precedence = Precedence::new(context.checked);
    let sets: Vec<&SkuSet> = precedence.rules().map(|rule| &rule.skus).collect();
    let mut index = None;
    let mut all: Vec<Option<Gaps>> = Vec::new();
    let mut stores_seen: BTreeSet<Vec<StoreId>> = BTreeSet::new();
    for rank in 0..sets.len() {
        let stores = precedence.rule(rank).map(stores).unwrap_or_default();
        let may = stores_seen.iter().any(|earlier| lacks(earlier, &stores).next().is_some());
        let gaps = may.then(|| {
            let index = index.get_or_insert_with(|| Index::new(&sets));
            gaps(&mut precedence, rank, index, context.at)
        });
        stores_seen.insert(stores);
        // What never wins is another lint's business.
        let gaps = gaps.filter(|gaps| gaps.iter().any(|(_, gap)| gap.unsure || !gap.takers.is_empty()));
        all.push(gaps.filter(|_| !matches!(precedence.shadow(rank, &|_| true), Outcome::Taken(_))));
    }
    if let Some(catalog) = context.catalog.filter(|_| all.iter().any(Option::is_some)) {
        count(catalog, &precedence, &mut all);
    }
    found.extend(unknown(&precedence, &all));
    for (rank, gaps) in all.into_iter().enumerate() {
        let mut gaps = gaps.unwrap_or_default();
        gaps.retain(|(_, gap)| !gap.takers.is_empty());
        while let Some((_, first)) = gaps.first().cloned() {
            let key = |gap: &Gap| (gap.takers.clone(), gap.since, gap.count);
            let same = |gap: &Gap| key(gap) == key(&first);
            let (group, rest): (Gaps, Gaps) = gaps.into_iter().partition(|(_, gap)| same(gap));
            gaps = rest;
            let stores: Vec<StoreId> = group.into_iter().map(|(store, _)| store).collect();
            found.extend(finding(context, &precedence, rank, &stores, &first));
        }
    }
}

fn stores(rule: &Rule) -> Vec<StoreId> {
    rule.stores.iter().map(|line| line.store).collect()
}

/// The stores of a rule that are not among an earlier one's.
fn lacks<'a>(earlier: &'a [StoreId], rule: &'a [StoreId]) -> impl Iterator<Item = StoreId> + 'a {
    rule.iter().copied().filter(|store| earlier.binary_search(store).is_err())
}

/// Who leaves the stores of a rule alone, at `at` or later.
fn gaps(precedence: &mut Precedence<'_>, rank: usize, index: &Index<'_>, at: Timestamp) -> Gaps {
    let Some(rule) = precedence.rule(rank) else { return Vec::new() };
    let mut gaps: Gaps = rule.stores.iter().map(|line| (line.store, Gap::default())).collect();
    let from_now = Window { from: Some(at), until: None };
    let Some(from_now) = rule.window.overlap(&from_now) else { return gaps };
    let Some(near) = precedence.near(&rule.skus, index) else {
        gaps.iter_mut().for_each(|(_, gap)| (gap.unsure, gap.since) = (true, from_now.from));
        return gaps;
    };
    for other in near.into_iter().take_while(|other| *other < rank) {
        let Some(earlier) = precedence.rule(other) else { continue };
        let lacking: Vec<StoreId> = lacks(&stores(earlier), &stores(rule)).collect();
        let wanted = |gaps: &Gaps, store: StoreId| {
            gaps.iter().any(|(of, gap)| *of == store && gap.takers.len() < TAKERS_MAX)
        };
        if earlier.order == rule.order || !lacking.iter().any(|store| wanted(&gaps, *store)) {
            continue;
        }
        let Some(window) = from_now.overlap(&earlier.window) else { continue };
        let contest = Contest {
            skus: &rule.skus,
            and: Some(&earlier.skus),
            window,
            order: earlier.order,
            among: &|_| true,
        };
        let outcome = precedence.decide(&contest);
        for (_, gap) in gaps.iter_mut().filter(|(store, _)| lacking.contains(store)) {
            match &outcome {
                Outcome::Free(sku, window) => {
                    gap.takers.push(other);
                    gap.since = gap.since.into_iter().chain(window.from).min();
                    gap.witness.get_or_insert_with(|| sku.clone());
                }
                Outcome::Unknown => {
                    gap.unsure = true;
                    gap.since = gap.since.or(window.from);
                }
                Outcome::Taken(_) => {}
            }
        }
    }
    gaps
}

/// Counts over the catalog, at the moments at which stores are first left alone.
fn count(catalog: &Catalog, precedence: &Precedence<'_>, all: &mut [Option<Gaps>]) {
    let moments: BTreeSet<Timestamp> =
        all.iter().flatten().flatten().filter_map(|(_, gap)| gap.since).collect();
    let rules: Vec<(Vec<StoreId>, Window)> =
        precedence.rules().map(|rule| (stores(rule), rule.window)).collect();
    for id in (0..catalog.sku_count() as u32).map(SkuId).filter(|id| catalog.is_declared(*id)) {
        let matching = precedence.matching(catalog.sku(id));
        if matching.len() < 2 {
            continue;
        }
        for at in moments.iter().take(MOMENTS_MAX) {
            let active = |rank: &&usize| rules.get(**rank).is_some_and(|(_, window)| window.contains(*at));
            let mut active = matching.iter().filter(active);
            let Some(first) = active.next() else { continue };
            let Some((winner, _)) = rules.get(*first) else { continue };
            for rank in active {
                let (Some((stores, _)), Some(Some(gaps))) = (rules.get(*rank), all.get_mut(*rank)) else {
                    continue;
                };
                for store in lacks(winner, stores) {
                    for (_, gap) in gaps.iter_mut().filter(|(of, gap)| *of == store && gap.since == Some(*at))
                    {
                        gap.count += 1;
                        gap.example.get_or_insert(id);
                        if gap.unsure && gap.takers.len() < TAKERS_MAX && !gap.takers.contains(first) {
                            gap.takers.push(*first);
                        }
                    }
                }
            }
        }
    }
}

/// One finding for all rules of which neither a proof nor the catalog tells.
fn unknown(precedence: &Precedence<'_>, all: &[Option<Gaps>]) -> Option<Diagnostic> {
    let is_unknown = |gaps: &Gaps| gaps.iter().any(|(_, gap)| gap.unsure && gap.takers.is_empty());
    let mut ranks =
        (0..).zip(all).filter(|(_, gaps)| gaps.as_ref().is_some_and(is_unknown)).map(|(rank, _)| rank);
    let first = precedence.rule(ranks.next()?)?;
    let others = match ranks.count() {
        0 => String::new(),
        1 => " and one more".to_owned(),
        more => format!(" and {more} more"),
    };
    let message =
        format!("for rule `{}`{others} it is unknown whether rules before leave a store alone", first.name);
    let mut finding = Diagnostic::new(&PARTLY_SHADOWED_STORE, first.head, message)
        .with_help("the patterns are too tangled to tell, and no SKU of a catalog shows it; write them with fewer `*` and `?`");
    finding.level = Level::Info;
    Some(finding)
}

fn finding(
    context: &Context<'_>,
    precedence: &Precedence<'_>,
    rank: usize,
    stores: &[StoreId],
    gap: &Gap,
) -> Option<Diagnostic> {
    let (rule, checked) = (precedence.rule(rank)?, precedence.checked(rank)?);
    let takers = gap.takers.iter().filter_map(|rank| precedence.rule(*rank));
    let by = names(takers.clone().map(|rule| rule.name.as_str()), gap.takers.len());
    let (rules, take, leave) = match gap.takers.len() {
        1 => ("rule", "takes", "leaves"),
        TAKERS_MAX.. => ("among others rules", "take", "leave"),
        _ => ("rules", "take", "leave"),
    };
    let store = |id: &StoreId| context.declared.stores.get(usize::from(id.0)).map_or("", String::as_str);
    let stores = names(stores.iter().map(store), stores.len());
    let message = format!(
        "{}{rules} {by} {take} {} first and {leave} {stores} alone",
        since(context, gap),
        skus(context, gap)
    );
    let help = format!("name {stores} in {by} too, or take these SKUs out of `{}` with `except`", rule.name);
    let place = checked.fields.stores.as_ref().map_or(rule.head, |stores| stores.span);
    let finding = Diagnostic::new(&PARTLY_SHADOWED_STORE, place, message).with_help(help);
    Some(takers.fold(finding, |finding, rule| {
        finding.with_related(rule.head, format!("order {}: takes them first", rule.order))
    }))
}

/// The SKUs that a store is left alone for: those of the catalog with their count, else one that could be.
fn skus(context: &Context<'_>, gap: &Gap) -> String {
    match gap.example.zip(context.catalog) {
        Some((id, catalog)) if gap.count == 1 => format!("`{}`", catalog.sku(id)),
        Some((id, catalog)) => format!("{} SKUs such as `{}`", gap.count, catalog.sku(id)),
        None => format!("SKUs such as `{}`", gap.witness.as_deref().unwrap_or("")),
    }
}

/// When it begins, where it has not begun.
fn since(context: &Context<'_>, gap: &Gap) -> String {
    let since = gap.since.filter(|since| *since > context.at);
    let since = since.map(|since| context.declared.timezone.to_datetime(since));
    since.map_or(String::new(), |since| {
        format!("from {} {:02}:{:02} on, ", since.date(), since.hour(), since.minute())
    })
}

#[cfg(test)]
#[path = "partly_shadowed_store_tests.rs"]
mod tests;
