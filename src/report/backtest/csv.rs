//! `csv`: for spreadsheets.

use super::BacktestReport;
use crate::backtest::Outcome;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &BacktestReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    out.write_all(
        b"rate,threshold,reserve,delay_seconds,ordered,sold,oversold,held_back,late,out_of_stock,pushes\n",
    )?;
    for (variation, replayed) in report.rows {
        let rate = variation.rate.map_or_else(String::new, |rate| rate.to_string());
        let units = |units: Option<u32>| units.map_or_else(String::new, |units| units.to_string());
        let (threshold, reserve) = (units(variation.threshold), units(variation.reserve));
        let Outcome { ordered, sold, oversold, held_back, late, out_of_stock, pushes } = replayed.total();
        let delay = variation.delay.seconds();
        writeln!(
            out,
            "{rate},{threshold},{reserve},{delay},{ordered},{sold},{oversold},{held_back},{late},{out_of_stock},{pushes}"
        )?;
    }
    out.flush()
}
