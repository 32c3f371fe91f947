//! `full`: findings with the text they are about, for a person at a terminal.
//!
//! `miette` draws; what it draws from is an [`Excerpt`] made here, because it would read the whole file again for every
//! finding, count columns in bytes, and print control characters and megabytes of one line as they are.

mod excerpt;

use super::{LintReport, summary};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::Color;
use crate::report::text::visible;
use crate::source::{FileId, Span};
use excerpt::Excerpt;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::fmt;
use std::io::{self, BufWriter, Write};

/// Other places of one finding that are shown; what is more is counted.
const RELATED_MAX: usize = 20;

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let styles = match report.color {
        Color::Never => ThemeStyles::none(),
        Color::Always => ThemeStyles::ansi(),
    };
    let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_context_lines(1)
        .with_width(report.width.max(20))
        .without_syntax_highlighting();
    let mut text = String::new();
    for diagnostic in report.diagnostics {
        text.clear();
        for shown in parts(report, diagnostic) {
            handler.render_report(&mut text, &shown).map_err(io::Error::other)?;
        }
        writeln!(out, "{text}")?;
    }
    writeln!(out, "{}", summary(report))?;
    out.flush()
}

/// A place with what is said of it.
type Label<'a> = (Span, Option<&'a str>);

/// A finding as it is drawn: itself with the places in its own file, then one note for each other file.
fn parts(report: &LintReport, diagnostic: &Diagnostic) -> Vec<Shown> {
    let severity = match diagnostic.level {
        Level::Deny => Severity::Error,
        Level::Warn => Severity::Warning,
        Level::Info | Level::Allow => Severity::Advice,
    };
    let own = diagnostic.span.map(|span| span.file);
    let mut labels: Vec<Label> = Vec::new();
    labels.extend(diagnostic.span.map(|span| (span, diagnostic.label.as_deref())));
    let mut elsewhere: Vec<(FileId, Vec<Label>)> = Vec::new();
    for related in diagnostic.related.iter().take(RELATED_MAX) {
        let (file, label) = (related.span.file, (related.span, Some(related.message.as_str())));
        match elsewhere.iter_mut().find(|(other, _)| *other == file) {
            _ if own == Some(file) => labels.push(label),
            Some((_, labels)) => labels.push(label),
            None => elsewhere.push((file, vec![label])),
        }
    }
    let mut shown = vec![Shown {
        code: Some(format!("{} {}", diagnostic.code.code, diagnostic.code.name)),
        message: visible(&diagnostic.message).into_owned(),
        severity,
        help: diagnostic.help.as_deref().map(|help| visible(help).into_owned()),
        excerpt: own.map(|file| Excerpt::new(report.sources.get(file), &labels)),
    }];
    shown.extend(elsewhere.into_iter().map(|(file, labels)| {
        let source = report.sources.get(file);
        note(format!("see also {}", visible(source.path())), Some(Excerpt::new(source, &labels)))
    }));
    if let Some(more @ 1..) = diagnostic.related.len().checked_sub(RELATED_MAX) {
        shown.push(note(format!("and {more} more places"), None));
    }
    shown
}

fn note(message: String, excerpt: Option<Excerpt>) -> Shown {
    Shown { code: None, message, severity: Severity::Advice, help: None, excerpt }
}

/// What `miette` is given.
#[derive(Debug)]
struct Shown {
    code: Option<String>,
    message: String,
    severity: Severity,
    help: Option<String>,
    excerpt: Option<Excerpt>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.code.as_ref().map(|code| Box::new(code) as _)
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.excerpt.as_ref().map(|excerpt| Box::new(excerpt.labels.iter().cloned()) as _)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};
    use crate::diagnostic::{Diagnostic, codes};
    use crate::report::text::width;
    use crate::source::{Sources, Span};

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn places_are_drawn_with_their_columns_in_characters() -> Outcome {
        let (sources, all) = fixture();
        let text = rendered("full", &sources, &all)?;
        for part in [
            "SS014 unknown-store",
            "[rules/sea.sync:2:26]",
            "in this rule",
            "see also rules/old.sync",
            "[rules/old.sync:1:6]",
            "it is said here too",
            "help: did you mean `shopee_my`?",
            "SS025 too-many-rules",
            "x␛[31m",
            "2 errors, 1 warning in 2 files, 41 rules\n",
        ] {
            assert!(text.contains(part), "no `{part}` in:\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
        Ok(())
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() -> Outcome {
        let mut sources = Sources::new();
        let file = sources.add("a.sync", format!("{}\tbad {}", "鞋".repeat(300_000), "x".repeat(100_000)));
        let span = Span::new(file, 900_001, 900_004);
        let text = rendered("full", &sources, &[Diagnostic::new(&codes::SYNTAX, span, "wrong")])?;
        assert!(text.contains("[a.sync:1:300002]") && text.contains("bad"), "{text}");
        assert!(text.lines().all(|line| width(line) <= 80), "{text}");
        Ok(())
    }

    #[test]
    fn any_span_is_drawn() -> Outcome {
        for text in ["", "a", "a\n", "\r\n\r\nab\r\n", "鞋\t\u{0}\n\n\n\n\n\nx", "\u{feff}a"] {
            let mut sources = Sources::new();
            let file = sources.add("a.sync", text);
            for start in 0..=text.len() as u32 + 2 {
                for end in 0..=text.len() as u32 + 2 {
                    let finding = Diagnostic::new(&codes::SYNTAX, Span::new(file, start, end), "wrong")
                        .with_related(Span::new(file, end, start), "here");
                    rendered("full", &sources, &[finding])?;
                }
            }
        }
        Ok(())
    }
}
