//! The tests that stand in rule files: section 5 of the language.

use crate::catalog::{Catalog, Rows};
use crate::check::{CheckedTest, Expected, Step};
use crate::eval::{Candidates, available, numbers};
use crate::pattern::Scratch;
use crate::plan::Reason;
use crate::rules::{Declared, RuleSet, StoreId, WarehouseId};
use crate::source::Span;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How one test went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestResult<'a> {
    /// The test's name.
    pub name: &'a str,
    /// Where it stands.
    pub span: Span,
    /// How many numbers were compared.
    pub checked: usize,
    /// The numbers that are not as expected.
    pub failures: Vec<Failure<'a>>,
}

/// A number that is not as expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure<'a> {
    /// Where the expectation stands.
    pub span: Span,
    /// The SKU.
    pub sku: &'a str,
    /// The store's name.
    pub store: &'a str,
    /// What the test says; `None`: the store is left alone.
    pub expected: Option<u64>,
    /// What the rules give.
    pub got: Option<(u64, Reason)>,
    /// The rule that takes the SKU.
    pub rule: Option<&'a str>,
}

/// Runs a test. A test that sets no moment has no rule with a window for the SKUs it expects (`test-needs-moment`), so that
/// the moment it is run at does not matter.
pub fn run<'a>(test: &'a CheckedTest, rules: &'a RuleSet, declared: &'a Declared) -> TestResult<'a> {
    let mut bench = Bench {
        rules,
        declared,
        at: Timestamp::UNIX_EPOCH,
        stock: BTreeMap::new(),
        bundles: BTreeMap::new(),
    };
    let mut result = TestResult { name: &test.name, span: test.span, checked: 0, failures: Vec::new() };
    for step in &test.steps {
        match step {
            Step::At(moment) => bench.at = *moment,
            Step::Stock { sku, rows } => {
                bench.stock.insert(sku, rows);
            }
            Step::Bundle { sku, parts } => {
                bench.bundles.insert(sku, parts);
            }
            Step::Expect { sku, rows, .. } => bench.expect(sku, rows, &mut result),
        }
    }
    result
}

/// The stock and the moment that the statements so far have set.
struct Bench<'a> {
    rules: &'a RuleSet,
    declared: &'a Declared,
    at: Timestamp,
    stock: BTreeMap<&'a str, &'a [(WarehouseId, i64)]>,
    bundles: BTreeMap<&'a str, &'a [(String, u32)]>,
}

impl<'a> Bench<'a> {
    fn expect(&self, sku: &'a str, rows: &'a [(StoreId, Expected)], result: &mut TestResult<'a>) {
        let catalog = self.catalog(sku);
        let winner = Candidates::new(self.rules, self.at).winner(sku, &mut Scratch::default());
        let rule = winner.and_then(|rank| self.rules.rules().get(rank));
        let mut shown = Vec::new();
        if let (Some(rule), Some(id)) = (rule, catalog.find_sku(sku)) {
            numbers(rule, available(rule, &catalog, id), &mut shown);
        }
        for (store, expected) in rows {
            result.checked += 1;
            let working = shown.iter().find(|(named, _)| named == store).map(|(_, working)| working);
            let got = working.map(|working| (working.capped, working.reason));
            if got.map(|(units, _)| units) != expected.quantity {
                result.failures.push(Failure {
                    span: expected.span,
                    sku,
                    store: self.declared.stores.get(store.0 as usize).map_or("", String::as_str),
                    expected: expected.quantity,
                    got,
                    rule: rule.map(|rule| rule.name.as_str()),
                });
            }
        }
    }

    /// The SKU, its parts and their stock.
    fn catalog(&self, sku: &str) -> Catalog {
        let warehouse =
            |id: WarehouseId| self.declared.warehouses.get(id.0 as usize).map_or("", String::as_str);
        let rows =
            self.stock.iter().flat_map(|(sku, rows)| rows.iter().map(move |&(id, units)| (*sku, id, units)));
        let stock: Vec<_> = rows.map(|(sku, id, units)| (sku, warehouse(id), units)).collect();
        let parts = self.bundles.iter().flat_map(|(bundle, parts)| {
            parts.iter().map(move |(part, units)| (*bundle, part.as_str(), *units))
        });
        Catalog::build(Rows {
            warehouses: &self.declared.warehouses,
            stores: &self.declared.stores,
            skus: &[sku],
            stock: &stock,
            mappings: &[],
            bundles: &parts.collect::<Vec<_>>(),
        })
    }
}
