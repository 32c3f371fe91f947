//! `csv`: for spreadsheets.

use super::DriftReport;
use crate::cell;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &DriftReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    out.write_all(b"store,store_sku,sku,written,live\n")?;
    for row in report.rows {
        let mut line = Vec::new();
        cell::push_all([row.store.as_ref(), row.store_sku.as_ref(), row.sku.as_ref()], &mut line);
        out.write_all(&line)?;
        write!(out, ",{},", row.written)?;
        if let Some(live) = row.live {
            write!(out, "{live}")?;
        }
        out.write_all(b"\n")?;
    }
    out.flush()
}
