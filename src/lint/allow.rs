//! `# allow: NAME until 2026-12-31 -- reason` on the line above a warning, or above the item, field or statement that it lies in, silences it; `unused-allow` is one that has no business there.

mod comment;
mod reach;

use super::{Context, at_levels};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Level, codes, nearest};
use crate::hash::{HashMap, HashSet};
use crate::source::{FileId, Source, Span};
use crate::syntax::ast;
use comment::{Comment, Malformed, Name};
use reach::Reaches;
use std::cell::LazyCell;

/// `unused-allow`.
pub static UNUSED_ALLOW: Code = Code {
    code: "SS119",
    name: "unused-allow",
    level: Level::Warn,
    what: "a comment `# allow: NAME until DATE -- reason` that silences nothing, has expired, gives no reason, names no warning or cannot be read",
    why: "nobody knows any more what it was for, and it would hide the next fault of its kind",
    bad: "rule \"Soap\" {\n  order 1\n  # allow: unknown-sku until 2020-01-31 -- comes in January\n  skus \"SOAP\"\n  warehouses all\n  stores all\n}",
    good: "rule \"Soap\" {\n  order 1\n  skus \"SOAP\"\n  warehouses all\n  stores all\n}",
};

/// A name is looked for in so many findings at most.
const SUGGESTIONS_MAX: usize = 50;

const FORM: &str = "write it as `# allow: NAME until 2026-12-31 -- reason`, above the line of the warning";

/// Whether comments can be judged that silence nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judge {
    /// Every lint looked at everything: what silences nothing now is of no use.
    All,
    /// Some lints found nothing because they could not look.
    Readable,
}

/// Takes away the warnings that comments allow, and adds what is to be said of such comments. `found` is at its levels; `level_of` is that
/// of [`at_levels`].
pub fn silence(
    context: &Context<'_>,
    mut found: Vec<Diagnostic>,
    judge: Judge,
    level_of: impl Fn(&'static Code) -> Option<Level>,
) -> Vec<Diagnostic> {
    let comments = Comments::read(context);
    if comments.is_empty() {
        return found;
    }
    let mut used = HashSet::default();
    found.retain(|finding| !comments.silence(context, finding, &mut used));
    let mut said = Vec::new();
    let is_off = |code| level_of(code) == Some(Level::Allow);
    Judgement { context, used, judge, is_off: &is_off, suggestions: 0, said: &mut said }.comments(&comments);
    found.extend(at_levels(said, level_of));
    found
}

/// Whether any comment is to silence something.
pub fn any(context: &Context<'_>) -> bool {
    !Comments::read(context).is_empty()
}

/// A name in a comment, by the two's numbers.
type Place = (usize, usize);

/// The comments that are to silence something.
#[derive(Default)]
struct Comments<'a> {
    /// On lines of their own.
    above: Vec<Comment<'a>>,
    /// Behind something.
    beside: Vec<Span>,
    malformed: Vec<Malformed>,
    /// What they silence.
    valid: Reaches,
    /// What those silenced that have expired.
    expired: Reaches,
}

impl<'a> Comments<'a> {
    fn read(context: &Context<'a>) -> Self {
        let mut comments = Self::default();
        for (file, parsed) in context.files {
            comments.read_file(context, *file, parsed);
        }
        comments
    }

    fn is_empty(&self) -> bool {
        self.above.is_empty() && self.beside.is_empty() && self.malformed.is_empty()
    }

    fn read_file(&mut self, context: &Context<'a>, file: FileId, parsed: &ast::File) {
        let source = context.sources.get(file);
        let read = |span: Span| {
            let text = source.text().get(span.start as usize..span.end as usize).unwrap_or("");
            comment::read(text, span, &context.declared.timezone)
        };
        // Most files have no comment that is to silence anything.
        if parsed.comments.iter().all(|&span| read(span).is_none()) {
            return;
        }
        let ends = LazyCell::new(|| reach::ends(source, parsed));
        let mut block = self.above.len();
        let mut last_line = 0;
        for &span in &parsed.comments {
            let read = read(span);
            let line = source.line_of(span.start);
            if !stands_alone(source, line, span) {
                match read {
                    Some(Ok(comment)) => self.beside.push(comment.span),
                    Some(Err(fault)) => self.malformed.push(fault),
                    None => {}
                }
                continue;
            }
            if line != last_line + 1 {
                self.place(context, (file, last_line + 1), &ends, block);
                block = self.above.len();
            }
            last_line = line;
            match read {
                Some(Ok(comment)) => self.above.push(comment),
                Some(Err(fault)) => self.malformed.push(fault),
                None => {}
            }
        }
        self.place(context, (file, last_line + 1), &ends, block);
    }

    /// Says what the comments of a block of comment lines, from `first` on, silence: what begins on the line below the block.
    fn place(
        &mut self,
        context: &Context<'_>,
        (file, line): (FileId, u32),
        ends: &LazyCell<HashMap<u32, u32>, impl FnOnce() -> HashMap<u32, u32>>,
        first: usize,
    ) {
        for (at, comment) in self.above.iter().enumerate().skip(first) {
            let into = if has_expired(comment, context) { &mut self.expired } else { &mut self.valid };
            for (name, code) in comment.names.iter().enumerate().filter_map(|(n, name)| Some((n, name.code?)))
            {
                let last = ends.get(&line).copied().unwrap_or(line);
                into.add(file, code.code, (line, last), (at, name));
            }
        }
    }

    /// Whether a comment silences the finding; and notes which one does, or did before it expired.
    fn silence(&self, context: &Context<'_>, finding: &Diagnostic, used: &mut HashSet<Place>) -> bool {
        let Some(span) = finding.span.filter(|_| can_be_silenced(finding.code)) else { return false };
        let line = context.sources.get(span.file).line_of(span.start);
        let find = |reaches: &Reaches| reaches.find(span.file, finding.code.code, line);
        let valid = find(&self.valid);
        used.extend(valid.or_else(|| find(&self.expired)));
        valid.is_some()
    }
}

fn stands_alone(source: &Source, line: u32, comment: Span) -> bool {
    let before = source.text().get(source.line_start(line) as usize..comment.start as usize);
    before.is_some_and(|text| text.trim().is_empty())
}

fn has_expired(comment: &Comment<'_>, context: &Context<'_>) -> bool {
    comment.until.is_some_and(|(_, until)| until <= context.at)
}

fn can_be_silenced(code: &'static Code) -> bool {
    code.level != Level::Deny && code != &UNUSED_ALLOW
}

/// What is to be said of comments.
struct Judgement<'a, 'o> {
    context: &'a Context<'a>,
    used: HashSet<Place>,
    judge: Judge,
    /// Whether the configuration allows a warning everywhere.
    is_off: &'a dyn Fn(&'static Code) -> bool,
    suggestions: usize,
    said: &'o mut Vec<Diagnostic>,
}

impl Judgement<'_, '_> {
    fn comments(mut self, comments: &Comments<'_>) {
        for fault in &comments.malformed {
            self.said.push(Diagnostic::new(&UNUSED_ALLOW, fault.span, &fault.message).with_help(FORM));
        }
        for &span in &comments.beside {
            let message = "this comment silences nothing: it does not stand on a line of its own";
            let help = "put it on the line above what it is to silence";
            self.said.push(Diagnostic::new(&UNUSED_ALLOW, span, message).with_help(help));
        }
        for (at, comment) in comments.above.iter().enumerate() {
            comment.names.iter().for_each(|name| self.name(name));
            self.comment(at, comment);
        }
    }

    fn name(&mut self, name: &Name<'_>) {
        let said =
            |message: String, help: &str| Diagnostic::new(&UNUSED_ALLOW, name.span, message).with_help(help);
        let finding = match name.code {
            None => self.unknown(name),
            Some(code) if code == &UNUSED_ALLOW => said(
                format!("no comment silences `{}`", code.name),
                "its level is set under `lint` in `stocksync.yaml`",
            ),
            Some(code) if code.level == Level::Deny => said(
                format!("`{}` is an error, which no comment silences", code.name),
                "put the error right, and remove the comment",
            ),
            Some(_) => return,
        };
        self.said.push(finding);
    }

    fn unknown(&mut self, name: &Name<'_>) -> Diagnostic {
        let finding =
            Diagnostic::new(&UNUSED_ALLOW, name.span, format!("there is no warning `{}`", name.text));
        self.suggestions += 1;
        let known = codes().filter(|code| can_be_silenced(code)).map(|code| code.name);
        let meant = nearest(name.text, known).filter(|_| self.suggestions <= SUGGESTIONS_MAX);
        let Some(meant) = meant else { return finding.with_help("`stocksync explain` lists them all") };
        let edits = vec![Edit { span: name.span, text: meant.to_owned() }];
        let fix = Fix { safe: false, message: format!("write `{meant}`"), edits };
        finding.with_help(format!("did you mean `{meant}`?")).with_fix(fix)
    }

    fn comment(&mut self, at: usize, comment: &Comment<'_>) {
        let silencing = |(_, name): &(usize, &Name<'_>)| name.code.is_some_and(can_be_silenced);
        let named: Vec<_> = comment.names.iter().enumerate().filter(silencing).collect();
        let unused: Vec<_> =
            named.iter().filter(|(n, _)| !self.used.contains(&(at, *n))).map(|(_, name)| *name).collect();
        let none_used = !named.is_empty() && unused.len() == named.len();
        let is_whole = none_used && named.len() == comment.names.len();
        let until = comment.until.filter(|_| has_expired(comment, self.context));
        let finding = match until {
            Some((text, _)) if is_whole && self.judge == Judge::All => {
                let message = format!("this comment expired at `{text}`, and what it silenced is gone");
                self.removable(comment, message)
            }
            Some((text, _)) => Diagnostic::new(
                &UNUSED_ALLOW,
                comment.span,
                format!("this comment expired at `{text}`, and silences nothing any more"),
            )
            .with_help("put right what it silenced, or give a later date"),
            None if !unused.is_empty() && self.judge == Judge::All => {
                let message = self.nothing_silenced(&unused);
                if is_whole { self.removable(comment, message) } else { shortened(comment, &unused, message) }
            }
            None if !comment.has_reason => {
                Diagnostic::new(&UNUSED_ALLOW, comment.span, "this comment gives no reason")
                    .with_help("say why at its end, behind `--`")
            }
            None => return,
        };
        self.said.push(finding);
    }

    fn nothing_silenced(&self, unused: &[&Name<'_>]) -> String {
        let off = unused.iter().filter_map(|name| name.code).find(|&code| (self.is_off)(code));
        if let Some(code) = off {
            return format!("`{}` is off in `stocksync.yaml`: this comment silences nothing", code.name);
        }
        let names: Vec<String> = unused.iter().map(|name| format!("`{}`", name.text)).collect();
        format!("there is no {} below to silence", names.join(" and no "))
    }

    /// A finding whose fix takes the whole line away.
    fn removable(&self, comment: &Comment<'_>, message: String) -> Diagnostic {
        let source = self.context.sources.get(comment.span.file);
        let line = source.line_of(comment.span.start);
        let whole = Span::new(comment.span.file, source.line_start(line), source.line_start(line + 1));
        let edits = vec![Edit { span: whole, text: String::new() }];
        let fix = Fix { safe: true, message: "remove the comment".to_owned(), edits };
        Diagnostic::new(&UNUSED_ALLOW, comment.span, message).with_help("remove the comment").with_fix(fix)
    }
}

/// A finding whose fix takes some of the names away.
fn shortened(comment: &Comment<'_>, unused: &[&Name<'_>], message: String) -> Diagnostic {
    let place = |names: &[&Name<'_>]| Some(names.first()?.span.to(names.last()?.span));
    let all: Vec<&Name<'_>> = comment.names.iter().collect();
    let kept = all.iter().filter(|name| !unused.iter().any(|gone| gone.span == name.span));
    let kept: Vec<&str> = kept.map(|name| name.text).collect();
    let edits = place(&all).map(|span| Edit { span, text: kept.join(", ") }).into_iter().collect();
    let fix = Fix { safe: true, message: format!("keep {}", kept.join(", ")), edits };
    let span = unused.first().map_or(comment.span, |name| name.span);
    Diagnostic::new(&UNUSED_ALLOW, span, message).with_help("take the name out of the comment").with_fix(fix)
}

#[cfg(test)]
mod tests;
