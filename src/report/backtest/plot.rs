//! `--plot`: a picture for a slide. A row of bars for each variation, every axis from zero.
//!
//! What a bar means is said beside it, so that nothing hangs on colour; the colours are of the palette of Okabe and Ito.

use super::{BacktestReport, grouped, setting};
use crate::backtest::Outcome;
use crate::report::xml::{Lines, escaped};
use std::fmt::Write as _;
use std::io::{self, Write};

const WIDTH: u64 = 1120;
const MARGIN: u64 = 32;
const ROW: u64 = 26;
const BAR: u64 = 18;
const GROUP_GAP: u64 = 12;
/// Where the first row begins.
const TOP: u64 = 158;
/// Where delays end.
const DELAYS: u64 = 306;
/// The length of the longest bar there can be; its number stands behind it.
const LENGTH: u64 = 160;
const INK: &str = "#1a1a1a";
const SOFT: &str = "#595959";
const GRID: &str = "#d4d4d4";

/// A part of a bar: its colour, its name where there are several, and what it counts.
type Part = (&'static str, &'static str, fn(&Outcome) -> u64);

/// A column of bars: its title, what is counted, and the parts of each bar.
struct Column {
    title: &'static str,
    unit: &'static str,
    parts: &'static [Part],
}

const COLUMNS: [Column; 3] = [
    Column {
        title: "Oversold",
        unit: "units sold that were not there",
        parts: &[("#d55e00", "", |outcome| outcome.oversold)],
    },
    Column {
        title: "Lost though in stock",
        unit: "units not sold that were there",
        parts: &[
            ("#0072b2", "held back by rules", |outcome| outcome.held_back),
            ("#56b4e9", "number late", |outcome| outcome.late),
        ],
    },
    Column {
        title: "Pushes",
        unit: "times a listing was written",
        parts: &[("#595959", "", |outcome| outcome.pushes)],
    },
];

impl Column {
    fn sum(&self, outcome: &Outcome) -> u64 {
        self.parts.iter().map(|(_, _, number)| number(outcome)).fold(0, u64::saturating_add)
    }

    /// Where the column stands.
    fn left(at: usize) -> u64 {
        let each = (WIDTH - MARGIN - DELAYS - 20) / COLUMNS.len() as u64;
        DELAYS + 20 + each * at as u64
    }
}

/// Writes the picture as SVG.
pub fn render(report: &BacktestReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let totals: Vec<Outcome> = report.rows.iter().map(|(_, replayed)| replayed.total()).collect();
    let places = places(report);
    let bottom = places.last().map_or(TOP, |(y, _)| y + ROW);
    let mut svg = String::new();
    head(report, bottom + 56, &mut svg);
    for (at, column) in COLUMNS.iter().enumerate() {
        let most = nice(totals.iter().map(|total| column.sum(total)).max().unwrap_or(0));
        axis(Column::left(at), column, most, bottom, &mut svg);
        for (total, (y, _)) in totals.iter().zip(&places) {
            bar(Column::left(at), *y, column, total, most, &mut svg);
        }
    }
    labels(report, &places, &mut svg);
    svg.push_str("</svg>\n");
    out.write_all(svg.as_bytes())
}

/// Where each row stands, and whether it is the first with its rules.
fn places(report: &BacktestReport<'_>) -> Vec<(u64, bool)> {
    let (mut y, mut above) = (TOP, None);
    let mut places = Vec::new();
    for (variation, _) in report.rows {
        let setting = Some(setting(variation));
        let is_first = setting != above;
        if is_first && above.is_some() {
            y += GROUP_GAP;
        }
        places.push((y, is_first));
        y += ROW;
        above = setting;
    }
    places
}

fn head(report: &BacktestReport<'_>, height: u64, svg: &mut String) {
    let title = "What the rules would have sold";
    let facts = format!(
        "{} units in {} orders, {}; by rules and sync delay",
        grouped(report.ordered()),
        grouped(report.history.orders),
        report.days()
    );
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"Helvetica, Arial, sans-serif\" role=\"img\" aria-label=\"{title}\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    text(svg, (MARGIN, 44), "start", &Look { size: 24, bold: true, ink: INK }, title);
    text(svg, (MARGIN, 70), "start", &Look { size: 16, bold: false, ink: SOFT }, &facts);
    let name = Look { size: 15, bold: true, ink: INK };
    text(svg, (MARGIN, 104), "start", &name, "Rules");
    text(svg, (DELAYS, 104), "end", &name, "Delay");
}

/// The title of a column, and its scale: nothing, half and all.
fn axis(x: u64, column: &Column, most: u64, bottom: u64, svg: &mut String) {
    text(svg, (x, 104), "start", &Look { size: 15, bold: true, ink: INK }, column.title);
    let small = Look { size: 13, bold: false, ink: SOFT };
    text(svg, (x, 123), "start", &small, column.unit);
    let mut at = x;
    for (color, name, _) in column.parts.iter().filter(|(_, name, _)| !name.is_empty()) {
        let _ = writeln!(svg, "<rect x=\"{at}\" y=\"132\" width=\"11\" height=\"11\" fill=\"{color}\"/>");
        text(svg, (at + 16, 142), "start", &small, name);
        at += 34 + 7 * name.len() as u64;
    }
    for tick in 0..=2 {
        let (at, number) = (x + LENGTH * tick / 2, most / 2 * tick);
        let ink = if tick == 0 { SOFT } else { GRID };
        let _ = writeln!(svg, "<path d=\"M{at} {}V{}\" stroke=\"{ink}\"/>", TOP - 6, bottom + 4);
        text(svg, (at, bottom + 22), "middle", &small, &grouped(number));
    }
}

fn bar(x: u64, y: u64, column: &Column, total: &Outcome, most: u64, svg: &mut String) {
    let length = |units: u64| u128::from(LENGTH * 10) * u128::from(units) / u128::from(most.max(1));
    let (mut begin, mut end) = (0, 0);
    let mut sum = 0_u64;
    for (color, _, number) in column.parts {
        sum = sum.saturating_add(number(total));
        end = length(sum);
        if end > begin {
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{BAR}\" fill=\"{color}\"/>",
                tenths(u128::from(x) * 10 + begin),
                y + (ROW - BAR) / 2,
                tenths(end - begin)
            );
        }
        begin = end;
    }
    let behind = x + (end / 10) as u64 + 6;
    text(svg, (behind, y + 18), "start", &Look { size: 14, bold: false, ink: INK }, &grouped(sum));
}

fn labels(report: &BacktestReport<'_>, places: &[(u64, bool)], svg: &mut String) {
    let look = Look { size: 15, bold: false, ink: INK };
    for ((variation, _), (y, is_first)) in report.rows.iter().zip(places) {
        text(svg, (DELAYS, y + 18), "end", &look, &variation.delay.to_string());
        if *is_first {
            text(svg, (MARGIN, y + 18), "start", &look, &setting(variation));
        }
    }
}

struct Look {
    size: u64,
    bold: bool,
    ink: &'static str,
}

fn text(svg: &mut String, (x, y): (u64, u64), anchor: &str, look: &Look, what: &str) {
    let Look { size, bold, ink } = look;
    let weight = if *bold { " font-weight=\"bold\"" } else { "" };
    let what = escaped(what, Lines::Referenced);
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{ink}\"{weight}>{what}</text>"
    );
}

/// A number given in tenths.
fn tenths(number: u128) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// The smallest round number that is not less, and whose half is whole.
fn nice(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        let found = [2, 4, 6, 8, 10].into_iter().find_map(|digit| {
            let number = unit.checked_mul(digit)?;
            (number >= most).then_some(number)
        });
        match (found, unit.checked_mul(10)) {
            (Some(number), _) => return number,
            (None, Some(next)) => unit = next,
            (None, None) => return u64::MAX - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (most, end) in
            [(0, 2), (2, 2), (3, 4), (9, 10), (11, 20), (61, 80), (81, 100), (400_001, 600_000)]
        {
            assert_eq!(nice(most), end, "{most}");
        }
        assert!(nice(u64::MAX) > u64::MAX / 2);
    }
}
