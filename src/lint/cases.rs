//! Every lint on a case that has it and on one that does not.

use super::{Context, at_levels, lint};
use crate::catalog::{Catalog, Rows};
use crate::check::check;
use crate::diagnostic::{Diagnostic, Level};
use crate::rules::Declared;
use crate::source::Sources;
use crate::syntax::parse;
use jiff::Timestamp;

pub(super) fn declared() -> Declared {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Declared {
        warehouses: names(&["jakarta", "batam"]),
        stores: names(&["shopee_id", "lazada_id"]),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 200,
    }
}

/// Findings over a small catalog: `NIKE-42` in both stores, `NIKE-43` and `SOAP` in `shopee_id` alone.
pub(super) fn found(text: &str) -> Vec<Diagnostic> {
    found_in(text, true)
}

/// Findings with that catalog, or without one.
pub(super) fn found_in(text: &str, with_catalog: bool) -> Vec<Diagnostic> {
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
        skus: &["NIKE-42", "NIKE-43", "SOAP"],
        mappings: &[
            ("NIKE-42", "shopee_id", "a", 1),
            ("NIKE-42", "lazada_id", "b", 1),
            ("NIKE-43", "shopee_id", "c", 1),
            ("SOAP", "shopee_id", "d", 1),
        ],
        ..Rows::default()
    });
    let context = Context {
        files: &files,
        rules: checked.rule_set(),
        checked: &checked,
        catalog: with_catalog.then_some(&catalog),
        sources: &sources,
        history: None,
        declared: &declared,
        at: Timestamp::UNIX_EPOCH,
    };
    lint(&context, |_| true)
}

#[track_caller]
fn check_found(text: &str, expect: &[&str]) {
    check_findings(&found(text), text, expect);
}

#[track_caller]
pub(super) fn check_findings(found: &[Diagnostic], text: &str, expect: &[&str]) {
    let lines: Vec<String> = found
        .iter()
        .map(|finding| {
            let at = finding
                .span
                .map_or("", |span| text.get(span.start as usize..span.end as usize).unwrap_or(""));
            format!("{}: {} [{at}]", finding.code.name, finding.message)
        })
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
