//! `md`: a plan for a pull request, always shorter than what a comment may hold.

use super::ranked::{Ranked, ranked};
use super::{Change, NO_CHANGES, PlanReport, banners, calls, current, guard, stock_age};
use crate::plan::{Counts, Row};
use crate::report::page::{Page, Section, code, escape};
use crate::report::text::fit;
use std::io::{self, Write};

/// Rows of one kind that could possibly fit.
const ROWS_MAX: usize = 1_000;

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new("`--format csv` or `json`");
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
    page.push_list("stores", head.stores.iter().map(line));
}

fn write_lists(report: &PlanReport, page: &mut Page) {
    if !report.head.guards.is_empty() {
        page.push("\n**Guards met: `sync` and `apply` refuse this plan until each is allowed**\n\n");
        let line = |met| format!("- {} (`--allow {}`)\n", escape(&fit(&guard(met), 200)), met.name);
        page.push_list("guards", report.head.guards.iter().map(line));
    }
    if !report.head.problems.is_empty() {
        let number = report.head.problems.len();
        page.push(&format!("\n<details><summary>Problems ({number})</summary>\n\n"));
        let lines = report.head.problems.iter().map(|problem| {
            let message = escape(&fit(&problem.message, 300));
            format!("- {} {}: {message}\n", code(&problem.store), problem.name)
        });
        page.push_list("problems", lines);
        page.push("\n</details>\n");
    }
}

fn write_kind(report: &PlanReport, kind: &Ranked, page: &mut Page) {
    let section = Section {
        title: kind.change.title(),
        open: kind.change == Change::ToZero,
        head: "| store | store SKU | now | planned | available | why | rule |\n| --- | --- | ---: | ---: | ---: | --- | --- |\n",
        rows: kind.total,
    };
    page.push_section(&section, kind.worst.iter().map(|&index| row_line(&report.rows.row(index))));
}

fn row_line(row: &Row) -> String {
    let Row { planned, available, line, .. } = row;
    let (store, sku, now, why) = (code(row.store), code(row.store_sku), current(row), row.reason.name());
    let placed = || format!("{} {}", code(row.rule), code(&format!("{}:{line}", row.file)));
    let origin = if row.rule.is_empty() { "none".to_owned() } else { placed() };
    format!("| {store} | {sku} | {now} | {planned} | {available} | {why} | {origin} |\n")
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
