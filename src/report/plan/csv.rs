//! `csv`: the rows as they are, for a program or a spreadsheet.
//!
//! RFC 4180 with LF. Cells are exact: one that starts with `=` stays so, since a changed SKU would no longer be that SKU.

use super::PlanReport;
use crate::cell;
use crate::plan::{Row, Rows};
use std::io::{self, Write};
use std::ops::Range;

/// So many rows are looked at together.
const ROWS_AHEAD: usize = 256;
/// So many are one thread's, and in memory as text.
const ROWS_IN_RUN: usize = 4096;
/// A guess, for a start.
const BYTES_A_ROW: usize = 128;

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"store,store_sku,sku,current,planned,available,rule,order,reason,file,line\n")?;
    let runs = cut(0..report.rows.len(), ROWS_IN_RUN).collect::<Vec<_>>();
    let threads = report.threads.for_work(report.rows.len());
    // While some rows are written the next ones are made.
    threads.in_a_row(runs, |run, text| push_rows(report.rows, run, text), |text| out.write_all(text))?;
    out.flush()
}

/// Some rows, line by line, in the place of what stands in `text`.
fn push_rows(rows: &dyn Rows, run: Range<usize>, text: &mut Vec<u8>) {
    text.clear();
    text.reserve(run.len() * BYTES_A_ROW);
    for ahead in cut(run, ROWS_AHEAD) {
        rows.look(ahead.clone());
        ahead.for_each(|index| push_row(&rows.row(index), text));
    }
}

/// A range in pieces of `length`.
fn cut(range: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(length).map(move |start| start..end.min(start + length))
}

fn push_row(row: &Row<'_>, text: &mut Vec<u8>) {
    for name in [row.store, row.store_sku, row.sku] {
        cell::push(name, text);
        text.push(b',');
    }
    if let Some(current) = row.current {
        if current < 0 {
            text.push(b'-');
        }
        push_number(current.unsigned_abs(), text);
    }
    for number in [row.planned, row.available] {
        text.push(b',');
        push_number(number, text);
    }
    text.push(b',');
    cell::push(row.rule, text);
    text.push(b',');
    push_number(row.order.into(), text);
    text.push(b',');
    text.extend_from_slice(row.reason.name().as_bytes());
    text.push(b',');
    cell::push(row.file, text);
    text.push(b',');
    push_number(row.line.into(), text);
    text.push(b'\n');
}

/// Decimal digits; a formatter would take several times as long, for numbers that are most of a plan.
fn push_number(mut number: u64, text: &mut Vec<u8>) {
    const DIGITS_MAX: usize = 20;
    let mut digits = [0; DIGITS_MAX];
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        length += 1;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(digits.get(DIGITS_MAX - length..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Outcome, head, hostile, many, plain};
    use super::{push_number, push_row};

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

    #[test]
    fn many_rows_are_written_as_they_come_one_by_one() -> Outcome {
        let rows = many(50_001);
        let all = plain("csv", &head(), &rows)?;
        let (_, written) = all.split_once('\n').unwrap_or_default();
        let mut one_by_one = Vec::new();
        rows.iter().for_each(|row| push_row(row, &mut one_by_one));
        assert!(written.as_bytes() == one_by_one);
        Ok(())
    }

    #[test]
    fn numbers_are_written_as_a_formatter_writes_them() {
        for number in [0, 1, 9, 10, 99, 100, 1_234_567_890, u64::MAX, u64::MAX / 10] {
            let mut text = Vec::new();
            push_number(number, &mut text);
            assert_eq!(String::from_utf8_lossy(&text), number.to_string());
        }
    }
}
