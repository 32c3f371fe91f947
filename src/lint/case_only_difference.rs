//! `case-only-difference`: SKUs that a person would read as one.

use super::Context;
use crate::catalog::{Catalog, SkuId, quoted};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fold::{differences, fold_into};
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
    let groups = groups(catalog);
    found.extend(groups.iter().take(FINDINGS_MAX).map(|group| finding(catalog, group)));
    if let Some(more @ 1..) = groups.len().checked_sub(FINDINGS_MAX) {
        let what = if more == 1 { "group of SKUs differs" } else { "groups of SKUs differ" };
        let message = format!("{more} more {what} by case, white space or Unicode form alone");
        found.push(Diagnostic::new(&CASE_ONLY_DIFFERENCE, None, message));
    }
}

/// SKUs of one folded form, where there are several, each group and the groups in the order of the tables.
fn groups(catalog: &Catalog) -> Vec<Vec<SkuId>> {
    let hasher = FixedState::default();
    let mut folded = String::new();
    let mut hashes: Vec<(u64, SkuId)> = Vec::with_capacity(catalog.sku_count());
    for sku in (0..catalog.sku_count() as u32).map(SkuId) {
        fold_into(catalog.sku(sku), &mut folded);
        hashes.push((hasher.hash_one(&folded), sku));
    }
    hashes.sort_unstable();
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
