//! What has drifted, listing by listing.

mod csv;
mod json;
mod table;

use super::Color;
use crate::drift::Drifted;
use std::io::{self, Write};

/// What is reported.
#[derive(Debug)]
pub struct DriftReport<'a> {
    /// Sorted by store, then store SKU.
    pub rows: &'a [Drifted],
    /// The stores that were read, and of how many listings in each something was written.
    pub stores: &'a [(String, u64)],
    /// Whether the output is coloured.
    pub color: Color,
    /// How wide it may be, in terminal columns.
    pub width: usize,
}

/// An output format of `drift`.
#[derive(Debug)]
pub struct DriftFormat {
    /// Its name.
    pub name: &'static str,
    /// Writes it.
    pub render: fn(&DriftReport<'_>, &mut dyn Write) -> io::Result<()>,
}

/// Every format; the first is the default.
pub const DRIFT_FORMATS: &[DriftFormat] = &[
    DriftFormat { name: "table", render: table::render },
    DriftFormat { name: "json", render: json::render },
    DriftFormat { name: "csv", render: csv::render },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(format: &str, rows: &[Drifted]) -> String {
        let stores = [("outlet".to_owned(), 3), ("shop".to_owned(), 9)];
        let report = DriftReport { rows, stores: &stores, color: Color::Never, width: 60 };
        let mut out = Vec::new();
        let format = DRIFT_FORMATS.iter().find(|one| one.name == format).expect("a format");
        (format.render)(&report, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    fn rows() -> Vec<Drifted> {
        let row = |store_sku: &str, written, live| Drifted {
            store: "shop".into(),
            store_sku: store_sku.into(),
            sku: "AB,1".into(),
            written,
            live,
        };
        vec![row("ก-1", 5, Some(12)), row("x", 7, None)]
    }

    #[test]
    fn a_table_shows_what_was_written_and_what_is_there() {
        assert_eq!(
            rendered("table", &rows()),
            "store  store SKU  SKU    written   shown    by\n\
             shop   ก-1        AB,1         5      12    +7\n\
             shop   x          AB,1         7    gone      \n\
             \n2 of 12 written listings show another number\n"
        );
        assert_eq!(rendered("table", &[]), "none of 12 written listings shows another number\n");
    }

    #[test]
    fn json_and_csv_hold_the_same() {
        let json: serde_json::Value = serde_json::from_str(&rendered("json", &rows())).expect("JSON");
        assert_eq!(json["summary"], serde_json::json!({ "written": 12, "drifted": 2 }));
        let live: Vec<_> = json["rows"].as_array().expect("rows").iter().map(|row| &row["live"]).collect();
        assert_eq!(live, [&serde_json::json!(12), &serde_json::Value::Null]);
        assert_eq!(
            rendered("csv", &rows()),
            "store,store_sku,sku,written,live\nshop,ก-1,\"AB,1\",5,12\nshop,x,\"AB,1\",7,\n"
        );
    }
}
