//! `github`: workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! Source: GitHub's documentation, "Workflow commands for GitHub Actions", and the escapes of its `@actions/core`.

use super::{LintReport, advice, summary};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::text::visible;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    report.diagnostics.iter().try_for_each(|diagnostic| write_command(report, diagnostic, &mut out))?;
    writeln!(out, "{}", summary(report))?;
    out.flush()
}

fn write_command(report: &LintReport, diagnostic: &Diagnostic, out: &mut impl Write) -> io::Result<()> {
    let command = match diagnostic.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Info | Level::Allow => "notice",
    };
    write!(out, "::{command} ")?;
    if let Some(span) = diagnostic.span {
        let (start, end) = report.sources.positions(span);
        let file = property(&report.path(span.file));
        write!(out, "file={file},line={},endLine={},", start.line, end.line)?;
        // Columns of several lines are not taken.
        if start.line == end.line {
            write!(out, "col={},endColumn={},", start.column, end.column)?;
        }
    }
    let title = format!("{} {}", diagnostic.code.code, diagnostic.code.name);
    writeln!(out, "title={}::{}", property(&title), data(&visible(&advice(diagnostic))))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};
    use super::property;

    #[test]
    fn a_command_a_finding() -> Result<(), Box<dyn std::error::Error>> {
        let (sources, all) = fixture();
        let expected = "\
::error title=SS025 too-many-rules::there are 201 rules, 200 are allowed
::warning file=shop/rules/old.sync,line=1,endLine=1,col=6,endColumn=14,title=SS012 bad-name::bad name `x␛[31m|<script>`
::error file=shop/rules/sea.sync,line=2,endLine=2,col=26,endColumn=36,title=SS014 unknown-store::no store `shoppee_my` (did you mean `shopee_my`?)
2 errors, 1 warning in 2 files, 41 rules
";
        assert_eq!(rendered("github", &sources, &all)?, expected);
        Ok(())
    }

    #[test]
    fn nothing_ends_a_property() {
        assert_eq!(property("a,b:c%d\n::error::x"), "a%2Cb%3Ac%25d␊%3A%3Aerror%3A%3Ax");
    }
}
