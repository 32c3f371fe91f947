//! `junit`: a suite for each file, for what collects results in CI. There are no times in it: the same rules give the same bytes.

use super::{TestReport, failure};
use crate::report::xml::{Lines, escaped};
use crate::ruletest::{Failure, TestResult};
use crate::source::{FileId, Sources};
use std::io::{self, Write};

pub(super) fn render(report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
    let (tests, failures) = (report.results.len(), report.failed());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"stocksync test\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    )?;
    // Tests stand in the order of the text, a file behind another.
    for suite in report.results.chunk_by(|a, b| a.span.file == b.span.file) {
        if let Some(first) = suite.first() {
            write_suite(report.sources, first.span.file, suite, out)?;
        }
    }
    writeln!(out, "</testsuites>")
}

fn write_suite(
    sources: &Sources,
    file: FileId,
    results: &[TestResult<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = attribute(sources.get(file).path());
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    let tests = results.len();
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">"
    )?;
    results.iter().try_for_each(|result| write_case(sources, result, out))?;
    writeln!(out, "  </testsuite>")
}

fn write_case(sources: &Sources, result: &TestResult<'_>, out: &mut dyn Write) -> io::Result<()> {
    let source = sources.get(result.span.file);
    let file = attribute(source.path());
    let line = source.position(result.span.start).line;
    let name = attribute(result.name);
    let checked = result.checked;
    write!(
        out,
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\" assertions=\"{checked}\""
    )?;
    if result.failures.is_empty() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    result.failures.iter().try_for_each(|wrong| write_failure(sources, wrong, out))?;
    writeln!(out, "    </testcase>")
}

fn write_failure(sources: &Sources, wrong: &Failure<'_>, out: &mut dyn Write) -> io::Result<()> {
    let message = attribute(&failure::message(wrong));
    let mut text = vec![failure::head(sources, wrong)];
    text.extend(failure::story(wrong, usize::MAX).into_iter().map(|line| format!("  {line}")));
    let text = escaped(&text.join("\n"), Lines::Kept);
    writeln!(out, "      <failure message=\"{message}\" type=\"expect\">{text}</failure>")
}

fn attribute(text: &str) -> String {
    escaped(text, Lines::Referenced)
}
