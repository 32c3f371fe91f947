//! `csv`: for spreadsheets.

use super::DriftReport;
use crate::catalog::sheet::written;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &DriftReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    out.write_all(b"store,store_sku,sku,written,live\n")?;
    for row in report.rows {
        for text in [&row.store, &row.store_sku, &row.sku] {
            write!(out, "{},", written(text))?;
        }
        write!(out, "{},", row.written)?;
        if let Some(live) = row.live {
            write!(out, "{live}")?;
        }
        out.write_all(b"\n")?;
    }
    out.flush()
}
