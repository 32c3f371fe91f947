//! `json`: for programs.

use super::DriftReport;
use crate::report::json::write_list;
use serde_json::json;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &DriftReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let written: u64 = report.stores.iter().map(|(_, written)| written).sum();
    let summary = json!({ "written": written, "drifted": report.rows.len() });
    write!(out, "{{\n  \"format_version\": 1,\n  \"summary\": {summary}")?;
    let rows = report.rows.iter().map(|row| {
        json!({
            "store": row.store, "store_sku": row.store_sku, "sku": row.sku, "written": row.written, "live": row.live,
        })
    });
    write_list(&mut out, "rows", rows)?;
    out.write_all(b"\n}\n")?;
    out.flush()
}
