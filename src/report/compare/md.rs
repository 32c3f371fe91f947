//! `md`: a comparison for a pull request, always shorter than what a comment may hold.

use super::{CompareReport, Origin, Side, quantity, short, title};
use crate::compare::{Counts, Difference, Effect};
use crate::report::page::{Page, Section, code, escape};
use crate::report::text::fit;
use std::io::{self, Write};

pub(super) fn render(report: &CompareReport, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new("`--format json`");
    write_top(report, &mut page);
    if !report.comparison.rows.is_empty() {
        write_stores(report, &mut page);
        write_groups(report, &mut page);
        Effect::ALL.into_iter().for_each(|effect| write_rows(report, effect, &mut page));
    }
    out.write_all(page.text.as_bytes())
}

fn write_top(report: &CompareReport, page: &mut Page) {
    page.push("### What the rules change\n\n");
    if report.comparison.rows.is_empty() {
        page.push(&format!("**{}**", report.nothing()));
    } else {
        let total = &report.comparison.total;
        let effects = Effect::ALL.map(|effect| format!("{} {}", total.of(effect), title(effect)));
        page.push(&format!("**{}**, of {} listings", effects.join(", "), total.rows));
    }
    page.push(&format!(", for {}.\n\n", report.at));
    page.push(&format!("From {} to {}.\n", side(&report.old), side(&report.new)));
    for limit in report.exceeded {
        page.push(&format!("\n> More than may change: {}\n", escape(limit)));
    }
}

fn side(side: &Side<'_>) -> String {
    let commit = side.commit.map_or_else(String::new, |commit| format!(" {}", code(short(commit))));
    format!("{}{commit}", escape(&fit(side.name, 100)))
}

fn write_stores(report: &CompareReport, page: &mut Page) {
    page.push("\n| store | listings |");
    Effect::ALL.iter().for_each(|effect| page.push(&format!(" {} |", title(*effect))));
    page.push("\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let line = |(store, counts): (&String, &Counts)| {
        let effects = Effect::ALL.map(|effect| format!(" {} |", counts.of(effect))).concat();
        format!("| {} | {} |{effects}\n", code(store), counts.rows)
    };
    page.push_list("stores", report.stores.iter().zip(&report.comparison.stores).map(line));
}

fn write_groups(report: &CompareReport, page: &mut Page) {
    page.push("\n| listings | | old rule | new rule |\n| ---: | --- | --- | --- |\n");
    let origin =
        |origin: Option<Origin<'_>>| origin.map_or_else(|| "none".to_owned(), |origin| self::origin(&origin));
    let groups = report.groups().into_iter();
    let lines = groups.map(|group| {
        format!(
            "| {} | {} | {} | {} |\n",
            group.count,
            title(group.effect),
            origin(group.old),
            origin(group.new)
        )
    });
    page.push_list("pairs of rules", lines);
}

fn origin(origin: &Origin<'_>) -> String {
    format!("{} {}", code(origin.rule), code(&format!("{}:{}", origin.file, origin.line)))
}

fn write_rows(report: &CompareReport, effect: Effect, page: &mut Page) {
    let section = Section {
        title: title(effect),
        open: effect == Effect::ToZero,
        head: "| store | store SKU | old | new | why | rule |\n| --- | --- | ---: | ---: | --- | --- |\n",
        rows: report.comparison.total.of(effect) as usize,
    };
    let rows = report.comparison.rows.iter().filter(|row| row.effect() == effect);
    page.push_section(&section, rows.map(|row| row_line(report, row)));
}

fn row_line(report: &CompareReport, row: &Difference) -> String {
    let (old, new) = report.origins(row);
    let reason = row.new.or(row.old).map_or("", |given| given.reason.name());
    let (store, sku) = (code(report.store(row)), code(report.catalog.store_sku(row.listing)));
    let rule = new.or(old).map_or_else(String::new, |one| origin(&one));
    format!("| {store} | {sku} | {} | {} | {reason} | {rule} |\n", quantity(row.old), quantity(row.new))
}
