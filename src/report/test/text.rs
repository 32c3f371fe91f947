//! `text`: a line for each test, and for each wrong number how it came to be.

use super::{TestReport, coverage, failure};
use crate::report::text::{Style, count, paint, visible};
use std::io::{self, Write};

pub(super) fn render(report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
    for result in report.results {
        let name = visible(result.name);
        if result.failures.is_empty() {
            if !report.quiet {
                writeln!(out, "{}    {name}", paint("ok", Style::Green, report.color))?;
            }
            continue;
        }
        writeln!(out, "{}  {name}", paint("FAIL", Style::Red, report.color))?;
        for wrong in &result.failures {
            writeln!(out, "  {}", failure::head(report.sources, wrong))?;
            for line in failure::story(wrong, report.width.saturating_sub(4)) {
                writeln!(out, "    {}", paint(&line, Style::Dim, report.color))?;
            }
        }
    }
    if let Some(reached) = report.coverage {
        coverage::render(reached, report.sources, report.color, out)?;
    }
    let (all, failed) = (report.results.len(), report.failed());
    let checked: usize = report.results.iter().map(|result| result.checked).sum();
    let checked = count(checked as u64, "number", "numbers");
    writeln!(out, "{} passed, {failed} failed ({checked} checked)", all - failed)
}
