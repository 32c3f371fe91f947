//! `table`: a plan on a terminal, what matters most first.

mod changes;

use super::{NO_CHANGES, PlanReport, banners, calls, guard, stock_age};
use crate::plan::Counts;
use crate::report::text::{Style, count, fit, left, paint, right, visible, width};
use std::io::{self, BufWriter, Write};

/// More problems than this are counted only.
const PROBLEMS_MAX: usize = 100;

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write_top(report, &mut out)?;
    write_summary(report, &mut out)?;
    if report.rows.is_empty() {
        writeln!(out, "\n{NO_CHANGES}")?;
    }
    changes::write_to_zero(report, &mut out)?;
    changes::write_others(report, &mut out)?;
    write_problems(report, &mut out)?;
    write_guards(report, &mut out)?;
    write_calls(report, &mut out)?;
    out.flush()
}

fn write_top(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let head = report.head;
    let id: String = head.plan_id.chars().take(12).collect();
    let title = format!("plan {} for {}", visible(&id), head.at);
    writeln!(out, "{}", paint(&title, Style::Bold, report.color))?;
    if let Some(age) = stock_age(head) {
        writeln!(out, "{age}")?;
    }
    for banner in banners(head) {
        let banner = format!("! {}", fit(&banner, report.width.saturating_sub(2)));
        writeln!(out, "{}", paint(&banner, Style::Yellow, report.color))?;
    }
    Ok(())
}

fn write_summary(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let head = report.head;
    if head.stores.is_empty() {
        return Ok(());
    }
    let longest = head.stores.iter().map(|(store, _)| width(store)).max().unwrap_or(0);
    let store_width = longest.clamp(5, report.width.saturating_sub(60).max(18));
    let titles = ["rows", "to zero", "lower", "raise", "unchanged", "problems"].map(|title| right(title, 9));
    let titles = format!("{} {}", left("store", store_width), titles.join(" "));
    writeln!(out, "\n{}", paint(&titles, Style::Dim, report.color))?;
    for (store, counts) in &head.stores {
        writeln!(out, "{}{}", left(store, store_width), numbers(counts, report))?;
    }
    if head.stores.len() > 1 {
        writeln!(out, "{}{}", left("total", store_width), numbers(&head.total, report))?;
    }
    Ok(())
}

fn numbers(counts: &Counts, report: &PlanReport) -> String {
    let &Counts { rows, unchanged, raise, lower, to_zero, problems } = counts;
    let columns = [
        (rows, None),
        (to_zero, Some(Style::Red)),
        (lower, Some(Style::Yellow)),
        (raise, Some(Style::Green)),
        (unchanged, None),
        (problems, Some(Style::Red)),
    ];
    let cell = |(number, style): (u64, Option<Style>)| {
        let text = right(&number.to_string(), 10);
        style
            .filter(|_| number > 0)
            .map_or(text.clone(), |style| paint(&text, style, report.color).into_owned())
    };
    columns.map(cell).concat()
}

fn write_problems(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let problems = &report.head.problems;
    if problems.is_empty() {
        return Ok(());
    }
    let title = format!("Problems ({})", problems.len());
    writeln!(out, "\n{}", paint(&title, Style::Bold, report.color))?;
    for problem in problems.iter().take(PROBLEMS_MAX) {
        let line = format!("{} {}: {}", problem.store, problem.name, problem.message);
        writeln!(out, "  {} {}", paint("x", Style::Red, report.color), visible(&line))?;
    }
    if problems.len() > PROBLEMS_MAX {
        writeln!(out, "  and {} more (--format json for all)", problems.len() - PROBLEMS_MAX)?;
    }
    Ok(())
}

fn write_guards(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let guards = &report.head.guards;
    if guards.is_empty() {
        return Ok(());
    }
    let title = "Guards met: sync and apply refuse this plan until each is allowed";
    writeln!(out, "\n{}", paint(title, Style::Bold, report.color))?;
    for met in guards {
        let line = format!("  ! {}", visible(&guard(met)));
        writeln!(out, "{}   allow it: --allow {}", paint(&line, Style::Red, report.color), met.name)?;
    }
    Ok(())
}

fn write_calls(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let wanted: Vec<_> = report.head.calls.iter().filter(|calls| calls.requests > 0).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let stores = count(wanted.len() as u64, "store", "stores");
    let title = format!("Writing takes about ({stores})");
    writeln!(out, "\n{}", paint(&title, Style::Bold, report.color))?;
    for of_store in wanted {
        writeln!(out, "  {}: {}", visible(&of_store.store), calls(of_store))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
