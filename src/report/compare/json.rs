//! `json`: everything of a comparison, for programs.

use super::{CompareReport, Origin, Side};
use crate::compare::{Counts, Difference, Effect};
use crate::report::json::write_list;
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &CompareReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let stores: Map<String, Value> =
        report.stores.iter().cloned().zip(report.comparison.stores.iter().map(counts)).collect();
    let mut summary = counts(&report.comparison.total);
    if let Some(summary) = summary.as_object_mut() {
        summary.insert("stores".to_owned(), stores.into());
    }
    write!(out, "{{ \"format_version\": 1, \"at\": {}, ", json!(report.at.to_string()))?;
    write!(out, "\"old\": {}, \"new\": {},", side(&report.old), side(&report.new))?;
    write!(out, "\n  \"summary\": {summary},\n  \"exceeded\": {}", json!(report.exceeded))?;
    write_list(&mut out, "rows", report.comparison.rows.iter().map(|row| entry(report, row)))?;
    out.write_all(b" }\n")?;
    out.flush()
}

fn side(side: &Side<'_>) -> Value {
    json!({ "name": side.name, "commit": side.commit, "rules_version": side.rules.version() })
}

fn counts(counts: &Counts) -> Value {
    let mut value = json!({ "rows": counts.rows, "unchanged": counts.rows - counts.changed() });
    if let Some(value) = value.as_object_mut() {
        value.extend(Effect::ALL.map(|effect| (effect.name().to_owned(), counts.of(effect).into())));
    }
    value
}

fn entry(report: &CompareReport, row: &Difference) -> Value {
    let catalog = report.catalog;
    let (old, new) = report.origins(row);
    json!({
        "store": report.store(row),
        "store_sku": catalog.store_sku(row.listing),
        "sku": catalog.sku(catalog.listing_sku(row.listing)),
        "effect": row.effect().name(),
        "old": row.old.map(|given| given.quantity),
        "new": row.new.map(|given| given.quantity),
        "old_reason": row.old.map(|given| given.reason.name()),
        "new_reason": row.new.map(|given| given.reason.name()),
        "old_rule": old.map(|origin| place(&origin)),
        "new_rule": new.map(|origin| place(&origin)),
    })
}

fn place(origin: &Origin<'_>) -> Value {
    json!({ "rule": origin.rule, "file": origin.file, "line": origin.line })
}
