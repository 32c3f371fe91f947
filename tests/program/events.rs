//! The JSON Schema of events against the reader of them: the same verdicts.

use serde_json::Value;
use std::fs;
use std::path::Path;
use stocksync::orders::{read_event, write_event};

const GOOD: &[&str] = &[
    r#"{"id":"1","type":"order-placed","order":"7","store":"a","placed_at":"2026-01-01T10:00:00Z","lines":[{"line":"1","store_sku":"x","quantity":2}]}"#,
    r#"{"id":1,"type":"order-placed","order":7,"store":"a","placed_at":"2026-01-01","lines":[],"customer":"left alone"}"#,
    r#"{"id":"2","type":"order-edited","order":"7","lines":[{"line":1,"store_sku":"x","quantity":0}],"at":"2026-01-01 10:00"}"#,
    r#"{"id":"3","type":"order-cancelled","order":"7"}"#,
    r#"{"id":"4","type":"order-shipped","order":"7","store":"a","lines":[{"line":"1"},{"line":"2","quantity":1}]}"#,
    r#"{"id":"5","type":"order-returned","order":"7","warehouse":"w","lines":[{"line":"1","store_sku":"x","quantity":1}]}"#,
    r#"{"id":"6","type":"stock-set","sku":"x","warehouse":"w","on_hand":5}"#,
    r#"{"id":"7","type":"stock-set","sku":"x","warehouse":"w","available":-5,"as_of":"2026-01-01T10:00:00Z","cause":"count"}"#,
    r#"{"id":"8","type":"stock-adjust","sku":"x","warehouse":"w","by":-5}"#,
];

const BAD: &[&str] = &[
    "7",
    r#"{"type":"order-cancelled","order":"7"}"#,
    r#"{"id":"","type":"order-cancelled","order":"7"}"#,
    r#"{"id":"1","type":"order-paid","order":"7"}"#,
    r#"{"id":"1","type":"order-cancelled"}"#,
    r#"{"id":"1","type":"order-cancelled","order":{}}"#,
    r#"{"id":"1","type":"order-placed","order":"7","placed_at":"2026-01-01","lines":[]}"#,
    r#"{"id":"1","type":"order-placed","order":"7","store":"a","lines":[]}"#,
    r#"{"id":"1","type":"order-placed","order":"7","store":"a","placed_at":"2026-01-01"}"#,
    r#"{"id":"1","type":"order-edited","order":"7","lines":[{"line":"1","store_sku":"x"}]}"#,
    r#"{"id":"1","type":"order-edited","order":"7","lines":[{"line":"1","store_sku":"x","quantity":-1}]}"#,
    r#"{"id":"1","type":"order-edited","order":"7","lines":[{"line":"1","store_sku":"x","quantity":1.5}]}"#,
    r#"{"id":"1","type":"order-shipped","order":"7","lines":[{"quantity":1}]}"#,
    r#"{"id":"1","type":"order-shipped","order":"7","lines":"all"}"#,
    r#"{"id":"1","type":"stock-set","sku":"x","warehouse":"w"}"#,
    r#"{"id":"1","type":"stock-set","sku":"x","warehouse":"w","on_hand":1,"available":1,"as_of":"2026-01-01"}"#,
    r#"{"id":"1","type":"stock-set","sku":"x","warehouse":"w","available":1}"#,
    r#"{"id":"1","type":"stock-set","sku":"x","warehouse":"w","on_hand":99999999999}"#,
    r#"{"id":"1","type":"stock-adjust","warehouse":"w","by":1}"#,
    r#"{"id":"1","type":"stock-adjust","sku":"x","warehouse":"w"}"#,
];

#[test]
fn the_schema_and_the_reader_agree() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/events.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let zone = jiff::tz::TimeZone::UTC;
    for (texts, good) in [(GOOD, true), (BAD, false)] {
        for text in texts {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(schema.is_valid(&value), good, "the schema: {text}");
            let read = read_event(&value, &zone);
            assert_eq!(read.is_ok(), good, "the reader: {text}");
            if let Ok(event) = read {
                assert!(schema.is_valid(&write_event(&event)), "what is kept: {text}");
            }
        }
    }
}
