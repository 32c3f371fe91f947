//! Which merchant SKU a store's listing sells, found by its store SKU; and where listings and mappings do not fit together.

mod check;

pub use check::{Finding, Listed, check};

use crate::fold::{without_blanks, without_case};
use std::collections::{BTreeMap, BTreeSet};

/// In what a store SKU may differ from the merchant SKU that it means.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tolerance {
    /// Upper and lower case.
    pub case: bool,
    /// White space.
    pub blanks: bool,
    /// One of these may stand before it.
    pub prefixes: Vec<String>,
    /// One of these may stand behind it.
    pub suffixes: Vec<String>,
}

/// What becomes of a store SKU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Match<'a> {
    /// It is a merchant SKU, letter by letter.
    Exact(&'a str),
    /// It is one, but for what may differ.
    Near(&'a str),
    /// It may be one of several: a guess, and so none.
    Several(Vec<&'a str>),
    /// It is none.
    None,
}

/// Merchant SKUs, to be found by store SKUs.
#[derive(Debug)]
pub struct Skus<'a> {
    tolerance: &'a Tolerance,
    exact: BTreeSet<&'a str>,
    by_key: BTreeMap<String, Vec<&'a str>>,
}

impl<'a> Skus<'a> {
    /// These, with this tolerance.
    pub fn new(skus: impl IntoIterator<Item = &'a str>, tolerance: &'a Tolerance) -> Self {
        let exact: BTreeSet<&str> = skus.into_iter().collect();
        let mut by_key: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for &sku in &exact {
            by_key.entry(tolerance.key(sku)).or_default().push(sku);
        }
        Self { tolerance, exact, by_key }
    }

    /// What a store SKU means. One that is a merchant SKU letter by letter is that one, whatever else it resembles.
    pub fn find(&self, store_sku: &str) -> Match<'a> {
        if let Some(&sku) = self.exact.get(store_sku) {
            return Match::Exact(sku);
        }
        let keys = self.tolerance.keys(store_sku);
        let found: BTreeSet<&str> =
            keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (None, _) => Match::None,
            (Some(sku), None) => Match::Near(sku),
            (Some(one), Some(two)) => Match::Several([one, two].into_iter().chain(found).collect()),
        }
    }
}

impl Tolerance {
    fn key(&self, text: &str) -> String {
        let text = if self.blanks { without_blanks(text) } else { text.to_owned() };
        if self.case { without_case(&text) } else { text }
    }

    /// The text as it is, and without one prefix, one suffix, or both.
    fn keys(&self, text: &str) -> BTreeSet<String> {
        let key = self.key(text);
        let prefixes: Vec<String> = self.prefixes.iter().map(|prefix| self.key(prefix)).collect();
        let suffixes: Vec<String> = self.suffixes.iter().map(|suffix| self.key(suffix)).collect();
        let mut keys = BTreeSet::new();
        for body in [Some(key.as_str())]
            .into_iter()
            .chain(prefixes.iter().map(|prefix| key.strip_prefix(prefix.as_str())))
        {
            let Some(body) = body else { continue };
            let cut = suffixes.iter().filter_map(|suffix| body.strip_suffix(suffix.as_str()));
            keys.extend([body].into_iter().chain(cut).filter(|key| !key.is_empty()).map(str::to_owned));
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(skus: &[&str], tolerance: &Tolerance, expect: &[(&str, Match<'_>)]) {
        let skus = Skus::new(skus.iter().copied(), tolerance);
        for (store_sku, found) in expect {
            assert_eq!(&skus.find(store_sku), found, "{store_sku}");
        }
    }

    #[test]
    fn without_tolerance_only_the_same_is_the_same() {
        use Match::{Exact, None};
        check(
            &["AB-1"],
            &Tolerance::default(),
            &[("AB-1", Exact("AB-1")), ("ab-1", None), ("AB -1", None), ("", None)],
        );
    }

    #[test]
    fn case_and_white_space_may_differ() {
        use Match::{Exact, Near, Several};
        let both = Tolerance { case: true, blanks: true, ..Tolerance::default() };
        check(
            &["AB-1", "ab-1", "Straße", "ก 1"],
            &both,
            &[
                ("AB-1", Exact("AB-1")),
                ("aB-1", Several(vec!["AB-1", "ab-1"])),
                ("STRASSE", Near("Straße")),
                ("ก1", Near("ก 1")),
            ],
        );
        let case = Tolerance { case: true, ..Tolerance::default() };
        check(&["AB 1"], &case, &[("ab 1", Near("AB 1")), ("ab1", Match::None)]);
    }

    #[test]
    fn prefixes_and_suffixes_may_stand_around_it() {
        use Match::{Exact, Near, Several};
        let tolerance = Tolerance {
            case: true,
            prefixes: vec!["ID-".into()],
            suffixes: vec!["-new".into()],
            ..Tolerance::default()
        };
        check(
            &["100", "id-200", "200", "ID-"],
            &tolerance,
            &[
                ("id-100", Near("100")),
                ("ID-100-NEW", Near("100")),
                ("100-new", Near("100")),
                ("ID-200", Several(vec!["200", "id-200"])),
                ("id-200", Exact("id-200")),
                ("ID-ID-100", Match::None),
                ("-new", Match::None),
            ],
        );
    }
}
