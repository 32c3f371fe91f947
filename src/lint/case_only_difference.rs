//! `case-only-difference`: SKUs that a person would read as one.

use super::Context;
use crate::catalog::{Catalog, SkuId, quoted};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fold::{differences, fold_into};
use crate::threads::Threads;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// `case-only-difference`.
pub(super) static CASE_ONLY_DIFFERENCE: Code = Code {
    code: "SS117",
    name: "case-only-difference",
    level: Level::Warn,
    what: "SKUs of the tables that differ by upper and lower case, white space or Unicode form alone",
    why: "they are different SKUs, so that stock counted under one is not there for the listings of the other; most often they are one, \
          written in two ways",
    bad: "# skus.csv\nsku,name\nNIKE-AIR-42,Nike Air\n\n# mappings.csv\nsku,store,store_sku\nNike-Air-42,shopee_id,SPX-1",
    good: "# skus.csv\nsku,name\nNIKE-AIR-42,Nike Air\n\n# mappings.csv\nsku,store,store_sku\nNIKE-AIR-42,shopee_id,SPX-1",
};

/// So many groups of SKUs are reported; the rest is counted.
const FINDINGS_MAX: usize = 20;

/// So many SKUs of one group are named.
const NAMED_MAX: usize = 3;

/// So many SKUs of one group are looked at for what they differ by.
const COMPARED_MAX: usize = 1_000;

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(catalog) = context.catalog else { return };
    let groups = groups(catalog, context.survey.threads_for(catalog));
    found.extend(groups.iter().take(FINDINGS_MAX).map(|group| finding(catalog, group)));
    if let Some(more @ 1..) = groups.len().checked_sub(FINDINGS_MAX) {
        let what = if more == 1 { "group of SKUs differs" } else { "groups of SKUs differ" };
        let message = format!("{more} more {what} by case, white space or Unicode form alone");
        found.push(Diagnostic::new(&CASE_ONLY_DIFFERENCE, None, message));
    }
}

/// SKUs of one folded form, where there are several, each group and the groups in the order of the tables.
fn groups(catalog: &Catalog, threads: Threads) -> Vec<Vec<SkuId>> {
    let hasher = FixedState::default();
    let count = catalog.sku_count() as u32;
    let skus_each = count.div_ceil(threads.count() as u32).max(1);
    let shares = threads.each((0..count).step_by(skus_each as usize), |first| {
        let mut folded = String::new();
        let hash = |sku| {
            fold_into(catalog.sku(sku), &mut folded);
            (hasher.hash_one(&folded), sku)
        };
        let behind = first.saturating_add(skus_each).min(count);
        let mut hashes: Vec<(u64, SkuId)> = (first..behind).map(SkuId).map(hash).collect();
        hashes.sort_unstable();
        hashes
    });
    let mut hashes = shares.concat();
    // This sort goes through parts that are sorted already once.
    hashes.sort();
    let mut groups: Vec<Vec<SkuId>> = Vec::new();
    for same in hashes.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1) {
        groups.extend(of_one_hash(catalog, same));
    }
    groups.sort_unstable();
    groups
}

fn of_one_hash(catalog: &Catalog, same: &[(u64, SkuId)]) -> Vec<Vec<SkuId>> {
    let fold = |sku| {
        let mut folded = String::new();
        fold_into(catalog.sku(sku), &mut folded);
        folded
    };
    let mut folded: Vec<(String, SkuId)> = same.iter().map(|&(_, sku)| (fold(sku), sku)).collect();
    folded.sort_unstable();
    let groups = folded.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1);
    groups.map(|group| group.iter().map(|(_, sku)| *sku).collect()).collect()
}

fn finding(catalog: &Catalog, group: &[SkuId]) -> Diagnostic {
    let mut named: Vec<String> = group.iter().take(NAMED_MAX).map(|&sku| quoted(catalog.sku(sku))).collect();
    let last =
        if group.len() > NAMED_MAX { Some(format!("{} more", group.len() - NAMED_MAX)) } else { named.pop() };
    let (named, last) = (named.join(", "), last.unwrap_or_default());
    let first = group.first().map_or("", |&sku| catalog.sku(sku));
    let by = differences(first, group.iter().skip(1).take(COMPARED_MAX).map(|&sku| catalog.sku(sku)));
    let message = format!("SKUs {named} and {last} differ by {by} alone");
    let help = "if they are one SKU, write it in one way in every table";
    Diagnostic::new(&CASE_ONLY_DIFFERENCE, place(catalog, group), message).with_help(help)
}

/// Where the first of them stands that the table of SKUs does not have.
fn place(catalog: &Catalog, group: &[SkuId]) -> Option<crate::source::Span> {
    let sku = group.iter().find(|&&sku| !catalog.is_declared(sku))?;
    let undeclared = catalog.undeclared();
    let at = undeclared.partition_point(|(other, _)| other < sku);
    undeclared.get(at).filter(|(other, _)| other == sku).map(|(_, span)| *span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Rows;
    use std::num::NonZero;

    #[test]
    fn several_threads_find_what_one_finds() {
        let names = (0..50).map(|at| format!("{}-{}", if at % 3 == 0 { "a" } else { "A" }, at % 20));
        let skus: Vec<String> = names.collect();
        let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
        let rows =
            Rows { warehouses: &[], stores: &[], skus: &skus, stock: &[], mappings: &[], bundles: &[] };
        let catalog = Catalog::build(rows);
        let on = |count| groups(&catalog, Threads::new(NonZero::new(count).unwrap()));
        assert!(!on(1).is_empty());
        assert!([2, 3, 16].map(on).iter().all(|groups| *groups == on(1)));
    }
}
