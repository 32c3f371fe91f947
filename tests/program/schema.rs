//! The JSON Schema of `stocksync.yaml` against the reader of it: the same keys, and the same verdicts.

mod json_schema;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use stocksync::config;
use stocksync::source::Sources;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn the_schema() -> Value {
    serde_json::from_str(&file("docs/stocksync.schema.json")).unwrap()
}

/// What the reader finds, each with its help.
fn read(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("stocksync.yaml", text);
    let (_, found) = config::read(file, text);
    found.iter().map(|one| format!("{} ({})", one.message, one.help.as_deref().unwrap_or(""))).collect()
}

fn faults(text: &str) -> Vec<String> {
    json_schema::faults(&the_schema(), &serde_yaml::from_str(text).unwrap())
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let schema = the_schema();
    let store = "stores:\n  a:\n    connector: csv\n";
    for (pointer, text) in [
        ("", "no-such-key: 1\n".to_owned()),
        ("/properties/catalog", "catalog: { no-such-key: 1 }\n".to_owned()),
        ("/properties/limits", "limits: { no-such-key: 1 }\n".to_owned()),
        ("/properties/network", "network: { no-such-key: 1 }\n".to_owned()),
        ("/properties/records", "records: { no-such-key: 1 }\n".to_owned()),
        ("/properties/guards", "guards: { no-such-key: 1 }\n".to_owned()),
        ("/properties/serve", "serve: { no-such-key: 1 }\n".to_owned()),
        ("/properties/serve/properties/limits", "serve: { limits: { no-such-key: 1 } }\n".to_owned()),
        ("/properties/serve/properties/alerts", "serve: { alerts: { no-such-key: 1 } }\n".to_owned()),
        ("/$defs/store", format!("{store}    no-such-key: 1\n")),
        ("/$defs/store/properties/limits", format!("{store}    limits: {{ no-such-key: 1 }}\n")),
    ] {
        let place = schema.pointer(pointer).unwrap();
        let ours: BTreeSet<&str> =
            place["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let told = read(&text);
        let [told] = told.as_slice() else { panic!("{text}{told:?}") };
        let known = told.split_once("known here: ").unwrap().1.trim_end_matches(')');
        assert_eq!(known.split(", ").collect::<BTreeSet<_>>(), ours, "at {pointer}");
        assert_eq!(place["additionalProperties"], Value::Bool(false), "at {pointer}");
        assert!(!faults(&text).is_empty(), "the schema takes {text}");
    }
}

#[test]
fn every_key_is_described() {
    fn look(at: &str, schema: &Value) {
        for (name, one) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            assert!(one["description"].as_str().is_some_and(|text| text.len() > 15), "{at}/{name}");
            look(&format!("{at}/{name}"), one);
        }
    }
    let schema = the_schema();
    look("", &schema);
    look("/store", &schema["$defs"]["store"]);
}

#[test]
fn defaults_are_those_of_the_reader() {
    let schema = the_schema();
    let default = config::Config::default();
    let of = |pointer: &str| schema.pointer(&format!("/properties/{pointer}/default")).unwrap().clone();
    assert_eq!(of("inventory_features"), default.inventory_features);
    assert_eq!(of("timezone"), default.timezone.iana_name().unwrap());
    assert_eq!(of("rules"), default.rules.as_str());
    assert_eq!(of("catalog/properties/skus"), default.catalog.skus.as_str());
    assert_eq!(of("catalog/properties/stock"), default.catalog.stock.as_str());
    assert_eq!(of("catalog/properties/mappings"), default.catalog.mappings.as_str());
    assert_eq!(of("catalog/properties/bundles"), default.catalog.bundles.as_str());
    assert_eq!(of("limits/properties/rules"), default.rules_max);
    assert_eq!(of("state"), default.state.as_str());
    assert_eq!(of("guards/properties/to_zero"), "30%");
    let limits = default.serve.limits;
    for (key, value) in [
        ("connections", limits.connections as u64),
        ("requests_per_second", limits.requests_per_second.into()),
        ("body_kib", limits.body_kib as u64),
        ("waiting_requests", limits.waiting_requests as u64),
        ("waiting_events", limits.waiting_events as u64),
        ("request_seconds", limits.request_seconds),
        ("stop_seconds", limits.stop_seconds),
    ] {
        assert_eq!(of(&format!("serve/properties/limits/properties/{key}")), value, "{key}");
    }
    assert_eq!(of("serve/properties/listen"), default.serve.listen.to_string());
    assert_eq!(of("serve/properties/alerts/properties/per_minute"), default.serve.alerts.per_minute);
    assert_eq!(default.guards.to_zero.map(|share| share.0), Some(3_000));
}

#[test]
fn good_configurations_are_good_to_both() {
    let example = file("rules/project/stocksync.yaml");
    let every_key = "inventory_features: false\ntimezone: Asia/Jakarta\nrules: a/b\ncatalog: { skus: a.csv }\nwarehouses: [a, b-1]\n\
        stores:\n  s:\n    connector: shopee\n    settings: { x: [1, { y: 2 }] }\n    secrets: { t: \"env:T\", u: \"file:/run/u\" }\n    \
        fulfil_from: [a]\n    limits: { requests_per_second: 0.5, concurrency: 2, poll_seconds: 0 }\n    paused: true\n    read_before: never\n    \
        isolate: true\n    drift: repair\nlimits: { rules: 5 }\nlint: { unmapped-store: info }\n\
        guards: { to_zero: off, changed: 12.5%, missing_stock: 0%, max_stock_age: 24h }\non_release: zero\nstate: \"sqlite:a.db\"\nplugins: [p]\n\
        records: { keep: 90d }\n\
        network: { proxy: \"http://proxy.example:3128\", ca_file: /etc/ca.pem }\n\
        serve:\n  listen: \"[::1]:80\"\n  tokens: { shop: \"env:T\" }\n  public_url: \"https://a.example\"\n  \
        limits: { connections: 1, requests_per_second: 1, body_kib: 1, waiting_requests: 1, waiting_events: 1, request_seconds: 1, stop_seconds: 0 }\n  \
        alerts: { command: [./notify], webhook: \"file:u\", on: [guard], per_minute: 1 }\n";
    for text in [example.as_str(), every_key, "stores:\nwarehouses:\ncatalog:\n", "rules: a..b/c\n"] {
        assert_eq!(read(text), [""; 0], "{text}");
        assert_eq!(faults(text), [""; 0], "{text}");
    }
}

#[test]
fn bad_configurations_are_bad_to_both() {
    for text in [
        "inventory_features: 1\n",
        "timezone: 7\n",
        "warehouses: a\n",
        "warehouses: [a, a]\n",
        "stores: [a]\n",
        "stores: { a: csv }\n",
        "stores: { a: { settings: {} } }\n",
        "stores: { rule: { connector: csv } }\n",
        "stores: { a: { connector: csv, paused: 1 } }\n",
        "stores: { a: { connector: csv, read_before: often } }\n",
        "stores: { a: { connector: csv, limits: { concurrency: 0 } } }\n",
        "stores: { a: { connector: csv, limits: { requests_per_second: 0 } } }\n",
        "limits: { rules: 0 }\n",
        "limits: { rules: 1.5 }\n",
        "lint: { unmapped-store: loud }\n",
        "guards: { to_zero: 20 }\n",
        "on_release: drop\n",
        "records: { keep: 90 }\n",
        "network: { proxy: 7 }\n",
        "network: { ca_file: \"\" }\n",
        "serve: { listen: 8787 }\n",
        "serve: { tokens: { shop: 7 } }\n",
        "serve: { limits: { body_kib: 0 } }\n",
        "serve: { alerts: { command: notify } }\n",
        "serve: { alerts: { on: [panic] } }\n",
    ] {
        assert!(!read(text).is_empty(), "the reader takes {text}");
        assert!(!faults(text).is_empty(), "the schema takes {text}");
    }
}
