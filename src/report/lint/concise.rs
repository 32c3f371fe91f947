//! `concise`: a line a finding, for editors, `grep` and small screens.

use super::{LintReport, level_word, summary};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::text::{Style, paint, visible};
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    for diagnostic in report.diagnostics {
        write_line(report, diagnostic, &mut out)?;
    }
    writeln!(out, "{}", summary(report))?;
    out.flush()
}

fn write_line(report: &LintReport, diagnostic: &Diagnostic, out: &mut impl Write) -> io::Result<()> {
    if let Some(span) = diagnostic.span {
        let source = report.sources.get(span.file);
        let at = source.position(span.start);
        write!(out, "{}:{}:{}: ", visible(source.path()), at.line, at.column)?;
    }
    let style = match diagnostic.level {
        Level::Deny => Style::Red,
        Level::Warn => Style::Yellow,
        Level::Info | Level::Allow => Style::Cyan,
    };
    let level = format!("{}[{}]", level_word(diagnostic.level), diagnostic.code.code);
    let message = visible(&diagnostic.message);
    write!(out, "{} {}: {message}", paint(&level, style, report.color), diagnostic.code.name)?;
    match &diagnostic.help {
        Some(help) => writeln!(out, " ({})", visible(help)),
        None => writeln!(out),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};

    #[test]
    fn a_line_a_finding_and_a_summary() -> Result<(), Box<dyn std::error::Error>> {
        let (sources, all) = fixture();
        let expected = "\
error[SS025] too-many-rules: there are 201 rules, 200 are allowed
rules/old.sync:1:6: warning[SS012] bad-name: bad name `x␛[31m|<script>`
rules/sea.sync:2:26: error[SS014] unknown-store: no store `shoppee_my` (did you mean `shopee_my`?)
2 errors, 1 warning in 2 files, 41 rules
";
        assert_eq!(rendered("concise", &sources, &all)?, expected);
        assert_eq!(rendered("concise", &sources, &[])?, "no findings in 2 files, 41 rules\n");
        Ok(())
    }
}
