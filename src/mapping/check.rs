//! Where a store's listings and its mappings do not fit together.

use super::{Match, Skus};
use crate::fold::{differences, fold_into};
use std::collections::{BTreeMap, BTreeSet};

/// A listing as the store shows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Listed {
    /// Its store SKU.
    pub store_sku: String,
    /// Its title, perhaps empty.
    pub title: String,
}

/// One thing that does not fit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Finding {
    /// A listing that no mapping names.
    UnmappedListing {
        /// The listing.
        listing: Listed,
        /// The merchant SKU that it seems to be, if it is clear.
        sku: Option<String>,
    },
    /// A mapping whose listing the store does not have.
    MissingListing {
        /// The store SKU of the mapping.
        store_sku: String,
        /// Its merchant SKU.
        sku: String,
        /// A listing whose store SKU differs by so little that a person would read it as the same, and by what.
        nearly: Option<(String, String)>,
    },
    /// A store SKU that the store has more than once: which one would be written is anybody's guess.
    DuplicateListing {
        /// The store SKU.
        store_sku: String,
        /// How often.
        count: usize,
    },
    /// Listings whose store SKUs differ by case, white space or Unicode form alone.
    AlikeListings {
        /// Their store SKUs, sorted.
        store_skus: Vec<String>,
        /// By what they differ.
        by: String,
    },
}

impl Finding {
    /// Its name, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UnmappedListing { .. } => "unmapped-listing",
            Self::MissingListing { .. } => "missing-listing",
            Self::DuplicateListing { .. } => "duplicate-listing",
            Self::AlikeListings { .. } => "alike-listings",
        }
    }
}

/// What does not fit between the listings of a store and its mappings (store SKU to merchant SKU), sorted.
pub fn check(listings: &[Listed], mappings: &BTreeMap<&str, &str>, skus: &Skus<'_>) -> Vec<Finding> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for listing in listings {
        *counts.entry(&listing.store_sku).or_default() += 1;
    }
    let twice = counts.iter().filter(|(_, count)| **count > 1);
    let mut found: Vec<Finding> = twice
        .map(|(store_sku, &count)| Finding::DuplicateListing { store_sku: (*store_sku).to_owned(), count })
        .collect();
    let alike = alike(counts.keys().copied());
    let distinct: BTreeSet<&Listed> = listings.iter().collect();
    let unmapped = distinct.into_iter().filter(|listing| !mappings.contains_key(listing.store_sku.as_str()));
    found.extend(unmapped.map(|listing| {
        let sku = match skus.find(&listing.store_sku) {
            Match::Exact(sku) | Match::Near(sku) => Some(sku.to_owned()),
            Match::Several(_) | Match::None => None,
        };
        Finding::UnmappedListing { listing: listing.clone(), sku }
    }));
    let missing = mappings.iter().filter(|(store_sku, _)| !counts.contains_key(*store_sku));
    found.extend(missing.map(|(store_sku, sku)| Finding::MissingListing {
        store_sku: (*store_sku).to_owned(),
        sku: (*sku).to_owned(),
        nearly: nearly(store_sku, &alike),
    }));
    found.extend(alike.values().filter(|group| group.len() > 1).map(|group| {
        let first = group.first().copied().unwrap_or_default();
        let by = differences(first, group.iter().skip(1).copied());
        Finding::AlikeListings { store_skus: group.iter().map(|&one| one.to_owned()).collect(), by }
    }));
    found.sort();
    found
}

/// Store SKUs by their folded form.
fn alike<'a>(store_skus: impl Iterator<Item = &'a str>) -> BTreeMap<String, Vec<&'a str>> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for store_sku in store_skus {
        groups.entry(folded(store_sku)).or_default().push(store_sku);
    }
    groups
}

fn nearly(store_sku: &str, alike: &BTreeMap<String, Vec<&str>>) -> Option<(String, String)> {
    match alike.get(&folded(store_sku))?.as_slice() {
        &[one] => Some((one.to_owned(), differences(store_sku, [one].into_iter()))),
        _ => None,
    }
}

fn folded(text: &str) -> String {
    let mut folded = String::new();
    fold_into(text, &mut folded);
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Tolerance;

    fn listed(store_sku: &str) -> Listed {
        Listed { store_sku: store_sku.to_owned(), title: String::new() }
    }

    #[track_caller]
    fn check_of(listings: &[&str], mappings: &[(&str, &str)], expect: &[Finding]) {
        let listings: Vec<Listed> = listings.iter().map(|sku| listed(sku)).collect();
        let tolerance = Tolerance { case: true, blanks: true, ..Tolerance::default() };
        let skus = Skus::new(["AB-1", "AB-2"], &tolerance);
        assert_eq!(check(&listings, &mappings.iter().copied().collect(), &skus), expect);
    }

    #[test]
    fn what_fits_is_no_finding() {
        check_of(&["x", "y"], &[("x", "AB-1"), ("y", "AB-2")], &[]);
    }

    #[test]
    fn each_side_may_lack_the_other() {
        check_of(
            &["ab-1", "zz"],
            &[("gone", "AB-2")],
            &[
                Finding::UnmappedListing { listing: listed("ab-1"), sku: Some("AB-1".into()) },
                Finding::UnmappedListing { listing: listed("zz"), sku: None },
                Finding::MissingListing { store_sku: "gone".into(), sku: "AB-2".into(), nearly: None },
            ],
        );
    }

    #[test]
    fn what_differs_by_little_is_named() {
        let nearly = Some(("x-1".to_owned(), "case".to_owned()));
        check_of(
            &["x-1"],
            &[("X-1", "AB-1")],
            &[
                Finding::UnmappedListing { listing: listed("x-1"), sku: None },
                Finding::MissingListing { store_sku: "X-1".into(), sku: "AB-1".into(), nearly },
            ],
        );
        let alike =
            Finding::AlikeListings { store_skus: vec!["X-1".into(), "x-1".into()], by: "case".into() };
        check_of(&["x-1", "X-1"], &[("X-1", "AB-1"), ("x-1", "AB-1")], &[alike]);
    }

    #[test]
    fn a_listing_that_stands_twice_is_named_once() {
        let twice = Finding::DuplicateListing { store_sku: "x".into(), count: 2 };
        check_of(&["x", "x"], &[("x", "AB-1")], &[twice]);
    }
}
