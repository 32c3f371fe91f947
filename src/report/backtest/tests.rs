use super::*;
use crate::backtest::{Delay, Outcome};
use crate::catalog::{Catalog, Rows};
use crate::orders::read_event;
use crate::rules::{BasisPoints, Declared};
use serde_json::{Value, json};

/// Two settings with two delays each.
fn rows() -> Vec<(Variation, Replayed)> {
    let mut rows = Vec::new();
    for (rate, back) in [(None, 0), (Some(BasisPoints(8_000)), 1_200)] {
        for (seconds, over) in [(0, 0), (900, 37)] {
            let outcome = Outcome {
                ordered: 12_345,
                sold: 12_000 - back,
                oversold: over,
                held_back: back,
                late: over / 2,
                out_of_stock: 345 - over / 2,
                pushes: 9_876_543 / (seconds + 1),
            };
            let variation = Variation { delay: Delay::from_seconds(seconds), rate, ..Variation::default() };
            rows.push((variation, Replayed { stores: vec![outcome, Outcome::default()], unruled: 3 }));
        }
    }
    rows
}

fn history() -> History {
    let declared = Declared {
        warehouses: vec!["w".into()],
        stores: vec!["a".into(), "b<".into()],
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 1,
    };
    let catalog = Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &["S"],
        mappings: &[("S", "a", "S", 1)],
        ..Rows::default()
    });
    let event = |id: &str, at: &str| {
        let lines = json!([{ "line": "1", "store_sku": "S", "quantity": 1 }]);
        let value = json!({ "id": id, "type": "order-placed", "order": id, "store": "a", "placed_at": at, "lines": lines });
        read_event(&value, &declared.timezone).expect("an event")
    };
    History::new(
        &[event("1", "2026-01-01T00:00:00Z"), event("2", "2026-02-03T04:05:06Z")],
        &catalog,
        &declared,
    )
}

fn rendered(render: fn(&BacktestReport<'_>, &mut dyn Write) -> io::Result<()>) -> String {
    let (history, rows, stores) = (history(), rows(), ["a".to_owned(), "b<".to_owned()]);
    let report = BacktestReport { history: &history, stores: &stores, rows: &rows, color: Color::Never };
    let mut out = Vec::new();
    render(&report, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_table_names_each_setting_once() {
    assert_eq!(
        rendered(table::render),
        "2 orders of 12345 units, 2026-01-01 to 2026-02-03\n\n\
         rules        delay  oversold  held back  late  out of stock     pushes\n\
         as they are     0s         0          0     0           345  9,876,543\n\
         \x20              15m        37          0    18           327     10,961\n\
         rate 80%        0s         0      1,200     0           345  9,876,543\n\
         \x20              15m        37      1,200    18           327     10,961\n"
    );
}

#[test]
fn json_and_csv_hold_the_same() {
    let json: Value = serde_json::from_str(&rendered(json::render)).expect("JSON");
    let summary = json!({ "orders": 2, "lines": 2, "from": "2026-01-01T00:00:00Z", "until": "2026-02-03T04:05:06Z",
        "unknown_lines": 0, "unruled": 3 });
    assert_eq!(json["summary"], summary);
    let last = &json["variations"][3];
    assert_eq!(
        (&last["rate"], &last["threshold"], &last["delay_seconds"]),
        (&json!("80%"), &Value::Null, &json!(900))
    );
    assert_eq!(
        (&last["oversold"], &last["stores"]["a"]["oversold"], &last["stores"]["b<"]["sold"]),
        (&json!(37), &json!(37), &json!(0))
    );
    let csv = rendered(csv::render);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[0],
        "rate,threshold,reserve,delay_seconds,ordered,sold,oversold,held_back,late,out_of_stock,pushes"
    );
    assert_eq!(lines[4], "80%,,,900,12345,10800,37,1200,18,327,10961");
}

#[test]
fn a_picture_has_a_bar_for_each_number_above_nothing() {
    let svg = rendered(plot::render);
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
    let bars = |color: &str| svg.matches(&format!("height=\"18\" fill=\"{color}\"")).count();
    assert_eq!([bars("#d55e00"), bars("#0072b2"), bars("#56b4e9"), bars("#595959")], [2, 2, 2, 4]);
    // Each column of bars begins at its own zero, and the longest bar is no longer than its axis.
    assert_eq!(svg.matches(">0</text>").count(), 3 + 2 + 1);
    for text in [
        "12,345 units in 2 orders, 2026-01-01 to 2026-02-03",
        ">as they are<",
        ">rate 80%<",
        ">15m<",
        ">9,876,543<",
    ] {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
}
