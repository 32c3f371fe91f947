//! Whole configurations, and every fault at its place.

use super::*;
use crate::source::Sources;
use serde_json::json;

fn read_text(text: &str) -> (Config, Vec<(u32, u32, &'static str, String)>) {
    let mut sources = Sources::new();
    let file = sources.add("stocksync.yaml", text);
    let (config, diagnostics) = read(file, text);
    let told = diagnostics
        .into_iter()
        .map(|diagnostic| {
            let place = diagnostic.span.map(|span| sources.positions(span).0);
            let (line, column) = place.map_or((0, 0), |place| (place.line, place.column));
            let help = diagnostic.help.map(|help| format!(" ({help})")).unwrap_or_default();
            (line, column, diagnostic.code.name, format!("{}{help}", diagnostic.message))
        })
        .collect();
    (config, told)
}

#[track_caller]
fn faults(text: &str, expected: &[(u32, u32, &str, &str)]) {
    let (_, told) = read_text(text);
    let told: Vec<_> = told.iter().map(|(l, c, name, message)| (*l, *c, *name, message.as_str())).collect();
    assert_eq!(told, expected, "{text}");
}

/// One fault whose message starts so.
#[track_caller]
fn fault(text: &str, place: (u32, u32), start: &str) {
    let (_, told) = read_text(text);
    let places: Vec<_> = told.iter().map(|(line, column, ..)| (*line, *column)).collect();
    assert_eq!(places, [place], "{text}\n{told:?}");
    assert!(told.iter().all(|(.., message)| message.starts_with(start)), "{told:?}");
}

const WHOLE: &str = r#"# stocksync.yaml
inventory_features: true          # the master switch
timezone: Asia/Jakarta
rules: rules
catalog: { skus: catalog/skus.csv, stock: wms/stock.csv }
warehouses: [jakarta, batam]
stores:
  shopee_id:
    connector: shopee
    settings: { shop_id: 4711, code: "007", nested: { on: true, list: [1, two] } }
    secrets: { access_token: "env:SHOPEE_ID_TOKEN", key: "file:/run/secrets/key" }
    fulfil_from: [batam, jakarta]
    limits: { requests_per_second: 0.5, concurrency: 2, poll_seconds: 0 }
    paused: true
    read_before: always
    isolate: true
    drift: repair
  outlet:
    connector: csv
    settings: { path: stores/outlet.csv }
limits: { rules: 300 }
guards: { to_zero: 20%, changed: 50.5%, max_stock_age: 24h, missing_stock: off }
on_release: zero
state: sqlite:.stocksync/state.db
plugins: [plugins]
"#;

#[test]
fn everything_is_read() {
    let (config, told) = read_text(WHOLE);
    assert_eq!(told, []);
    assert!(config.inventory_features);
    assert_eq!(config.timezone.iana_name(), Some("Asia/Jakarta"));
    assert_eq!(
        (config.catalog.stock.as_str(), config.catalog.mappings.as_str()),
        ("wms/stock.csv", "catalog/mappings.csv")
    );
    assert_eq!(config.warehouses, ["jakarta", "batam"]);
    assert_eq!(config.declared().stores, ["shopee_id", "outlet"]);
    assert_eq!((config.rules_max, config.on_release), (300, OnRelease::Zero));
    assert_eq!(config.plugins, ["plugins"]);
    let guards = Guards {
        to_zero: Some(BasisPoints(2_000)),
        changed: Some(BasisPoints(5_050)),
        missing_stock: None,
        max_stock_age_seconds: Some(86_400),
    };
    assert_eq!(config.guards, guards);
    let Some(store) = config.stores.first() else { return assert_eq!(config.stores.len(), 2) };
    assert_eq!(store.connector, "shopee");
    assert_eq!(
        store.settings,
        json!({ "shop_id": 4711, "code": "007", "nested": { "on": true, "list": [1, "two"] } })
    );
    assert_eq!(store.fulfil_from, Some(vec![crate::rules::WarehouseId(1), crate::rules::WarehouseId(0)]));
    assert_eq!(
        store.limits,
        StoreLimits { requests_per_second: Some(0.5), concurrency: Some(2), poll_seconds: Some(0) }
    );
    assert_eq!((store.paused, store.isolate), (true, true));
    assert_eq!((store.read_before, store.drift), (ReadBefore::Always, Drift::Repair));
    let secrets: Vec<_> =
        store.secrets.iter().map(|(name, secret, _)| (name.as_str(), secret.clone())).collect();
    assert_eq!(
        secrets,
        [
            ("access_token", Secret::Env("SHOPEE_ID_TOKEN".into())),
            ("key", Secret::File("/run/secrets/key".into()))
        ]
    );
}

#[test]
fn everything_has_a_default() {
    for text in ["", "\n", "# nothing\n", "stores:\n", "{}", "\u{feff}rules: rules\n", "---\nrules: rules\n"]
    {
        let (config, told) = read_text(text);
        assert_eq!(told, [], "{text:?}");
        assert!(config.inventory_features && config.stores.is_empty());
        assert_eq!((config.rules.as_str(), config.rules_max), ("rules", 200));
        assert_eq!(config.timezone, TimeZone::UTC);
        assert_eq!(config.guards.to_zero, Some(BasisPoints(3_000)));
        assert_eq!(config.guards.changed, None);
        assert_eq!(config.state, "sqlite:.stocksync/state.db");
    }
}

#[test]
fn every_fault_is_found_in_one_run() {
    faults(
        "timezon: UTC\nstores:\n  ก: { connector: csv }\n  b:\n    conector: csv\n    paused: yes\nlimits: { rules: many }\n",
        &[
            (1, 1, "bad-config", "unknown key `timezon` (did you mean `timezone`?)"),
            (
                3,
                3,
                "bad-name",
                "`ก` cannot be the name of a store (a name starts with `a` to `z` and goes on with `a` to `z`, `0` to `9`, `_` or `-`)",
            ),
            (
                4,
                3,
                "bad-config",
                "the store `b` has no `connector` (name the plugin that talks to it, like `connector: csv`)",
            ),
            (5, 5, "bad-config", "unknown key `conector` (did you mean `connector`?)"),
            (6, 13, "bad-config", "`paused` must be `true` or `false`"),
            (7, 18, "bad-config", "`rules` must be a whole number from 1 to 1000000"),
        ],
    );
}

#[test]
fn equal_keys_are_refused_at_any_level() {
    fault("rules: a\nrules: b\n", (2, 1), "the key `rules` is there twice");
    fault(
        "stores:\n  a: { connector: csv }\n  b: { connector: csv }\n  a: { connector: csv }\n",
        (4, 3),
        "the key `a`",
    );
    fault(
        "stores:\n  a: { connector: csv, settings: { x: 1, \"x\": 2 } }\n",
        (2, 42),
        "the key `x` is there twice",
    );
    fault("warehouses: [a, b, a]\n", (1, 20), "the warehouse `a` is declared twice");
}

#[test]
fn wrong_types_and_values() {
    fault("[1]", (1, 1), "the configuration must be a map");
    fault("inventory_features: on\n", (1, 21), "`inventory_features` must be `true` or `false`");
    fault("timezone: Asia/Jakata\n", (1, 11), "there is no time zone `Asia/Jakata`");
    fault("warehouses: jakarta\n", (1, 13), "`warehouses` must be a list");
    fault("warehouses: [1]\n", (1, 14), "the name of a warehouse must be a text");
    fault("stores: [a]\n", (1, 9), "`stores` must be a map");
    fault("stores: { a: csv }\n", (1, 14), "the store `a` must be a map");
    fault("guards: { to_zero: 20 }\n", (1, 20), "`to_zero` must be a percentage");
    fault("guards: { to_zero: 101% }\n", (1, 20), "`to_zero` must be a percentage");
    fault("guards: { max_stock_age: 24 }\n", (1, 26), "`max_stock_age` must be a duration");
    fault("on_release: kepp\n", (1, 13), "`on_release` must be `keep` or `zero`");
    fault(
        "stores: { a: { connector: csv, limits: { concurrency: 0 } } }\n",
        (1, 55),
        "`concurrency` must be",
    );
    fault(
        "stores: { a: { connector: csv, limits: { requests_per_second: -1 } } }\n",
        (1, 63),
        "`requests_per_second`",
    );
    fault("state: mysql:x\n", (1, 8), "`state` must be `sqlite:PATH`");
    fault("state: postgres://me:pw@host/db\n", (1, 8), "`state` in PostgreSQL is not built yet");
}

#[test]
fn paths_stay_in_the_project() {
    for path in ["../rules", "/rules", "C:/rules", "'a\\b'", "a/../../b"] {
        fault(&format!("rules: {path}\n"), (1, 8), "`rules` must be a path within the project folder");
        fault(&format!("catalog: {{ stock: {path} }}\n"), (1, 19), "`stock` must be a path");
        fault(&format!("plugins: [{path}]\n"), (1, 11), "a folder in `plugins` must be a path");
    }
    fault("state: sqlite:../state.db\n", (1, 8), "`state` must be a path within");
}

#[test]
fn names() {
    for name in ["Jakarta", "1a", "a b", "-a", "a.b"] {
        fault(
            &format!("warehouses: ['{name}']\n"),
            (1, 14),
            &format!("`{name}` cannot be the name of a warehouse"),
        );
    }
    for name in names::KEYWORDS {
        fault(
            &format!("stores:\n  {name}: {{ connector: csv }}\n"),
            (2, 3),
            &format!("`{name}` is a word of the rule language"),
        );
    }
    fault(
        "warehouses: [jakarta]\nstores: { a: { connector: csv, fulfil_from: [jakrta] } }\n",
        (2, 46),
        "the warehouse `jakrta` is not declared (did you mean `jakarta`?)",
    );
}

#[test]
fn a_secret_is_never_shown() {
    for secret in
        ["shpat_0123456789", "'env:'", "'env:shpat-01'", "env:1X", "'file:'", "12345", "{ a: shpat_1 }"]
    {
        let text = format!("stores:\n  a:\n    connector: csv\n    secrets: {{ token: {secret} }}\n");
        let (_, told) = read_text(&text);
        fault(&text, (4, 23), "the secret `token` must be `env:NAME` or `file:PATH`");
        assert!(!format!("{told:?}").contains("shpat"), "{told:?}");
    }
    let (_, told) = read_text("state: postgres://me:hunter2@host/db\n");
    assert!(!format!("{told:?}").contains("hunter2"));
}

#[test]
fn levels_of_warnings() {
    fault("lint: { unmaped: info }\n", (1, 9), "there is no warning `unmaped`");
    fault("lint: { syntax: warn }\n", (1, 9), "`syntax` is an error, its level cannot be changed");
    fault("lint: { SS001: warn }\n", (1, 9), "`SS001` is an error, its level cannot be changed");
}

#[test]
fn what_is_no_yaml() {
    for text in
        ["a: [1\n", "a: \"x\n", "a: b: c\n", "\ta: 1\n", "a: *nobody\n", "a: 1\n---\nb: 2\n", "? [a]\n: b\n"]
    {
        let (_, told) = read_text(text);
        assert_eq!(told.len(), 1, "{text:?} {told:?}");
        assert!(told.iter().all(|fault| fault.0 > 0 && fault.2 == "bad-config"));
    }
    fault(&"[".repeat(100), (1, 33), "this is nested deeper than 32 levels");
    let (_, told) = read_text(&"[".repeat(200_000));
    assert_eq!(told.len(), 1);
    fault(&format!("a: {}", "x".repeat(1 << 20)), (1, 1), "the configuration is larger than 1 MiB");
}

#[test]
fn aliases_are_bounded() {
    let (config, told) = read_text("stores:\n  a: &a { connector: csv }\n  b: *a\n");
    assert_eq!((told, config.stores.len()), (vec![], 2));
    let mut laughs = String::from("a: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let refers = vec![format!("*a{}", n - 1); 9].join(", ");
        laughs += &format!("b{n}: &a{n} [{refers}]\n");
    }
    let (_, told) = read_text(&laughs);
    assert!(
        told.len() == 1 && told.iter().all(|fault| fault.3.starts_with("there are more than")),
        "{told:?}"
    );
}

#[test]
fn aliases_of_a_long_text_are_bounded() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(10_000));
    let (_, told) = read_text(&text);
    assert!(
        told.len() == 1 && told.iter().all(|fault| fault.3 == "aliases stand for more than 4 MiB"),
        "{told:?}"
    );
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "[a-c:{}\\[\\]&*!|>'\"#%@,?ก \n\t-]{0,60}") {
        read_text(&text);
        read_text(&format!("stores:\n  a:\n    {text}"));
    }
}

#[test]
fn places_cover_the_value_and_nothing_else() {
    for text in [
        "rules: ../ก # why\n",
        "\u{feff}rules: ../ก   \n",
        "# ก\nrules: '../ก'\n",
        "rules:   \"../ก\"\nlimits:\n",
    ] {
        let mut sources = Sources::new();
        let file = sources.add("stocksync.yaml", text);
        let (_, diagnostics) = read(file, text);
        let told: Vec<_> = diagnostics.iter().filter_map(|fault| Some(sources.text(fault.span?))).collect();
        assert_eq!(
            told.iter().map(|text| text.trim_matches(['\'', '"'])).collect::<Vec<_>>(),
            ["../ก"],
            "{text:?}"
        );
    }
}
