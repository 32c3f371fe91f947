//! Every lint on a case that has it and on one that does not.

mod history;
mod lists;
mod skus;
mod static_levels;
mod stock;
mod windows;

use super::{Context, History, Survey, at_levels, lint};
use crate::catalog::{Catalog, Rows};
use crate::check::check;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::Declared;
use crate::source::Sources;
use crate::syntax::parse;
use crate::threads::Threads;

pub(super) fn declared() -> Declared {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Declared {
        warehouses: names(&["jakarta", "batam"]),
        stores: names(&["shopee_id", "lazada_id"]),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    }
}

/// Findings over a small catalog: `NIKE-42` in both stores, `NIKE-43` and `SOAP` in `shopee_id` alone. Those of the lints
/// that have cases of their own below are left out.
pub(super) fn found(text: &str) -> Vec<Diagnostic> {
    found_in(text, true)
}

/// Findings with that catalog, or without one.
pub(super) fn found_in(text: &str, with_catalog: bool) -> Vec<Diagnostic> {
    let elsewhere = ("SS109", "SS118");
    let case = Case { with_catalog, ..Case::default() };
    found_over(text, &case, |code| code.code < elsewhere.0 || code.code > elsewhere.1)
}

/// What lints look at besides the text.
pub(super) struct Case<'a> {
    pub(super) skus: &'a [&'a str],
    pub(super) stock: &'a [(&'a str, &'a str, i64)],
    pub(super) mappings: &'a [(&'a str, &'a str, &'a str, u32)],
    pub(super) bundles: &'a [(&'a str, &'a str, u32)],
    pub(super) history: Option<History>,
    pub(super) at: &'a str,
    pub(super) with_catalog: bool,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            skus: &["NIKE-42", "NIKE-43", "SOAP"],
            stock: &[],
            mappings: &[
                ("NIKE-42", "shopee_id", "a", 1),
                ("NIKE-42", "lazada_id", "b", 1),
                ("NIKE-43", "shopee_id", "c", 1),
                ("SOAP", "shopee_id", "d", 1),
            ],
            bundles: &[],
            history: None,
            at: "1970-01-01T00:00:00Z",
            with_catalog: true,
        }
    }
}

pub(super) fn found_over(
    text: &str,
    case: &Case<'_>,
    wanted: impl Fn(&'static Code) -> bool,
) -> Vec<Diagnostic> {
    let declared = declared();
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (ast, faults) = parse(file, text);
    assert_eq!(faults, []);
    let files = [(file, ast)];
    let (checked, faults) = check(&files, &declared);
    assert_eq!(faults, []);
    let catalog = Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: case.skus,
        stock: case.stock,
        mappings: case.mappings,
        bundles: case.bundles,
    });
    let context = Context {
        files: &files,
        rules: checked.rule_set(),
        checked: &checked,
        catalog: case.with_catalog.then_some(&catalog),
        sources: &sources,
        history: case.history.as_ref(),
        declared: &declared,
        at: case.at.parse().unwrap(),
        survey: Survey::default(),
    };
    lint(&context, Threads::ONE, wanted)
}

/// What one lint finds, as messages with the text that they point at.
#[track_caller]
fn check_one(name: &str, text: &str, case: &Case<'_>, expect: &[&str]) {
    let found = found_over(text, case, |code| code.name == name);
    let lines: Vec<String> =
        found.iter().map(|finding| format!("{} [{}]", finding.message, pointed_at(text, finding))).collect();
    assert_eq!(lines, expect);
}

/// The text after the fixes of one lint.
#[track_caller]
fn check_fixed(name: &str, text: &str, case: &Case<'_>, safe: bool, expect: &str) {
    let found = found_over(text, case, |code| code.name == name);
    let fixes = found.iter().flat_map(|finding| &finding.fixes);
    assert!(fixes.clone().all(|fix| fix.safe == safe));
    let edits: Vec<_> = fixes.flat_map(|fix| fix.edits.clone()).collect();
    assert_eq!(crate::edit::apply(text, &edits).as_deref(), Some(expect));
}

fn pointed_at<'a>(text: &'a str, finding: &Diagnostic) -> &'a str {
    finding.span.and_then(|span| text.get(span.start as usize..span.end as usize)).unwrap_or("")
}

#[track_caller]
fn check_found(text: &str, expect: &[&str]) {
    check_findings(&found(text), text, expect);
}

#[track_caller]
pub(super) fn check_findings(found: &[Diagnostic], text: &str, expect: &[&str]) {
    let lines: Vec<String> = found
        .iter()
        .map(|finding| format!("{}: {} [{}]", finding.code.name, finding.message, pointed_at(text, finding)))
        .collect();
    assert_eq!(lines, expect);
}

fn rule(fields: &str) -> String {
    format!("rule \"R\" {{ order 1 warehouses all {fields} }}")
}

#[test]
fn unknown_sku() {
    check_found(
        &rule("stores shopee_id skus \"NIKE-24\", \"SO??\" except \"SOUP\""),
        &[
            "unknown-sku: no SKU `NIKE-24` in the catalog [\"NIKE-24\"]",
            "unknown-sku: no SKU `SOUP` in the catalog [\"SOUP\"]",
        ],
    );
    let help =
        found(&rule("stores shopee_id skus \"NIKE-24\"")).first().and_then(|finding| finding.help.clone());
    assert_eq!(help.as_deref(), Some("did you mean `NIKE-42`?"));
    check_found("let gone = \"SOAP*\", \"NIKE-4?\"", &[]);
}

#[test]
fn pattern_matches_nothing() {
    check_found(
        &rule("stores shopee_id skus \"NIKE-*\", \"*-44\", \"SOA\" except \"SOAP-*\""),
        &[
            "unknown-sku: no SKU `SOA` in the catalog [\"SOA\"]",
            "pattern-matches-nothing: no SKU of the catalog matches `*-44` [\"*-44\"]",
        ],
    );
    check_found(&rule("stores shopee_id skus \"?OAP\", \"NIKE-*\""), &[]);
}

#[test]
fn unmapped_store() {
    check_found(
        &rule("stores all skus all"),
        &[
            "unmapped-store: 2 SKUs of rule `R` have no listing in store `lazada_id`: `NIKE-43`, `SOAP` [rule \"R\" {]",
        ],
    );
    check_found(&rule("stores all skus \"NIKE-42\""), &[]);
    check_found("rule \"R\" off { order 1 warehouses all stores all skus all }", &[]);
}

#[test]
fn priority_not_above_threshold() {
    let fields = "stores shopee_id skus all threshold 10 priority store shopee_id below 10";
    check_found(
        &rule(fields),
        &[
            "priority-not-above-threshold: priority below 10 is ignored: the threshold is 10 [priority store shopee_id below 10]",
        ],
    );
    check_found(
        &rule("stores shopee_id skus all priority store shopee_id below 0"),
        &[
            "priority-not-above-threshold: priority below 0 is ignored: the threshold is 0 [priority store shopee_id below 0]",
        ],
    );
    check_found(&rule("stores shopee_id skus all threshold 10 priority store shopee_id below 11"), &[]);
}

#[test]
fn levels_are_the_projects_but_for_errors() {
    let all = found(&rule("stores all skus all, \"X\"").replace("all, \"X\"", "\"X\", \"Y-*\""));
    let kept = at_levels(all.clone(), |code| (code.name == "unknown-sku").then_some(Level::Allow));
    assert_eq!((all.len(), kept.len()), (2, 1));
    let denied = at_levels(all, |_| Some(Level::Deny));
    assert!(denied.iter().all(|finding| finding.level == Level::Deny));
    let error = Diagnostic::new(&crate::diagnostic::codes::SYNTAX, None, "x");
    assert_eq!(at_levels(vec![error], |_| Some(Level::Allow)).len(), 1);
}
