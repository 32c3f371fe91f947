use super::*;
use crate::config;
use crate::source::Sources;
use proptest::prelude::*;
use std::fs;

/// Stores of the connectors that are built with the tests, a few settings each, good and bad.
const STORES: &[&str] = &[
    "connector: csv, settings: { path: a.csv }",
    "connector: csv, settings: { paht: a.csv }",
    "connector: csv, settings: { path: 7, more: [1, { deep: true }] }",
    "connector: csv",
    "connector: csv, settings: { path: }",
    "connector: shopify, settings: { shop: 1 }",
    "connector: medusa, settings: { url: [] }",
    "connector: no-such",
    "connector: Not A Name",
];

fn config(stores: &[&str]) -> Config {
    let stores = stores.iter().enumerate().map(|(at, store)| format!("  s{at}: {{ {store} }}\n"));
    let text = format!("warehouses: [w]\nstores:\n{}", stores.collect::<String>());
    let mut sources = Sources::new();
    let file = sources.add("stocksync.yaml", &*text);
    config::read(file, &text).0
}

/// What is found, and whether something had to be loaded for it.
fn check(stores: &[&str], schemas: &Schemas) -> (Vec<Diagnostic>, bool) {
    let checking = check_stores(Path::new("/nowhere"), &config(stores), schemas);
    let loads = matches!(checking, Checking::Running(_));
    (checking.join().unwrap(), loads)
}

#[test]
fn with_what_is_kept_and_without_the_findings_are_the_same() {
    let cache = tempfile::tempdir().unwrap();
    let schemas = Schemas::within(cache.path());
    let plain = check(STORES, &Schemas::NONE).0;
    assert!(plain.iter().any(|finding| finding.message.contains("did you mean `path`?")));
    assert_eq!(check(STORES, &schemas), (plain.clone(), true));
    let files = || fs::read_dir(cache.path()).unwrap().count();
    assert_eq!(files(), 3, "one for each connector that there is");
    // That there is no connector is looked for anew each time.
    assert_eq!(check(STORES, &schemas), (plain, true));
    assert_eq!(files(), 3);
    let there = STORES.get(..7).unwrap();
    assert_eq!(check(there, &schemas), (check(there, &Schemas::NONE).0, false));
}

#[test]
fn what_is_kept_is_what_is_used() {
    let cache = tempfile::tempdir().unwrap();
    let schemas = Schemas::within(cache.path());
    let search = Search::of(Path::new("/nowhere"), &[]);
    let entry = schemas.entry("csv", &search).unwrap();
    entry.keep(&serde_json::json!({ "type": "string" }));
    let (found, loads) = check(&["connector: csv, settings: { path: a.csv }"], &schemas);
    let messages: Vec<_> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!((messages, loads), (vec!["store `s0`: must be text"], false));
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let cache = tempfile::tempdir().unwrap();
    let schemas = Schemas::within(cache.path());
    let stores = &STORES[..4];
    let plain = check(stores, &schemas);
    let file = fs::read_dir(cache.path()).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, "damaged").unwrap();
    assert_eq!(check(stores, &schemas), plain);
    assert_eq!(fs::read(&file).unwrap(), whole);
    assert_eq!(check(stores, &schemas), (plain.0, false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    /// Many stores a case: each case loads the library once.
    #[test]
    fn any_settings_are_judged_the_same(
        settings in prop::collection::vec(
            prop::collection::btree_map("path|paht|more", "a\\.csv|7|true|\\[\\]|\\{ path: x \\}|''", 0..3), 1..40,
        ),
    ) {
        let stores: Vec<String> = settings.iter().map(|settings| {
            let pairs: Vec<_> = settings.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("connector: csv, settings: {{ {} }}", pairs.join(", "))
        }).collect();
        let stores: Vec<&str> = stores.iter().map(String::as_str).collect();
        let cache = tempfile::tempdir().unwrap();
        let schemas = Schemas::within(cache.path());
        let plain = check(&stores, &Schemas::NONE).0;
        prop_assert_eq!(check(&stores, &schemas), (plain.clone(), true));
        prop_assert_eq!(check(&stores, &schemas), (plain, false));
    }
}
