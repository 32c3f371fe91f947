//! `md`: a plan for a pull request, always shorter than what a comment may hold.

use super::ranked::{Ranked, ranked};
use super::{Change, NO_CHANGES, PlanReport, banners, calls, current, guard, stock_age};
use crate::plan::{Counts, Row};
use crate::report::page::{CHARS_MAX, Page, code, escape};
use crate::report::text::fit;
use std::io::{self, Write};

/// Kept free for what closes the report.
const CHARS_CLOSING: usize = 600;
/// A list of problems, guards or stores takes no more than this, so that drops to zero always have room.
const LIST_CHARS_MAX: usize = 8_000;
/// Rows of one kind that could possibly fit.
const ROWS_MAX: usize = 1_000;

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    write_top(report, &mut page);
    write_stores(report, &mut page);
    write_lists(report, &mut page);
    for kind in ranked(report.rows, ROWS_MAX) {
        write_kind(report, &kind, &mut page);
    }
    if report.rows.is_empty() {
        page.push(&format!("\n{NO_CHANGES}\n"));
    }
    out.write_all(page.text.as_bytes())
}

fn write_top(report: &PlanReport, page: &mut Page) {
    let Counts { unchanged, raise, lower, to_zero, problems, .. } = report.head.total;
    page.push(&format!("### Stock plan {}\n\n", code(&report.head.plan_id)));
    page.push(&format!("**{to_zero} to zero**, {lower} lower, {raise} raise, {unchanged} unchanged, "));
    page.push(&format!("{problems} problems, for {}", report.head.at));
    if let Some(age) = stock_age(report.head) {
        page.push(&format!("; {age}"));
    }
    page.push("\n");
    for banner in banners(report.head) {
        page.push(&format!("\n> {}\n", escape(&fit(&banner, 1_000))));
    }
}

fn write_stores(report: &PlanReport, page: &mut Page) {
    let head = report.head;
    if head.stores.is_empty() {
        return;
    }
    page.push("\n| store | to zero | lower | raise | unchanged | problems | writing takes |\n");
    page.push("| --- | ---: | ---: | ---: | ---: | ---: | --- |\n");
    let line = |(store, counts): &(String, Counts)| {
        let Counts { unchanged, raise, lower, to_zero, problems, .. } = counts;
        let cost = head.calls.iter().find(|calls| calls.store == *store).map(calls).unwrap_or_default();
        let store = code(store);
        format!("| {store} | {to_zero} | {lower} | {raise} | {unchanged} | {problems} | {cost} |\n")
    };
    let left_out = page.push_lines(head.stores.iter().map(line), page.chars + LIST_CHARS_MAX);
    write_left_out(left_out, "stores", page);
}

fn write_lists(report: &PlanReport, page: &mut Page) {
    if !report.head.guards.is_empty() {
        page.push("\n**Guards met: `sync` and `apply` refuse this plan until each is allowed**\n\n");
        let line = |met| format!("- {} (`--allow {}`)\n", escape(&fit(&guard(met), 200)), met.name);
        let left_out = page.push_lines(report.head.guards.iter().map(line), page.chars + LIST_CHARS_MAX);
        write_left_out(left_out, "guards", page);
    }
    if !report.head.problems.is_empty() {
        let number = report.head.problems.len();
        page.push(&format!("\n<details><summary>Problems ({number})</summary>\n\n"));
        let lines = report.head.problems.iter().map(|problem| {
            let message = escape(&fit(&problem.message, 300));
            format!("- {} {}: {message}\n", code(&problem.store), problem.name)
        });
        let left_out = page.push_lines(lines, page.chars + LIST_CHARS_MAX);
        write_left_out(left_out, "problems", page);
        page.push("\n</details>\n");
    }
}

fn write_kind(report: &PlanReport, kind: &Ranked, page: &mut Page) {
    if kind.total == 0 {
        return;
    }
    if page.chars + 2 * CHARS_CLOSING > CHARS_MAX {
        page.push(&format!("\n{}: {}, not shown for want of room.\n", kind.change.title(), kind.total));
        return;
    }
    let open = if kind.change == Change::ToZero { " open" } else { "" };
    page.push(&format!("\n<details{open}><summary>{} ({})</summary>\n\n", kind.change.title(), kind.total));
    page.push("| store | store SKU | now | planned | available | why | rule |\n");
    page.push("| --- | --- | ---: | ---: | ---: | --- | --- |\n");
    let lines = kind.worst.iter().map(|&index| row_line(&report.rows.row(index)));
    let left_out = page.push_lines(lines, CHARS_MAX - CHARS_CLOSING) + kind.total - kind.worst.len();
    write_left_out(left_out, "rows", page);
    page.push("\n</details>\n");
}

fn row_line(row: &Row) -> String {
    let Row { planned, available, line, .. } = row;
    let (store, sku, now, why) = (code(row.store), code(row.store_sku), current(row), row.reason.name());
    let origin = format!("{} {}", code(row.rule), code(&format!("{}:{line}", row.file)));
    format!("| {store} | {sku} | {now} | {planned} | {available} | {why} | {origin} |\n")
}

fn write_left_out(number: usize, what: &str, page: &mut Page) {
    if number > 0 {
        page.push(&format!("\nand {number} more {what} (`--format csv` or `json` for all)\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Outcome, ROW, head, hostile, idle, many, plain};
    use crate::plan::{Counts, Head, Row};

    #[test]
    fn names_mean_nothing_to_markdown() -> Outcome {
        let text = plain("md", &head(), &hostile())?;
        for bad in ["<script", "\u{1b}", "GONE|", "a|b", "b`c"] {
            assert!(!text.contains(bad), "`{bad}` in:\n{text}");
        }
        for good in ["<code>รองเท้า-กี่</code> | 90 | 0 | 3", "&#60;script&#62;", "a␊b", "`--allow to_zero`"]
        {
            assert!(text.contains(good), "no `{good}` in:\n{text}");
        }
        let tables = text.lines().filter(|line| line.starts_with('|'));
        assert!(tables.map(|line| line.matches('|').count()).all(|bars| bars == 8));
        Ok(())
    }

    #[test]
    fn it_always_fits_a_comment() -> Outcome {
        let long: &'static str = "|鞋".repeat(300).leak();
        let row = |index: u64| Row { store_sku: long, rule: long, store: long, planned: index % 90, ..ROW };
        let stores = (0..3000).map(|_| (long.to_owned(), Counts::default())).collect();
        let of = |list: &[_]| list.iter().cloned().cycle().take(3000).collect();
        let full = Head { stores, problems: of(&head().problems), ..head() };
        let full = Head { guards: head().guards.into_iter().cycle().take(3000).collect(), ..full };
        for (head, rows) in [(full, (0..9000).map(row).collect()), (head(), many(9000))] {
            let text = plain("md", &head, &rows)?;
            assert!(text.chars().count() < 65_000, "{}", text.chars().count());
            assert!(text.contains("more rows") && text.contains("To zero ("));
            assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
        }
        Ok(())
    }

    #[test]
    fn nothing_to_do_is_said() -> Outcome {
        assert!(
            plain("md", &idle(), &Vec::new())?.contains("no changes: every store shows what the rules give")
        );
        Ok(())
    }
}
