//! `csv`: the rows as they are, for a program or a spreadsheet.
//!
//! RFC 4180 with LF. Cells are exact: one that starts with `=` stays so, since a changed SKU would no longer be that SKU.

use super::PlanReport;
use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    out.write_all(b"store,store_sku,sku,current,planned,available,rule,order,reason,file,line\n")?;
    for index in 0..report.rows.len() {
        let row = report.rows.row(index);
        write!(out, "{},{},{},", cell(row.store), cell(row.store_sku), cell(row.sku))?;
        if let Some(current) = row.current {
            write!(out, "{current}")?;
        }
        write!(out, ",{},{},{},{},", row.planned, row.available, cell(row.rule), row.order)?;
        writeln!(out, "{},{},{}", row.reason.name(), cell(row.file), row.line)?;
    }
    out.flush()
}

fn cell(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Outcome, head, hostile, plain};

    #[test]
    fn cells_are_exact_and_quoted_where_they_must_be() -> Outcome {
        let expected = "\
store,store_sku,sku,current,planned,available,rule,order,reason,file,line
outlet,\"=1+1,\"\"q\"\"\",q,40,12,25,Sneakers SEA,10,rate,rules/sea.sync,5
outlet,A-2,A-2,40,12,25,Sneakers SEA,10,rate,rules/sea.sync,5
outlet,\"a\nb\",a|b`c`,7,0,3,Sneakers SEA,10,below-threshold,rules/sea.sync,5
outlet,รองเท้า-กี่,鞋-👟,90,0,3,Sneakers SEA,10,below-threshold,rules/sea.sync,5
shop_0,A-1,A-1,,4,25,<script>alert(1)</script>,10,rate,rules/sea.sync,5
shop_0,x\x1b[31m,x,-2,5,25,Sneakers SEA,10,rate,rules/sea.sync,5
";
        assert_eq!(plain("csv", &head(), &hostile())?, expected);
        Ok(())
    }
}
