//! Rules of another time, asked SKU by SKU: those under which an order was placed, long after others came into force.

use super::listed::{bound, of_store};
use super::{Bounds, Candidates, Number, Working, available, listed, numbers};
use crate::catalog::{Catalog, ListingId, SkuId};
use crate::pattern::Scratch;
use crate::rules::{Rule, RuleSet, StoreId};
use jiff::Timestamp;

/// Rules that are asked now and then. Nothing is kept but which of them are active.
pub struct Alone {
    rules: RuleSet,
    candidates: Candidates,
    /// Between these two moments the same rules are active.
    active: (Option<Timestamp>, Option<Timestamp>),
    scratch: Scratch,
    shown: Vec<(StoreId, Working)>,
}

impl Alone {
    /// Rules as they are at a moment.
    pub fn new(rules: RuleSet, at: Timestamp) -> Self {
        let candidates = Candidates::new(&rules, at);
        let active = rules.edges(at);
        Self { rules, candidates, active, scratch: Scratch::default(), shown: Vec::new() }
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// What each listing of a SKU should show at a moment, into `out`, which is emptied first; `None` where no rule takes it.
    /// Gives back the rule.
    pub fn numbers(
        &mut self,
        catalog: &Catalog,
        sku: SkuId,
        at: Timestamp,
        bounds: &[Bounds],
        out: &mut Vec<(ListingId, Option<Number>)>,
    ) -> Option<&Rule> {
        self.look(at);
        out.clear();
        self.shown.clear();
        let rank = self.candidates.winner(catalog.sku(sku), &mut self.scratch);
        let rule = rank.and_then(|rank| self.rules.rules().get(rank));
        if let Some(rule) = rule {
            numbers(rule, available(rule, catalog, sku), &mut self.shown);
        }
        let listings = catalog.listings_of_sku(sku).iter().zip(catalog.offers_of_sku(sku));
        out.extend(listings.map(|(&listing, (store, units))| {
            let working = of_store(&self.shown, store);
            (listing, working.map(|working| listed(working, units, bound(bounds, store))))
        }));
        rule
    }

    fn look(&mut self, at: Timestamp) {
        let (from, until) = self.active;
        if from.is_some_and(|from| at < from) || until.is_some_and(|until| until <= at) {
            self.candidates = Candidates::new(&self.rules, at);
            self.active = self.rules.edges(at);
        }
    }
}

impl std::fmt::Debug for Alone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Alone").field("rules", &self.rules.version()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Rows;
    use crate::eval::eval;
    use crate::rules::Declared;

    const RULES: &str = r#"
rule "sale" { order 1 skus "S1", "KIT" active from 2026-01-01 until 2026-02-01 warehouses w stores a, b rate 50% split a 2, b 1 }
rule "rest" { order 2 skus all except "S3" warehouses all stores a rate 100% cap 30 }
"#;

    /// At every moment, and in whatever order they are asked for, the numbers are those that `eval` gives.
    #[test]
    fn sku_by_sku_the_numbers_are_those_of_all_together() {
        let declared = Declared {
            warehouses: vec!["w".into(), "v".into()],
            stores: vec!["a".into(), "b".into()],
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 10,
        };
        let mut sources = crate::source::Sources::new();
        let file = sources.add("a.sync", RULES);
        let (checked, faults) =
            crate::check::check(&[(file, crate::syntax::parse(file, RULES).0)], &declared);
        assert_eq!(faults, []);
        let rules = checked.rule_set().cloned().unwrap_or_else(|| panic!("no rules"));
        let skus = ["S1", "S2", "S3", "KIT"];
        let mappings: Vec<_> = ["a", "b"]
            .iter()
            .flat_map(|store| {
                skus.iter().enumerate().map(move |(at, sku)| (*sku, *store, *sku, at as u32 + 1))
            })
            .collect();
        let catalog = Catalog::build(Rows {
            warehouses: &declared.warehouses,
            stores: &declared.stores,
            skus: &skus,
            stock: &[("S1", "w", 9), ("S1", "v", 4), ("S2", "w", -3), ("S3", "v", 70)],
            mappings: &mappings,
            bundles: &[("KIT", "S1", 1), ("KIT", "S3", 2)],
        });
        let bounds = [Bounds { min: 0, max: 20 }; 2];
        let moment = |text: &str| text.parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
        let mut alone = Alone::new(rules.clone(), moment("2026-01-05T00:00:00Z"));
        let mut out = Vec::new();
        for at in
            ["2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"]
        {
            let desired = eval(&rules, &catalog, moment(at), &bounds);
            for sku in (0..catalog.sku_count() as u32).map(SkuId) {
                let rule =
                    alone.numbers(&catalog, sku, moment(at), &bounds, &mut out).map(|rule| rule.name.clone());
                let winner = desired.winner(sku).map(|rank| rules.rules()[rank].name.clone());
                assert_eq!(rule, winner, "{} at {at}", catalog.sku(sku));
                let expected: Vec<_> = catalog
                    .listings_of_sku(sku)
                    .iter()
                    .map(|&listing| (listing, desired.number(listing)))
                    .collect();
                assert_eq!(out, expected, "{} at {at}", catalog.sku(sku));
            }
        }
    }
}
