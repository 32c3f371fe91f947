//! `html`: a plan as one page, without network or script, readable on a phone.

use super::ranked::{Ranked, ranked};
use super::{Change, NO_CHANGES, PlanReport, banners, calls, current, guard, stock_age};
use crate::plan::{Counts, Row};
use crate::report::text::shown;
use std::io::{self, BufWriter, Write};

/// Rows of one kind; a page with more is slow on a phone.
const ROWS_MAX: usize = 1_500;
/// Problems; what is more is counted.
const PROBLEMS_MAX: usize = 1_000;
const STYLE: &str = include_str!("html.css");

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write_top(report, &mut out)?;
    write_guards(report, &mut out)?;
    write_stores(report, &mut out)?;
    if report.rows.is_empty() {
        writeln!(out, "<p>{NO_CHANGES}</p>")?;
    }
    for kind in ranked(report.rows, ROWS_MAX) {
        write_kind(report, &kind, &mut out)?;
    }
    write_problems(report, &mut out)?;
    writeln!(out, "</body></html>")?;
    out.flush()
}

fn write_top(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let head = report.head;
    let Counts { unchanged, raise, lower, to_zero, problems, .. } = head.total;
    writeln!(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>Stock plan {}</title>", escape(&head.plan_id))?;
    writeln!(out, "<style>\n{STYLE}</style></head><body>\n<h1>Stock plan {}</h1>", escape(&head.plan_id))?;
    write!(out, "<p class=\"soft\">for {}", head.at)?;
    if let Some(age) = stock_age(head) {
        write!(out, "; {age}")?;
    }
    write!(
        out,
        "</p>\n<p><b class=\"zero\">{to_zero} to zero</b>, <span class=\"lower\">{lower} lower</span>, "
    )?;
    writeln!(
        out,
        "<span class=\"raise\">{raise} raise</span>, {unchanged} unchanged, {problems} problems</p>"
    )?;
    banners(head).iter().try_for_each(|banner| writeln!(out, "<p class=\"note\">{}</p>", escape(banner)))
}

fn write_guards(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    if report.head.guards.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<div class=\"note stop\"><b>Guards met: sync and apply refuse this plan until each is allowed</b>"
    )?;
    for met in &report.head.guards {
        writeln!(out, "<p>{} <code>--allow {}</code></p>", escape(&guard(met)), met.name)?;
    }
    writeln!(out, "</div>")
}

fn write_stores(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let head = report.head;
    if head.stores.is_empty() {
        return Ok(());
    }
    let titles = ["store", "rows", "to zero", "lower", "raise", "unchanged", "problems", "writing takes"];
    let classes = ["", "n", "n zero", "n lower", "n raise", "n", "n", ""];
    write_titles(&titles, &classes, out)?;
    for (store, counts) in &head.stores {
        let &Counts { rows, unchanged, raise, lower, to_zero, problems } = counts;
        let cost = head.calls.iter().find(|calls| calls.store == *store).map(calls).unwrap_or_default();
        let numbers = [rows, to_zero, lower, raise, unchanged, problems].map(|number| number.to_string());
        let cells = std::iter::once(store.clone()).chain(numbers).chain([cost]);
        write_cells(titles.iter().zip(cells), &classes, out)?;
    }
    writeln!(out, "</tbody></table>")
}

fn write_kind(report: &PlanReport, kind: &Ranked, out: &mut impl Write) -> io::Result<()> {
    if kind.total == 0 {
        return Ok(());
    }
    let (open, style) = match kind.change {
        Change::ToZero => (" open", "n zero"),
        Change::Lower => (" open", "n lower"),
        Change::Raise => (" open", "n raise"),
        Change::Unchanged => ("", "n"),
    };
    writeln!(out, "<details{open}><summary>{} ({})</summary>", kind.change.title(), kind.total)?;
    let titles = ["store SKU", "store", "now", "planned", "available", "why", "rule"];
    let classes = ["", "", "n", style, "n", "", ""];
    write_titles(&titles, &classes, out)?;
    for &index in &kind.worst {
        let cells = titles.iter().zip(row_cells(&report.rows.row(index)));
        write_cells(cells, &classes, out)?;
    }
    writeln!(out, "</tbody></table>")?;
    write_more(kind.total - kind.worst.len(), out)?;
    writeln!(out, "</details>")
}

fn row_cells(row: &Row) -> [String; 7] {
    let sku = if row.sku == row.store_sku {
        row.store_sku.to_owned()
    } else {
        format!("{} (SKU {})", row.store_sku, row.sku)
    };
    let placed = || format!("{} {}:{}", row.rule, row.file, row.line);
    let rule = if row.rule.is_empty() { "none".to_owned() } else { placed() };
    let (planned, available) = (row.planned.to_string(), row.available.to_string());
    [sku, row.store.to_owned(), current(row), planned, available, row.reason.name().to_owned(), rule]
}

fn write_titles(titles: &[&str], classes: &[&str], out: &mut impl Write) -> io::Result<()> {
    write!(out, "<table><thead><tr>")?;
    let mut titles = titles.iter().zip(classes);
    titles.try_for_each(|(title, class)| write!(out, "<th class=\"{class}\">{title}</th>"))?;
    writeln!(out, "</tr></thead><tbody>")
}

/// A row of a table; each cell carries its title for small screens.
fn write_cells<'a>(
    cells: impl Iterator<Item = (&'a &'a str, String)>,
    classes: &[&str],
    out: &mut impl Write,
) -> io::Result<()> {
    write!(out, "<tr>")?;
    for ((title, text), class) in cells.zip(classes) {
        write!(out, "<td data-k=\"{title}\" class=\"{class}\"><span>{}</span></td>", escape(&text))?;
    }
    writeln!(out, "</tr>")
}

fn write_problems(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let problems = &report.head.problems;
    if problems.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details open><summary>Problems ({})</summary>", problems.len())?;
    for problem in problems.iter().take(PROBLEMS_MAX) {
        let (store, message) = (escape(&problem.store), escape(&problem.message));
        writeln!(out, "<p><b>{store}</b> {}: {message}</p>", problem.name)?;
    }
    write_more(problems.len().saturating_sub(PROBLEMS_MAX), out)?;
    writeln!(out, "</details>")
}

fn write_more(number: usize, out: &mut impl Write) -> io::Result<()> {
    match number {
        0 => Ok(()),
        _ => writeln!(out, "<p>and {number} more (--format csv or json for all)</p>"),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().map(shown) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Outcome, head, hostile, idle, many, plain};

    #[test]
    fn names_mean_nothing_to_a_browser() -> Outcome {
        let text = plain("html", &head(), &hostile())?;
        assert!(!text.contains("<script") && !text.contains('\u{1b}') && !text.contains("http"));
        for good in [
            "&lt;script&gt;alert(1)",
            "รองเท้า-กี่ (SKU 鞋-👟)",
            "GONE|&lt;b&gt;",
            "name=\"viewport\"",
            "--allow to_zero",
        ] {
            assert!(text.contains(good), "no `{good}` in:\n{text}");
        }
        Ok(())
    }

    #[test]
    fn a_large_plan_is_cut_worst_first() -> Outcome {
        let text = plain("html", &head(), &many(9000))?;
        assert!(text.contains("and 7500 more") && text.contains(">9000<") && !text.contains(">7500<"));
        Ok(())
    }

    #[test]
    fn nothing_to_do_is_said() -> Outcome {
        assert!(plain("html", &idle(), &Vec::new())?.contains("no changes: every store"));
        Ok(())
    }
}
